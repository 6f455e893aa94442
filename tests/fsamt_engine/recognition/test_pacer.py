import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.recognition.pacer import Pacer

SPAN = 10


def steps(rate_hz, moments_s):
    pacer = Pacer(rate_hz, SPAN)
    return [pacer.steps(round(1e6 * moment)) for moment in moments_s]


def test_the_first_frame_starts_anew_and_every_other_one_counts_once():
    assert steps(30, [n / 30 for n in range(5)]) == [None, 1, 1, 1, 1]


def test_times_that_tremble_change_nothing():
    trembling = [0, 0.036, 0.064, 0.103, 0.131, 0.168]
    assert steps(30, trembling) == [None, 1, 1, 1, 1, 1]


def test_of_a_camera_twice_as_fast_every_second_frame_counts():
    assert steps(30, [n / 60 for n in range(7)]) == [None, 0, 1, 0, 1, 0, 1]


def test_each_frame_of_a_camera_half_as_fast_counts_twice():
    assert steps(30, [n / 15 for n in range(4)]) == [None, 2, 2, 2]


def test_a_gap_counts_as_long_as_it_lasted():
    assert steps(30, [0, 1 / 30, 4 / 30, 5 / 30]) == [None, 1, 3, 1]


def test_after_a_gap_longer_than_a_clip_all_starts_anew():
    assert steps(30, [0, SPAN / 30, 2.4 * SPAN / 30, 2.4 * SPAN / 30 + 1 / 30]) == [
        None,
        SPAN,
        None,
        1,
    ]


def test_time_that_runs_backwards_starts_anew():
    assert steps(30, [1.0, 1.0 + 1 / 30, 0.2, 0.2 + 1 / 30]) == [None, 1, None, 1]


def test_a_rate_that_cannot_be_is_refused():
    with pytest.raises(FsamtError, match="0 frames a second"):
        Pacer(0, SPAN)
