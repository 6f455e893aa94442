from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.evaluation.detection_findings import AlarmKind
from fsamt_engine.evaluation.detection_test import (
    Delay,
    DetectionTest,
    KnownAfter,
    TestedTake,
    keep_detection_test,
    kept_detection_test,
)
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem

ACTIONS = ("wave", "bow")


def detector(actions: tuple[str, ...] = ACTIONS) -> ModelRecord:
    return ModelRecord(
        id="m1",
        key="k",
        kind=ModelKind.DETECTOR,
        name="a detector",
        network="r3d_tiny",
        modality="depth",
        embedding_dim=4,
        actions=actions,
        path="models/m1",
        method="finetune",
        created_at_us=0,
    )


def a_test() -> DetectionTest:
    found = (
        Detection("t1", "P1", "wave", 12.5, 40.25, 0.9),
        Detection("t2", "P2", "bow", 1.0, 20.0, 0.4),
    )
    return DetectionTest(
        model_id="m1",
        actions=ACTIONS,
        truth=(SnapshotItem("t1", "P1", 10, 42, "wave"),),
        takes=(TestedTake("t1", "P1", 300, 30.0), TestedTake("t2", "P2", 200, 15.0)),
        found=found,
        settings={"nms": {"overlap": 0.4}, "least_score": 0.01},
        device="cpu",
        watched=("t1",),
        known=(KnownAfter(found[0], 55.0),),
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library")


def test_what_was_kept_is_read_again_as_it_was(library: Library) -> None:
    keep_detection_test(library, detector(), a_test())
    assert kept_detection_test(library, detector()) == a_test()


def test_there_is_none_before_it_was_tested_or_after_the_file_was_damaged(library: Library) -> None:
    assert kept_detection_test(library, detector()) is None
    keep_detection_test(library, detector(), a_test())
    file = library.absolute("models/m1") / "detection_test.json"
    file.write_text(file.read_text()[:-10])
    assert kept_detection_test(library, detector()) is None


def test_a_test_of_other_actions_is_none_of_this_detector(library: Library) -> None:
    keep_detection_test(library, detector(), a_test())
    assert kept_detection_test(library, detector(("wave",))) is None


def test_scores_are_of_every_searched_take() -> None:
    scores = a_test().scores
    assert (scores.n_takes, scores.participants) == (2, ("P1", "P2"))
    assert scores.ap_at(0.5) == {"wave": 1.0, "bow": None}
    assert a_test().usual_threshold == 0.9


def test_what_was_found_comes_by_take_also_where_it_is_nothing() -> None:
    test = replace(a_test(), found=a_test().found[:1])
    assert test.by_take == {"t1": test.found, "t2": ()}


def test_what_is_shown_is_what_is_at_least_as_sure_as_the_usual_threshold() -> None:
    test = a_test()
    assert [match.detection for match in test.matches()] == [test.found[0]]
    assert test.misses() == test.false_alarms() == ()
    assert [alarm.detection for alarm in test.false_alarms(0.3)] == [test.found[1]]
    assert [miss.truth for miss in test.misses(0.95)] == list(test.truth)


def test_confusions_are_at_the_right_time() -> None:
    bow = Detection("t1", "P1", "bow", 10, 42, 0.9)
    beside = Detection("t1", "P1", "bow", 36, 60, 0.95)
    test = replace(a_test(), found=(bow, beside))
    assert {alarm.kind for alarm in test.false_alarms(0.5)} == {AlarmKind.OTHER_ACTION}
    assert [alarm.detection for alarm in test.confusions(0.5)] == [bow]


def test_delay_is_from_the_true_end_to_the_moment_it_is_told() -> None:
    assert a_test().delay == Delay((55 - 42) / 30, (55 - 42) / 30, 1, 1, 0)
    assert replace(a_test(), known=()).delay is None


def test_delay_counts_the_segments_of_watched_takes_alone() -> None:
    truth = (*a_test().truth, SnapshotItem("t2", "P2", 0, 30, "bow"))
    delay = replace(a_test(), truth=truth).delay
    assert delay is not None
    assert (delay.n_told, delay.n_truth) == (1, 1)


def test_delay_knows_each_takes_rate_and_what_was_told_for_nothing() -> None:
    truth = (*a_test().truth, SnapshotItem("t2", "P2", 0, 30, "bow"))
    late = Detection("t2", "P2", "bow", 0, 30, 0.8)
    nothing = Detection("t2", "P2", "bow", 100, 130, 0.8)
    known = (*a_test().known, KnownAfter(late, 45), KnownAfter(nothing, 140))
    delay = replace(a_test(), truth=truth, watched=("t1", "t2"), known=known).delay
    assert delay is not None
    assert delay.median_s == pytest.approx((13 / 30 + 15 / 15) / 2)
    assert delay.ninety_s == pytest.approx(13 / 30 + 0.9 * (1 - 13 / 30))
    assert (delay.n_told, delay.n_truth, delay.n_false) == (2, 2, 1)
