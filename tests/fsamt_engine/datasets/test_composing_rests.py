"""How a composed take rests: on still real frames, back and forth."""

import numpy as np
import pytest

from fsamt_engine.datasets import composing_rests
from fsamt_engine.datasets.composing_rests import Edge, difference, rest, still_window

RATE_HZ = 30.0


def edge(positions: list[float], *, first: int, at: int) -> Edge:
    """Pictures of a bar at these positions, with the noise of a sensor."""
    places = np.arange(40)
    noise = np.random.default_rng(0).normal(0, 0.002, (len(positions), 40))
    bars = [np.where(abs(places - x) < 4, 1.0, 1.2) for x in positions]
    return Edge(first, at, (np.array(bars) + noise).astype(np.float32), RATE_HZ)


ENDING = edge([*range(10), *[10.0] * 20], first=100, at=129)
"""Moves for ten frames, then stands still until it ends."""
BEGINNING = edge([*[10.0] * 20, *range(10, 20)], first=0, at=0)
"""Stands still, then moves."""


def test_the_still_frames_are_found_and_those_that_move_are_not() -> None:
    low, high = still_window(ENDING)
    assert 109 <= low < high <= 129
    low, high = still_window(BEGINNING)
    assert 0 <= low < high <= 20


def test_still_frames_near_the_piece_are_preferred_to_those_behind_a_movement() -> None:
    far_and_near = edge([*[5.0] * 12, *range(5, 25, 2), *[25.0] * 12], first=0, at=33)
    far_and_near.pictures[:12] = far_and_near.pictures[0]  # Stiller than anything that is near.
    low, _ = still_window(far_and_near)
    assert low >= 21


@pytest.mark.parametrize("n_frames", [1, 2, 15, 200])
def test_a_rest_steps_from_frame_to_neighbouring_frame_but_for_one_cut(n_frames: int) -> None:
    leaving, coming = rest(ENDING, BEGINNING, n_frames, "seed")
    assert len(leaving) + len(coming) == n_frames
    assert (abs(np.diff([ENDING.at, *leaving])) == 1).all()
    assert (abs(np.diff([*coming, BEGINNING.at])) == 1).all()
    assert set(leaving) <= set(range(109, 130))
    assert set(coming) <= set(range(21))


def test_a_rest_at_the_edge_of_a_take_shows_the_only_piece_there_is() -> None:
    before, after = rest(None, BEGINNING, 20, "seed"), rest(ENDING, None, 20, "seed")
    assert (len(before[0]), len(before[1])) == (0, 20)
    assert (len(after[0]), len(after[1])) == (20, 0)
    assert before[1][-1] == BEGINNING.at + 1


def test_the_cut_is_made_where_both_look_most_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    sways = [10 + 3 * np.sin(frame / 8) for frame in range(30)]
    one, other = edge(sways, first=0, at=29), edge(sways[::-1], first=0, at=0)
    monkeypatch.setattr(composing_rests, "still_window", lambda _: (0, 29))

    def mean_cut() -> float:
        joints = [rest(one, other, 60, str(seed)) for seed in range(20)]
        return float(
            np.mean([difference(one.pictures[a[-1]], other.pictures[b[0]]) for a, b in joints])
        )

    chosen = mean_cut()
    monkeypatch.setattr(composing_rests, "_N_TRIES", 1)
    assert chosen < 0.7 * mean_cut()


def test_a_held_moment_is_not_one_frame_over_and_over() -> None:
    leaving, _ = rest(ENDING, None, 90, "seed")
    assert len(set(leaving)) > 5
    periods = [(leaving[lag:] == leaving[:-lag]).mean() for lag in range(1, 45)]
    assert max(periods) < 0.9, "it turns at random"


def test_a_piece_of_a_single_still_picture_is_held() -> None:
    one = Edge(7, 7, np.ones((1, 40), np.float32), RATE_HZ)
    leaving, _ = rest(one, None, 5, "seed")
    assert leaving.tolist() == [7] * 5


def test_noise_tells_less_than_a_small_thing_that_moves() -> None:
    noise = np.random.default_rng(0).normal(0, 0.005, (2, 1000)).astype(np.float32)
    moved = np.zeros((2, 1000), np.float32)
    moved[1, :20] = 5.0
    assert difference(noise[0], noise[1]) < difference(moved[0], moved[1]) / 3
    blind = np.full(1000, np.nan, np.float32)
    assert difference(blind, moved[1]) == 0
