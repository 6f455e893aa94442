import json
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_scores import (
    STRICT_OVERLAPS,
    USUAL_OVERLAPS,
    DetectionScores,
    score_detections,
)
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import SnapshotItem
from tests.fsamt_engine.evaluation.detected import made

ACTIVITYNET = (
    (0.37037037037037035, 0.29433862433862434, 0.26322751322751325, 0.18807118807118806),
    (0.6098852901484481, 0.5622377622377622, 0.5622377622377622, 0.3332355816226784),
    (0.521952471952472, 0.521952471952472, 0.4949254449254449, 0.22084481175390266),
)
"""By action, at 0.1, 0.3, 0.5 and 0.75."""


def item(
    start: int, end: int, action: str = "wave", take: str = "t", who: str = "P"
) -> SnapshotItem:
    return SnapshotItem(take, who, start, end, action)


def told(
    start: float, end: float, score: float, action: str = "wave", take: str = "t", who: str = "P"
) -> Detection:
    return Detection(take, who, action, start, end, score)


def shared(one: Detection, truth: SnapshotItem) -> float:
    both = max(0.0, min(one.end, truth.end) - max(one.start, truth.start))
    return both / ((one.end - one.start) + (truth.end - truth.start) - both)


def ap_by_definition(
    truth: Sequence[SnapshotItem], found: Sequence[Detection], least: float
) -> float:
    """Of one action, scores all different: at each recall the best precision from there on."""
    taken: set[int] = set()
    right = []
    for one in sorted(found, key=lambda one: -one.score):
        free = [
            (shared(one, item), place)
            for place, item in enumerate(truth)
            if item.take_id == one.take_id and place not in taken and shared(one, item) >= least
        ]
        if free:
            taken.add(max(free)[1])
        right.append(bool(free))
    curve = [
        (Fraction(sum(right[: n + 1]), len(truth)), Fraction(sum(right[: n + 1]), n + 1))
        for n in range(len(right))
    ]
    recalls = sorted({recall for recall, _ in curve if recall > 0})
    area, before = Fraction(0), Fraction(0)
    for recall in recalls:
        area += (recall - before) * max(precision for at, precision in curve if at >= recall)
        before = recall
    return float(area)


@pytest.mark.parametrize("seed", range(15))
def test_average_precision_is_as_defined(seed: int) -> None:
    truth, found, actions = made(seed, n_takes=1 + seed % 4, n_found=4 * (seed % 9))
    scores = score_detections(truth, found, actions)
    for action in actions:
        own = [item for item in truth if item.action == action]
        answers = [one for one in found if one.action == action]
        for overlap in USUAL_OVERLAPS:
            expected = ap_by_definition(own, answers, overlap) if own else None
            assert scores.ap_at(overlap)[action] == pytest.approx(expected, abs=1e-9)


def test_average_precisions_are_those_of_activitynets_script() -> None:
    """As eval_detection.py of github.com/activitynet/ActivityNet gave them for the same input."""
    truth, found, actions = made(7)
    scores = score_detections(truth, found, actions, (0.1, 0.3, 0.5, 0.75))
    np.testing.assert_allclose(np.array(scores.ap, dtype=float), ACTIVITYNET, rtol=0, atol=1e-9)


def test_a_second_detection_of_a_segment_is_wrong() -> None:
    once = score_detections([item(0, 10)], [told(0, 10, 0.9)], ["wave"])
    twice = score_detections([item(0, 10)], [told(1, 10, 0.95), told(0, 10, 0.9)], ["wave"])
    assert once.f1_at(0.5).f1 == 1
    assert twice.f1_at(0.5) == replace(once.f1_at(0.5), threshold=0.95)
    assert twice.map_at(0.95) == 0.5  # The first one misses; the second comes at precision 1/2.


def test_a_detection_takes_the_next_best_segment_where_the_best_is_taken() -> None:
    truth = [item(0, 10), item(4, 14)]
    scores = score_detections(truth, [told(0, 10, 0.9), told(2, 11, 0.8)], ["wave"])
    assert scores.map_at(0.5) == 1


def test_equal_scores_are_one_point_whatever_their_order() -> None:
    truth, found, actions = made(3, n_scores=4)
    found += found[:5]
    expected = score_detections(truth, found, actions).to_dict()
    random = np.random.default_rng(0)
    for _ in range(5):
        mixed = [found[place] for place in random.permutation(len(found))]
        asked = [truth[place] for place in random.permutation(len(truth))]
        assert score_detections(asked, mixed, actions).to_dict() == expected
    tied = [told(50, 60, 0.5), told(0, 10, 0.5)]
    assert score_detections([item(0, 10)], tied, ["wave"]).map_at(0.5) == 0.5


def test_an_action_without_a_segment_is_out_of_the_mean_whatever_is_found_of_it() -> None:
    found = [told(0, 10, 0.9), told(0, 10, 0.8, "bow")]
    scores = score_detections([item(0, 10)], found, ["wave", "bow"])
    assert scores.ap_at(0.5) == {"wave": 1.0, "bow": None}
    assert scores.map_at(0.5) == scores.mean_map == 1
    assert (scores.n_truth_of, scores.n_found_of) == ((1, 0), (1, 1))


def test_nothing_found_is_zero_and_nothing_to_find_is_refused() -> None:
    scores = score_detections([item(0, 10)], [], ["wave"])
    assert (scores.map_at(0.5), scores.f1_at(0.5).f1, scores.n_found) == (0, 0, 0)
    assert scores.interval[0] == 0 < scores.interval[1] < 1
    with pytest.raises(FsamtError, match="nothing to test"):
        score_detections([item(0, 10, "background")], [told(0, 10, 0.9)], ["wave"])


def test_background_and_other_actions_are_left_out() -> None:
    truth, found = [item(0, 10), item(10, 90, "background")], [told(0, 10, 0.5)]
    scores = score_detections(truth, [*found, told(10, 90, 0.9, "bow")], ["wave"])
    assert scores.map_at(0.5) == 1
    assert (scores.n_truth, scores.n_found) == (1, 1)


def test_a_detection_in_a_take_without_segments_is_a_false_alarm() -> None:
    found = [told(0, 10, 0.9, take="other"), told(0, 10, 0.8)]
    assert score_detections([item(0, 10)], found, ["wave"]).map_at(0.5) == 0.5


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(FsamtError, match="NaN"):
        score_detections([item(0, 10)], [told(0, 10, math.nan)], ["wave"])


def test_f1_states_the_threshold_that_is_best() -> None:
    truth = [item(0, 10), item(20, 30), item(40, 50)]
    found = [told(0, 10, 0.9), told(20, 30, 0.6), told(60, 70, 0.4), told(80, 90, 0.3)]
    f1 = score_detections(truth, found, ["wave"]).f1_at(0.5)
    assert (f1.threshold, f1.precision, f1.recall, f1.f1) == (0.6, 1.0, 2 / 3, 0.8)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_threshold_has_a_better_f1(seed: int) -> None:
    truth, found, actions = made(seed, n_scores=20)
    best = score_detections(truth, found, actions).f1_at(0.5)

    def f1_of(threshold: float) -> float:
        believed = [one for one in found if one.score >= threshold]
        return score_detections(truth, believed, actions).f1_at(0.5).f1

    tried = {threshold: f1_of(threshold) for threshold in {one.score for one in found}}
    assert best.f1 == pytest.approx(max(tried.values())) == pytest.approx(tried[best.threshold])


def test_mean_map_is_of_the_strict_overlaps_alone() -> None:
    truth, found, actions = made(1)
    scores = score_detections(truth, found, actions)
    assert STRICT_OVERLAPS == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
    expected = np.mean([scores.map_at(overlap) for overlap in STRICT_OVERLAPS])
    assert scores.mean_map == pytest.approx(expected)
    with pytest.raises(ValueError, match="not at"):
        scores.map_at(0.2)


def test_searched_takes_are_counted_also_where_nothing_is_in_them() -> None:
    scores = score_detections([item(0, 10)], [], ["wave"], takes={"t": "P", "u": "Q"})
    assert (scores.n_takes, scores.participants) == (2, ("P", "Q"))


def test_scores_are_the_same_after_json() -> None:
    truth, found, actions = made(2)
    scores = score_detections(truth, found, (*actions, "never"))
    assert DetectionScores.from_dict(json.loads(json.dumps(scores.to_dict()))) == scores
