import dataclasses
import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Recording, StreamKind, Take, connections, labels, takes
from fsamt_engine.library.processes import this_process
from fsamt_engine.library.takes import TakeDraft, add_take, staging_folder, sweep_orphans

MakeTake = Callable[..., Take]
MakeDraft = Callable[..., TakeDraft]


def folders(library: Library) -> list[str]:
    return sorted(folder.name for folder in library.takes_folder.iterdir())


def token_of_a_dead_process() -> str:
    code = "from fsamt_engine.library.processes import this_process; print(this_process(), end='')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout


def test_added_take_is_read_back_whole(library: Library, make_take: MakeTake) -> None:
    take = make_take()
    assert takes.take(library, take.id) == take
    assert take.duration_us == 9 * 33_333 + 33_333
    depth = take.stream(StreamKind.DEPTH)
    assert depth is not None
    content = library.absolute(depth.path).read_bytes()
    assert (depth.n_bytes, depth.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert depth.path == f"takes/{take.id}/depth.mkv"
    assert takes.timestamps(library, take.id, StreamKind.DEPTH).tolist() == list(
        range(0, 333_330, 33_333)
    )
    assert takes.pairs(library, take.id)[3].tolist() == [3, 3, 21]
    assert [(s.action, s.start, s.end) for s in labels.segments(library)] == [
        ("wave", 0, 4),
        ("clap", 4, 9),
    ]
    assert folders(library) == [take.id]
    assert sorted(p.name for p in (library.takes_folder / take.id).iterdir()) == [
        "colour.mkv",
        "depth.mkv",
    ]


def test_recording_is_read_back_whole(library: Library, make_take: MakeTake) -> None:
    recording = Recording(
        camera="realsense:0123",
        device="Intel RealSense D435",
        serial="0123",
        firmware="5.16.0.1",
        usb_type="3.2",
        settings={"emitter": True, "streams": [["depth", 848, 480, 30.0]]},
        n_dropped={"depth": 2},
        ended="killed",
        group="g7",
        part=2,
        marks=(("wave", 1_700_000_000_000_000),),
    )
    take = make_take(recording=recording)
    assert take.recording == recording
    assert takes.take(library, take.id) == take
    assert recording.ended == "killed"
    assert takes.take(library, make_take("2").id).recording is None


def test_numbers_of_the_device_are_read_back_where_it_counted(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take()
    numbers = takes.frame_numbers(library, take.id, StreamKind.DEPTH)
    assert numbers is not None
    assert numbers.tolist() == list(range(0, 20, 2))
    assert takes.frame_numbers(library, take.id, StreamKind.COLOUR) is None
    with pytest.raises(FsamtError, match="no infrared"):
        takes.frame_numbers(library, take.id, StreamKind.INFRARED)


def test_depth_only_take_has_no_pairs(library: Library, make_take: MakeTake) -> None:
    take = make_take(colour=False)
    assert takes.pairs(library, take.id).shape == (0, 3)
    assert takes.take_ids_with_pairs(library) == []
    with pytest.raises(FsamtError, match="no colour"):
        takes.timestamps(library, take.id, StreamKind.COLOUR)


def test_same_source_has_the_same_id_in_every_library(
    make_take: MakeTake, tmp_path: Path, make_draft: MakeDraft
) -> None:
    with Library.create(tmp_path / "other") as other, staging_folder(other) as staging:
        assert add_take(other, staging, make_draft(staging, "7")).id == make_take("7").id


def test_takes_of_a_session_are_numbered(make_take: MakeTake) -> None:
    made = [make_take("1"), make_take("2"), make_take("3", session="other"), make_take("4")]
    assert [take.number for take in made] == [1, 2, 1, 3]


def test_same_source_key_is_refused_and_the_first_kept(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take()
    with pytest.raises(FsamtError, match="already"):
        make_take(participant="someone else")
    assert takes.take(library, take.id) == take
    assert folders(library) == [take.id]
    assert takes.existing_source_keys(library, "test") == {"test/1"}
    assert takes.has_source_key(library, "test/1")
    assert not takes.has_source_key(library, "test/2")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"participant": " "}, "name is empty"),
        ({"session": "a\nb"}, "control characters"),
        ({"streams": []}, "no stream"),
        ({"pairs": np.array([[0, 10, 0]])}, "a frame that is not there"),
        ({"pairs": np.array([[-1, 0, 0]])}, "a frame that is not there"),
        ({"pairs": np.zeros(3, np.int64)}, "three columns"),
        ({"segments": [("wave", 5, 11)]}, "not within the take"),
        ({"segments": [("wave", 5, 5)]}, "not within the take"),
        ({"segments": [("", 0, 5)]}, "name is empty"),
        ({"recording": Recording("")}, "its recording makes no sense"),
        ({"recording": Recording("simulated", part=0)}, "its recording makes no sense"),
        ({"recording": Recording("simulated", n_dropped={"depth": -1})}, "its recording"),
    ],
)
def test_draft_that_contradicts_itself_is_refused(
    library: Library, make_draft: MakeDraft, change: dict[str, object], words: str
) -> None:
    with staging_folder(library) as staging:
        draft = dataclasses.replace(make_draft(staging), **change)
        with pytest.raises(FsamtError, match=words):
            add_take(library, staging, draft)
    assert folders(library) == []
    assert takes.count_takes(library) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_frames": 0}, "no frames"),
        ({"n_frames": 11}, "a time for each"),
        ({"frame_numbers": np.arange(9)}, "a time for each"),
        ({"rate_hz": 0.0}, "no frame rate"),
        ({"path": Path("/elsewhere/depth.mkv")}, "missing"),
        ({"kind": StreamKind.COLOUR}, "two of one kind"),
    ],
)
def test_stream_that_contradicts_itself_is_refused(
    library: Library, make_draft: MakeDraft, change: dict[str, object], words: str
) -> None:
    with staging_folder(library) as staging:
        draft = make_draft(staging)
        streams = [dataclasses.replace(draft.streams[0], **change), draft.streams[1]]
        with pytest.raises(FsamtError, match=words):
            add_take(library, staging, dataclasses.replace(draft, streams=streams))
    assert takes.count_takes(library) == 0


def test_failure_before_adding_removes_the_staging_folder(library: Library) -> None:
    def break_off() -> None:
        with staging_folder(library) as staging:
            (staging / "depth.mkv").write_bytes(b"half")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    assert folders(library) == []


def test_full_disk_in_the_database_leaves_neither_rows_nor_files(
    library: Library, make_take: MakeTake
) -> None:
    kept = make_take("kept")
    library.write(lambda db: db.conn.execute("PRAGMA max_page_count = 1").fetchall())

    def add_until_full() -> None:
        for key in range(200):
            make_take(f"{key}", n_frames=400)

    with pytest.raises(FsamtError, match="full"):
        add_until_full()
    ids = [row.id for row in takes.list_takes(library)]
    assert kept.id in ids
    assert len(ids) < 200
    assert folders(library) == sorted(ids)


def test_full_disk_for_files_leaves_neither_rows_nor_files(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FsamtError, match="full"):
            make_take()
    assert folders(library) == []
    assert make_take().number == 1


def test_sweep_removes_what_a_dead_process_left(library: Library, make_take: MakeTake) -> None:
    dead = token_of_a_dead_process()
    staging = library.takes_folder / f".incoming-{dead}-00ff00ff"
    staging.mkdir()
    (staging / "depth.mkv").write_bytes(b"half")
    renamed = library.takes_folder / "0123456789ab"
    renamed.mkdir()
    (renamed / ".owner").write_text(dead)
    entered = make_take()
    (library.takes_folder / entered.id / ".owner").write_text(dead)
    assert sweep_orphans(library) == [staging.name, renamed.name]
    assert folders(library) == [entered.id]
    assert not (library.takes_folder / entered.id / ".owner").exists()
    assert sweep_orphans(library) == []


def test_sweep_leaves_what_a_living_process_is_at_and_what_nobody_marked(
    library: Library,
) -> None:
    renamed = library.takes_folder / "0123456789ab"
    renamed.mkdir()
    (renamed / ".owner").write_text(this_process())
    unmarked = library.takes_folder / "by hand"
    unmarked.mkdir()
    with staging_folder(library) as staging:
        assert sweep_orphans(library) == []
        assert folders(library) == sorted([staging.name, renamed.name, unmarked.name])


def test_take_goes_over_what_a_dead_process_left_in_its_place(
    library: Library, make_take: MakeTake, tmp_path: Path, make_draft: MakeDraft
) -> None:
    with Library.create(tmp_path / "other") as other, staging_folder(other) as staging:
        take_id = add_take(other, staging, make_draft(staging)).id
    left = library.takes_folder / take_id
    left.mkdir()
    (left / ".owner").write_text(token_of_a_dead_process())
    (left / "stale.mkv").write_bytes(b"")
    make_take()
    assert not (left / "stale.mkv").exists()


def test_take_that_another_process_is_adding_is_refused(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take()
    # As it is between the other process' rename and its transaction.
    library.write(lambda db: db.execute("DELETE FROM takes"))
    owner = library.takes_folder / take.id / ".owner"
    owner.write_text(this_process())
    with pytest.raises(FsamtError, match="being added"):
        make_take()
    assert folders(library) == [take.id]
    assert (library.takes_folder / take.id / "depth.mkv").exists()


def test_folders_are_moved_only_while_no_other_program_writes(
    library: Library, make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_PATIENCE_S", 0.05)
    left = library.takes_folder / "0123456789ab"
    left.mkdir()
    (left / ".owner").write_text(token_of_a_dead_process())
    other = sqlite3.connect(library.root / "library.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for change in (make_take, lambda: sweep_orphans(library)):
        with pytest.raises(FsamtError, match="Another program is writing"):
            change()
    assert folders(library) == [left.name]
    other.execute("ROLLBACK")
    other.close()
    make_take()
    assert sweep_orphans(library) == [left.name]


def test_two_processes_import_the_same_source_at_once(library: Library) -> None:
    script = Path(__file__).with_name("importing.py")
    command = [sys.executable, str(script), str(library.root), "30"]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    rows = takes.list_takes(library)
    assert sorted(row.number for row in rows) == list(range(1, 31))
    assert folders(library) == sorted(row.id for row in rows)
