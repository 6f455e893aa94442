"""Connections to a library's database, and what may be read through them."""

import sqlite3
from pathlib import Path

_PATIENCE_S = 20.0
"""How long a connection waits for another program's transaction."""

_LABELS = {
    "actions": None,
    "segments": None,
    "label_counts": None,
    "suggestions": None,
    "history": None,
    "takes": "actions",
    "bin": "content",
    "compositions": "content",
}
"""Tables (None: all columns) and columns that hold what people labelled."""


def connect(path: Path, foreign_keys: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode, to be used by one thread at a time."""
    connection = sqlite3.connect(
        path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    # A label must outlive a power cut, so every transaction is synced.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def deny_labels(
    action: int, table: str | None, column: str | None, _database: str | None, _trigger: str | None
) -> int:
    """For `sqlite3.Connection.set_authorizer`: refuses to read what people labelled."""
    hidden = action == sqlite3.SQLITE_READ and table in _LABELS
    if hidden and _LABELS[str(table)] in (None, column):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
