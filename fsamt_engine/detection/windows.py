"""Overlapping windows over a take that lose no action at their edges."""

from dataclasses import dataclass

import numpy as np

from fsamt_engine.detection.candidates import Candidates


@dataclass(frozen=True)
class SearchWindow:
    """A part of a take that is looked at at once, and what its neighbours see.

    Attributes:
        start: First main frame.
        end: Main frame after the last one; beyond the take's end in a take shorter than a window.
        seen_before: Where the window before this one ends; None of the first.
        seen_after: Where the window after this one starts; None of the last.
    """

    start: int
    end: int
    seen_before: int | None = None
    seen_after: int | None = None


def windows_over(n_frames: int, length: int, overlap: int) -> list[SearchWindow]:
    """Windows of one length that cover a take; neighbours share at least `overlap` frames.

    The last one ends with the take, so that no frame is seen only beside invented ones; a take
    shorter than a window has one, which reaches beyond its end.

    Args:
        n_frames: Of the take.
        length: Of a window, main frames; a head that reads every k-th frame rounds it as it needs.
        overlap: At least the longest action, with a margin, so that each action of this length lies
            whole in one window. At most three quarters of the length are shared.

    Raises:
        ValueError: A length below 1.
    """
    if length < 1:
        raise ValueError(f"a window needs frames, not {length}")
    hop = max(1, length - min(overlap, 3 * length // 4))
    starts = [*range(0, max(1, n_frames - length), hop)]
    if starts[-1] + length < n_frames:
        starts.append(n_frames - length)
    before = [None, *(start + length for start in starts[:-1])]
    after = [*starts[1:], None]
    return [
        SearchWindow(start, start + length, seen_before, seen_after)
        for start, seen_before, seen_after in zip(starts, before, after, strict=True)
    ]


def whole_ones(candidates: Candidates, window: SearchWindow, margin: float) -> Candidates:
    """The candidates of a window without those that a neighbour sees better.

    One that comes nearer to the window's edge than `margin` may go on beyond it. Where the
    neighbouring window holds it with room to spare, it is left to that one. What fits into neither
    stays as it is: an action longer than all that were taught is found cut rather than not at all.

    Args:
        candidates: In main frames of the take.
        margin: Main frames; how exactly the head knows an end, usually a step or two of its grid.
    """
    starts, ends = candidates.spans[:, 0], candidates.spans[:, 1]
    is_left = np.zeros(len(candidates), np.bool_)
    if window.seen_after is not None:
        is_left |= (ends > window.end - margin) & (starts >= window.seen_after + margin)
    if window.seen_before is not None:
        is_left |= (starts < window.start + margin) & (ends <= window.seen_before - margin)
    return candidates.at(~is_left)
