"""From what a detector finds to actions with an onset and an offset of their own."""

from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.recognition.detection_decider import DetectionDecider
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.state import Timings
from tests.fsamt_engine.recognition.answering import HOST_US, answer
from tests.fsamt_engine.recognition.detecting import ACTIONS, RATE_HZ, candidates

SETTLE = 10
SETTINGS = RecognitionSettings(threshold=Threshold(0.5, 0.5))
START_US = 2_000_000


@pytest.fixture
def decider():
    return DetectionDecider(ACTIONS, SETTLE, RATE_HZ, SETTINGS)


def looked(seen, *found, status="answering", shares=(0.1, 0.2, 0.7), frame=None, start_us=START_US):
    """An answer after `seen` frames; the camera counts from 100."""
    at_us = start_us + round((seen - 1) * 1e6 / RATE_HZ)
    return replace(
        answer(0, status=status, frame=99 + seen if frame is None else frame),
        at_us=at_us,
        host_at_us=HOST_US + at_us,
        smoothed=shares,
        probabilities=shares,
        timings=Timings(5.0, 5.0, 30.0),
        seen=seen,
        found=candidates(*found),
    )


def push(decider, seen, *found, **how):
    return decider.push(looked(seen, *found, **how))[1]


def test_an_action_is_told_once_with_its_own_onset_and_offset_when_it_changes_no_more(decider):
    clap = ("jump", 9.0, 30.0, 0.8)
    assert push(decider, 20, ("jump", 9.0, 20.0, 0.6)) == ()
    assert push(decider, 36, clap) == ()
    begun, ended = push(decider, 40, clap)
    assert push(decider, 44, clap) == ()
    assert (begun.number, begun.action, begun.confidence) == (1, "jump", 0.8)
    assert (begun.onset_us, begun.offset_us) == (START_US + 300_000, None)
    assert begun.host_onset_us == HOST_US + begun.onset_us
    assert (begun.onset_frame, ended.offset_frame) == (109, 130)
    assert ended.offset_us == START_US + 1_000_000
    assert replace(ended, offset_us=None, offset_frame=None) == begun
    assert decider.next_number == 2


def test_the_delay_is_from_the_offset_to_the_result_with_the_computing(decider):
    push(decider, 20)
    _, ended = push(decider, 40, ("jump", 9.0, 30.0, 0.8))
    newest_us = START_US + round(39e6 / RATE_HZ)
    assert ended.known_us == newest_us + 40_000
    assert ended.known_frame == 139
    assert ended.computing_ms == 40
    assert ended.delay_s == pytest.approx(9 / RATE_HZ + 0.040)


def test_each_action_has_its_own_least_score_and_it_can_be_changed_while_it_runs(decider):
    found = ("jump", 2.0, 28.0, 0.45), ("wave", 11.0, 29.0, 0.55)
    assert [one.action for one in push(decider, 40, *found)] == ["wave", "wave"]
    decider.change_settings(replace(SETTINGS, thresholds={"jump": Threshold(0.4, 0.4)}))
    assert [one.action for one in push(decider, 42, *found)] == ["jump", "jump"]


def test_a_look_that_finds_nothing_counts_as_a_look(decider):
    for seen in range(2, 60, 2):
        assert push(decider, seen) == ()
    assert push(decider, 60, ("jump", 9.0, 30.0, 0.8)) == (), "long over when it was seen"
    assert push(decider, 62, ("jump", 35.0, 50.0, 0.8)) != ()


def test_what_has_begun_is_told_when_nothing_follows(decider):
    assert push(decider, 40, ("jump", 20.0, 38.0, 0.9)) == ()
    _, ended = decider.end()
    assert (ended.onset_frame, ended.offset_frame) == (120, 138)
    assert decider.end() == ()


@pytest.mark.parametrize(
    "later",
    [
        looked(2, start_us=START_US + 60_000_000),
        looked(140, start_us=START_US),
        replace(looked(42), domain="host"),
    ],
)
def test_a_jump_in_time_starts_anew(decider, later):
    push(decider, 40, ("jump", 20.0, 38.0, 0.9))
    _, ended = decider.push(later)[1]
    assert ended.offset_frame == 138
    again = replace(later, seen=later.seen + 2, at_us=later.at_us + 66_667)
    assert decider.push(again)[1] == ()


def test_while_nobody_is_there_nothing_is_found(decider):
    for seen in range(2, 30, 2):
        push(decider, seen, status="nobody")
    assert push(decider, 60, ("jump", 3.0, 25.0, 0.9)) == ()
    assert push(decider, 70, ("wave", 29.0, 60.0, 0.9)) != ()


def test_gaps_between_looks_do_not_move_the_onset(decider):
    push(decider, 2)
    begun, ended = push(decider, 60, ("jump", 15.0, 45.0, 0.9))
    assert begun.onset_us == START_US + 500_000
    assert ended.offset_us == START_US + 1_500_000


def test_the_moment_is_what_is_likelier_than_everything_else_together(decider):
    def said(shares, **how):
        return decider.push(looked(next(frames), shares=shares, **how))[0]

    frames = iter(range(2, 40, 2))
    first = said((0.7, 0.2, 0.1))
    assert (first.kind, first.action, first.confidence) == ("action", "jump", 0.7)
    assert said((0.6, 0.2, 0.2)).since_us == first.since_us
    assert said((0.4, 0.3, 0.3)).kind == "unknown"
    assert said((0.1, 0.1, 0.8)).kind == "background"
    assert said((0.9, 0.1, 0.0), status="nobody").kind == "nobody"
    assert np.isclose(said((0.9, 0.1, 0.0)).confidence, 0.9)
