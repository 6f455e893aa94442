"""Untrimmed takes: those in which it is to be found where an action starts and ends."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from fsamt_engine.library.library import Library
from fsamt_engine.library.records import BACKGROUND, MAIN_ORDER

Interval = tuple[int, int]
"""First frame and end (not included), in main frames of a take."""

_LEAST_UNCOVERED_S = 1.0
_SEGMENTS = (
    'SELECT take_id, "start", "end" FROM segments JOIN takes ON takes.id = take_id'
    " JOIN actions ON actions.id = action_id WHERE name <> ?"
    " AND (? IS NULL OR participant IN (SELECT value FROM json_each(?)))"
    ' ORDER BY take_id, "start", "end"'
)


def untrimmed_takes(library: Library, participants: Sequence[str] | None = None) -> list[str]:
    """Ids of the untrimmed takes (of these participants), sorted.

    Such a take has a segment of an action other than `background`, and either a second in all that
    no such segment covers, or several segments of which none fills the take. A take of a trimmed
    data set is wholly one segment and is none.
    """
    names = None if participants is None else json.dumps(list(participants))
    rows = library.rows(_SEGMENTS, [BACKGROUND, names, names])
    labelled = {
        take_id: [(start, end) for _, start, end in of_take]
        for take_id, of_take in groupby(rows, key=lambda row: str(row[0]))
    }
    lengths = library.rows(
        f"SELECT take_id, n_frames, rate_hz, MIN({MAIN_ORDER}) FROM streams"
        " WHERE take_id IN (SELECT value FROM json_each(?)) GROUP BY take_id ORDER BY take_id",
        [json.dumps(list(labelled))],
    )
    return [
        take_id
        for take_id, n_frames, rate_hz, _ in lengths
        if _is_untrimmed(labelled[take_id], n_frames, rate_hz)
    ]


def uncovered(intervals: Iterable[Interval], n_frames: int) -> list[Interval]:
    """What no interval covers of `n_frames` frames, in order; intervals may overlap and touch."""
    free, end_so_far = [], 0
    for start, end in sorted(intervals):
        if start > end_so_far:
            free.append((end_so_far, min(start, n_frames)))
        end_so_far = max(end_so_far, end)
    if end_so_far < n_frames:
        free.append((end_so_far, n_frames))
    return free


def _is_untrimmed(labelled: list[Interval], n_frames: int, rate_hz: float) -> bool:
    free = sum(end - start for start, end in uncovered(labelled, n_frames))
    parted = len(set(labelled)) > 1 and all(end - start < n_frames for start, end in labelled)
    return parted or free >= _LEAST_UNCOVERED_S * rate_hz
