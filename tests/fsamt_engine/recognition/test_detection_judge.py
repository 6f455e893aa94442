"""Whether what a detector tells on a take is right."""

import pytest

from fsamt_engine.library.records import Segment
from fsamt_engine.recognition.detection_judge import DetectionJudge
from fsamt_engine.recognition.state import LiveEvent, Now
from tests.fsamt_engine.recognition.answering import answer
from tests.fsamt_engine.recognition.detecting import ACTIONS

NOTHING = Now("background", "background")


def segment(number, action, start, end):
    return Segment(number, "take", "P1", action, start, end)


SEGMENTS = (segment(1, "jump", 10, 30), segment(2, "wave", 50, 70), segment(3, "sit", 80, 90))


@pytest.fixture
def judge():
    return DetectionJudge(SEGMENTS, ACTIONS)


def told(number, action, start, end):
    begun = LiveEvent(number, action, 0, None, "device", 0, 0.9, start)
    return begun, LiveEvent(number, action, 0, 1, "device", 0, 0.9, start, end)


def push(judge, frame, *events, now=NOTHING):
    return judge.push(answer(0, frame=frame), now, events)


def test_an_event_is_right_that_overlaps_its_action_by_half(judge):
    truth, (begun, ended) = push(judge, 40, *told(1, "jump", 14, 30))
    assert (begun.was_right, ended.was_right) == (True, True)
    assert (truth.n_found, truth.n_segments, truth.n_false_alarms) == (1, 1, 0)
    assert truth.overlap == 0.5
    assert [one.action for one in judge.found] == ["jump"]


@pytest.mark.parametrize(
    ("action", "start", "end"), [("jump", 21, 30), ("wave", 10, 30), ("jump", 31, 48)]
)
def test_everything_else_is_a_false_alarm_also_where_nobody_labelled(judge, action, start, end):
    truth, (_, ended) = push(judge, 48, *told(1, action, start, end))
    assert ended.was_right is False
    assert (truth.n_found, truth.n_segments, truth.n_false_alarms) == (0, 1, 1)


def test_a_second_event_of_one_segment_is_wrong(judge):
    push(judge, 40, *told(1, "jump", 10, 30))
    truth, (_, ended) = push(judge, 42, *told(2, "jump", 12, 30))
    assert ended.was_right is False
    assert (truth.n_found, truth.n_false_alarms) == (1, 1)


def test_a_segment_counts_when_it_is_over_and_actions_that_it_does_not_know_never(judge):
    counts = [push(judge, frame)[0].n_segments for frame in (12, 28, 29, 60, 69, 95)]
    assert counts == [0, 0, 1, 1, 2, 2]


def test_what_is_said_of_the_moment_is_not_judged_and_its_label_is_known(judge):
    for frame, expected in ((12, "jump"), (40, None), (85, "sit")):
        truth = push(judge, frame, now=Now("action", "jump", 0.8))[0]
        assert (truth.expected, truth.is_right, truth.share) == (expected, None, None)


def test_a_take_that_is_played_again_counts_on(judge):
    push(judge, 75, *told(1, "jump", 10, 30))
    push(judge, 2)
    truth, (_, ended) = push(judge, 40, *told(2, "jump", 10, 30))
    assert ended.was_right is True
    assert (truth.n_found, truth.n_segments) == (2, 3)
