import numpy as np
import pytest

from fsamt_engine.library import StreamKind
from fsamt_engine.library.completeness import StreamQuality, StreamTimes, forward_us, stream_quality

FRAME_US = 33_333


def quality(
    at_us: object, numbers: object = None, domain: str = "device", n_dropped: int = 0
) -> StreamQuality:
    return stream_quality(
        StreamTimes(
            StreamKind.DEPTH,
            30.0,
            domain,
            np.array(at_us, np.int64),
            None if numbers is None else np.array(numbers, np.int64),
        ),
        n_dropped=n_dropped,
    )


def test_steady_stream_lacks_nothing():
    found = quality(np.arange(90) * FRAME_US, np.arange(90) + 1000)
    assert (found.n_missing, found.n_twice, found.n_backwards, found.n_lost) == (0, 0, 0, 0)
    assert found.rate_hz == pytest.approx(30, rel=1e-4)
    assert found.longest_gap_us == FRAME_US


def test_skipped_numbers_are_missing_frames_and_lower_the_rate():
    kept = np.array([0, 1, 2, 5, 6, 7, 9])
    found = quality(kept * FRAME_US, kept)
    assert found.n_missing == 3
    assert found.rate_hz == pytest.approx(20, rel=1e-4)
    assert found.longest_gap_us == 3 * FRAME_US


def test_gap_is_measured_in_usual_steps_where_the_device_does_not_count():
    kept = np.array([0, 1, 2, 5, 6, 7, 9])
    assert quality(kept * FRAME_US + np.array([0, 900, -900, 0, 700, 0, 0])).n_missing == 3


@pytest.mark.parametrize("numbers", [None, [0, 1, 2, 5]])
def test_nominal_times_tell_neither_rate_nor_gap(numbers: object):
    found = quality(np.arange(4) * FRAME_US, numbers, "nominal")
    assert (found.rate_hz, found.longest_gap_us) == (None, 0)
    assert found.n_missing == (2 if numbers else 0)


def test_device_that_counts_in_steps_of_two_misses_nothing():
    assert quality(np.arange(30) * FRAME_US, np.arange(30) * 2).n_missing == 0


def test_repeated_frames_are_counted_by_number_or_by_time():
    assert quality([0, 1, 1, 2], [0, 1, 1, 2]).n_twice == 1
    assert quality([0, 33, 34, 66], [0, 1, 1, 2]).n_twice == 1
    assert quality([0, 33, 33, 66]).n_twice == 1


@pytest.mark.parametrize("after", [0, 1_000_000])
def test_counter_that_starts_anew_skips_nothing(after: int):
    numbers = [500, 501, 502, after, after + 1, after + 2]
    assert quality(np.arange(6) * FRAME_US, numbers).n_missing == 0


def test_counter_is_believed_across_a_jump_of_the_clock():
    at_us = np.array([0, 1, 2, -100, -99]) * FRAME_US
    found = quality(at_us, [0, 1, 2, 5, 6])
    assert (found.n_missing, found.n_backwards) == (2, 1)
    assert found.rate_hz == pytest.approx(30, rel=1e-4)


def test_frames_that_the_recorder_dropped_are_not_counted_twice():
    assert quality(np.array([0, 1, 4]) * FRAME_US, [0, 1, 4], n_dropped=2).n_lost == 2
    assert quality(np.array([0, 1, 2]) * FRAME_US, [0, 1, 2], n_dropped=2).n_lost == 2


def test_single_frame_has_no_rate():
    found = quality([5], [7])
    assert (found.rate_hz, found.n_missing, found.longest_gap_us) == (None, 0, 0)


def test_length_does_not_run_backwards():
    assert forward_us(np.array([100, 200, 50, 70])) == 120
