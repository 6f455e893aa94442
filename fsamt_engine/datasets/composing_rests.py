"""How a composed take rests between two pieces: on real frames, going back and forth.

A rest begins where a piece ends and walks from frame to neighbouring frame over the stillest ones
near there, turning at random; half way it goes over, in one cut, to the still frames near the start
of the next piece, and walks until that begins. So every step but the cut is one that the camera has
seen, in one direction or the other, with its noise; and the cut is made where both look most alike.
"""

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.float32]
Frames = npt.NDArray[np.int64]

_STILL_S = 0.3
_STILL_ENOUGH = 1.3
"""Frames are still, too, that differ at most so many times as much as the stillest ones do."""
_REST_S = 0.5
_TURNS_PER_S = 1.5
_N_TRIES = 12
LARGEST_CHANGE = 0.3
"""Metres of depth, or shares of brightness. More is an edge that moved, however far behind it is
what it uncovered."""


@dataclass(frozen=True)
class Edge:
    """Frames near the beginning or the end of a piece, of one take.

    Attributes:
        first: Number in its take of the first of them.
        at: Number in its take of the frame from which a walk goes out: the piece's first or last.
        pictures: (n, ...) float32, small, NaN = no reading.
        rate_hz: Of the frames.
    """

    first: int
    at: int
    pictures: Pictures
    rate_hz: float


def difference(one: Pictures, other: Pictures) -> npt.NDArray[np.float32]:
    """How different pictures are, over the last axis: root mean square, so that a moving arm tells.

    Args:
        one: (..., k) float32, NaN = no reading, which differs from nothing; broadcast.
        other: The same.

    Returns:
        (...) float32.
    """
    apart = np.clip(one - other, -LARGEST_CHANGE, LARGEST_CHANGE)
    result: npt.NDArray[np.float32] = np.sqrt(np.square(np.nan_to_num(apart)).mean(-1))
    return result


def rest(
    before: Edge | None, after: Edge | None, n_frames: int, seed: str
) -> tuple[Frames, Frames]:
    """The frames of a rest.

    Args:
        before: At the end of the piece before; None at the beginning of the take.
        after: At the start of the next piece; None at the end of the take.
        n_frames: Of the rest.
        seed: Of the turns.

    Returns:
        Numbers of frames in the take of the piece before, and in that of the next one, int64, in
        the order in which they are shown; `n_frames` together.
    """
    numbers = random.Random(seed)
    share = 0.35 + 0.3 * numbers.random()
    n_before = n_frames if after is None else 0 if before is None else round(share * n_frames)
    ends = _walks(before, n_before, numbers), _walks(after, n_frames - n_before, numbers)
    leaving, coming = ends
    if before is None or after is None or not n_before or n_before == n_frames:
        return leaving[0], coming[0][::-1]
    cuts = difference(
        before.pictures[leaving[:, -1] - before.first][:, None],
        after.pictures[coming[:, -1] - after.first][None],
    )
    best, other = np.unravel_index(np.argmin(cuts), cuts.shape)
    return leaving[best], coming[other][::-1]


def still_window(edge: Edge) -> tuple[int, int]:
    """The stillest frames of an edge: numbers of the first and the last of them.

    Those in which, going there and staying half a second, least moves.
    """
    n_frames = len(edge.pictures)
    if n_frames < 3:
        return edge.first, edge.first + n_frames - 1
    moves = difference(edge.pictures[1:], edge.pictures[:-1]).astype(np.float64)
    length = min(len(moves), max(2, round(_STILL_S * edge.rate_hz)))
    sums = np.concatenate([[0.0], np.cumsum(moves)])
    starts = np.arange(len(moves) - length + 1)
    means = (sums[starts + length] - sums[starts]) / length
    at = edge.at - edge.first
    on_the_way = np.where(
        at < starts,
        sums[starts] - sums[at],
        np.where(at > starts + length, sums[at] - sums[np.minimum(starts + length, at)], 0.0),
    )
    start = int(np.argmin(means + on_the_way / (_REST_S * edge.rate_hz)))
    low, high = start, start + length
    apart = difference(edge.pictures, edge.pictures[(low + high) // 2])
    limit = _STILL_ENOUGH * apart[low : high + 1].max()
    while low > 0 and apart[low - 1] <= limit:
        low -= 1
    while high < n_frames - 1 and apart[high + 1] <= limit:
        high += 1
    return edge.first + low, edge.first + high


def _walks(edge: Edge | None, n_frames: int, numbers: random.Random) -> Frames:
    """Several walks from an edge: (tries, n_frames) int64 numbers of frames in its take."""
    if edge is None or not n_frames:
        return np.empty((_N_TRIES, 0), np.int64)
    low, high = still_window(edge)
    walks = [_walk(edge.at, low, high, n_frames, edge.rate_hz, numbers) for _ in range(_N_TRIES)]
    return np.array(walks, np.int64)


def _walk(
    at: int, low: int, high: int, n_frames: int, rate_hz: float, numbers: random.Random
) -> list[int]:
    """Frame after frame: towards the window, and back and forth in it."""
    forward = at < high
    path = []
    for _ in range(n_frames):
        if at >= high:
            forward = False
        elif at <= low:
            forward = True
        elif low < at < high and numbers.random() < _TURNS_PER_S / rate_hz:
            forward = not forward
        if low < high:
            at += 1 if forward else -1
        elif at != low:
            at += 1 if at < low else -1
        path.append(at)
    return path
