from dataclasses import replace

import pytest

from fsamt_engine.recognition.state import AnswerStatus
from fsamt_engine.recognition.uncertainty import (
    APART_US,
    LONGEST_US,
    UncertainMoment,
    UncertaintyWatch,
)
from tests.fsamt_engine.recognition.answering import ACTIONS, HOST_US, answer

RATE_HZ = 30
TORN = (0.45, 0.40)
SURE = (0.9, 0.05)
APART_S = APART_US / 1e6 + 0.2


class Watched:
    """Answers 30 times a second, and the moments that were told."""

    def __init__(self) -> None:
        self.watch = UncertaintyWatch(ACTIONS)
        self.moments: list[UncertainMoment] = []
        self.number = 0
        self.at_s = 0.0

    def see(
        self, shares: tuple[float, float], seconds: float, status: AnswerStatus = "answering"
    ) -> "Watched":
        for _ in range(round(seconds * RATE_HZ)):
            self.number += 1
            self.at_s += 1 / RATE_HZ
            made = answer(self.at_s, wave=shares[0], jump=shares[1], status=status)
            told = self.watch.push(replace(made, number=self.number))
            self.moments += [] if told is None else [told]
        return self


def test_two_close_actions_are_a_moment_once_it_is_over():
    watched = Watched().see(SURE, 1).see(TORN, 1)
    assert watched.moments == []
    (moment,) = watched.see(SURE, 0.1).moments
    assert (moment.guess, moment.rival) == ("wave", "jump")
    assert moment.margin == pytest.approx(0.05)
    assert 1e6 < moment.host_at_us - HOST_US <= 2.01e6


@pytest.mark.parametrize(("torn_s", "n_moments"), [(0.3, 0), (0.45, 0), (0.6, 1)])
def test_short_doubt_is_no_moment(torn_s: float, n_moments: int):
    assert len(Watched().see(SURE, 1).see(TORN, torn_s).see(SURE, 1).moments) == n_moments


def test_long_doubt_is_told_while_it_lasts_and_is_one_moment():
    longest_s = LONGEST_US / 1e6
    assert len(Watched().see(TORN, longest_s + 0.2).moments) == 1
    assert len(Watched().see(TORN, 2 * longest_s).moments) == 1


def test_moments_follow_each_other_at_a_distance():
    assert len(Watched().see(TORN, 1).see(SURE, 1).see(TORN, 1).see(SURE, 1).moments) == 1
    assert len(Watched().see(TORN, 1).see(SURE, APART_S).see(TORN, 1).see(SURE, 1).moments) == 2


def test_doubt_does_not_reach_over_a_pause():
    watched = Watched().see(TORN, 0.4)
    watched.at_s += 5
    assert watched.see(TORN, 0.4).see(SURE, 1).moments == []


def test_nobody_there_is_no_doubt():
    assert Watched().see(TORN, 2, "nobody").see(SURE, 1).moments == []


def test_the_same_answer_again_is_nothing_new():
    watch = UncertaintyWatch(ACTIONS)
    torn = answer(1.0, wave=0.45, jump=0.4)
    assert watch.push(torn) is None
    later = replace(torn, host_at_us=torn.host_at_us + LONGEST_US)
    assert watch.push(later) is None


def test_moment_without_an_answer_has_no_guess():
    moment = UncertaintyWatch(ACTIONS).moment_of(None, 7, is_chosen=True)
    assert (moment.guess, moment.host_at_us, moment.is_chosen) == (None, 7, True)
