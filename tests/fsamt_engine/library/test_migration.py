import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import (
    Calibration,
    Library,
    Recording,
    Take,
    labels,
    migration,
    schema,
    takes,
)
from fsamt_engine.library.bin import restore_take
from fsamt_engine.library.takes import TakeDraft
from fsamt_engine.library.verify import verify

MakeTake = Callable[..., Take]


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def later_program(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[Database], None]) -> None:
    """Make the program one that has further steps, and a higher minor version."""
    later = Migrations("fsamt")
    for step in schema.migrations._migrations:
        later(name=step.name)(step.fn)
    for number, step_function in enumerate(steps):
        later(name=f"{9000 + number}_{step_function.__name__}")(step_function)
    monkeypatch.setattr(schema, "migrations", later)
    monkeypatch.setattr(schema, "MINOR", schema.MINOR + 1)


def add_rooms(db: Database) -> None:
    db.execute("CREATE TABLE rooms (name TEXT)")
    db.execute("INSERT INTO rooms SELECT name || ' lab' FROM sessions")


def add_floors(db: Database) -> None:
    db.execute("ALTER TABLE rooms ADD COLUMN floor INTEGER NOT NULL DEFAULT 2")


def fail_half_way(db: Database) -> None:
    db.execute("CREATE TABLE half (name TEXT)")
    raise sqlite3.OperationalError("no such thing")


def leave_rows_that_point_nowhere(db: Database) -> None:
    db.execute("DELETE FROM participants")


def stored_version(library: Library) -> tuple[int, int]:
    return migration.version(library.db.conn)


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A library of version 1.0 with one labelled take, as its program left it."""
    root = tmp_path / "old"
    for folder in ("takes/0123456789ab", "models", "cache"):
        (root / folder).mkdir(parents=True)
    (root / "takes/0123456789ab/depth.mkv").write_bytes(b"depth")
    connection = connect(root / "library.db")
    schema.migrations.apply(Database(connection), stop_before=["0002_capture"])
    connection.executescript(
        f"""
        PRAGMA application_id = {migration.APPLICATION_ID};
        PRAGMA journal_mode = WAL;
        INSERT INTO about VALUES ('major', '1'), ('minor', '0');
        INSERT INTO participants VALUES ('P1');
        INSERT INTO sessions VALUES ('monday');
        INSERT INTO session_participants VALUES ('monday', 'P1');
        INSERT INTO calibrations VALUES ('none', '{json.dumps(asdict(Calibration()))}');
        INSERT INTO takes VALUES ('0123456789ab', 'monday', 'P1', 1, 0, 66667, 'test', 'test/old',
            0, 0, '', '0123456789ab test/old', 'none');
        INSERT INTO streams VALUES ('0123456789ab', 'depth', 'takes/0123456789ab/depth.mkv', 64, 48,
            2, 30.0, 'ffv1', 5, '{hashlib.sha256(b"depth").hexdigest()}', 0.001, 'device');
        INSERT INTO frames VALUES ('0123456789ab', 'depth', zeroblob(16), NULL);
        INSERT INTO actions (name) VALUES ('wave');
        INSERT INTO segments (take_id, action_id, "start", "end") VALUES ('0123456789ab', 1, 0, 2);
        """
    )
    connection.close()
    return root


def test_library_of_the_first_version_opens_with_all_that_is_in_it(first_version: Path) -> None:
    with Library.open(first_version) as library:
        assert stored_version(library) == (schema.MAJOR, schema.MINOR)
        take = takes.take(library, "0123456789ab")
        assert (take.session, take.participant, take.recording) == ("monday", "P1", None)
        (row,) = takes.list_takes(library)
        assert (row.actions, row.level) == (("wave",), None)
        assert verify(library).problems == ()
        assert verify(library).sound == ("0123456789ab",)
    assert (first_version / "library.db.before-0002_capture").is_file()


def test_library_of_the_first_version_takes_recordings(
    first_version: Path, make_draft: Callable[..., TakeDraft]
) -> None:
    recording = Recording("simulated", n_dropped={"depth": 1})
    with Library.open(first_version) as library, takes.staging_folder(library) as staging:
        take = takes.add_take(library, staging, make_draft(staging, recording=recording))
        assert takes.take(library, take.id).recording == recording


@pytest.fixture
def second_version(first_version: Path) -> Path:
    """The same library in version 1.1, with another labelled take that lies in the bin."""
    connection = connect(first_version / "library.db")
    schema.migrations.apply(Database(connection), stop_before=["0003_desk"])
    takes_row = {
        "id": "binned", "session": "monday", "participant": "P1", "number": 2, "started_at_us": 0,
        "duration_us": 66667, "source": "test", "source_key": "test/binned", "has_colour": 0,
        "n_pairs": 0, "actions": chr(257), "search": "binned test/binned",
        "calibration_id": "none", "level": "good",
    }  # fmt: skip
    stream = {
        "take_id": "binned", "kind": "depth", "path": "takes/binned/depth.mkv", "width": 64,
        "height": 48, "n_frames": 2, "rate_hz": 30.0, "codec": "ffv1", "n_bytes": 5,
        "sha256": hashlib.sha256(b"depth").hexdigest(), "unit_m": 0.001,
        "timestamp_domain": "device",
    }  # fmt: skip
    frames = {"take_id": "binned", "kind": "depth", "timestamps_us": {"base64": "A" * 22 + "=="}}
    segment = {"id": 7, "take_id": "binned", "action_id": 1, "start": 0, "end": 1}
    content = {
        "takes": [takes_row], "streams": [stream], "frames": [frames], "pairs": [],
        "recordings": [], "segments": [segment],
    }  # fmt: skip
    connection.execute(
        "INSERT INTO bin VALUES ('binned', 'monday', 'P1', 2, 1, ?)", [json.dumps(content)]
    )
    connection.execute("UPDATE about SET value = '1' WHERE name = 'minor'")
    connection.execute("INSERT INTO actions (name) VALUES ('background'), ('sit')")
    connection.close()
    (first_version / "bin/binned").mkdir(parents=True)
    (first_version / "bin/binned/depth.mkv").write_bytes(b"depth")
    return first_version


def test_library_of_the_second_version_opens_with_all_that_is_in_it(second_version: Path) -> None:
    with Library.open(second_version) as library:
        assert stored_version(library) == (1, 3)
        (row,) = takes.list_takes(library)
        assert (row.actions, row.title, row.tags) == (("wave",), "", ())
        assert takes.take(library, row.id).region is None
        assert verify(library).problems == ()
        restore_take(library, "binned")
        assert verify(library).sound == ("0123456789ab", "binned")
        assert [(s.take_id, s.action) for s in labels.segments(library)] == [
            ("0123456789ab", "wave"),
            ("binned", "wave"),
        ]
    assert (second_version / "library.db.before-0003_desk").is_file()


def test_actions_of_an_older_library_get_colours_and_keys(second_version: Path) -> None:
    with Library.open(second_version) as library:
        marks = {action.name: (action.colour, action.key) for action in labels.actions(library)}
    assert marks == {
        "wave": ("#E69F00", "1"),
        "background": ("#8C8C8C", "0"),
        "sit": ("#56B4E9", "2"),
    }


def test_library_of_a_newer_major_version_is_refused_and_untouched(library: Library) -> None:
    library.write(lambda db: db.execute("UPDATE about SET value = '99' WHERE name = 'major'"))
    library.close()
    before = (library.root / "library.db").read_bytes()
    with pytest.raises(FsamtError, match=r"newer FSAMT Studio \(library version 99\.") as caught:
        Library.open(library.root)
    assert "Update" in caught.value.hint
    assert (library.root / "library.db").read_bytes() == before


def test_library_of_a_newer_minor_version_opens(library: Library) -> None:
    library.write(lambda db: db.execute("UPDATE about SET value = '99' WHERE name = 'minor'"))
    library.close()
    with Library.open(library.root) as opened:
        assert stored_version(opened) == (schema.MAJOR, 99)


def test_library_without_a_version_is_a_sentence(library: Library) -> None:
    library.write(lambda db: db.execute("DROP TABLE about"))
    library.close()
    with pytest.raises(FsamtError, match="damaged"):
        Library.open(library.root)


def test_opening_a_library_of_today_makes_no_copy(library: Library) -> None:
    library.close()
    Library.open(library.root).close()
    assert not list(library.root.glob("library.db.before*"))


def test_older_library_is_brought_up_to_date_after_a_copy_for_each_step(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = make_take(session="monday")
    library.close()
    later_program(monkeypatch, add_rooms, add_floors)
    with Library.open(library.root) as opened:
        assert opened.rows("SELECT * FROM rooms") == [("monday lab", 2)]
        assert takes.take(opened, take.id) == take
        assert stored_version(opened) == (schema.MAJOR, schema.MINOR)
    copies = sorted(library.root.glob("library.db.before-*"))
    assert [copy.name.rpartition("-")[2] for copy in copies] == [
        "9000_add_rooms",
        "9001_add_floors",
    ]
    first, second = map(connect, copies)
    assert first.execute("SELECT id FROM takes").fetchall() == [(take.id,)]
    assert first.execute("SELECT 1 FROM sqlite_master WHERE name = 'rooms'").fetchall() == []
    assert second.execute("SELECT * FROM rooms").fetchall() == [("monday lab",)]
    first.close()
    second.close()


def test_copy_before_a_step_is_a_library_that_opens(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take = make_take()
    library.close()
    with monkeypatch.context() as later:
        later_program(later, add_rooms)
        Library.open(library.root).close()
    restored = tmp_path / "restored"
    restored.mkdir()
    copy = next(library.root.glob("library.db.before-*"))
    copy.rename(restored / "library.db")
    with Library.open(restored) as opened:
        assert takes.take(opened, take.id) == take


def test_library_made_by_hand_goes_through_every_step_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    connection = connect(path)
    connection.executescript(
        """
        CREATE TABLE _sqlite_migrations (
            id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT
        );
        CREATE UNIQUE INDEX names ON _sqlite_migrations (migration_set, name);
        INSERT INTO _sqlite_migrations (migration_set, name, applied_at)
            VALUES ('fsamt', '1_sessions', '2020-01-01 00:00:00');
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        INSERT INTO about VALUES ('major', '1'), ('minor', '0');
        CREATE TABLE sessions (name TEXT PRIMARY KEY);
        INSERT INTO sessions VALUES ('monday');
        """
    )
    steps = Migrations("fsamt")

    @steps(name="1_sessions")
    def _sessions(db: Database) -> None:
        raise AssertionError("was applied in 2020")

    steps(name="2_rooms")(add_rooms)
    steps(name="3_floors")(add_floors)
    copies = migration.migrate(path, connection, steps)
    assert [copy.name for copy in copies] == [
        "library.db.before-2_rooms",
        "library.db.before-3_floors",
    ]
    assert connection.execute("SELECT * FROM rooms").fetchall() == [("monday lab", 2)]
    assert migration.version(connection) == (schema.MAJOR, schema.MINOR)
    assert migration.migrate(path, connection, steps) == []
    connection.close()


def test_failed_step_leaves_the_library_as_the_step_before_left_it(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = make_take(session="monday")
    library.close()
    with monkeypatch.context() as later:
        later_program(later, add_rooms, fail_half_way)
        with pytest.raises(sqlite3.OperationalError, match="no such thing"):
            Library.open(library.root)
    with Library.open(library.root) as opened:
        assert takes.take(opened, take.id) == take
        assert opened.rows("SELECT * FROM rooms") == [("monday lab",)]
        assert opened.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'") == []


def test_step_that_leaves_rows_that_point_nowhere_is_undone(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_take()
    library.close()
    with monkeypatch.context() as later:
        later_program(later, leave_rows_that_point_nowhere)
        with pytest.raises(FsamtError, match="could not be brought up to date"):
            Library.open(library.root)
    with Library.open(library.root) as opened:
        assert takes.participants(opened) == ["P1"]


def test_two_openings_at_once_apply_a_step_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels.add_action(library, "wave")
    library.close()
    opened_within: list[int] = []

    def open_twice(db: Database) -> None:
        # What another process finds that looked for steps before this one was done.
        other = connect(library.root / "library.db")
        opened_within.append(len(schema.migrations.pending(Database(other))))
        other.close()
        db.execute("CREATE TABLE once (name TEXT)")

    later_program(monkeypatch, open_twice)
    Library.open(library.root).close()
    Library.open(library.root).close()
    assert opened_within == [1]
