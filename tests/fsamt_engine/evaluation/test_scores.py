import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation import score, wilson_interval


def _names(n: int) -> list[str]:
    return [f"action {i}" for i in range(n)]


def _agrees_with_scikit_learn(probabilities: np.ndarray, truth: np.ndarray) -> None:
    n_actions = probabilities.shape[1]
    labels, answers = list(range(n_actions)), probabilities.argmax(axis=1)
    scores = score(probabilities, truth, _names(n_actions))
    assert scores.n == len(truth)
    assert scores.accuracy == pytest.approx(accuracy_score(truth, answers))
    assert scores.macro_f1 == pytest.approx(
        f1_score(truth, answers, labels=labels, average="macro", zero_division=0)
    )
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(truth, answers, labels=labels))
    theirs = precision_recall_fscore_support(truth, answers, labels=labels, zero_division=0)
    ours = [(one.precision, one.recall, one.f1, one.support) for one in scores.per_action]
    np.testing.assert_allclose(np.array(ours).T, np.array(theirs, dtype=float))
    assert [one.action for one in scores.per_action] == _names(n_actions)


@pytest.mark.parametrize("seed", range(20))
def test_random_answers_score_as_in_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, n_actions = int(random.integers(1, 80)), int(random.integers(2, 12))
    _agrees_with_scikit_learn(random.random((n, n_actions)), random.integers(0, n_actions, n))


@pytest.mark.parametrize(
    ("answers", "truth"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3]),  # all right
        ([1, 2, 3, 0], [0, 1, 2, 3]),  # all wrong
        ([0, 0, 1, 1], [0, 0, 1, 1]),  # two actions never occur
        ([3, 3, 3, 3], [0, 0, 1, 1]),  # the answer never occurs
        ([2, 2, 2, 2], [0, 1, 2, 3]),  # one answer for all
        ([1], [1]),
    ],
)
def test_corner_cases_score_as_in_scikit_learn(answers: list[int], truth: list[int]) -> None:
    _agrees_with_scikit_learn(np.eye(4)[answers], np.array(truth))


def test_action_absent_from_the_test_counts_as_zero_in_macro_f1() -> None:
    scores = score(np.eye(4)[[0, 1]], [0, 1], _names(4))
    assert scores.accuracy == 1
    assert scores.macro_f1 == 0.5
    assert scores.per_action[3].support == 0


def test_ties_go_to_the_first_action() -> None:
    assert score([[0.4, 0.4, 0.2]], [0], _names(3)).accuracy == 1
    assert score([[0.2, 0.4, 0.4]], [2], _names(3)).accuracy == 0


@pytest.mark.parametrize(("n_right", "n"), [(0, 1), (1, 1), (0, 40), (40, 40), (3, 7), (412, 431)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_interval_is_wilsons(n_right: int, n: int, confidence: float) -> None:
    theirs = binomtest(n_right, n).proportion_ci(confidence, method="wilson")
    ours = wilson_interval(n_right, n, confidence)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours[0] <= n_right / n <= ours[1] <= 1


def test_scores_carry_the_interval_of_their_accuracy() -> None:
    scores = score(np.eye(2)[[0, 0, 1, 1, 1]], [0, 0, 0, 1, 1], _names(2))
    assert scores.interval == wilson_interval(4, 5)


def test_scores_survive_json() -> None:
    scores = score(np.eye(3)[[0, 1, 1]], [0, 1, 2], _names(3))
    again = json.loads(json.dumps(scores.to_dict()))
    assert again["confusion"] == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert again["per_action"][1] == {
        "action": "action 1",
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
        "support": 1,
    }
    assert again["interval"] == list(scores.interval)


def test_nothing_to_test_on_is_told() -> None:
    with pytest.raises(FsamtError, match="nothing to test on"):
        score(np.empty((0, 3)), [], _names(3))


def test_answers_of_a_diverged_network_are_refused() -> None:
    with pytest.raises(FsamtError, match="went astray"):
        score([[np.nan, np.nan], [0.5, 0.5]], [0, 1], _names(2))


@pytest.mark.parametrize(
    ("probabilities", "truth"),
    [(np.zeros((2, 3)), [0]), (np.zeros((1, 2)), [0]), (np.zeros((1, 3)), [3]), ([[0] * 3], [-1])],
)
def test_shapes_that_do_not_fit_are_a_bug(probabilities: np.ndarray, truth: list[int]) -> None:
    with pytest.raises(ValueError, match=r"answers|truth"):
        score(probabilities, truth, _names(3))
