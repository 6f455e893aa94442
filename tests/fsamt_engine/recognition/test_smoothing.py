"""Smoothing is over seconds, whatever the rate of the answers."""

import math

import pytest

from fsamt_engine.recognition.smoothing import Smoother


def after(smoother: Smoother, times_s: list[float]) -> float:
    """The second action's smoothed probability after a change at 0 s."""
    smoother.push((1.0, 0.0), -1)
    return [smoother.push((0.0, 1.0), round(1e6 * at)) for at in times_s][-1][1]


def test_a_change_is_seen_by_63_percent_after_the_time_constant_at_any_rate() -> None:
    for rate in (5, 30, 90):
        times = [n / rate for n in range(1, round(0.4 * rate) + 1)]
        assert after(Smoother(0.4), times) == pytest.approx(1 - math.exp(-1), abs=1e-4)


def test_irregular_times_give_what_regular_ones_give() -> None:
    regular = after(Smoother(0.4), [0.1, 0.2, 0.3, 0.4, 0.5])
    assert after(Smoother(0.4), [0.03, 0.04, 0.31, 0.5]) == pytest.approx(regular)


def test_an_answer_after_a_long_pause_replaces_what_was_before() -> None:
    assert after(Smoother(0.4), [10.0]) == pytest.approx(1.0, abs=1e-9)


def test_the_sum_stays_one() -> None:
    smoother = Smoother(0.4)
    for n in range(20):
        share = n % 3 / 2
        smoothed = smoother.push((share, 1 - share), 33_333 * n)
    assert sum(smoothed) == pytest.approx(1.0)


def test_none_gives_every_answer_back() -> None:
    smoother = Smoother(0.0)
    smoother.push((1.0, 0.0), 0)
    assert smoother.push((0.25, 0.75), 1) == (0.25, 0.75)


def test_time_that_runs_backwards_and_a_reset_start_anew() -> None:
    smoother = Smoother(0.4)
    smoother.push((1.0, 0.0), 1_000_000)
    assert smoother.push((0.0, 1.0), 0) == (0.0, 1.0)
    smoother.reset()
    assert smoother.push((0.5, 0.5), 1) == (0.5, 0.5)
