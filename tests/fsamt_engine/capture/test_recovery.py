import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.capture.journal import EVENTS_FILE
from fsamt_engine.capture.recovery import recover_takes
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind, takes
from fsamt_engine.library.incoming import RECORDING_FILE
from fsamt_engine.library.processes import this_process
from fsamt_engine.library.verify import verify
from fsamt_engine.media import DepthReader
from tests.fsamt_engine.capture.puppet import SKEW_US

REPOSITORY = Path(__file__).parents[3]
RECORDING = "while it records"
BEFORE_LIBRARY = (
    "before the take is added",
    "before it is in its place",
    "before it is in the database",
)
AFTER_LIBRARY = ("after it is in the database", "before its journal is removed")
EMPTY = ("before the first file", "before the first frame")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A library for each moment at which the recording program was killed."""
    folder = tmp_path_factory.mktemp("killed")
    moments = (RECORDING, *BEFORE_LIBRARY, *AFTER_LIBRARY, *EMPTY)
    command = [sys.executable, "-m", "tests.fsamt_engine.capture.killed", str(folder), *moments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def library_of(killed, tmp_path):
    with ExitStack() as stack:

        def open_copy(moment):
            shutil.copytree(killed / moment, tmp_path / moment)
            return stack.enter_context(Library.open(tmp_path / moment))

        yield open_copy


def check(library, take, n_at_least):
    n_frames = take.stream(StreamKind.DEPTH).n_frames
    assert n_at_least <= n_frames <= 60
    path = library.absolute(take.stream(StreamKind.DEPTH).path)
    with DepthReader(path, n_frames) as reader:
        assert reader.n_missing == 0
        assert [int(frame[0, 0]) for frame in reader] == list(range(1, n_frames + 1))
    assert take.n_pairs >= n_at_least
    assert set(takes.pairs(library, take.id)[:, 2]) == {SKEW_US}
    numbers = takes.frame_numbers(library, take.id, StreamKind.DEPTH)
    assert np.array_equal(numbers, np.arange(n_frames))
    assert take.recording.marks[0][0] == "a mark"
    assert (take.session, take.participant) == ("visit", "P1")
    assert takes.list_takes(library)[0].actions == ("wave",)
    assert verify(library).problems == ()


def broken_off(library):
    return [f for f in library.takes_folder.iterdir() if f.name.startswith(".recording-")]


def test_killed_while_it_records_it_leaves_a_take_with_all_but_its_last_second(library_of):
    library = library_of(RECORDING)
    assert takes.count_takes(library) == 0
    (problem,) = verify(library).problems
    assert problem.harmless
    assert "recording that was broken off" in problem.what
    assert takes.sweep_orphans(library) == []
    (take,) = recover_takes(library)
    assert take.recording.ended == "killed"
    check(library, take, 58)
    assert recover_takes(library) == []


@pytest.mark.parametrize("moment", BEFORE_LIBRARY)
def test_killed_between_its_end_and_the_library_nothing_is_lost(library_of, moment):
    library = library_of(moment)
    assert takes.sweep_orphans(library) == []
    (take,) = recover_takes(library)
    assert take.recording.ended == "stopped"
    check(library, take, 60)


@pytest.mark.parametrize("moment", AFTER_LIBRARY)
def test_killed_after_that_the_take_is_there_once(library_of, moment):
    library = library_of(moment)
    assert takes.sweep_orphans(library) == []
    assert recover_takes(library) == []
    (row,) = takes.list_takes(library)
    check(library, takes.take(library, row.id), 60)


@pytest.mark.parametrize("moment", EMPTY)
def test_killed_before_there_is_a_frame_nothing_is_left(library_of, moment):
    library = library_of(moment)
    assert recover_takes(library) == []
    assert list(library.takes_folder.iterdir()) == []


def test_a_torn_journal_is_read_up_to_the_tear(library_of):
    library = library_of(RECORDING)
    (folder,) = broken_off(library)
    journal = folder / "depth.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:40]) + lines[40][:9])
    with (folder / EVENTS_FILE).open("ab") as events:
        events.write(b"\0\0\0\0")
    (take,) = recover_takes(library)
    assert take.stream(StreamKind.DEPTH).n_frames == 40
    assert take.n_pairs == 40
    assert take.recording.marks[0][0] == "a mark"


def test_a_torn_file_of_frames_is_kept_up_to_the_tear(library_of):
    library = library_of(RECORDING)
    (folder,) = broken_off(library)
    depth = folder / "depth.mkv"
    os.truncate(depth, depth.stat().st_size // 2)
    (take,) = recover_takes(library)
    n_frames = take.stream(StreamKind.DEPTH).n_frames
    assert 20 < n_frames < 40
    assert take.n_pairs == n_frames
    assert take.stream(StreamKind.COLOUR).n_frames >= 58
    assert verify(library).problems == ()


def test_a_recording_that_makes_no_sense_is_put_aside_and_the_others_are_recovered(library_of):
    library = library_of(RECORDING)
    (folder,) = broken_off(library)
    broken = folder.with_name(f"{folder.name}0")
    shutil.copytree(folder, broken)
    (broken / RECORDING_FILE).write_text("{")
    with pytest.raises(FsamtError, match=r"recording\.json") as said:
        recover_takes(library)
    assert takes.count_takes(library) == 1
    assert recover_takes(library) == []
    (aside,) = library.takes_folder.glob("unreadable-*")
    assert aside.name in said.value.message
    assert (aside / "depth.mkv").exists()


def test_a_recording_that_goes_on_in_another_program_is_left_alone(library_of):
    library = library_of(RECORDING)
    (folder,) = broken_off(library)
    folder.rename(folder.with_name(f".recording-{this_process()}-0"))
    assert recover_takes(library) == []
    assert len(broken_off(library)) == 1
    assert verify(library).problems == ()


def test_two_programs_recover_a_recording_once(library_of):
    library = library_of(RECORDING)
    with ThreadPoolExecutor(4) as pool:
        found = [f.result() for f in [pool.submit(recover_takes, library) for _ in range(4)]]
    assert sorted(map(len, found)) == [0, 0, 0, 1]
