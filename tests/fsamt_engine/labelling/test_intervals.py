"""What of a take has no label, and where a long take is cut."""

import numpy as np
import pytest

from fsamt_engine.labelling.intervals import cut, gaps, motion_of
from fsamt_engine.library import Segment


def labels(*intervals: tuple[int, int]) -> list[Segment]:
    return [Segment(i, "take", "P1", "wave", a, b) for i, (a, b) in enumerate(intervals)]


def test_gaps_are_what_no_label_covers() -> None:
    assert gaps(labels((10, 20), (15, 30), (50, 60)), 100, 5) == [(0, 10), (30, 50), (60, 100)]
    assert gaps([], 100, 5) == [(0, 100)]
    assert gaps(labels((0, 100)), 100, 5) == []


def test_gaps_too_short_for_a_label_are_left_out() -> None:
    assert gaps(labels((4, 50), (53, 100)), 100, 5) == []


def test_a_long_take_is_cut_where_nothing_moves() -> None:
    motion = np.ones(100)
    motion[28:34] = motion[66:72] = 0
    assert cut(motion, 20, 40) == [(0, 30), (30, 68), (68, 100)]


@pytest.mark.parametrize("n", [1, 39, 40, 41, 60, 61, 123, 1000])
def test_parts_cover_everything_and_keep_their_lengths(n: int) -> None:
    parts = cut(np.random.default_rng(n).random(n), 20, 40)
    assert [start for start, _ in parts] == [0, *(end for _, end in parts[:-1])]
    assert parts[-1][1] == n
    if n > 40:
        assert all(20 <= end - start <= 40 for start, end in parts)


def test_motion_is_the_difference_to_the_frame_before() -> None:
    depth = np.zeros((4, 8, 8), np.float16)
    depth[2:] = 0.5
    assert motion_of(depth).tolist() == [0, 0, 0.5, 0]
