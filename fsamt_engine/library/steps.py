"""One step of the history on its way: what it changes, row by row, and how that is turned back."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.binning import BinnedTake, bring_back, throw_away
from fsamt_engine.library.library import Library

Key = str | int
Row = Mapping[str, Any]
Entry = list[Any]
"""As JSON keeps it: table, key, row before and after (None: not there); or BIN or RESTORE, take."""

BIN, RESTORE = "bin", "restore"

_KEYS = {
    "actions": "id",
    "segments": "id",
    "suggestions": "id",
    "takes": "id",
    "participants": "name",
    "sessions": "name",
}
"""The tables that a step may change, and what names a row in them."""
_NAMED_IN = {"participants": "participant", "sessions": "session"}
"""The tables of names, and the column of other tables that follows them."""
_KEPT_BY_TRIGGERS = {"actions": {"n_segments"}, "takes": {"actions"}}


class NoLongerFitsError(Exception):
    """What a step changed is not as it left it; the text says what, where that is known."""


class Edit:
    """A step on its way. Every change that goes through it is remembered.

    Attributes:
        db: For reading, within the same transaction.
        entries: What was changed so far.
        take_ids: The takes that it touches.
    """

    def __init__(self, library: Library, db: Database) -> None:
        self.db = db
        self.entries: list[Entry] = []
        self.take_ids: set[str] = set()
        self._library = library

    def insert(self, table: str, values: Row) -> int:
        """Adds a row to a table that numbers its rows, and returns its number."""
        key = _insert(self.db, table, values)
        self._remember(table, key, None, _row(self.db, table, key))
        return key

    def put(self, table: str, key: Key, values: Row) -> None:
        """Sets columns of a row; its key may be among them.

        Raises:
            KeyError: There is no row with this key.
        """
        row = _row(self.db, table, key)
        if row is None:
            raise KeyError(key)
        before = {name: row[name] for name in values}
        if before != values:
            _update(self.db, table, key, values)
            self._remember(table, key, before, dict(values))
            self._touch(row)

    def delete(self, table: str, key: Key) -> None:
        """Removes a row.

        Raises:
            KeyError: There is none with this key.
        """
        row = _row(self.db, table, key)
        if row is None:
            raise KeyError(key)
        _delete(self.db, table, key)
        self._remember(table, key, row, None)

    def throw_away(self, take_id: str) -> BinnedTake:
        """Moves a take into the bin.

        Raises:
            FsamtError: There is no take with this id.
        """
        binned = throw_away(self._library, self.db, take_id)
        self.entries.append([BIN, take_id])
        self.take_ids.add(take_id)
        return binned

    def bring_back(self, take_id: str) -> None:
        """Moves a take from the bin to its place.

        Raises:
            FsamtError: It is not in the bin, or cannot come back.
        """
        for action in bring_back(self._library, self.db, take_id):
            self._remember("actions", action["id"], None, action)
        self.entries.append([RESTORE, take_id])
        self.take_ids.add(take_id)

    def _remember(self, table: str, key: Key, before: Row | None, after: Row | None) -> None:
        self.entries.append([table, key, before, after])
        if table == "takes":
            self.take_ids.add(str(key))
        self._touch(before or {})
        self._touch(after or {})

    def _touch(self, row: Row) -> None:
        if "take_id" in row:
            self.take_ids.add(row["take_id"])


def turn(library: Library, db: Database, entries: Iterable[Entry], *, back: bool) -> None:
    """Makes the changes of a step again, in order; or, the last first, turns them `back`.

    Raises:
        NoLongerFitsError: Something is not as the step left it. The transaction is to be dropped.
    """
    try:
        for entry in reversed(list(entries)) if back else entries:
            if len(entry) == 2:
                _move(library, db, *entry, back=back)
            else:
                _exchange(db, *(_turned(*entry) if back else entry))
    except sqlite3.IntegrityError as error:
        raise NoLongerFitsError from error


def _turned(table: str, key: Key, before: Row | None, after: Row | None) -> Entry:
    if before is not None and after is not None:
        key = after.get(_KEYS[table], key)
    return [table, key, after, before]


def _move(library: Library, db: Database, kind: str, take_id: str, *, back: bool) -> None:
    try:
        if (kind == BIN) is back:
            bring_back(library, db, take_id)
        else:
            throw_away(library, db, take_id)
    except FsamtError as error:
        raise NoLongerFitsError(error.message) from error


def _exchange(db: Database, table: str, key: Key, old: Row | None, new: Row | None) -> None:
    """Makes `new` of a row that has to be as `old` is (None: not there)."""
    row = _row(db, table, key)
    if old is None:
        # A take that came back from the bin may have brought its action along.
        if row is not None and row != new:
            raise NoLongerFitsError
        if row is None and new is not None:
            _insert(db, table, new)
    elif row is None or any(row.get(name) != value for name, value in old.items()):
        raise NoLongerFitsError
    elif new is None:
        _delete(db, table, key)
    else:
        _update(db, table, key, new)


def _row(db: Database, table: str, key: Key) -> dict[str, Any] | None:
    cursor = db.conn.execute(f"SELECT * FROM {table} WHERE {_KEYS[table]} = ?", [key])
    found = cursor.fetchone()
    if found is None:
        return None
    names = [column[0] for column in cursor.description]
    hidden = _KEPT_BY_TRIGGERS.get(table, ())
    return {name: value for name, value in zip(names, found, strict=True) if name not in hidden}


def _insert(db: Database, table: str, values: Row) -> int:
    columns = ", ".join(f'"{name}"' for name in values)
    cursor = db.conn.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(values))})",
        list(values.values()),
    )
    return int(cursor.lastrowid or 0)


def _update(db: Database, table: str, key: Key, values: Row) -> None:
    if table in _NAMED_IN and values["name"] != key:
        _free_name(db, table, values["name"])
    columns = ", ".join(f'"{name}" = ?' for name in values)
    db.conn.execute(
        f"UPDATE {table} SET {columns} WHERE {_KEYS[table]} = ?", [*values.values(), key]
    )


def _free_name(db: Database, table: str, name: str) -> None:
    """Drops a participant or session that is left without takes: an assignment was undone, say."""
    unused = [
        f"NOT EXISTS (SELECT 1 FROM {used_in} WHERE {_NAMED_IN[table]} = :name)"
        for used_in in ("takes", "bin", "consents")
    ]
    db.conn.execute(
        f"DELETE FROM {table} WHERE name = :name AND {' AND '.join(unused)}", {"name": name}
    )


def _delete(db: Database, table: str, key: Key) -> None:
    db.conn.execute(f"DELETE FROM {table} WHERE {_KEYS[table]} = ?", [key])
