"""Thresholds are as lenient as the wished rate of false alarms allows."""

import pytest

from fsamt_engine.errors import Cancelled
from fsamt_engine.library.records import Segment
from fsamt_engine.progress import Stop
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.threshold_choice import LEVELS, choose_thresholds, tally
from fsamt_engine.recognition.watching import WatchedTake
from tests.fsamt_engine.recognition.answering import ACTIONS, answer
from tests.fsamt_engine.recognition.watching import Says, live_model

MODEL = live_model(Says("wave", ACTIONS))
SETTINGS = RecognitionSettings(0.0, 0.2)


def take(action: str | None, wave: float, jump: float = 0.0) -> WatchedTake:
    """A second of one answer, with a label from its first frame to its last."""
    answers = tuple(answer(n / 30, wave, jump, frame=n) for n in range(30))
    label = (Segment(1, "t", "P1", action, 0, 30),) if action else ()
    return WatchedTake("t", "P1", (answers,), label)


def chosen(takes: list[WatchedTake], allowed: float) -> Threshold:
    return choose_thresholds(takes, MODEL, SETTINGS, allowed)["wave"]


def test_a_threshold_lies_between_the_right_ones_and_the_false_alarms() -> None:
    takes = [take("wave", 0.92), take("wave", 0.9), take("background", 0.7)]
    found = chosen(takes, 0)
    assert 0.7 < found.on <= 0.9
    assert found.off < found.on


def test_false_alarms_that_are_allowed_buy_actions_that_are_found() -> None:
    takes = [take("wave", 0.9), take("wave", 0.5), take("background", 0.6)]
    assert chosen(takes, 0).on > 0.6
    assert chosen(takes, 1).on <= 0.5


def test_the_action_that_loses_the_least_is_made_stricter() -> None:
    waves, jumps = [take("wave", 0.5), take("wave", 0.5)], [take("jump", 0.0, 0.5)]
    takes = [*waves, *jumps, take("background", 0.6), take("background", 0.0, 0.6)]
    thresholds = choose_thresholds(takes, MODEL, SETTINGS, 1)
    assert thresholds["wave"].on <= 0.5
    assert thresholds["jump"].on > 0.6


def test_what_nobody_labelled_is_no_false_alarm() -> None:
    assert chosen([take("wave", 0.5), take(None, 0.9)], 0).on <= 0.5


def test_of_levels_that_do_the_same_the_middle_one_is_taken() -> None:
    assert chosen([take("wave", 1.0)], 0) == LEVELS[len(LEVELS) // 2]


def test_where_no_threshold_helps_it_is_the_strictest() -> None:
    assert chosen([take("background", 1.0), take("wave", 0.5)], 0) == LEVELS[-1]


def test_an_action_that_gains_its_place_from_another_is_made_stricter_too() -> None:
    """Too strict for wave, the second that looks like both would be told as a jump."""
    takes = [take("background", 0.9, 0.65), take("jump", 0.0, 0.9), take("wave", 0.95)]
    thresholds = choose_thresholds(takes, MODEL, SETTINGS, 0)
    assert 0.65 < thresholds["jump"].on <= 0.9
    result = tally(takes, MODEL, RecognitionSettings(0.0, 0.2, thresholds=thresholds))
    assert sum(result.false_alarms.values()) == 0
    assert result.found == {"jump": 1, "wave": 1}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_ends_below_where_it_begins(level: Threshold) -> None:
    assert level.off == pytest.approx(level.on * 2 / 3, abs=0.01)


def test_the_choice_can_be_cancelled_between_two_takes() -> None:
    asked = 0

    def should_stop() -> Stop | None:
        nonlocal asked
        asked += 1
        return Stop.CANCEL if asked > len(LEVELS) else None

    with pytest.raises(Cancelled):
        choose_thresholds([take("wave", 0.9)] * 3, MODEL, SETTINGS, 0, should_stop=should_stop)
    assert asked == len(LEVELS) + 1
