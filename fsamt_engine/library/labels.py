"""Actions, and the segments that people labelled with them."""

import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import Action, Segment


def actions(library: Library) -> list[Action]:
    """All actions, sorted by name."""
    rows = library.rows(
        "SELECT name, description, n_segments, colour, key FROM actions ORDER BY name"
    )
    return [Action(*row) for row in rows]


def segments(
    library: Library,
    *,
    actions: Sequence[str] | None = None,
    participants: Sequence[str] | None = None,
    take_ids: Sequence[str] | None = None,
) -> list[Segment]:
    """The segments of these actions, participants and takes (None: of all).

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
    rows = library.rows(
        'SELECT segments.id, take_id, participant, name, "start", "end" FROM segments'
        " JOIN takes ON takes.id = take_id JOIN actions ON actions.id = action_id"
        f" WHERE {' AND '.join(parts)}"
        ' ORDER BY take_id, "start", "end", name, segments.id',
        parameters,
    )
    return [Segment(*row) for row in rows]


def add_action(library: Library, name: str, description: str = "") -> Action:
    """Adds an action; one that is there keeps its segments and gets the description, if any.

    Raises:
        FsamtError: The name is empty or holds control characters.
    """
    if not is_name(name):
        raise FsamtError("An action needs a name of printable characters.", "Choose another name.")

    def change(db: Database) -> tuple[Any, ...]:
        db.conn.execute(
            "INSERT INTO actions (name, description) VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET description = excluded.description WHERE excluded.description <> ''",
            [name, description],
        )
        row: tuple[Any, ...] = db.conn.execute(
            "SELECT name, description, n_segments FROM actions WHERE name = ?", [name]
        ).fetchone()
        return row

    return Action(*library.write(change))


def add_segment(library: Library, take_id: str, action: str, start: int, end: int) -> Segment:
    """Labels an interval of a take, in depth frames, `end` not included.

    Raises:
        FsamtError: The take or the action is not there, or the interval is not within the take.
    """

    def change(db: Database) -> Segment:
        found = db.conn.execute(
            "SELECT participant, n_frames FROM takes JOIN streams ON take_id = id WHERE id = ?"
            " ORDER BY kind = 'depth' DESC LIMIT 1",
            [take_id],
        ).fetchone()
        if found is None:
            raise FsamtError(f"There is no take {take_id}.", "It may have been removed meanwhile.")
        participant, n_frames = found
        if not 0 <= start < end <= n_frames:
            raise FsamtError(
                f"The interval {start} to {end} is not within the take ({n_frames} frames).",
                "Choose an interval of at least one frame within the take.",
            )
        known = db.conn.execute("SELECT id FROM actions WHERE name = ?", [action]).fetchone()
        if known is None:
            raise FsamtError(f"There is no action {action}.", "Add the action first.")
        cursor = db.conn.execute(
            'INSERT INTO segments (take_id, action_id, "start", "end") VALUES (?, ?, ?, ?)',
            [take_id, *known, start, end],
        )
        return Segment(int(cursor.lastrowid or 0), take_id, participant, action, start, end)

    return library.write(change)


def remove_segment(library: Library, segment_id: int) -> None:
    """Removes a label.

    Raises:
        FsamtError: It is not there.
    """

    def change(db: Database) -> int:
        return db.conn.execute("DELETE FROM segments WHERE id = ?", [segment_id]).rowcount

    if not library.write(change):
        raise FsamtError(
            f"There is no segment {segment_id}.", "It may have been removed meanwhile."
        )
