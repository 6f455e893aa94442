"""Intervals of takes that a person could label: what has no label yet, cut at quiet places."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.library import Segment

_SMOOTHED = 5
"""Frames; a single still frame within a movement is no pause."""


def gaps(segments: Sequence[Segment], n_frames: int, shortest: int) -> list[tuple[int, int]]:
    """The intervals of a take without a label, of `shortest` frames at least.

    Args:
        segments: The labels of the take, in any order; they may overlap.
        n_frames: Of the take.
        shortest: Shorter intervals are left out.
    """
    found, at = [], 0
    for start, end in [*sorted((s.start, s.end) for s in segments), (n_frames, n_frames)]:
        if start - at >= shortest:
            found.append((at, start))
        at = max(at, end)
    return found


def cut(motion: NDArray[np.floating], shortest: int, longest: int) -> list[tuple[int, int]]:
    """Cuts an interval into parts at the quietest places.

    Args:
        motion: (T,) how much each frame differs from the one before it.
        shortest: Frames that each part has at least.
        longest: An interval up to this length stays whole, and no part is longer; at least twice
            `shortest`.

    Returns:
        (start, end) of the parts, which cover 0..T without gaps.
    """
    n = len(motion)
    kernel = np.ones(_SMOOTHED) / _SMOOTHED
    smooth = np.convolve(np.pad(motion, _SMOOTHED // 2, mode="edge"), kernel, "valid")
    parts, start = [], 0
    while n - start > longest:
        # The last part must not become too short either.
        first, last = start + shortest, min(start + longest, n - shortest)
        place = first + int(np.argmin(smooth[first : last + 1]))
        parts.append((start, place))
        start = place
    return [*parts, (start, n)]


def motion_of(prepared: NDArray[np.generic]) -> NDArray[np.float32]:
    """How much each prepared frame (T, ...) differs from the one before it, (T,).

    The mean absolute difference; the first frame has the second's.
    """
    differences = np.zeros(len(prepared), np.float32)
    for i in range(1, len(prepared)):
        step = prepared[i].astype(np.float32) - prepared[i - 1].astype(np.float32)
        differences[i] = np.abs(step).mean()
    differences[:1] = differences[1:2]
    return differences
