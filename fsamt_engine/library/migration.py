"""Whose a database is, of which version, and how an older one is brought up to date."""

import os
import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import schema

APPLICATION_ID = 0x4653414D
"""Marks the file as ours ("FSAM"); see SQLite's pragma `application_id`."""


def version(connection: sqlite3.Connection) -> tuple[int, int]:
    """Major and minor version of an open library.

    Raises:
        FsamtError: The file is a database, but not one of ours, or without a version.
        sqlite3.Error: The file is not a database.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise FsamtError(
            "The file library.db in this folder belongs to another program.",
            "Choose the folder of an FSAMT Studio library.",
        )
    try:
        rows = dict(connection.execute("SELECT name, value FROM about").fetchall())
        return int(rows["major"]), int(rows["minor"])
    except (sqlite3.OperationalError, KeyError, ValueError) as error:
        raise FsamtError(
            "The database of this library is damaged: it does not say its version.",
            "Put back a copy of library.db.",
        ) from error


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Refuses a library that this program would misread.

    Raises:
        FsamtError: The library's major version is higher than this program's.
    """
    major, minor = version(connection)
    if major > schema.MAJOR:
        raise FsamtError(
            f"This library was made by a newer FSAMT Studio (library version {major}.{minor}, "
            f"this program knows {schema.MAJOR}.{schema.MINOR}); nothing was changed.",
            "Update FSAMT Studio, then open the library again.",
        )


def migrate(path: Path, connection: sqlite3.Connection, steps: Migrations) -> list[Path]:
    """Applies the steps that a library lacks, each in a transaction and after a copy of the file.

    A library that is being made needs no copies.

    Args:
        path: Of the database file; copies are put beside it as `library.db.before-<step>`.
        connection: To that file, in autocommit mode and with foreign keys off (steps may rebuild
            tables); no other thread uses it.
        steps: The steps that there are.

    Returns:
        The copies made.

    Raises:
        FsamtError: The steps left rows that point nowhere; the library is as it was.
        sqlite3.Error: As SQLite gives it; the library is as it was before the failed step.
    """
    db = Database(connection, execute_plugins=False)
    is_new = not steps.applied(db)
    copies = []
    while steps.pending(db):
        # Another process may be migrating too: look again once nobody else can write.
        connection.execute("BEGIN IMMEDIATE")
        try:
            pending = [step.name for step in steps.pending(db)]
            if pending:
                if not is_new:
                    copies.append(_copy_before(path, pending[0]))
                steps.apply(db, stop_before=pending[1:2])
                _stamp(connection)
                if connection.execute("PRAGMA foreign_key_check").fetchone():
                    raise FsamtError(
                        f"The library could not be brought up to date (step {pending[0]}).",
                        "It is as it was: go on with the older program, and report this.",
                    )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return copies


def _copy_before(path: Path, step: str) -> Path:
    """Copies the database as it is on disk, write-ahead log included, to `<path>.before-<step>`."""
    copy = path.with_name(f"{path.name}.before-{step}")
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    source, target = sqlite3.connect(path), sqlite3.connect(part)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(copy)
    return copy


def _stamp(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.executemany(
        "INSERT INTO about VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [("major", str(schema.MAJOR)), ("minor", str(schema.MINOR))],
    )
