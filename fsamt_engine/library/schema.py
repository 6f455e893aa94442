"""The tables of a library, as numbered steps."""

import json

import sqlite_utils
from sqlite_utils.migrations import Migrations

from fsamt_engine.library.marks import give_marks

MAJOR = 1
"""Goes up when an older program would misread the library."""
MINOR = 3
"""Goes up with every other change; an older program may go on using the library."""

migrations = Migrations("fsamt")
"""Every step since the first release, in order; none is ever changed."""

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

-- has_colour, n_pairs, actions and search repeat what other tables hold, so that lists and filters
-- walk one index: each order has one that holds all that a filter asks. actions is kept by the
-- triggers below: one character an action, char(256 + actions.id). search is in folded case.
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
CREATE INDEX takes_by_session
    ON takes (session, number, participant, has_colour, actions, search);
CREATE INDEX takes_by_participant
    ON takes (participant, session, number, has_colour, actions, search);
CREATE INDEX takes_by_started
    ON takes (started_at_us, session, number, participant, has_colour, actions, search);
CREATE INDEX takes_by_duration
    ON takes (duration_us, session, number, participant, has_colour, actions, search);
CREATE INDEX takes_by_pairs
    ON takes (n_pairs, session, number, participant, has_colour, actions, search);
CREATE INDEX takes_by_source ON takes (source, source_key);
CREATE INDEX takes_with_pairs ON takes (id, participant) WHERE n_pairs > 0;

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

-- An id is never used again, and stays below the characters that UTF-8 cannot hold.
CREATE TABLE actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id < 55000),
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    n_segments INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    take_id TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
    action_id INTEGER NOT NULL REFERENCES actions,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    CHECK (0 <= "start" AND "start" < "end")
) STRICT;
CREATE INDEX segments_take ON segments (take_id, action_id);
CREATE INDEX segments_action ON segments (action_id, take_id);

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
        SELECT group_concat(char(256 + action_id), '') FROM (
            SELECT DISTINCT action_id FROM segments WHERE take_id = {row}.take_id
            ORDER BY action_id
        )
    ), '') WHERE id = {row}.take_id;
"""


@migrations(name="0001_tables")
def _tables(db: sqlite_utils.Database) -> None:
    db.executescript(_TABLES)
    added, removed = _TAKE_ACTIONS.format(row="NEW"), _TAKE_ACTIONS.format(row="OLD")
    more = "UPDATE actions SET n_segments = n_segments + 1 WHERE id = NEW.action_id;"
    fewer = "UPDATE actions SET n_segments = n_segments - 1 WHERE id = OLD.action_id;"
    for event, statements in (
        ("INSERT", added + more),
        ("DELETE", removed + fewer),
        ("UPDATE OF take_id, action_id", removed + fewer + added + more),
    ):
        name = f"segments_{event.partition(' ')[0].lower()}"
        db.execute(f"CREATE TRIGGER {name} AFTER {event} ON segments BEGIN {statements} END")


# recordings.content: a `Recording` as JSON. takes.level: of `quality`, NULL where not assessed.
# bin.content: the rows of a take, of every table that names it, as JSON (see `bin`).
# consents: NULL in colour_may_be_kept where nobody was asked; until is a date, ISO 8601.
_CAPTURE = """
CREATE TABLE recordings (
    take_id TEXT PRIMARY KEY REFERENCES takes ON DELETE CASCADE,
    content TEXT NOT NULL
) STRICT;
ALTER TABLE takes ADD COLUMN level TEXT;
CREATE TABLE bin (
    take_id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions ON UPDATE CASCADE,
    participant TEXT NOT NULL REFERENCES participants ON UPDATE CASCADE,
    number INTEGER NOT NULL,
    thrown_away_at_us INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX bin_by_session ON bin (session, number);
CREATE INDEX bin_by_participant ON bin (participant);
CREATE TABLE consents (
    session TEXT NOT NULL,
    participant TEXT NOT NULL,
    colour_may_be_kept INTEGER,
    until TEXT,
    PRIMARY KEY (session, participant),
    FOREIGN KEY (session, participant)
        REFERENCES session_participants ON UPDATE CASCADE ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
"""


@migrations(name="0002_capture")
def _capture(db: sqlite_utils.Database) -> None:
    db.executescript(_CAPTURE)


# takes.title is part of takes.search too. takes.tags: one character a tag, char(256 + tags.id).
# takes.region: four shares of the width and height as JSON (see `Take`), NULL for the whole
# picture. label_counts repeats what segments and takes hold, kept by triggers. former_names: every
# name that a participant or session ever had, with the present one, kept by triggers too; and, of
# the kind "take", the id of a take that is not here any more, with who is seen in it.
# history.content: what a step changed, row by row, as JSON (see `history`). queue: runs that wait.
_DESK = """
ALTER TABLE actions ADD COLUMN colour TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN region TEXT;
CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id < 55000),
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX takes_with_tags ON takes (tags) WHERE tags <> '';

CREATE TABLE label_counts (
    action_id INTEGER NOT NULL,
    participant TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (action_id, participant)
) STRICT, WITHOUT ROWID;
INSERT INTO label_counts SELECT action_id, participant, COUNT(*) FROM segments
    JOIN takes ON takes.id = take_id GROUP BY action_id, participant;

CREATE TABLE former_names (
    kind TEXT NOT NULL,
    former TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, former, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    words TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL,
    take_ids TEXT NOT NULL
) STRICT;

CREATE TABLE suggestions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    take_id TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    action TEXT,
    score REAL NOT NULL,
    reason TEXT NOT NULL,
    cluster INTEGER,
    model_id TEXT NOT NULL,
    made_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX suggestions_take ON suggestions (take_id);

CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    status TEXT NOT NULL,
    position INTEGER NOT NULL,
    added_at_us INTEGER NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    result TEXT
) STRICT;
"""

_TAKE_ORDERS = {
    "session": "session, number",
    "participant": "participant, session, number",
    "started": "started_at_us, session, number",
    "duration": "duration_us, session, number",
    "pairs": "n_pairs, session, number",
    "level": "level, session, number",
}
_FILTERED = ("participant", "has_colour", "level", "started_at_us", "tags", "actions", "search")

_COUNT_UP = """
    INSERT INTO label_counts {counted} ON CONFLICT DO UPDATE SET n = n + excluded.n;
"""
_COUNT_DOWN = """
    INSERT INTO label_counts {counted} ON CONFLICT DO UPDATE SET n = n - excluded.n;
    DELETE FROM label_counts WHERE n = 0;
"""
_ONE_LABEL = "SELECT {row}.action_id, participant, 1 FROM takes WHERE id = {row}.take_id"
_LABELS_OF_TAKE = """
    SELECT action_id, {row}.participant, COUNT(*) FROM segments WHERE take_id = {row}.id
    GROUP BY action_id
"""
_RENAMED = """
    UPDATE OR REPLACE former_names SET name = NEW.name WHERE kind = '{kind}' AND name = OLD.name;
    INSERT OR REPLACE INTO former_names VALUES ('{kind}', OLD.name, NEW.name);
    DELETE FROM former_names WHERE kind = '{kind}' AND former = name;
"""


@migrations(name="0003_desk")
def _desk(db: sqlite_utils.Database) -> None:
    db.executescript(_DESK)
    for order, columns in _TAKE_ORDERS.items():
        rest = [name for name in _FILTERED if name not in columns]
        db.execute(f"DROP INDEX IF EXISTS takes_by_{order}")
        db.execute(f"CREATE INDEX takes_by_{order} ON takes ({columns}, {', '.join(rest)})")
    added = _COUNT_UP.format(counted=_ONE_LABEL.format(row="NEW"))
    removed = _COUNT_DOWN.format(counted=_ONE_LABEL.format(row="OLD"))
    moved = _COUNT_DOWN.format(counted=_LABELS_OF_TAKE.format(row="OLD"))
    moved += _COUNT_UP.format(counted=_LABELS_OF_TAKE.format(row="NEW"))
    for name, event, statements in (
        ("counted_insert", "INSERT ON segments", added),
        ("counted_delete", "DELETE ON segments", removed),
        ("counted_update", "UPDATE OF take_id, action_id ON segments", removed + added),
        ("counted_assign", "UPDATE OF participant ON takes", moved),
        ("takes_delete", "DELETE ON takes", "DELETE FROM segments WHERE take_id = OLD.id;"),
        (
            "participants_renamed",
            "UPDATE OF name ON participants",
            _RENAMED.format(kind="participant"),
        ),
        ("sessions_renamed", "UPDATE OF name ON sessions", _RENAMED.format(kind="session")),
    ):
        # Labels go before their take, so that it is still known whose they are.
        when = "BEFORE" if name == "takes_delete" else "AFTER"
        db.execute(f"CREATE TRIGGER {name} {when} {event} BEGIN {statements} END")
    give_marks(db.conn)
    _name_actions_in_bin(db)


def _name_actions_in_bin(db: sqlite_utils.Database) -> None:
    """Adds to each take in the bin the actions of its labels: they may be removed meanwhile."""
    known = {
        row[0]: dict(zip(("id", "name", "description", "colour", "key"), row, strict=True))
        for row in db.conn.execute("SELECT id, name, description, colour, key FROM actions")
    }
    for take_id, text in db.conn.execute("SELECT take_id, content FROM bin").fetchall():
        content = json.loads(text)
        used = sorted({row["action_id"] for row in content["segments"]})
        content["actions"] = [known[action_id] for action_id in used]
        db.conn.execute(
            "UPDATE bin SET content = ? WHERE take_id = ?", [json.dumps(content), take_id]
        )


# compositions.content: what a composed take is joined of, as JSON (see `compositions`). It names no
# other table: the pieces' takes may go.
_COMPOSITIONS = """
CREATE TABLE compositions (
    take_id TEXT PRIMARY KEY REFERENCES takes ON DELETE CASCADE,
    content TEXT NOT NULL
) STRICT;
"""


@migrations(name="0004_compositions")
def _compositions(db: sqlite_utils.Database) -> None:
    db.executescript(_COMPOSITIONS)
