"""The tables of a library, and the numbered steps that bring an older one up to date."""

import os
import sqlite3
from pathlib import Path

import sqlite_utils
from sqlite_utils.migrations import Migrations

from fsamt_engine.errors import FsamtError

MAJOR = 1
"""Goes up when an older program would misread the library."""
MINOR = 0
"""Goes up with every other change; an older program may go on using the library."""

APPLICATION_ID = 0x4653414D
"""Marks the file as ours ("FSAM"); see the `application_id` pragma of SQLite."""

migrations = Migrations("fsamt")

_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE participants (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE session_participants (
    session TEXT NOT NULL REFERENCES sessions ON UPDATE CASCADE ON DELETE CASCADE,
    participant TEXT NOT NULL REFERENCES participants ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (session, participant)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_participants_participant ON session_participants (participant);

CREATE TABLE calibrations (id TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- has_colour, n_pairs, actions and search repeat what other tables hold: lists and filters then
-- read this table alone. actions is kept by the triggers below: "\\nclap\\nwave\\n", or "".
CREATE TABLE takes (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions ON UPDATE CASCADE,
    participant TEXT NOT NULL REFERENCES participants ON UPDATE CASCADE,
    number INTEGER NOT NULL,
    started_at_us INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_key TEXT NOT NULL UNIQUE,
    has_colour INTEGER NOT NULL,
    n_pairs INTEGER NOT NULL,
    actions TEXT NOT NULL DEFAULT '',
    search TEXT NOT NULL,
    calibration_id TEXT NOT NULL REFERENCES calibrations,
    UNIQUE (session, number)
) STRICT;
CREATE INDEX takes_participant ON takes (participant, session, number);
CREATE INDEX takes_started ON takes (started_at_us);
CREATE INDEX takes_duration ON takes (duration_us);
CREATE INDEX takes_pairs ON takes (n_pairs);
CREATE INDEX takes_source ON takes (source, source_key);

CREATE TABLE streams (
    take_id TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    n_frames INTEGER NOT NULL,
    rate_hz REAL NOT NULL,
    codec TEXT NOT NULL,
    n_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    unit_m REAL,
    timestamp_domain TEXT NOT NULL,
    PRIMARY KEY (take_id, kind)
) STRICT, WITHOUT ROWID;

-- timestamps_us and numbers: little-endian int64, one a frame.
CREATE TABLE frames (
    take_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    timestamps_us BLOB NOT NULL,
    numbers BLOB,
    PRIMARY KEY (take_id, kind),
    FOREIGN KEY (take_id, kind) REFERENCES streams ON DELETE CASCADE
) STRICT;

-- content: little-endian int64, three a pair: depth frame, colour frame, skew in microseconds.
CREATE TABLE pairs (
    take_id TEXT PRIMARY KEY REFERENCES takes ON DELETE CASCADE,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE actions (
    name TEXT PRIMARY KEY,
    description TEXT NOT NULL DEFAULT '',
    n_segments INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    take_id TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
    action TEXT NOT NULL REFERENCES actions ON UPDATE CASCADE,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    CHECK (0 <= "start" AND "start" < "end")
) STRICT;
CREATE INDEX segments_take ON segments (take_id, action);
CREATE INDEX segments_action ON segments (action, take_id);

CREATE TABLE snapshots (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE models (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    network TEXT NOT NULL,
    modality TEXT NOT NULL,
    embedding_dim INTEGER NOT NULL,
    actions TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    settings TEXT NOT NULL,
    metrics TEXT NOT NULL,
    snapshot_id TEXT REFERENCES snapshots,
    parent_id TEXT REFERENCES models ON DELETE SET NULL
) STRICT;
CREATE INDEX models_parent ON models (parent_id);
CREATE TABLE model_files (
    model_id TEXT NOT NULL REFERENCES models ON DELETE CASCADE,
    path TEXT NOT NULL,
    n_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (model_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    settings TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    started_at_us INTEGER NOT NULL,
    finished_at_us INTEGER,
    message TEXT NOT NULL,
    model_id TEXT REFERENCES models ON DELETE SET NULL,
    owner TEXT NOT NULL
) STRICT;
CREATE INDEX runs_model ON runs (model_id);
-- value is NULL for "not a number", which SQLite cannot hold.
CREATE TABLE metrics (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;
"""

_TAKE_ACTIONS = """
    UPDATE takes SET actions = COALESCE((
        SELECT char(10) || group_concat(action, char(10)) || char(10) FROM (
            SELECT DISTINCT action FROM segments WHERE take_id = {row}.take_id ORDER BY action
        )
    ), '') WHERE id = {row}.take_id;
"""


@migrations(name="0001_tables")
def _tables(db: sqlite_utils.Database) -> None:
    db.executescript(_TABLES)
    added, removed = _TAKE_ACTIONS.format(row="NEW"), _TAKE_ACTIONS.format(row="OLD")
    more = "UPDATE actions SET n_segments = n_segments + 1 WHERE name = NEW.action;"
    fewer = "UPDATE actions SET n_segments = n_segments - 1 WHERE name = OLD.action;"
    for event, statements in (
        ("INSERT", added + more),
        ("DELETE", removed + fewer),
        ("UPDATE OF take_id, action", removed + fewer + added + more),
    ):
        name = f"segments_{event.partition(' ')[0].lower()}"
        db.execute(f"CREATE TRIGGER {name} AFTER {event} ON segments BEGIN {statements} END")


def version(connection: sqlite3.Connection) -> tuple[int, int]:
    """Major and minor version of an open library.

    Raises:
        FsamtError: The file is a database, but not one of ours.
        sqlite3.Error: The file is not a database.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise FsamtError(
            "The file library.db in this folder belongs to another program.",
            "Choose the folder of an FSAMT Studio library.",
        )
    rows = dict(connection.execute("SELECT name, value FROM about").fetchall())
    return int(rows["major"]), int(rows["minor"])


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Refuses a library that this program would misread.

    Raises:
        FsamtError: The library's major version is higher than this program's.
    """
    major, minor = version(connection)
    if major > MAJOR:
        raise FsamtError(
            f"This library was made by a newer FSAMT Studio (library version {major}.{minor}, "
            f"this program knows {MAJOR}.{MINOR}); nothing was changed.",
            "Update FSAMT Studio, then open the library again.",
        )


def migrate(
    path: Path, connection: sqlite3.Connection, steps: Migrations = migrations
) -> list[Path]:
    """Applies the steps that a library lacks, each in a transaction and after a copy of the file.

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
    db = sqlite_utils.Database(connection, execute_plugins=False)
    copies = []
    while steps.pending(db):
        # Another process may be migrating too: look again once nobody else can write.
        connection.execute("BEGIN IMMEDIATE")
        try:
            pending = [step.name for step in steps.pending(db)]
            if pending:
                if steps.applied(db):
                    copies.append(_copy_before(path, pending[0]))
                steps.apply(db, stop_before=pending[1:2])
                _stamp(connection)
                if connection.execute("PRAGMA foreign_key_check").fetchone():
                    raise FsamtError(
                        f"The library could not be brought up to date (step {pending[0]}).",
                        "It is as it was; run `fsamt library verify` with the older program.",
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
        [("major", str(MAJOR)), ("minor", str(MINOR))],
    )
