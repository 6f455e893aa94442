import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread, current_thread, get_native_id

import numpy as np
import pytest

from fsamt_engine.capture import finishing, take_writer
from fsamt_engine.capture.camera import CameraInfo, Frame, LostFrames, OpenStream
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.capture.recovery import recover_takes
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.labels import add_action
from fsamt_engine.library.records import Calibration, Intrinsics
from fsamt_engine.library.suggestions import accept, list_suggestions, save_suggestions
from fsamt_engine.library.takes import frame_numbers, list_takes, take, timestamps
from fsamt_engine.library.verify import verify
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.recognition.keeping import MomentRing, keep_moment
from tests.fsamt_engine.capture.puppet import BOTH, DEPTH, DEPTH_ONLY, HEIGHT, WIDTH, no_thread_left
from tests.fsamt_engine.capture.recorded import PERIOD_US

REPOSITORY = Path(__file__).parents[3]
ARRIVED_US = 1_760_000_000_000_000
LENS = Intrinsics(WIDTH, HEIGHT, 55.0, 56.0, 31.5, 23.5)
OPENED = OpenedCamera(
    CameraInfo("realsense:17", "Puppet", "17", "1.0", "3.2"),
    DEPTH_ONLY,
    (OpenStream(DEPTH, "device", 0.000125),),
    Calibration(LENS, LENS),
    LostFrames(),
    True,
)


def frame(number, *, shape=(HEIGHT, WIDTH), at_us=None, domain="device"):
    pixels = np.random.default_rng(number).integers(0, 9000, shape, np.uint16)
    at_us = 1_000_000 + number * PERIOD_US if at_us is None else at_us
    arrived_us = ARRIVED_US + number * PERIOD_US
    return Frame(StreamKind.DEPTH, pixels, at_us, domain, number, arrived_us)


def frames(n, first=0):
    return [frame(number) for number in range(first, first + n)]


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as library:
        add_action(library, "wave")
        yield library


def keep(library, moment, opened=OPENED, **changes):
    about = {"guess": "wave", "score": 0.75, "model_id": "m1", "reason": "It was not sure."}
    return keep_moment(library, moment, opened, **(about | changes))


def folders(library):
    return sorted(path.name for path in library.takes_folder.iterdir())


# The last seconds.


def test_a_ring_holds_the_last_seconds_and_no_more():
    ring = MomentRing(0.99)
    for one in frames(100):
        ring.add(one)
    assert [one.number for one in ring.last(0.19)] == list(range(94, 100))
    assert len(ring.last(60.0)) == 30
    assert ring.n_bytes == 30 * WIDTH * HEIGHT * 2


def test_a_ring_never_holds_more_bytes_than_it_may():
    ring = MomentRing(60.0, max_bytes=5 * WIDTH * HEIGHT * 2)
    for one in frames(100):
        ring.add(one)
        assert ring.n_bytes <= 5 * WIDTH * HEIGHT * 2
    assert [one.number for one in ring.last(60.0)] == [95, 96, 97, 98, 99]


def test_an_empty_ring_gives_nothing():
    ring = MomentRing(4.0)
    assert ring.last(4.0) == []
    ring.add(frame(0))
    ring.clear()
    assert (ring.last(4.0), ring.n_bytes) == ([], 0)


@pytest.mark.parametrize(
    "other",
    [
        frame(5, shape=(HEIGHT, WIDTH // 2)),
        frame(5, at_us=1),
        frame(5, domain="host"),
    ],
)
def test_a_ring_holds_one_moment_only(other):
    ring = MomentRing(4.0)
    for one in frames(5):
        ring.add(one)
    ring.add(other)
    assert ring.last(4.0) == [other]


def test_nothing_is_stored_unless_it_is_kept(library):
    ring = MomentRing(4.0)
    for one in frames(30):
        ring.add(one)
    assert folders(library) == []


# What is kept.


def test_a_moment_becomes_a_take_of_its_depth_alone_to_the_bit(library):
    moment = frames(40, first=7)
    kept = take(library, keep(library, moment))
    (stream,) = kept.streams
    assert (stream.kind, stream.n_frames, stream.unit_m) == (StreamKind.DEPTH, 40, 0.000125)
    assert stream.timestamp_domain == "device"
    times = timestamps(library, kept.id, StreamKind.DEPTH)
    assert times.tolist() == [one.at_us for one in moment]
    assert frame_numbers(library, kept.id, StreamKind.DEPTH).tolist() == list(range(7, 47))
    with DepthReader(library.absolute(stream.path)) as reader:
        for one, stored in zip(moment, reader, strict=True):
            assert np.array_equal(one.pixels, stored)
    assert kept.calibration == Calibration(depth=LENS)
    began_us = ARRIVED_US + 7 * PERIOD_US
    assert kept.started_at_us == began_us
    assert kept.session == f"Live {datetime.fromtimestamp(began_us / 1e6):%Y-%m-%d}"
    assert kept.participant == "unnamed"
    assert (kept.recording.camera, kept.recording.serial) == ("realsense:17", "17")
    assert verify(library).is_sound


def test_a_moment_stands_among_the_suggestions_and_becomes_a_label(library):
    take_id = keep(library, frames(40), participant="P7")
    (one,) = list_suggestions(library)
    assert (one.take_id, one.participant, one.start, one.end) == (take_id, "P7", 0, 40)
    assert (one.action, one.score, one.model_id) == ("wave", 0.75, "m1")
    assert one.reason == "It was not sure."
    (label,) = accept(library, [one.id])
    assert (label.take_id, label.action, label.start, label.end) == (take_id, "wave", 0, 40)
    assert list_suggestions(library) == ()


def test_other_suggestions_stay(library):
    keep(library, frames(20))
    keep(library, frames(20, first=100))
    assert len(list_suggestions(library)) == 2
    save_suggestions(library, list_suggestions(library)[:1])
    assert len(list_suggestions(library)) == 1


def test_a_moment_that_is_kept_twice_is_one_take(library):
    first, again = (keep(library, frames(20)) for _ in range(2))
    assert first == again
    assert len(list_takes(library)) == 1
    assert len(list_suggestions(library)) == 1


def test_a_guess_that_the_library_does_not_know_is_told_and_not_proposed(library):
    keep(library, frames(20), guess="moonwalk")
    (one,) = list_suggestions(library)
    assert one.action is None
    assert "moonwalk" in one.reason


def test_what_is_recognised_meanwhile_is_encoded_gently_into_the_same_file(
    library, tmp_path, monkeypatch
):
    gone_last, rests_s = [], []
    monkeypatch.setattr(take_writer, "_go_last", lambda: gone_last.append(current_thread().name))
    monkeypatch.setattr(take_writer.time, "sleep", rests_s.append)
    large = (360, 480)
    mode = replace(DEPTH, width=large[1], height=large[0])
    opened = replace(OPENED, streams=(OpenStream(mode, "device", 0.001),))
    moment = [frame(number, shape=large) for number in range(5)]
    files = []
    with Library.create(tmp_path / "other") as other:
        for where, is_live in ((library, True), (other, False)):
            kept = take(where, keep(where, moment, replace(opened, is_live=is_live), guess=None))
            files.append(where.absolute(kept.streams[0].path).read_bytes())
            assert gone_last == ["depth encoder"]
            assert len(rests_s) == 5
    assert files[0] == files[1]
    assert all(0 < rest_s <= 0.04 for rest_s in rests_s)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value for each thread")
def test_one_thread_alone_goes_last():
    nice = []

    def run():
        take_writer._go_last()
        nice.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = Thread(target=run)
    thread.start()
    thread.join()
    assert nice == [19]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_colour_never_comes_into_what_is_kept(library):
    colour = Frame(
        StreamKind.COLOUR, np.zeros((HEIGHT, WIDTH, 3), np.uint8), 1, "device", 0, ARRIVED_US
    )
    opened = replace(OPENED, settings=BOTH)
    kept = take(library, keep(library, [colour, *frames(10)], opened))
    assert [stream.kind for stream in kept.streams] == [StreamKind.DEPTH]
    assert {path.name for path in (library.takes_folder / kept.id).iterdir()} == {"depth.mkv"}


def test_a_moment_of_a_take_is_an_interval_of_it_and_no_second_take(square_library):
    take_id = square_library.rows("SELECT id FROM takes ORDER BY id")[0][0]
    square_library.write(lambda db: db.conn.execute("DELETE FROM segments"))
    n_before = len(list_takes(square_library))
    opened = replace(OPENED, info=CameraInfo(f"take:{take_id}", "Take 1"))
    assert keep(square_library, frames(6, first=4), opened, guess="across") == take_id
    (one,) = list_suggestions(square_library)
    assert (one.take_id, one.start, one.end) == (take_id, 4, 10)
    assert one.participant in ("P1", "P2", "P3")
    assert len(list_takes(square_library)) == n_before


# What goes wrong.


def test_a_moment_of_a_take_that_has_a_label_is_refused(square_library):
    take_id = square_library.rows("SELECT id FROM takes ORDER BY id")[0][0]
    opened = replace(OPENED, info=CameraInfo(f"take:{take_id}", "Take 1"))
    with pytest.raises(FsamtError) as refused:
        keep(square_library, frames(6, first=4), opened, guess="across")
    assert "has a label already" in refused.value.message
    assert square_library.rows("SELECT * FROM suggestions") == []


def test_nothing_to_keep_is_refused(library):
    with pytest.raises(FsamtError):
        keep(library, [])


def test_frames_of_another_opening_are_refused(library):
    with pytest.raises(FsamtError):
        keep(library, [frame(0, shape=(HEIGHT, WIDTH // 2))])
    assert folders(library) == []


def test_disk_full_while_a_moment_is_written_leaves_nothing(small_disk):
    with Library.create(small_disk(1400) / "library") as library:
        before = folders(library)
        large = (HEIGHT * 8, WIDTH * 8)
        mode = replace(DEPTH, width=large[1], height=large[0])
        opened = replace(OPENED, streams=(OpenStream(mode, "device", 0.001),))
        with pytest.raises(FsamtError) as full:
            keep(library, [frame(number, shape=large) for number in range(20)], opened)
        assert "disk is full" in full.value.message
        assert folders(library) == before
        assert list_takes(library) == []
        keep(library, frames(5))
        assert len(list_suggestions(library)) == 1


def test_a_library_that_fails_leaves_nothing_and_it_can_be_tried_again(library, monkeypatch):
    def fail(*_):
        raise FsamtError("The disk is full.", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(finishing, "add_take", fail)
        with pytest.raises(FsamtError):
            keep(library, frames(20))
    assert folders(library) == []
    assert len(list_takes(library)) == 0
    keep(library, frames(20))
    assert len(list_takes(library)) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from fsamt_engine.capture import finishing, take_writer
from fsamt_engine.library import Library
from tests.fsamt_engine.recognition.test_keeping import frames, keep
finishing.add_take = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Library.open(Path(sys.argv[1])) as library:
    keep(library, frames(20))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process as POSIX does")
def test_a_program_that_is_killed_while_it_keeps_loses_nothing(library):
    command = [sys.executable, "-c", KILLED, str(library.root)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr
    assert list_takes(library) == []
    (recovered,) = recover_takes(library)
    assert recovered.stream(StreamKind.DEPTH).n_frames == 20
    assert recovered.session.startswith("Live ")
    assert verify(library).is_sound
