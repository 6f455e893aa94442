"""Detections while a take goes on: what is told, when, and that nothing of the future is seen."""

import numpy as np
import pytest

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import load_detector
from fsamt_engine.detection.streaming import Teller, streamed
from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.device import choose_device
from fsamt_engine.library import Library, ModelRecord, Snapshot
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.cache import prepared_take
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import Stop
from fsamt_engine.recognition.clip_ring import ClipRing

from .tiny import PREPARATION, SHAPE, TinyDetector, TinyStream

CPU = choose_device("cpu")


def found(*rows: tuple[float, float, float, int]) -> Candidates:
    values = np.array(rows, np.float64).reshape(-1, 4)
    return Candidates(values[:, :2], values[:, 2], values[:, 3].astype(np.int64))


def test_candidate_is_told_once_when_its_end_lies_far_enough_behind() -> None:
    teller = Teller(0.5, settle=10)
    one = found((20, 40, 0.8, 0))
    assert len(teller.look(one, 48)) == 0
    assert teller.going_on.spans.tolist() == [[20, 40]]
    assert teller.look(one, 50).spans.tolist() == [[20, 40]]
    assert len(teller.going_on) == 0
    assert len(teller.look(one, 52)) == 0
    assert len(teller.look(found((22, 41, 0.9, 0)), 54)) == 0  # The same one, seen again.


def test_unsure_candidates_are_not_told() -> None:
    teller = Teller(0.5, settle=0)
    assert len(teller.look(found((0, 10, 0.49, 0), (20, 30, 0.5, 0)), 100)) == 1


def test_better_candidate_that_goes_on_holds_the_others_back() -> None:
    teller = Teller(0.5, settle=10)
    both = found((20, 40, 0.7, 0), (20, 55, 0.8, 0))
    assert len(teller.look(both, 52)) == 0
    assert teller.look(both, 65).spans.tolist() == [[20, 55]]


def test_other_actions_and_later_ones_are_told_as_well() -> None:
    teller = Teller(0.5, settle=0)
    told = teller.look(found((20, 40, 0.8, 0), (20, 40, 0.7, 1), (5, 15, 0.6, 0)), 60)
    assert told.spans.tolist() == [[5, 15], [20, 40], [20, 40]]
    assert len(teller.look(found((60, 80, 0.9, 0)), 90)) == 1


def test_rest_of_a_told_action_is_no_other_one() -> None:
    """A clip that has moved on holds only the end of it."""
    teller = Teller(0.5, settle=0)
    teller.look(found((0, 100, 0.9, 0)), 100)
    assert len(teller.look(found((85, 100, 0.9, 0)), 110)) == 0


def test_what_becomes_good_enough_only_long_after_its_end_is_not_told() -> None:
    teller = Teller(0.5, settle=10)
    unsure, sure = found((20, 40, 0.4, 0)), found((20, 40, 0.6, 0))
    for at_frame in (50, 54, 60):
        assert len(teller.look(unsure, at_frame)) == 0
    assert len(teller.look(sure, 64)) == 0


def test_what_ended_while_nobody_looked_is_told() -> None:
    teller = Teller(0.5, settle=10)
    teller.look(found(), 30)
    assert len(teller.look(found((20, 40, 0.6, 0)), 90)) == 1


def test_threshold_can_be_changed_and_nothing_is_told_twice() -> None:
    teller = Teller(0.5, settle=10)
    both = found((20, 40, 0.4, 0), (20, 40, 0.6, 1))
    assert teller.look(both, 50).actions.tolist() == [1]
    teller.change_threshold(0.3)
    assert teller.look(both, 52).actions.tolist() == [0]


def test_teller_that_forgets_starts_anew() -> None:
    teller = Teller(0.5, settle=0)
    teller.look(found((0, 10, 0.9, 0)), 20)
    teller.forget()
    assert len(teller.look(found((0, 10, 0.9, 0)), 20)) == 1


def test_teller_remembers_no_more_after_hours_than_after_minutes() -> None:
    teller = Teller(0.5, settle=0)
    for i in range(2000):
        assert len(teller.look(found((20 * i, 20 * i + 10, 0.9, i % 2)), 20 * i + 10)) == 1
    assert len(teller._told) < 300


def test_streamed_take_is_seen_as_live_one_clip_at_a_time(
    untrimmed_library: Library,
    detector: ModelRecord,
    labels: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    streams: list[TinyStream] = []
    own = TinyDetector.stream

    def noted(self: TinyDetector, *args: object) -> TinyStream:
        streams.append(own(self, *args))  # type: ignore[arg-type]
        return streams[-1]

    monkeypatch.setattr(TinyDetector, "stream", noted)
    take_id = labels.test[0].take_id
    loaded = load_detector(untrimmed_library, detector, CPU)
    told = streamed(untrimmed_library, loaded, take_id, 0.0, device=CPU)
    (stream,) = streams
    frames = prepared_take(untrimmed_library, take_id, Modality.DEPTH, PREPARATION)
    ring = ClipRing(SHAPE)
    expected = {}
    for n_seen, frame in enumerate(frames, 1):
        ring.push(frame)
        expected[n_seen] = ring.clip()
    assert [at for at, _ in stream.seen] == list(range(2, len(frames) + 1, 2))
    for at_frame, clip in stream.seen:
        np.testing.assert_array_equal(clip, expected[at_frame])
    assert told
    for detection, known_at in told:
        assert detection.end + stream.settle <= known_at <= len(frames)


def test_streamed_told_nothing_of_frames_that_had_not_come(
    untrimmed_library: Library,
    detector: ModelRecord,
    labels: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_id = labels.test[0].take_id
    loaded = load_detector(untrimmed_library, detector, CPU)
    whole = streamed(untrimmed_library, loaded, take_id, 0.0, device=CPU)
    array = np.array(prepared_take(untrimmed_library, take_id, Modality.DEPTH, PREPARATION))
    array[30:] = 0.9
    monkeypatch.setattr("fsamt_engine.learning.clips.prepared_take", lambda *_: array)
    altered = streamed(untrimmed_library, loaded, take_id, 0.0, device=CPU)
    assert [one for one in whole if one[1] <= 30] == [one for one in altered if one[1] <= 30]
    assert altered != whole


def test_default_threshold_is_the_detectors_own(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    loaded = load_detector(untrimmed_library, detector, CPU)
    take_id = labels.test[0].take_id
    told = streamed(untrimmed_library, loaded, take_id, device=CPU)
    assert told == streamed(untrimmed_library, loaded, take_id, loaded.threshold, device=CPU)
    assert all(one.score >= loaded.threshold for one, _ in told)


def test_watching_can_be_stopped(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    loaded = load_detector(untrimmed_library, detector, CPU)
    take_id = labels.test[0].take_id
    assert take(untrimmed_library, take_id).main.n_frames
    with pytest.raises(Cancelled):
        streamed(untrimmed_library, loaded, take_id, device=CPU, should_stop=lambda: Stop.CANCEL)
