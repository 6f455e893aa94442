"""The segments that people labelled. Every change can be undone.

The names of `actions` are repeated here, so that this is the one module to import. Frames are those
of depth, or of what a take has in its place; an `end` is not included.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.actions import (
    actions,
    add_action,
    change_action,
    enter_action,
    merge_actions,
    remove_action,
)
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import COMPOSED, MAIN_ORDER, Segment

__all__ = [
    "actions",
    "add_action",
    "add_segment",
    "change_action",
    "change_segment",
    "enter_action",
    "label_counts",
    "label_interval",
    "label_takes",
    "merge_actions",
    "remove_action",
    "remove_segment",
    "segments",
    "unlabel_takes",
]


@dataclass(frozen=True)
class _Place:
    """Where a label is to go."""

    take_id: str
    participant: str
    n_frames: int


def segments(
    library: Library,
    *,
    actions: Sequence[str] | None = None,
    participants: Sequence[str] | None = None,
    take_ids: Sequence[str] | None = None,
    composed: bool = True,
) -> list[Segment]:
    """The segments of these actions, participants and takes (None: of all).

    Args:
        library: Where they are.
        actions: Only of these.
        participants: Only of their takes.
        take_ids: Only of these takes.
        composed: Also those of composed takes. They show clips of other takes a second time, so
            whoever counts, learns or tests labelled clips leaves them out.

    Returns:
        Sorted by take id, start, end and action: the same labels have the same order in every
        library, whatever the order in which they came.
    """
    parts, parameters = ["TRUE"], list[Any]()
    for column, names in (
        ("name", actions),
        ("participant", participants),
        ("take_id", take_ids),
    ):
        if names is not None:
            parts.append(f"{column} IN (SELECT value FROM json_each(?))")
            parameters.append(json.dumps(list(names)))
    if not composed:
        parts.append("source <> ?")
        parameters.append(COMPOSED)
    rows = library.rows(
        f"{_SEGMENTS} WHERE {' AND '.join(parts)}"
        ' ORDER BY take_id, "start", "end", name, segments.id',
        parameters,
    )
    return [Segment(*row) for row in rows]


def label_counts(library: Library) -> dict[str, dict[str, int]]:
    """How many segments each action has, by participant; both sorted by name.

    Those of composed takes are left out: they show what is counted already. Actions without any are
    there, participants without any are not. Quick for any number of takes.
    """
    counts: dict[str, dict[str, int]] = {}
    for name, participant, n in library.rows(_COUNTS, [COMPOSED]):
        of_action = counts.setdefault(name, {})
        if n:
            of_action[participant] = n
    return counts


def add_segment(library: Library, take_id: str, action: str, start: int, end: int) -> Segment:
    """Labels an interval of a take, as one step, over other labels perhaps: for data from files.

    Raises:
        FsamtError: The take or the action is not there, or the interval is not within the take.
    """

    def change(step: Edit) -> Segment:
        place, action_id = _place(step.db, take_id), _action_id(step.db, action)
        _check_interval(place, start, end)
        row = {"take_id": take_id, "action_id": action_id, "start": start, "end": end}
        segment_id = step.insert("segments", row)
        return Segment(segment_id, take_id, place.participant, action, start, end)

    return edit(library, f"label {action}", change)


def label_interval(library: Library, take_id: str, action: str, start: int, end: int) -> Segment:
    """Labels an interval of a take, as one step: it is `action` afterwards, and nothing else.

    Other labels are cut back to what lies outside of the interval. Segments of the same action that
    it touches or overlaps become one with it.

    Raises:
        FsamtError: The take or the action is not there, or the interval is not within the take.
    """

    def change(step: Edit) -> Segment:
        place, action_id = _place(step.db, take_id), _action_id(step.db, action)
        _check_interval(place, start, end)
        return _label(step, place, action, action_id, start, end)

    return edit(library, f"label {action}", change)


def label_takes(library: Library, take_ids: Sequence[str], action: str) -> tuple[Segment, ...]:
    """Labels whole takes, as one step: each has this one label afterwards.

    Raises:
        FsamtError: A take or the action is not there; nothing was labelled.
    """
    chosen = list(dict.fromkeys(take_ids))

    def change(step: Edit) -> tuple[Segment, ...]:
        action_id = _action_id(step.db, action)
        places = [_place(step.db, take_id) for take_id in chosen]
        return tuple(_label(step, place, action, action_id, 0, place.n_frames) for place in places)

    return edit(library, f"label {action} on {_takes(chosen)}", change)


def unlabel_takes(library: Library, take_ids: Sequence[str]) -> int:
    """Removes every label of takes, as one step.

    Returns:
        How many labels there were.
    """
    chosen = list(dict.fromkeys(take_ids))

    def change(step: Edit) -> int:
        found = step.db.conn.execute(
            "SELECT id FROM segments WHERE take_id IN (SELECT value FROM json_each(?))",
            [json.dumps(chosen)],
        ).fetchall()
        for (segment_id,) in found:
            step.delete("segments", segment_id)
        return len(found)

    return edit(library, f"remove the labels of {_takes(chosen)}", change)


def change_segment(
    library: Library,
    segment_id: int,
    *,
    start: int | None = None,
    end: int | None = None,
    action: str | None = None,
) -> Segment:
    """Moves the edges of a label, or gives it another action; what is None stays. One step.

    Other labels are cut back where it newly lies over them.

    Raises:
        FsamtError: It or the action is not there, or it would not lie within its take.
    """

    def change(step: Edit) -> Segment:
        old = _segment(step.db, segment_id)
        place = _place(step.db, old.take_id)
        new_start = old.start if start is None else start
        new_end = old.end if end is None else end
        _check_interval(place, new_start, new_end)
        new_action = old.action if action is None else action
        action_id = _action_id(step.db, new_action)
        for gap_start, gap_end in (
            (new_start, min(old.start, new_end)),
            (max(old.end, new_start), new_end),
        ):
            if gap_start < gap_end:
                _clear(step, place, gap_start, gap_end, but=segment_id)
        values = {"action_id": action_id, "start": new_start, "end": new_end}
        step.put("segments", segment_id, values)
        return _segment(step.db, segment_id)

    is_moved = start is not None or end is not None
    return edit(library, "move a label" if is_moved else f"label {action}", change)


def remove_segment(library: Library, segment_id: int) -> None:
    """Removes a label, as one step.

    Raises:
        FsamtError: It is not there.
    """

    def change(step: Edit) -> None:
        _segment(step.db, segment_id)
        step.delete("segments", segment_id)

    edit(library, "remove a label", change)


_COUNTS = (
    "SELECT name, every.participant, every.n - COALESCE(again.n, 0) FROM actions"
    " LEFT JOIN label_counts AS every ON every.action_id = actions.id"
    " LEFT JOIN (SELECT action_id, participant, COUNT(*) AS n FROM takes"
    " JOIN segments ON take_id = takes.id WHERE source = ? GROUP BY action_id, participant)"
    " AS again ON again.action_id = actions.id AND again.participant = every.participant"
    " ORDER BY name, every.participant"
)
_SEGMENTS = (
    'SELECT segments.id, take_id, participant, name, "start", "end" FROM segments'
    " JOIN takes ON takes.id = take_id JOIN actions ON actions.id = action_id"
)


def _label(step: Edit, place: _Place, action: str, action_id: int, start: int, end: int) -> Segment:
    same = step.db.conn.execute(
        'SELECT id, "start", "end" FROM segments WHERE take_id = ? AND action_id = ?'
        ' AND "start" <= ? AND "end" >= ? ORDER BY id',
        [place.take_id, action_id, end, start],
    ).fetchall()
    joined_start = min([start, *(row[1] for row in same)])
    joined_end = max([end, *(row[2] for row in same)])
    kept, *others = [row[0] for row in same] or [None]
    for segment_id in others:
        step.delete("segments", segment_id)
    _clear(step, place, start, end, but=kept)
    values = {"start": joined_start, "end": joined_end}
    if kept is None:
        kept = step.insert("segments", {"take_id": place.take_id, "action_id": action_id, **values})
    else:
        step.put("segments", kept, values)
    return Segment(kept, place.take_id, place.participant, action, joined_start, joined_end)


def _clear(step: Edit, place: _Place, start: int, end: int, *, but: int | None) -> None:
    """Cuts labels back to what lies outside of an interval, all but one."""
    for segment_id, action_id, its_start, its_end in step.db.conn.execute(
        'SELECT id, action_id, "start", "end" FROM segments'
        ' WHERE take_id = ? AND "start" < ? AND "end" > ? AND id IS NOT ? ORDER BY id',
        [place.take_id, end, start, but],
    ).fetchall():
        if its_start < start:
            step.put("segments", segment_id, {"end": start})
            if its_end > end:
                values = {"take_id": place.take_id, "action_id": action_id}
                step.insert("segments", {**values, "start": end, "end": its_end})
        elif its_end > end:
            step.put("segments", segment_id, {"start": end})
        else:
            step.delete("segments", segment_id)


def _segment(db: Database, segment_id: int) -> Segment:
    row = db.conn.execute(f"{_SEGMENTS} WHERE segments.id = ?", [segment_id]).fetchone()
    if row is None:
        raise FsamtError(
            f"There is no segment {segment_id}.", "It may have been removed meanwhile."
        )
    return Segment(*row)


def _place(db: Database, take_id: str) -> _Place:
    found = db.conn.execute(
        "SELECT participant, n_frames FROM takes JOIN streams ON take_id = id WHERE id = ?"
        f" ORDER BY {MAIN_ORDER} LIMIT 1",
        [take_id],
    ).fetchone()
    if found is None:
        raise FsamtError(f"There is no take {take_id}.", "It may have been removed meanwhile.")
    return _Place(take_id, *found)


def _action_id(db: Database, action: str) -> int:
    found = db.conn.execute("SELECT id FROM actions WHERE name = ?", [action]).fetchone()
    if found is None:
        raise FsamtError(f"There is no action {action}.", "Add the action first.")
    return int(found[0])


def _check_interval(place: _Place, start: int, end: int) -> None:
    if not 0 <= start < end <= place.n_frames:
        raise FsamtError(
            f"The interval {start} to {end} is not within the take ({place.n_frames} frames).",
            "Choose an interval of at least one frame within the take.",
        )


def _takes(take_ids: Sequence[str]) -> str:
    return "a take" if len(take_ids) == 1 else f"{len(take_ids)} takes"
