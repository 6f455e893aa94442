"""Ranks with ties, chance, and what counts as a random pair."""

import math

import numpy as np
import pytest

from fsamt_engine.evaluation import health_measures as measures

OWN = np.arange(4)


def table(*rows: list[float]) -> np.ndarray:
    return np.asarray(rows, np.float64)


def test_the_rank_counts_what_is_more_similar_than_the_partner() -> None:
    above, equal = measures.places(
        table([0.9, 0.1, 0.2], [0.5, 0.4, 0.3], [0.7, 0.8, 0.6]), OWN[:3]
    )
    assert measures.mid_ranks(above, equal).tolist() == [1, 2, 3]
    assert measures.found_within(1, above, equal) == pytest.approx(1 / 3)
    assert measures.found_within(2, above, equal) == pytest.approx(2 / 3)


def test_equals_share_the_mean_of_their_ranks() -> None:
    above, equal = measures.places(table([0.5, 0.5, 0.9, 0.5]), np.array([0]))
    assert measures.mid_ranks(above, equal).tolist() == [3.0]
    assert measures.found_within(1, above, equal) == 0
    assert measures.found_within(2, above, equal) == pytest.approx(1 / 3)
    assert measures.found_within(4, above, equal) == 1


@pytest.mark.parametrize("k", [1, 5, 10])
def test_embeddings_that_are_all_the_same_score_exactly_chance(k: int) -> None:
    same = np.ones((20, 20))
    above, equal = measures.places(same, np.arange(20))
    assert measures.found_within(k, above, equal) == pytest.approx(k / 20)
    assert measures.mid_ranks(above, equal).mean() == pytest.approx(10.5)


def test_a_rounding_error_is_a_tie() -> None:
    above, equal = measures.places(table([0.5, 0.5 + 1e-9]), np.array([0]))
    assert (above.tolist(), equal.tolist()) == ([0], [1])


def test_noise_scores_chance_on_average() -> None:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(50):
        above, equal = measures.places(rng.random((40, 40)), np.arange(40))
        shares.append(measures.found_within(10, above, equal))
    assert np.mean(shares) == pytest.approx(0.25, abs=0.02)


def test_random_pairs_are_never_of_one_take() -> None:
    values = np.arange(16.0).reshape(4, 4)
    found = measures.random_pairs(values, ["a", "a", "b", "c"], seed=0)
    assert sorted(found.tolist()) == [2, 3, 6, 7, 8, 9, 11, 12, 13, 14]


def test_many_random_pairs_are_drawn_from_and_the_same_again() -> None:
    names = [str(i) for i in range(100)]
    values = np.random.default_rng(0).random((100, 100))
    found = measures.random_pairs(values, names, seed=3)
    assert len(found) == measures.MAX_RANDOM
    assert np.array_equal(found, measures.random_pairs(values, names, seed=3))
    assert not np.array_equal(found, measures.random_pairs(values, names, seed=4))


def test_separation_is_the_chance_that_a_matched_pair_is_closer() -> None:
    assert measures.separation(np.array([0.9, 0.8]), np.array([0.1, 0.85])) == 0.75
    assert measures.separation(np.array([0.5]), np.array([0.5])) == 0.5
    assert math.isnan(measures.separation(np.array([0.5]), np.array([])))


def test_separation_is_the_area_under_the_roc_curve() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    matched, random = np.round(rng.normal(1, 1, 40), 1), np.round(rng.normal(0, 1, 90), 1)
    wanted = roc_auc_score([1] * 40 + [0] * 90, np.concatenate([matched, random]))
    assert measures.separation(matched, random) == pytest.approx(wanted)


def test_the_similarity_of_two_kinds_is_their_mean() -> None:
    answers = np.array([[2.0, 0.0]], np.float32)
    targets = np.array([[[1.0, 0.0]], [[0.0, 3.0]]], np.float32)
    assert measures.similarities(answers, targets).tolist() == [[0.5]]


def test_a_linear_fit_undoes_a_linear_map() -> None:
    rng = np.random.default_rng(2)
    targets = rng.normal(size=(300, 5)).astype(np.float32)
    answers = (targets @ rng.normal(size=(5, 8))).astype(np.float32)
    fitted = answers @ measures.linear_fit(answers, targets)
    cosines = np.diag(measures.similarities(fitted.astype(np.float32), targets[None]))
    assert cosines.mean() > 0.95
