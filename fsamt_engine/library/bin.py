"""Takes that were thrown away, and can be had back until the bin is emptied.

The rows of a take are moved out of all tables into one row of the bin, so no other query needs to
know of it. Its files follow, to bin/<take id>; until they are there they stay in takes/<take id>,
so wherever a killed process leaves them, they are found. What lies in the folder of the bin and has
no row is what emptying it left.
"""

import base64
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import GONE, move_over, set_aside, sync_folder
from fsamt_engine.library.incoming import awaits_bin, is_abandoned, is_entered, next_number, release
from fsamt_engine.library.library import Library
from fsamt_engine.library.recordings import drop_recording_files

_TABLES = {
    "takes": "id",
    "streams": "take_id",
    "frames": "take_id",
    "pairs": "take_id",
    "recordings": "take_id",
    "segments": "take_id",
}
"""Every table that names a take, those that others point to first, with the column that does."""
_BASE64 = "base64"


@dataclass(frozen=True)
class BinnedTake:
    """A take that was thrown away."""

    id: str
    session: str
    participant: str
    number: int
    thrown_away_at_us: int


def bin_take(library: Library, take_id: str) -> BinnedTake:
    """Throws a take away, with its labels; `restore_take` brings all of it back.

    One of the same id that lies in the bin already is lost.

    Raises:
        FsamtError: There is no take with this id, or the library cannot be written to.
    """

    def change(db: Database) -> BinnedTake:
        rows = {table: _rows(db, table, take_id) for table in _TABLES}
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
        for table in reversed(_TABLES):
            db.conn.execute(f"DELETE FROM {table} WHERE {_TABLES[table]} = ?", [take_id])
        db.conn.execute(
            "INSERT OR REPLACE INTO bin VALUES (?, ?, ?, ?, ?, ?)",
            [take_id, *names, binned.thrown_away_at_us, json.dumps(rows)],
        )
        return binned

    binned = library.write(change)
    library.write(lambda _: _put_away(library, take_id))
    return binned


def restore_take(library: Library, take_id: str) -> None:
    """Brings a take back from the bin. Its number is a new one if another has its old one now.

    Raises:
        FsamtError: It is not in the bin, its files are gone, or it has been added anew meanwhile.
            The bin is as it was.
    """

    def change(db: Database) -> None:
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
        rows["takes"][0] |= {"session": session, "participant": participant}
        _renumber(db, rows["takes"][0])
        _bring_actions_back(db, rows)
        for table in _TABLES:
            db.table(table).insert_all(_without_base64(row) for row in rows[table])
        db.conn.execute("DELETE FROM bin WHERE take_id = ?", [take_id])

    with environment_errors(library.root):
        library.write(change)


def list_bin(library: Library) -> list[BinnedTake]:
    """What is in the bin, what was thrown away last first."""
    rows = library.rows(
        "SELECT take_id, session, participant, number, thrown_away_at_us FROM bin"
        " ORDER BY thrown_away_at_us DESC, take_id"
    )
    return [BinnedTake(*row) for row in rows]


def empty_bin(library: Library) -> int:
    """Deletes what is in the bin for good, and the pictures of it in the cache.

    Returns:
        How many takes.

    Raises:
        FsamtError: Some files cannot be deleted; emptying the bin again goes on with them.
    """
    stuck: list[str] = []

    def forget(db: Database) -> int:
        n_takes = 0
        for take in list_bin(library):
            _put_away(library, take.id)
            if awaits_bin(library, take.id):
                stuck.append(take.id)
                continue
            _drop_cached(library, take.id)
            db.conn.execute("DELETE FROM bin WHERE take_id = ?", [take.id])
            n_takes += 1
        return n_takes

    def mark(_: Database) -> None:
        # Within a transaction nobody throws anything away, so none of these has a row.
        kept = {take.id for take in list_bin(library)}
        for folder in library.bin_folder.iterdir():
            if not folder.name.startswith(GONE) and folder.name not in kept:
                set_aside(folder, library.bin_folder)

    with environment_errors(library.root):
        n_takes = library.write(forget)
        library.write(mark)
        for folder in library.bin_folder.glob(f"{GONE}*"):
            shutil.rmtree(folder, ignore_errors=True)
    if stuck or any(library.bin_folder.glob(f"{GONE}*")):
        raise FsamtError(
            f"Some files of takes in the bin of {library.root} cannot be deleted.",
            "Close the programs that show them, then empty the bin again.",
        )
    return n_takes


def binned_files(library: Library) -> Iterator[tuple[str, str, int, str]]:
    """What the bin holds: id of the take, path from the library's root, bytes and SHA-256 (hex)."""
    for take_id, streams in library.rows(
        "SELECT take_id, json_extract(content, '$.streams') FROM bin ORDER BY take_id"
    ):
        for stream in json.loads(streams):
            name = stream["path"].rpartition("/")[2]
            folder = "takes" if awaits_bin(library, take_id) else "bin"
            yield take_id, f"{folder}/{take_id}/{name}", stream["n_bytes"], stream["sha256"]


def _put_away(library: Library, take_id: str) -> None:
    """Moves the files of a thrown away take into the bin, in a transaction.

    Where they cannot be moved, since a program has one open, they wait in their old place.
    """
    if awaits_bin(library, take_id):
        with suppress(PermissionError):
            move_over(library.takes_folder / take_id, library.bin_folder / take_id)
            sync_folder(library.bin_folder)


def _drop_cached(library: Library, take_id: str) -> None:
    """Every room that keeps something of one take in the cache names it after the take."""
    for path in library.cache_folder.glob(f"*/{take_id}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


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


def _bring_actions_back(db: Database, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Actions that were removed or merged while a take of theirs was in the bin come back."""
    for action in rows.pop("actions"):
        if db.execute("SELECT 1 FROM actions WHERE id = ?", [action["id"]]).fetchone():
            continue
        same = db.execute("SELECT id FROM actions WHERE name = ?", [action["name"]]).fetchone()
        if same is None:
            db.table("actions").insert(action)
            continue
        for segment in rows["segments"]:
            if segment["action_id"] == action["id"]:
                segment["action_id"] = same[0]


def _rows(db: Database, table: str, take_id: str) -> list[dict[str, Any]]:
    cursor = db.conn.execute(f"SELECT * FROM {table} WHERE {_TABLES[table]} = ?", [take_id])
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
