"""A suggestion rests on takes of people whom no training has seen, watched as live."""

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.labels import enter_action, label_takes, remove_segment, segments
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.recognition import thresholds
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.thresholds import ThresholdSuggestion, suggest_thresholds
from fsamt_engine.recognition.watching import watch_take
from tests.fsamt_engine.recognition.entering import ACTIONS, enter_recogniser
from tests.fsamt_engine.recognition.watching import Says, live_model

SETTINGS = RecognitionSettings(
    0.0, 0.2, thresholds={"background": Threshold(0.7, 0.6), "across": Threshold(0.9, 0.9)}
)


class RatherSure(Says):
    """Says `across` of everything."""

    def probabilities(self, clip: np.ndarray) -> np.ndarray:
        return np.array([0.72, 0.28], np.float32)


@pytest.fixture
def record(square_library: Library, monkeypatch: pytest.MonkeyPatch) -> ModelRecord:
    """Learned from P1, is tested on P2; P3 is a stranger."""
    entered = enter_recogniser(square_library, "P1", "P2")
    monkeypatch.setattr(
        thresholds,
        "open_watcher",
        lambda library, record, device, **_: live_model(RatherSure("across", ACTIONS)),
    )
    return entered


def suggest(library: Library, record: ModelRecord, wished: float, **more) -> ThresholdSuggestion:
    return suggest_thresholds(
        library, record, false_alarms_per_minute=wished, settings=SETTINGS, **more
    )


def test_a_stranger_is_watched_and_nobody_of_the_test(
    square_library: Library, record: ModelRecord
) -> None:
    seen: list[Progress] = []
    found = suggest(square_library, record, 1000.0, on_progress=seen.append)
    assert (found.participants, found.is_of_test) == (("P3",), False)
    assert (found.n_found, found.n_segments, found.n_false_alarms) == (2, 4, 6)
    assert 2 * found.n_found == found.n_segments > 0
    assert found.minutes == pytest.approx(8 * 17 / 30 / 60, rel=0.1)
    assert found.false_alarms_per_minute == pytest.approx(6 / found.minutes)
    assert found.false_alarms_at_most > found.false_alarms_per_minute
    assert "Found: 2 of 4 labelled actions (50 %; 95 %: 15 to 85)." in found.words
    assert "No background is labelled" in found.words
    assert (seen[-1].done, seen[-1].total) == (8, 8)


def test_thresholds_keep_the_wished_rate_and_replace_older_ones(
    square_library: Library, record: ModelRecord
) -> None:
    found = suggest(square_library, record, 0.0)
    assert found.thresholds["across"].on > 0.72
    assert (found.n_found, found.n_false_alarms) == (0, 0)
    applied = found.applied_to(SETTINGS)
    assert applied.of("across") == found.thresholds["across"]
    assert applied.of("background") == Threshold(0.7, 0.6)
    assert applied.shortest_s == SETTINGS.shortest_s


def test_people_of_the_test_are_taken_only_where_nobody_else_is_and_it_is_said(
    square_library: Library, record: ModelRecord
) -> None:
    for segment in segments(square_library, participants=["P3"]):
        remove_segment(square_library, segment.id)
    found = suggest(square_library, record, 1000.0)
    assert (found.participants, found.is_of_test) == (("P2",), True)
    assert "only others can test them fairly" in found.words


def test_background_that_is_labelled_is_counted(
    square_library: Library, record: ModelRecord
) -> None:
    enter_action(square_library, "background")
    still = segments(square_library, actions=["still"], participants=["P3"])
    label_takes(square_library, [s.take_id for s in still], "background")
    found = suggest(square_library, record, 1000.0)
    assert found.background_minutes == pytest.approx(found.minutes / 4)
    assert "No background" not in found.words


def test_people_whom_the_training_has_seen_are_refused(
    square_library: Library, record: ModelRecord
) -> None:
    with pytest.raises(FsamtError, match="has seen P1"):
        suggest(square_library, record, 1.0, participants=["P1", "P3"])


def test_without_labels_of_others_one_sentence_says_so(
    square_library: Library, record: ModelRecord
) -> None:
    for segment in segments(square_library, participants=["P2", "P3"]):
        remove_segment(square_library, segment.id)
    with pytest.raises(FsamtError, match="Nobody has labelled takes"):
        suggest(square_library, record, 1.0)


@pytest.mark.parametrize("wished", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_kept_is_refused(
    square_library: Library, record: ModelRecord, wished: float
) -> None:
    with pytest.raises(FsamtError, match="cannot be kept"):
        suggest(square_library, record, wished)


def test_it_can_be_cancelled(square_library: Library, record: ModelRecord) -> None:
    with pytest.raises(Cancelled):
        suggest(square_library, record, 1.0, should_stop=lambda: Stop.CANCEL)


def test_a_take_is_watched_frame_by_frame_like_a_camera(square_library: Library) -> None:
    one = segments(square_library, actions=["down"])[0]
    watched = watch_take(square_library, live_model(Says()), one.take_id)
    (answers,) = watched.parts
    assert [a.frame_number for a in answers] == list(range(20))
    assert [a.status for a in answers[:4]] == ["gathering", "gathering", "gathering", "answering"]
    assert (watched.participant, watched.segments) == (one.participant, (one,))
    assert watched.seconds_of(["down"]) == pytest.approx(17 / 30, abs=0.01)
    assert watched.seconds_of(["across"]) == 0.0


def test_a_take_is_watched_as_if_the_camera_had_stood_there_before(
    square_library: Library,
) -> None:
    """What moves is seen in the first frame already, though nothing has moved yet."""
    one = segments(square_library, actions=["across"])[0]
    follows = DepthPreparation(size=16, crop=Crop(mode=CropMode.PERSON))
    watched = watch_take(square_library, live_model(Says(), preparation=follows), one.take_id)
    assert watched.parts[0][0].view.distance_m == pytest.approx(2.0, abs=0.1)
