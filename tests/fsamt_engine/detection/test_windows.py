"""Windows over takes: every frame is covered, and no action is lost at an edge."""

import numpy as np
import pytest

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.windows import SearchWindow, whole_ones, windows_over


@pytest.mark.parametrize("n_frames", [1, 99, 100, 101, 140, 141, 997])
def test_every_action_up_to_the_overlap_lies_whole_in_a_window(n_frames: int) -> None:
    windows = windows_over(n_frames, 100, 40)
    for start in range(n_frames):
        end = min(start + 40, n_frames)
        assert any(w.start <= start and end <= w.end for w in windows)
    assert all(w.end - w.start == 100 for w in windows)
    assert windows[0].start == 0
    assert windows[-1].end == max(n_frames, 100)


def test_neighbours_are_known() -> None:
    assert windows_over(230, 100, 40) == [
        SearchWindow(0, 100, None, 60),
        SearchWindow(60, 160, 100, 120),
        SearchWindow(120, 220, 160, 130),
        SearchWindow(130, 230, 220, None),
    ]


def test_windows_stay_few_where_actions_are_longer_than_they() -> None:
    assert len(windows_over(1000, 100, 5000)) == 37


def test_take_without_frames_or_a_window_without_is_no_endless_list() -> None:
    assert len(windows_over(0, 100, 40)) == 1
    with pytest.raises(ValueError, match="needs frames"):
        windows_over(10, 0, 0)


def one(start: float, end: float) -> Candidates:
    return Candidates(np.array([[start, end]]), np.array([0.5]), np.array([0]))


def test_cut_candidate_yields_to_the_whole_one_of_the_next_window() -> None:
    first, second = windows_over(160, 100, 40)
    assert len(whole_ones(one(70, 99), first, 3)) == 0
    assert len(whole_ones(one(70, 115), second, 3)) == 1
    assert len(whole_ones(one(62, 97), first, 3)) == 1  # Whole, three frames from the edge.
    assert len(whole_ones(one(61, 80), second, 3)) == 0  # Began before; the first one sees all.


def test_what_fits_into_no_window_is_found_cut_rather_than_not_at_all() -> None:
    first, second = windows_over(160, 100, 40)
    assert len(whole_ones(one(20, 100), first, 3)) == 1
    assert len(whole_ones(one(60, 130), second, 3)) == 1


def test_edges_of_the_take_cut_nothing() -> None:
    (only,) = windows_over(80, 100, 40)
    assert len(whole_ones(one(0, 80), only, 3)) == 1
    first, second = windows_over(160, 100, 40)
    assert len(whole_ones(one(0, 20), first, 3)) == 1
    assert len(whole_ones(one(140, 160), second, 3)) == 1


def test_every_whole_action_is_kept_by_a_window_wherever_it_lies() -> None:
    windows = windows_over(500, 100, 40)
    for start in np.arange(0, 466.5, 0.5):
        assert any(
            len(whole_ones(one(start, start + 34), window, 3))
            for window in windows
            if window.start <= start and start + 34 <= window.end
        )
