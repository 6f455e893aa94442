"""How the rows and files of a take go into the bin and come back; `bin` is for everybody else."""

import base64
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.files import move_over, set_aside, sync_folder
from fsamt_engine.library.incoming import (
    awaits_bin,
    is_abandoned,
    is_entered,
    next_key,
    next_number,
    release,
)
from fsamt_engine.library.library import Library
from fsamt_engine.library.recordings import drop_recording_files

TABLES = {
    "takes": "id",
    "streams": "take_id",
    "frames": "take_id",
    "pairs": "take_id",
    "recordings": "take_id",
    "segments": "take_id",
    "compositions": "take_id",
}
"""Every table that names a take, those that others point to first, with the column that does.

Suggestions are not among them: they are made again.
"""
_BASE64 = "base64"


@dataclass(frozen=True)
class BinnedTake:
    """A take that was thrown away."""

    id: str
    session: str
    participant: str
    number: int
    thrown_away_at_us: int


def throw_away(library: Library, db: Database, take_id: str) -> BinnedTake:
    """Moves the rows of a take into the bin, within a transaction; `put_away` is to follow it.

    Raises:
        FsamtError: There is no take with this id.
    """
    rows = {table: _rows(db, table, take_id) for table in TABLES}
    if not rows["takes"]:
        raise FsamtError(
            f"There is no take {take_id} in this library.", "It may be in the bin already."
        )
    rows["actions"] = _actions_of(db, take_id)
    take = rows["takes"][0]
    names = (take["session"], take["participant"], take["number"])
    binned = BinnedTake(take_id, *names, time.time_ns() // 1000)
    drop_recording_files(library.takes_folder / take_id)
    release(library.takes_folder / take_id)
    for table in reversed(TABLES):
        db.conn.execute(f"DELETE FROM {table} WHERE {TABLES[table]} = ?", [take_id])
    db.conn.execute(
        "INSERT OR REPLACE INTO bin VALUES (?, ?, ?, ?, ?, ?)",
        [take_id, *names, binned.thrown_away_at_us, json.dumps(rows)],
    )
    return binned


def put_away(library: Library, take_ids: Iterable[str]) -> None:
    """Moves the files of thrown away takes into the bin.

    Where they cannot be moved, since a program has one open, they wait in their old place.
    """

    def change(_: Database) -> None:
        waiting = [take_id for take_id in take_ids if awaits_bin(library, take_id)]
        for take_id in waiting:
            with suppress(PermissionError):
                move_over(library.takes_folder / take_id, library.bin_folder / take_id)
        if waiting:
            sync_folder(library.bin_folder)

    library.write(change)


def bring_back(library: Library, db: Database, take_id: str) -> list[dict[str, Any]]:
    """Moves a take from the bin to its place, within a transaction.

    Returns:
        Rows of actions that came back with it: they were removed or merged meanwhile.

    Raises:
        FsamtError: It is not in the bin, its files are gone, or it has been added anew meanwhile.
    """
    found = db.conn.execute(
        "SELECT session, participant, content FROM bin WHERE take_id = ?", [take_id]
    ).fetchone()
    if found is None:
        raise FsamtError(f"The take {take_id} is not in the bin.", "It may be back already.")
    if is_entered(library, take_id):
        raise FsamtError(
            f"The take {take_id} was added anew after it had been thrown away.",
            "It is in the library; the older one stays in the bin until that is emptied.",
        )
    _bring_files_back(library, take_id)
    session, participant, content = found
    rows = json.loads(content)
    # They may have been renamed meanwhile.
    names = {"session": session, "participant": participant}
    rows["takes"][0] |= {**names, "rowid": next_key(db)}
    _renumber(db, rows["takes"][0])
    actions = _bring_actions_back(db, rows)
    for table in TABLES:  # An older program put away takes without the newer tables.
        db.table(table).insert_all(_without_base64(row) for row in rows.get(table, ()))
    db.conn.execute("DELETE FROM bin WHERE take_id = ?", [take_id])
    return actions


def _bring_files_back(library: Library, take_id: str) -> None:
    if awaits_bin(library, take_id):
        return
    folder, binned = library.takes_folder / take_id, library.bin_folder / take_id
    if not binned.is_dir():
        raise FsamtError(
            f"The files of the take {take_id} are gone from the bin.",
            f"Put back a copy of the folder bin/{take_id}.",
        )
    if folder.exists():
        if not is_abandoned(folder):
            raise FsamtError(
                f"The take {take_id} is being added by another program.", "Wait until it is done."
            )
        set_aside(folder, library.bin_folder)
    binned.rename(folder)
    sync_folder(library.takes_folder)


def _renumber(db: Database, take: dict[str, Any]) -> None:
    place = [take["session"], take["number"]]
    query = "SELECT 1 FROM takes WHERE session = ? AND number = ?"
    if db.conn.execute(query, place).fetchone():
        take["number"] = next_number(db, take["session"])


def _actions_of(db: Database, take_id: str) -> list[dict[str, Any]]:
    return list(
        db.query(
            "SELECT id, name, description, colour, key FROM actions"
            " WHERE id IN (SELECT action_id FROM segments WHERE take_id = ?) ORDER BY id",
            [take_id],
        )
    )


def _bring_actions_back(
    db: Database, rows: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    execute, came_back = db.conn.execute, []
    for action in rows.pop("actions"):
        if execute("SELECT 1 FROM actions WHERE id = ?", [action["id"]]).fetchone():
            continue
        same = execute("SELECT id FROM actions WHERE name = ?", [action["name"]]).fetchone()
        if same is None:
            if execute("SELECT 1 FROM actions WHERE key = ?", [action["key"]]).fetchone():
                action["key"] = ""
            db.table("actions").insert(action)
            came_back.append(action)
            continue
        for segment in rows["segments"]:
            if segment["action_id"] == action["id"]:
                segment["action_id"] = same[0]
    return came_back


def _rows(db: Database, table: str, take_id: str) -> list[dict[str, Any]]:
    cursor = db.conn.execute(f"SELECT * FROM {table} WHERE {TABLES[table]} = ?", [take_id])
    names = [column[0] for column in cursor.description]
    return [
        {name: _with_base64(value) for name, value in zip(names, row, strict=True)}
        for row in cursor
    ]


def _with_base64(value: Any) -> Any:
    return {_BASE64: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _without_base64(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value[_BASE64]) if isinstance(value, dict) else value
        for name, value in row.items()
    }
