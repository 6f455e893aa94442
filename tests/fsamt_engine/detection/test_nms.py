"""Suppression: what stays, in which order, and that the order of the candidates decides nothing."""

import numpy as np
import pytest

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.nms import nms, soft_nms, suppress
from fsamt_engine.detection.options import SearchSettings
from fsamt_engine.evaluation.detections import overlap


def many(seed: int, n: int = 400, length: float = 300.0) -> Candidates:
    rng = np.random.default_rng(seed)
    starts = rng.uniform(0, length, n)
    spans = np.stack([starts, starts + rng.uniform(1, 30, n)], axis=1)
    return Candidates(spans.round(1), rng.random(n).round(2), rng.integers(0, 3, n))


def by_the_book(spans: np.ndarray, scores: np.ndarray, most: float) -> list[int]:
    """Greedy suppression as its definition says it, slowly."""
    left = sorted(range(len(scores)), key=lambda i: (-scores[i], *spans[i]))
    kept: list[int] = []
    for i in left:
        if all(overlap(*spans[i], *spans[k]) <= most for k in kept):
            kept.append(i)
    return kept


def softly_by_the_book(
    spans: np.ndarray, scores: np.ndarray, sigma: float, least: float
) -> dict[int, float]:
    lowered, final = dict(enumerate(scores.astype(float))), {}
    while lowered:
        best = min(lowered, key=lambda i: (-lowered[i], *spans[i]))
        if lowered[best] < least:
            break
        final[best] = lowered.pop(best)
        for i in lowered:
            shared = float(overlap(*spans[i], *spans[best]))
            lowered[i] *= float(np.exp(-(shared**2) / sigma))
    return final


@pytest.mark.parametrize("most", [0.0, 0.3, 0.7])
def test_greedy_suppression_is_that_of_its_definition(most: float) -> None:
    one = many(1)
    assert nms(one.spans, one.scores, most).tolist() == by_the_book(one.spans, one.scores, most)


def test_soft_suppression_is_that_of_its_definition() -> None:
    one = many(2, n=150)
    places, scores = soft_nms(one.spans, one.scores, 0.5, 0.05)
    expected = softly_by_the_book(one.spans, one.scores, 0.5, 0.05)
    assert dict(zip(places.tolist(), scores.tolist(), strict=True)) == pytest.approx(expected)
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("is_soft", [False, True])
def test_order_of_the_candidates_decides_nothing(is_soft: bool) -> None:
    one = many(3)
    settings = SearchSettings(overlap=0.4, is_soft=is_soft)
    mixed = one.at(np.random.default_rng(4).permutation(len(one)))
    first, second = suppress(one, settings), suppress(mixed, settings)
    np.testing.assert_array_equal(first.spans, second.spans)
    np.testing.assert_allclose(first.scores, second.scores)
    np.testing.assert_array_equal(first.actions, second.actions)


def test_actions_do_not_suppress_each_other() -> None:
    spans = np.array([[0.0, 10.0]] * 3)
    found = Candidates(spans, np.array([0.9, 0.8, 0.7]), np.array([0, 1, 0]))
    kept = suppress(found, SearchSettings(overlap=0.3))
    assert kept.actions.tolist() == [0, 1]
    assert kept.scores.tolist() == [0.9, 0.8]


def test_no_more_than_wished_of_each_action_stay_and_none_below_the_least_score() -> None:
    spans = np.array([[20.0 * i, 20.0 * i + 5] for i in range(6)])
    found = Candidates(spans, np.linspace(0.9, 0.01, 6), np.array([0, 0, 0, 1, 1, 1]))
    kept = suppress(found, SearchSettings(least_score=0.1, most=2))
    assert kept.actions.tolist() == [0, 0, 1, 1]
    assert kept.scores.min() >= 0.1


def test_touching_and_empty_intervals_overlap_nothing() -> None:
    spans = np.array([[0.0, 10.0], [10.0, 20.0], [5.0, 5.0]])
    assert len(nms(spans, np.array([0.5, 0.6, 0.7]), 0.0)) == 3
    assert len(nms(np.zeros((0, 2)), np.zeros(0), 0.5)) == 0
    assert len(suppress(Candidates.none(), SearchSettings())) == 0


def test_suppression_window_by_window_and_then_over_all_is_that_over_all() -> None:
    """Windows share frames: what both have found is suppressed as if one had."""
    one = many(5)
    settings = SearchSettings(overlap=0.4)
    parts = [one.at(one.spans[:, 0] < 150), one.at(one.spans[:, 0] >= 100)]
    twice = suppress(Candidates.joined(parts), settings)
    whole = suppress(one, settings)
    np.testing.assert_array_equal(twice.spans, whole.spans)
