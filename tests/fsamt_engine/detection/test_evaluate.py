"""A detector's test: on whole takes of strangers, kept, and honest about when things are known."""

from dataclasses import replace

import pytest

from fsamt_engine.detection.evaluate import evaluate_detector
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detection_test import kept_detection_test
from fsamt_engine.library import BACKGROUND, Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.models import model
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.takes import take
from fsamt_engine.progress import Stop


def test_takes_are_searched_whole_and_the_scores_are_noted(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    test = evaluate_detector(untrimmed_library, detector, labels.test, device="cpu")
    assert test.truth == tuple(i for i in test.truth if i.action != BACKGROUND)
    assert len(test.truth) == 4
    assert {one.participant for one in test.takes} == {"P3"}
    assert {one.n_frames for one in test.takes} == {52}
    assert {one.take_id for one in test.found} == {one.take_id for one in test.takes}
    noted = model(untrimmed_library, detector.id).metrics
    assert noted["test_map_50"] == test.scores.map_at(0.5)
    assert noted["test_n"] == 4
    assert {"test_mean_map", "test_f1"} <= noted.keys()
    assert kept_detection_test(untrimmed_library, detector) == test


def test_second_test_reads_what_the_first_found(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    first = evaluate_detector(untrimmed_library, detector, labels.test, device="cpu")
    n_runs = len(list_runs(untrimmed_library))
    assert evaluate_detector(untrimmed_library, detector, labels.test, device="cpu") == first
    assert len(list_runs(untrimmed_library)) == n_runs


def test_what_would_have_been_known_live_is_said_of_the_takes_that_were_watched(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    test = evaluate_detector(untrimmed_library, detector, labels.test, device="cpu", watched_s=1.0)
    (watched,) = test.watched
    assert all(one.detection.take_id == watched for one in test.known)
    n_frames = take(untrimmed_library, watched).main.n_frames
    assert all(one.detection.end < one.known_at <= n_frames for one in test.known)
    if test.delay is not None:
        assert test.delay.n_truth == 2
    none = evaluate_detector(untrimmed_library, detector, labels.test, device="cpu", watched_s=0)
    assert none.known == none.watched == ()


def test_kept_test_does_not_lose_what_it_says_of_live_use(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    first = evaluate_detector(untrimmed_library, detector, labels.test, device="cpu")
    evaluate_detector(untrimmed_library, detector, labels.test, device="cpu", watched_s=0)
    assert kept_detection_test(untrimmed_library, detector) == first
    half = [item for item in labels.test if item.take_id == labels.test[0].take_id]
    other = evaluate_detector(untrimmed_library, detector, half, device="cpu", watched_s=0)
    assert kept_detection_test(untrimmed_library, detector) == other


def test_kept_test_follows_corrected_labels(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    evaluate_detector(untrimmed_library, detector, labels.test, device="cpu")
    corrected = [replace(i, end=i.end - 2) if i.action == "down" else i for i in labels.test]
    again = evaluate_detector(untrimmed_library, detector, corrected, device="cpu", watched_s=0)
    assert kept_detection_test(untrimmed_library, detector) == again
    noted = model(untrimmed_library, detector.id).metrics["test_map_50"]
    assert noted == again.scores.map_at(0.5)


def test_comparison_is_not_noted(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    evaluate_detector(untrimmed_library, detector, labels.test, device="cpu", as_result=False)
    assert "test_map_50" not in model(untrimmed_library, detector.id).metrics
    assert kept_detection_test(untrimmed_library, detector) is None


def test_whom_its_training_has_seen_is_refused_before_anything_is_searched(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    n_runs = len(list_runs(untrimmed_library))
    with pytest.raises(FsamtError, match="would prove nothing"):
        evaluate_detector(untrimmed_library, detector, labels.train, device="cpu")
    stranger = SnapshotItem(labels.test[0].take_id, "P3", 0, 10, "jump")
    with pytest.raises(FsamtError, match='"jump"'):
        evaluate_detector(untrimmed_library, detector, [stranger], device="cpu")
    rest = [item for item in labels.test if item.action == BACKGROUND]
    with pytest.raises(FsamtError, match="no labelled segment"):
        evaluate_detector(untrimmed_library, detector, rest, device="cpu")
    assert len(list_runs(untrimmed_library)) == n_runs


def test_stopped_test_is_not_kept(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    with pytest.raises(Cancelled):
        evaluate_detector(
            untrimmed_library,
            detector,
            labels.test,
            device="cpu",
            should_stop=lambda: Stop.PAUSE,
        )
    assert kept_detection_test(untrimmed_library, detector) is None
