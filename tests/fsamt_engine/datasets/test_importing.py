import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.takes import list_takes, pairs, take, timestamps
from fsamt_engine.library.verify import verify
from fsamt_engine.media import ColourReader, DepthReader, DepthWriter, read_skeleton
from fsamt_engine.progress import Stop

READER = DATA_SETS["utd-mhad"]
KEYS = ("a1_s1_t1", "a2_s1_t1", "a2_s3_t1", "a27_s3_t4", "a9_s5_t1", "a9_s5_t2")


@pytest.fixture
def source(tmp_path, make_take):
    for key in KEYS:
        make_take(tmp_path / "utd", key, with_colour=key != "a9_s5_t2")
    return tmp_path / "utd"


def _contents(library: Library) -> dict[str, object]:
    """All that an import brings, by source key."""
    contents = {}
    for row in list_takes(library):
        one = take(library, row.id)
        contents[one.source_key] = (
            one,
            [(s.action, s.start, s.end) for s in segments(library, take_ids=[one.id])],
            pairs(library, one.id).tolist(),
            [timestamps(library, one.id, stream.kind).tolist() for stream in one.streams],
        )
    return contents


def test_import_brings_everything_of_a_take(library, source):
    result = import_data_set(library, READER, source)
    assert (result.added, result.already_there, result.skipped) == (6, 0, ())
    one = _contents(library)["utd-mhad/a2_s3_t1"]
    stored, labels, paired, times = one
    assert (stored.participant, stored.session, stored.source) == ("3", "UTD-MHAD s3", "utd-mhad")
    assert labels == [("swipe right", 0, 12)]
    assert paired == [[i, i, 0] for i in range(12)]
    assert [len(of_stream) for of_stream in times] == [12, 12, 12]
    assert stored.calibration.depth.fx == pytest.approx(28.56)
    depth = stored.stream(StreamKind.DEPTH)
    assert (depth.codec, depth.unit_m, depth.timestamp_domain) == ("ffv1", 0.001, "nominal")
    loaded = READER.load(next(t for t in READER.find(source) if t.key == "a2_s3_t1"))
    with DepthReader(library.absolute(depth.path)) as reader:
        np.testing.assert_array_equal(reader.read(0, 12), np.asarray(loaded.depth.frames))
    with ColourReader(library.absolute(stored.stream(StreamKind.COLOUR).path)) as reader:
        shades = [frame.mean() for frame in reader]
    assert np.allclose(shades, np.linspace(0, 250, 12), atol=4)
    skeleton = read_skeleton(library.absolute(stored.stream(StreamKind.SKELETON).path))
    np.testing.assert_array_equal(skeleton, loaded.skeleton)


def test_depth_only_take_has_no_pairs(library, source):
    import_data_set(library, READER, source)
    depth_only = _contents(library)["utd-mhad/a9_s5_t2"][0]
    assert depth_only.n_pairs == 0
    assert depth_only.stream(StreamKind.COLOUR) is None


def test_only_actions_that_came_are_listed_and_carry_their_number(library, source):
    import_data_set(library, READER, source)
    assert {action.name: action.description for action in actions(library)} == {
        "swipe left": "UTD-MHAD a1",
        "swipe right": "UTD-MHAD a2",
        "squat": "UTD-MHAD a27",
        "draw circle clockwise": "UTD-MHAD a9",
    }


def test_second_import_adds_nothing(library, source):
    import_data_set(library, READER, source)
    before = _contents(library)
    for depth in (source / "Depth").iterdir():
        depth.write_bytes(b"")  # What is there is not even looked at.
    result = import_data_set(library, READER, source)
    assert (result.added, result.already_there, result.skipped) == (0, 6, ())
    assert _contents(library) == before


def test_import_of_the_same_files_from_another_place_adds_nothing(library, source):
    import_data_set(library, READER, source)
    moved = source.rename(source.parent / "moved")
    assert import_data_set(library, READER, moved).added == 0


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_number_of_workers_changes_nothing(library, source, tmp_path, workers):
    import_data_set(library, READER, source, workers=3)
    with Library.create(tmp_path / "other") as other:
        import_data_set(other, READER, source, workers=workers)
        assert _contents(other) == _contents(library)


def test_broken_files_are_named_and_the_rest_arrives(library, source):
    depth = source / "Depth" / "a1_s1_t1_depth.mat"
    depth.write_bytes(depth.read_bytes()[:300])
    colour = source / "RGB" / "a27_s3_t4_color.avi"
    colour.write_bytes(b"garbage")
    result = import_data_set(library, READER, source)
    assert result.added == 4
    assert [skipped.file for skipped in result.skipped] == [depth, colour]
    assert all(skipped.reason.endswith(".") for skipped in result.skipped)
    assert verify(library).problems == ()


def test_repaired_file_comes_with_the_next_import(library, source, make_take):
    depth = source / "Depth" / "a1_s1_t1_depth.mat"
    depth.write_bytes(b"")
    import_data_set(library, READER, source)
    make_take(source, "a1_s1_t1")
    result = import_data_set(library, READER, source)
    assert (result.added, result.already_there, result.skipped) == (1, 5, ())


def test_progress_counts_every_take_once(library, source):
    (source / "Depth" / "a2_s1_t1_depth.mat").write_bytes(b"")
    told = []
    import_data_set(library, READER, source, on_progress=told.append)
    assert [(progress.done, progress.total) for progress in told] == [(i, 6) for i in range(7)]
    assert told[-1].metrics["skipped"] == 1
    assert told[3].seconds_left is not None


def test_cancelled_import_keeps_what_came_and_goes_on_later(library, source):
    told = []

    def stop() -> Stop | None:
        return Stop.CANCEL if told and told[-1].done == 2 else None

    with pytest.raises(Cancelled):
        import_data_set(library, READER, source, on_progress=told.append, should_stop=stop)
    assert len(_contents(library)) == 2
    assert list(library.takes_folder.glob(".*")) == []
    result = import_data_set(library, READER, source)
    assert (result.added, result.already_there) == (4, 2)


def test_empty_or_missing_source_changes_nothing(library, tmp_path):
    for folder in (tmp_path / "absent", tmp_path):
        with pytest.raises(FsamtError) as caught:
            import_data_set(library, READER, folder)
        assert caught.value.hint
    assert _contents(library) == {}


def test_failure_to_write_is_no_broken_file_of_the_data_set(library, source, monkeypatch):
    written = []

    def fill_up(writer: DepthWriter, frame: np.ndarray) -> None:
        written.append(frame)
        if len(written) > 40:
            raise FsamtError("The disk is full.", "Free some space.")
        original(writer, frame)

    original = DepthWriter.write
    monkeypatch.setattr(DepthWriter, "write", fill_up)
    with pytest.raises(FsamtError, match="full"):
        import_data_set(library, READER, source)
    assert list(library.takes_folder.glob(".incoming*")) == []
    assert verify(library).problems == ()


def test_full_disk_ends_the_import_which_goes_on_once_there_is_space(
    small_disk, tmp_path, make_take
):
    for trial in (1, 2, 3, 4):
        make_take(tmp_path / "utd", f"a1_s1_t{trial}", n_frames=60, colour_scale=4, noise=200)
    disk = small_disk(9000)
    (disk / "filler").write_bytes(bytes(7_200_000))
    with Library.create(disk / "library") as library:
        with pytest.raises(FsamtError) as caught:
            import_data_set(library, READER, tmp_path / "utd")
        assert "full" in caught.value.message
        assert caught.value.hint
        n_added = len(_contents(library))
        assert n_added < 4
        assert list(library.takes_folder.glob(".incoming*")) == []
        assert verify(library).problems == ()
        (disk / "filler").unlink()
        result = import_data_set(library, READER, tmp_path / "utd")
        assert (result.added, result.already_there) == (4 - n_added, n_added)


@pytest.mark.skipif(os.name != "posix", reason="processes are forked and killed")
def test_import_killed_at_random_moments_ends_as_an_undisturbed_one(library, source, tmp_path):
    started_at_s = time.monotonic()
    import_data_set(library, READER, source)
    duration_s = time.monotonic() - started_at_s
    root = tmp_path / "killed"
    Library.create(root).close()
    importing = """
import os, signal, sys
from pathlib import Path
from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.library import Library
for delay_s in map(float, sys.argv[3:]):
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, delay_s)  # It ends the process at once, as SIGKILL.
        with Library.open(Path(sys.argv[1])) as library:
            import_data_set(library, DATA_SETS["utd-mhad"], Path(sys.argv[2]))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    moments = sorted(random.Random(1).uniform(0.02, 0.8) for _ in range(6))
    delays_s = [str(duration_s * moment) for moment in moments]
    command = [sys.executable, "-c", importing, str(root), str(source), *delays_s, "60"]
    codes = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert codes[0] == str(-signal.SIGALRM)
    assert codes[-1] == "0"
    with Library.open(root) as killed:
        assert verify(killed).problems == ()
        assert _contents(killed) == _contents(library)
        assert import_data_set(killed, READER, source).added == 0


def test_files_of_a_take_that_was_killed_in_the_making_are_swept(library, source):
    importing = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from fsamt_engine.datasets import import_data_set
from fsamt_engine.datasets.utd_mhad import UtdMhad
from fsamt_engine.library import Library
def deadly(frames):
    yield from frames[:5]
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
class DeadlyReader(UtdMhad):
    def load(self, take):
        loaded = super().load(take)
        return replace(loaded, depth=replace(loaded.depth, frames=deadly(loaded.depth.frames)))
with Library.open(Path(sys.argv[1])) as library:
    import_data_set(library, DeadlyReader(), Path(sys.argv[2]))
"""
    command = [sys.executable, "-c", importing, str(library.root), str(source)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    assert list(library.takes_folder.iterdir()) != []
    assert import_data_set(library, READER, source).added == 6
    assert len(list(library.takes_folder.iterdir())) == 6
    assert verify(library).problems == ()


def test_real_takes_arrive_and_verify(library, shared_data, tmp_path):
    real = shared_data / "utd-mhad"
    if not real.is_dir():
        pytest.skip("no UTD-MHAD among the real data")
    for folder, ending in (
        ("Depth", "depth.mat"),
        ("RGB", "color.avi"),
        ("Skeleton", "skeleton.mat"),
    ):
        (tmp_path / "some" / folder).mkdir(parents=True)
        for key in ("a1_s1_t1", "a27_s7_t4"):
            name = f"{key}_{ending}"
            (tmp_path / "some" / folder / name).symlink_to(real / folder / name)
    result = import_data_set(library, READER, tmp_path / "some")
    assert (result.added, result.skipped) == (2, ())
    assert verify(library).problems == ()
    one = _contents(library)["utd-mhad/a1_s1_t1"][0]
    assert one.n_pairs == one.stream(StreamKind.DEPTH).n_frames
    [source_take] = [take for take in READER.find(tmp_path / "some") if take.key == "a1_s1_t1"]
    loaded = READER.load(source_take)
    with DepthReader(library.absolute(one.stream(StreamKind.DEPTH).path)) as reader:
        np.testing.assert_array_equal(list(reader), np.asarray(loaded.depth.frames))
