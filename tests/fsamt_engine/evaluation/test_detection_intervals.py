import time

import numpy as np
import pytest

from fsamt_engine.evaluation.detection_intervals import (
    N_RESAMPLES,
    RankedAction,
    map_interval,
    resampled_maps,
)
from fsamt_engine.evaluation.detection_scores import average_precision, score_detections
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.library import SnapshotItem
from tests.fsamt_engine.evaluation.detected import made


def ranked(seed: int, n_groups: int = 3, n: int = 40, n_scores: int = 15) -> RankedAction:
    random = np.random.default_rng(seed)
    score = np.sort(random.integers(0, n_scores, n) / n_scores)[::-1]
    right = random.random(n) < 0.4
    truth_group = random.integers(0, n_groups, int(right.sum()) + 5)
    return RankedAction(score, right, random.integers(0, n_groups, n), truth_group)


def drawn_map(actions: list[RankedAction], draw: np.ndarray) -> float:
    """The mean average precision of a resample whose detections are written out one by one."""
    values = []
    for one in actions:
        n_truth = int(draw[one.truth_group].sum())
        if n_truth:
            times = draw[one.group]
            score, right = np.repeat(one.score, times), np.repeat(one.right, times)
            values.append(average_precision(score, right, n_truth))
    return float(np.mean(values))


@pytest.mark.parametrize("n_groups", [2, 3, 7])
def test_a_resample_is_scored_as_if_its_people_were_all_there_is(n_groups: int) -> None:
    actions = [ranked(seed, n_groups) for seed in range(3)]
    draws = np.random.default_rng(0).multinomial(n_groups, np.full(n_groups, 1 / n_groups), 30)
    expected = [drawn_map(actions, draw) for draw in draws]
    np.testing.assert_allclose(resampled_maps(actions, n_groups, 30), expected, atol=1e-12)


def test_an_action_that_a_resample_lacks_is_out_of_its_mean() -> None:
    nobody, both = np.array([], np.int64), np.array([0, 1])
    common = RankedAction(np.array([0.9, 0.8]), np.array([True, True]), both, both)
    rare = RankedAction(np.zeros(0), np.zeros(0, np.bool_), nobody, np.array([0]))
    maps = resampled_maps([common, rare], 2)
    assert set(maps.tolist()) == {0.5, 1.0}  # Without person 0 only the common action counts.
    assert len(resampled_maps([rare], 2)) < N_RESAMPLES  # Nothing to find: no resample.


def people(differ: float, n_people: int, seed: int = 0) -> tuple[float, float]:
    """Interval of people whose shares of right answers lie up to `differ` from a half."""
    random = np.random.default_rng(seed)
    shares = 0.5 + np.linspace(-differ, differ, n_people)
    group = np.repeat(np.arange(n_people), 60)
    right = random.random(len(group)) < np.repeat(shares, 60)
    score = np.sort(random.random(len(group)))[::-1]
    order = random.permutation(len(group))
    action = RankedAction(score, right[order], group[order], np.repeat(np.arange(n_people), 40))
    mean_ap = average_precision(action.score, action.right, len(action.truth_group))
    low, high = map_interval([action], n_people, mean_ap)
    assert 0 <= low <= mean_ap <= high <= 1
    return low, high


def width(interval: tuple[float, float]) -> float:
    return interval[1] - interval[0]


def test_the_interval_is_wider_where_people_differ_more_and_where_they_are_fewer() -> None:
    assert width(people(0.4, 8)) > 2 * width(people(0.0, 8))
    assert width(people(0.3, 3)) > 1.5 * width(people(0.3, 12))
    assert width(people(0.3, 2)) > 0.8  # Two people who differ say almost nothing of others.


def test_people_who_agree_by_chance_do_not_make_it_certain() -> None:
    both = np.array([0, 1])
    perfect = RankedAction(np.array([0.9, 0.8]), np.array([True, True]), both, both)
    assert map_interval([perfect], 2, 1.0) == wilson_interval(2, 2)
    assert map_interval([perfect], 1, 1.0)[0] < 0.5


def test_the_same_test_has_the_same_interval() -> None:
    truth, found, actions = made(4, n_people=3)
    first, second = (score_detections(truth, found, actions).interval for _ in range(2))
    assert first == second


def test_what_it_is_over_is_said() -> None:
    truth, found, actions = made(5, n_takes=4, n_people=2)
    two = score_detections(truth, found, actions)
    assert two.interval_over == "2 participants"
    assert "so few say little" in two.interval_says
    truth, found, actions = made(5, n_takes=4, n_people=1)
    one = score_detections(truth, found, actions)
    assert one.interval_over == "4 takes of one participant"
    assert "how much people differ is not in it" in one.interval_says
    truth, found, actions = made(5, n_takes=1, n_people=1)
    assert score_detections(truth, found, actions).interval_over == "8 segments of one take"
    alone = score_detections([SnapshotItem("t", "P", 0, 10, "wave")], [], ["wave"])
    assert alone.interval_over == "one segment"


def test_a_large_test_is_scored_in_seconds() -> None:
    truth, found, actions = made(0, n_takes=100, n_actions=51, n_people=20, n_truth=20, n_found=200)
    start = time.process_time()
    score_detections(truth, found, actions)
    assert time.process_time() - start < 5  # 0.3 s on the machine where it was written.
