import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, connections, labels, takes

MakeTake = Callable[..., Take]

add_action = "INSERT INTO actions (name) VALUES (?)"


def n_actions(library: Library) -> int:
    return int(library.rows("SELECT COUNT(*) FROM actions")[0][0])


def test_new_library_has_the_folders_and_opens_again(tmp_path: Path) -> None:
    with Library.create(tmp_path / "a" / "b") as library:
        labels.add_action(library, "wave")
    with Library.open(tmp_path / "a" / "b") as library:
        assert [action.name for action in labels.actions(library)] == ["wave"]
        assert library.takes_folder.is_dir()
        assert library.models_folder.is_dir()
        assert library.cache_folder.is_dir()


def test_database_is_in_wal_mode_with_foreign_keys_and_synced_commits(library: Library) -> None:
    def settings(db: Database) -> list[object]:
        names = ("journal_mode", "foreign_keys", "synchronous")
        return [db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert settings(library.db) == ["wal", 1, 2]
    assert library.write(settings) == ["wal", 1, 2]


def test_foreign_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("my work")
    with pytest.raises(FsamtError, match="not an empty folder"):
        Library.create(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]


def test_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FsamtError, match="not an empty folder"):
        Library.create(tmp_path / "file")


def test_existing_library_is_not_created_over(library: Library) -> None:
    with pytest.raises(FsamtError, match="already"):
        Library.create(library.root)


def test_broken_off_creation_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "library.db.new-abcd").write_bytes(b"half")
    (tmp_path / "takes").mkdir()
    Library.create(tmp_path).close()
    assert not list(tmp_path.glob("library.db.new-*"))


def test_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="no library in") as caught:
        Library.open(tmp_path / "nowhere")
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"not a database " * 100, b""])
def test_file_that_is_no_library_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "library.db").write_bytes(content)
    with pytest.raises(FsamtError):
        Library.open(tmp_path)
    assert (tmp_path / "library.db").read_bytes() == content


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.db")
    connection.execute("CREATE TABLE songs (title)")
    connection.close()
    with pytest.raises(FsamtError, match="another program"):
        Library.open(tmp_path)


def test_damaged_database_is_a_sentence(library: Library) -> None:
    for number in range(200):
        labels.add_action(library, f"action {number}")
    library.close()
    path = library.root / "library.db"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(FsamtError, match="damaged"), Library.open(library.root) as damaged:
        labels.actions(damaged)


def test_reading_connection_cannot_write(library: Library) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        library.db.execute(add_action, ["wave"])


def test_change_that_raises_leaves_nothing(library: Library) -> None:
    def change(db: Database) -> None:
        db.execute(add_action, ["wave"])
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        library.write(change)
    assert n_actions(library) == 0


def test_all_changes_run_in_one_thread_that_is_not_the_callers(library: Library) -> None:
    seen = {library.write(lambda db: threading.current_thread().name) for _ in range(3)}
    assert len(seen) == 1
    assert seen != {threading.current_thread().name}


def test_write_within_a_write_is_one_transaction(library: Library) -> None:
    def change(db: Database) -> None:
        labels.add_action(library, "wave")
        raise ValueError("outer")

    with pytest.raises(ValueError, match="outer"):
        library.write(change)
    assert n_actions(library) == 0


def test_many_threads_write_and_read_at_once(library: Library) -> None:
    def work(thread: int) -> None:
        for number in range(20):
            labels.add_action(library, f"{thread}/{number}")
            assert n_actions(library) > number

    threads = [threading.Thread(target=work, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_actions(library) == 160


def test_connection_of_an_ended_thread_is_closed(library: Library) -> None:
    connections: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: connections.append(library.db.conn))
    thread.start()
    thread.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connections[0].execute("SELECT 1")


def test_close_ends_the_writer_and_may_be_repeated(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    library = Library.create(tmp_path / "another")
    labels.add_action(library, "wave")
    assert set(threading.enumerate()) - before
    library.close()
    library.close()
    assert not set(threading.enumerate()) - before
    with pytest.raises(RuntimeError, match="closed"):
        library.write(lambda db: None)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="POSIX only")
def test_interruption_by_the_keyboard_waits_for_the_end_of_the_transaction(
    library: Library,
) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def change(db: Database) -> None:
        signal.pthread_kill(main, signal.SIGINT)
        db.execute(add_action, ["wave"])

    # A program that is started in the background ignores the keyboard's signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            library.write(change)
    finally:
        signal.signal(signal.SIGINT, before)
    assert n_actions(library) == 1


def test_full_disk_is_a_sentence_and_changes_nothing(library: Library) -> None:
    library.write(lambda db: db.conn.execute("PRAGMA max_page_count = 1").fetchall())
    with pytest.raises(FsamtError, match="full") as caught:
        library.write(lambda db: db.execute(add_action, ["x" * 200_000]))
    assert "space" in caught.value.hint
    assert n_actions(library) == 0
    library.write(lambda db: db.conn.execute("PRAGMA max_page_count = 100000").fetchall())
    labels.add_action(library, "wave")
    assert n_actions(library) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_full_disk_for_files_is_a_sentence(library: Library) -> None:
    def change(db: Database) -> None:
        db.execute(add_action, ["wave"])
        Path("/dev/full").write_text("much")

    with pytest.raises(FsamtError, match="full"):
        library.write(change)
    assert n_actions(library) == 0


def test_library_that_another_program_keeps_locked_is_a_sentence(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_PATIENCE_S", 0.05)
    other = sqlite3.connect(library.root / "library.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(FsamtError, match="Another program is writing"):
        labels.add_action(library, "wave")
    assert labels.actions(library) == []
    other.execute("ROLLBACK")
    other.close()
    assert labels.add_action(library, "wave").name == "wave"


def test_library_that_must_not_be_written_is_a_sentence(library: Library) -> None:
    library.write(lambda db: db.conn.execute("PRAGMA query_only = ON").fetchall())
    with pytest.raises(FsamtError, match="may not be written"):
        labels.add_action(library, "wave")


def test_two_processes_write_at_once(library: Library) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from fsamt_engine.library import Library, labels\n"
        "with Library.open(Path(sys.argv[1])) as library:\n"
        "    for i in range(60): labels.add_action(library, f'{sys.argv[2]} {i}')\n"
    )
    command = [sys.executable, "-c", script, str(library.root)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(2)]
    for number in range(60):
        labels.add_action(library, f"here {number}")
    assert [process.wait(60) for process in processes] == [0, 0]
    assert n_actions(library) == 180


def test_library_can_be_moved(library: Library, make_take: MakeTake, tmp_path: Path) -> None:
    take = make_take()
    library.close()
    library.root.rename(tmp_path / "elsewhere")
    with Library.open(tmp_path / "elsewhere") as moved:
        stored = takes.take(moved, take.id)
        assert all(moved.absolute(stream.path).is_file() for stream in stored.streams)


@pytest.mark.parametrize("path", ["/etc/passwd", "../other", "takes/../../x", "C:\\x", "a\\..\\b"])
def test_path_out_of_the_library_is_refused(library: Library, path: str) -> None:
    with pytest.raises(FsamtError, match="outside"):
        library.absolute(path)


def test_hidden_labels_cannot_be_read_in_any_thread(library: Library, make_take: MakeTake) -> None:
    take = make_take()
    assert len(labels.segments(library)) == 2  # prepares the statement that must not work later
    failures: list[BaseException] = []

    def read_elsewhere() -> None:
        try:
            takes.list_takes(library)
        except sqlite3.DatabaseError as error:
            failures.append(error)

    with library.labels_hidden():
        for read in (labels.segments, labels.actions, takes.list_takes):
            with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
                read(library)
        with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
            library.write(lambda db: db.execute("SELECT action_id FROM segments").fetchall())
        thread = threading.Thread(target=read_elsewhere)
        thread.start()
        thread.join()
        assert len(failures) == 1
        assert takes.take_ids_with_pairs(library, ["P1"]) == [take.id]
        assert len(takes.pairs(library, take.id)) == take.n_pairs
        assert takes.take(library, take.id) == take
        assert len(takes.timestamps(library, take.id, take.streams[0].kind)) == 10
    assert len(labels.segments(library)) == 2


def test_engine_process_exits_without_close(library: Library) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from fsamt_engine.library import Library, labels\n"
        "library = Library.open(Path(sys.argv[1])); labels.add_action(library, 'wave')\n"
    )
    environment = os.environ | {"PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(library.root)],
        env=environment,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert n_actions(library) == 1
