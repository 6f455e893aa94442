"""What is recognised on a labelled take is right or wrong."""

from dataclasses import replace

from fsamt_engine.library.records import Segment
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.recognition.state import LiveEvent, Now
from fsamt_engine.recognition.truth import Judge, Truth
from tests.fsamt_engine.recognition.answering import ACTIONS, answer

SEGMENTS = (
    Segment(1, "t", "P1", "wave", 10, 40),
    Segment(2, "t", "P1", "background", 40, 80),
    Segment(3, "t", "P1", "sing", 200, 230),
)
"""A half clip is 15 frames; nobody labelled 80 to 200."""
WAVE, JUMP = Now("action", "wave", 0.9), Now("action", "jump", 0.9)


def judge() -> Judge:
    return Judge(SEGMENTS, ACTIONS, ClipShape(16, 2, 8))


def event(action: str, start: int, end: int | None = None, number: int = 1) -> LiveEvent:
    return LiveEvent(number, action, start, end, "device", 0, 0.9, start, end)


def said(judge: Judge, frame: int, now: Now, *events: LiveEvent) -> Truth:
    return judge.push(answer(frame / 30, frame=frame), now, events)[0]


def was_right(frame: int, one: LiveEvent) -> bool | None:
    return judge().push(answer(0, frame=frame), WAVE, [one])[1][0].was_right


def test_a_moment_is_right_when_the_labelled_action_stands_there() -> None:
    on_wave = judge()
    assert said(on_wave, 12, JUMP) == Truth("wave", False, 0, 1, 0, 1, 0)
    assert said(on_wave, 13, WAVE) == Truth("wave", True, 1, 2, 0, 1, 0)
    assert said(on_wave, 14, Now("unknown")).share == 1 / 3


def test_nothing_is_right_or_wrong_where_nobody_labelled() -> None:
    truth = said(judge(), 100, WAVE)
    assert (truth.expected, truth.is_right, truth.n_answers, truth.share) == (None, None, 0, None)


def test_background_and_an_action_that_the_model_does_not_know_want_no_action() -> None:
    for frame in (50, 210):
        assert said(judge(), frame, WAVE).is_right is False
        for kind in ("background", "unknown", "nobody"):
            assert said(judge(), frame, Now(kind)).is_right is True  # type: ignore[arg-type]


def test_a_moment_before_the_first_clip_counts_for_nothing() -> None:
    truth = said(judge(), 12, Now("gathering"))
    assert (truth.expected, truth.is_right, truth.n_answers) == ("wave", None, 0)


def test_an_event_is_right_over_its_label_and_half_a_clip_after_it() -> None:
    assert was_right(30, event("wave", 20)) is True
    assert was_right(54, event("wave", 54)) is True
    assert was_right(55, event("wave", 55)) is False
    assert was_right(60, event("jump", 20, 60)) is False
    assert was_right(110, event("jump", 90, 110)) is None


def test_labels_that_were_found_and_false_alarms_are_counted_once() -> None:
    running = judge()
    said(running, 20, WAVE, event("wave", 15))
    said(running, 30, WAVE)
    truth = said(running, 60, Now("unknown"), event("wave", 15, 45), event("jump", 50, 60, 2))
    assert (truth.n_found, truth.n_segments, truth.n_false_alarms) == (1, 1, 1)


def test_an_event_that_lasts_finds_the_label_that_it_reaches() -> None:
    running = judge()
    _, (begun,) = running.push(answer(0, frame=5), WAVE, [event("wave", 5)])
    assert begun.was_right is None
    assert said(running, 11, WAVE).n_found == 1


def test_a_label_between_two_frames_that_came_is_not_forgotten() -> None:
    running = judge()
    said(running, 5, Now("unknown"))
    assert said(running, 60, Now("unknown")).n_segments == 1


def test_a_take_that_is_played_again_counts_on() -> None:
    running = judge()
    said(running, 20, WAVE, event("wave", 15, 20))
    truth = said(running, 12, WAVE, event("wave", 12, 13, 2))
    assert (truth.n_found, truth.n_segments, truth.n_answers) == (2, 2, 2)


def test_frames_without_a_number_are_not_judged() -> None:
    one = replace(answer(0), frame_number=None)
    assert judge().push(one, WAVE, [event("wave", 1)]) == (Truth(), (event("wave", 1),))
