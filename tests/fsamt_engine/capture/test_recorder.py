import threading
import time
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from fsamt_engine.capture import disk, take_writer
from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.capture.recorder import (
    Recorder,
    RecorderLimits,
    RecorderState,
    RecordingOrder,
)
from fsamt_engine.capture.recovery import recover_takes
from fsamt_engine.capture.take_writer import QueueLimits
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind, takes
from fsamt_engine.library.consent import Consent, note_consent
from fsamt_engine.library.verify import verify
from fsamt_engine.media import ColourReader, DepthReader
from fsamt_engine.media.depth import DepthWriter
from tests.fsamt_engine.capture.puppet import (
    BOTH,
    DEPTH_ONLY,
    RATE_HZ,
    SKEW_US,
    Puppet,
    no_thread_left,
    wait_until,
)

ORDER = RecordingOrder("visit", "P1", "wave")
LIMITS = RecorderLimits(disk_reserve_bytes=0)


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as library:
        yield library


@pytest.fixture
def puppet():
    return Puppet()


@contextmanager
def feeding(puppet, settings=BOTH):
    with CameraFeed(puppet.id, settings, puppet.open, retry_s=0.01, close_s=0.3) as feed:
        feed.wait_until_open()
        yield feed


@pytest.fixture
def feed(puppet):
    with feeding(puppet) as feed:
        yield feed


class Gate:
    """Depth files whose every frame waits until the gate is open."""

    def __init__(self, monkeypatch):
        self.opened, self.reached = threading.Event(), threading.Event()
        gate = self

        class GatedWriter(DepthWriter):
            def write(self, frame):
                gate.reached.set()
                gate.opened.wait()
                super().write(frame)

        monkeypatch.setitem(take_writer.PIXEL_WRITERS, StreamKind.DEPTH, GatedWriter)


def frames_of(library, take, kind):
    """First value of every frame."""
    stream = take.stream(kind)
    reader = DepthReader if kind == StreamKind.DEPTH else ColourReader
    with reader(library.absolute(stream.path), stream.n_frames) as frames:
        assert frames.n_missing == 0
        return [int(frame.flat[0]) for frame in frames]


def written(recorder):
    return recorder.status().n_frames


def usage(free):
    return SimpleNamespace(free=free)


def fill_disk(ballast):
    with ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


def leftovers(library):
    return [p.name for p in library.takes_folder.iterdir() if p.name.startswith(".")]


def test_pairs_come_into_the_library_frame_by_frame(library, feed, puppet):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    assert recorder.status().state == RecorderState.READY
    recorder.start()
    assert recorder.status().state == RecorderState.RECORDING
    puppet.give(20)
    wait_until(lambda: written(recorder) == 40)
    status = recorder.status()
    assert status.seconds > 0
    assert status.n_bytes > 0
    assert status.disk_seconds_left > 0
    (take,) = recorder.stop()
    assert recorder.status().state == RecorderState.DONE
    assert recorder.stop() == (take,)
    assert frames_of(library, take, StreamKind.DEPTH) == list(range(1, 21))
    assert len(frames_of(library, take, StreamKind.COLOUR)) == 20
    pairs = takes.pairs(library, take.id)
    assert np.array_equal(pairs[:, 0], np.arange(20))
    assert np.array_equal(pairs[:, 0], pairs[:, 1])
    assert set(pairs[:, 2]) == {SKEW_US}
    assert np.array_equal(takes.frame_numbers(library, take.id, StreamKind.DEPTH), np.arange(20))
    times = takes.timestamps(library, take.id, StreamKind.DEPTH)
    assert times[0] == 1_000_000
    assert np.allclose(np.diff(times), 1e6 / RATE_HZ, atol=1)
    stored = takes.take(library, take.id)
    assert stored == take
    assert (stored.session, stored.participant, stored.source) == ("visit", "P1", "puppet")
    assert stored.recording.device == "Puppet"
    assert stored.recording.serial == "17"
    assert stored.recording.usb_type == "3.2"
    assert stored.recording.ended == "stopped"
    assert stored.recording.n_dropped == {"depth": 0, "colour": 0}
    assert stored.recording.settings["exposure_priority"] is False
    assert stored.stream(StreamKind.DEPTH).unit_m == 0.001
    assert stored.stream(StreamKind.DEPTH).timestamp_domain == "device"
    assert takes.list_takes(library)[0].actions == ("wave",)
    assert verify(library).problems == ()
    files = {p.name for p in (library.takes_folder / take.id).iterdir()}
    assert files == {"depth.mkv", "colour.mkv"}


def test_depth_only_never_opens_colour(library, puppet):
    with feeding(puppet, DEPTH_ONLY) as feed:
        recorder = Recorder(library, [feed], RecordingOrder("s", "p", None, False), LIMITS)
        recorder.start()
        puppet.give(3)
        wait_until(lambda: written(recorder) == 3)
        (take,) = recorder.stop()
    assert [s.kind for s in take.streams] == [StreamKind.DEPTH]
    assert take.n_pairs == 0
    assert [asked.kinds for asked in puppet.asked] == [{StreamKind.DEPTH}]


def test_open_colour_is_refused_where_it_may_not_be_kept(library, feed):
    recorder = Recorder(library, [feed], RecordingOrder("s", "p", None, False), LIMITS)
    with pytest.raises(FsamtError, match="colour"):
        recorder.start()
    assert leftovers(library) == []


@pytest.mark.parametrize(
    "said", [Consent(False), Consent(True, date(2020, 1, 1)), Consent(None, date(2020, 1, 1))]
)
def test_colour_is_refused_where_the_participant_did_not_allow_it(library, feed, puppet, said):
    note_consent(library, "visit", "P1", said)
    with pytest.raises(FsamtError, match="colour"):
        Recorder(library, [feed], ORDER, LIMITS).start()
    assert leftovers(library) == []
    other = Recorder(library, [feed], RecordingOrder("visit", "P2"), LIMITS)
    other.start()
    puppet.give(1)
    wait_until(lambda: written(other) == 2)
    assert len(other.stop()) == 1


@pytest.mark.parametrize("order", [RecordingOrder("", "p"), RecordingOrder("s", " ", "wave")])
def test_a_recording_without_a_name_is_refused_before_it_begins(library, feed, order):
    with pytest.raises(FsamtError, match="has no"):
        Recorder(library, [feed], order, LIMITS).start()
    assert leftovers(library) == []


def test_queue_full_drops_frames_and_counts_them(library, feed, puppet, monkeypatch):
    gate = Gate(monkeypatch)
    limits = RecorderLimits(QueueLimits(seconds=5 / RATE_HZ), disk_reserve_bytes=0)
    recorder = Recorder(library, [feed], ORDER, limits)
    recorder.start()
    puppet.give(1)
    gate.reached.wait(10)
    for _ in range(20):
        puppet.give(1)
        wait_until(lambda: written(recorder) >= puppet.n_given)
    status = recorder.status()
    assert status.n_dropped == 20 - 5
    assert status.queue_fill == 1.0
    gate.opened.set()
    (take,) = recorder.stop()
    assert take.recording.n_dropped == {"depth": 15, "colour": 0}
    assert frames_of(library, take, StreamKind.DEPTH) == [1, 2, 3, 4, 5, 6]
    assert take.n_pairs == 6
    numbers = takes.frame_numbers(library, take.id, StreamKind.COLOUR)
    assert np.array_equal(numbers, np.arange(21))


def test_queue_is_bounded_in_bytes_too(library, puppet, monkeypatch):
    gate = Gate(monkeypatch)
    limits = RecorderLimits(QueueLimits(60, 3 * 64 * 48 * 2), disk_reserve_bytes=0)
    with feeding(puppet, DEPTH_ONLY) as feed:
        recorder = Recorder(library, [feed], ORDER, limits)
        recorder.start()
        puppet.give(1)
        gate.reached.wait(10)
        puppet.give(9)
        wait_until(lambda: recorder.status().n_dropped == 6)
        gate.opened.set()
        (take,) = recorder.stop()
    assert frames_of(library, take, StreamKind.DEPTH) == [1, 2, 3, 4]


def test_a_slow_encoder_never_blocks_the_camera(library, feed, puppet, monkeypatch):
    gate = Gate(monkeypatch)
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(100)
    wait_until(lambda: feed.status().streams[0].n_frames == 100)
    assert feed.latest(StreamKind.DEPTH).number == 99
    gate.opened.set()
    recorder.stop()


def test_frames_that_the_camera_lost_count_as_dropped(library, feed, puppet):
    puppet.lost.count(StreamKind.COLOUR, 7)
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(2)
    puppet.lost.count(StreamKind.COLOUR, 2)
    wait_until(lambda: written(recorder) == 4)
    assert recorder.status().n_dropped == 2
    (take,) = recorder.stop()
    assert take.recording.n_dropped == {"depth": 0, "colour": 2}


def test_unplug_ends_a_part_and_recording_goes_on_in_the_next(library, feed, puppet):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(5)
    wait_until(lambda: written(recorder) == 10)
    puppet.unplug()
    wait_until(lambda: recorder.status().state == RecorderState.WAITING)
    wait_until(lambda: "goes on when the camera is back" in recorder.status().message)
    wait_until(lambda: len(recorder.status().takes) == 1)
    puppet.plug_in()
    wait_until(lambda: recorder.status().state == RecorderState.RECORDING)
    assert recorder.status().message == ""
    assert recorder.status().cameras[0].part == 2
    puppet.give(4)
    wait_until(lambda: written(recorder) == 18)
    first, second = recorder.stop()
    assert (first.recording.part, second.recording.part) == (1, 2)
    assert (first.recording.ended, second.recording.ended) == ("unplugged", "stopped")
    assert first.recording.group == second.recording.group
    assert frames_of(library, first, StreamKind.DEPTH) == [1, 2, 3, 4, 5]
    assert frames_of(library, second, StreamKind.DEPTH) == [6, 7, 8, 9]
    assert verify(library).problems == ()


def test_stopped_while_unplugged_it_keeps_what_there_was(library, feed, puppet):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(2)
    puppet.unplug()
    wait_until(lambda: recorder.status().state == RecorderState.WAITING)
    (take,) = recorder.stop()
    assert take.n_pairs == 2


def test_a_recording_without_a_frame_leaves_nothing(library, feed):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    assert recorder.stop() == ()
    assert leftovers(library) == []
    assert recorder.status().state == RecorderState.DONE


def test_two_cameras_record_together(library):
    left, right = Puppet("left"), Puppet("right")
    with feeding(left) as left_feed, feeding(right, DEPTH_ONLY) as right_feed:
        recorder = Recorder(library, [left_feed, right_feed], ORDER, LIMITS)
        recorder.start()
        left.give(3)
        right.give(4)
        wait_until(lambda: written(recorder) == 6 + 4)
        left.unplug()
        wait_until(lambda: recorder.status().cameras[0].streams == ())
        right.give(1)
        wait_until(lambda: written(recorder) == 6 + 5)
        recorded = recorder.stop()
    assert [take.recording.camera for take in recorded] == ["left", "right"]
    assert len({take.recording.group for take in recorded}) == 1
    assert [take.n_pairs for take in recorded] == [3, 0]
    assert recorded[1].stream(StreamKind.DEPTH).n_frames == 5


def test_marks_are_kept_with_their_time(library, feed, puppet):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(1)
    wait_until(lambda: written(recorder) == 2)
    before_us = time.time_ns() // 1000
    recorder.mark("the participant laughs")
    (take,) = recorder.stop()
    ((text, at_us),) = take.recording.marks
    assert text == "the participant laughs"
    assert 0 <= at_us - before_us < 5_000_000


def test_disk_nearly_full_stops_cleanly_at_the_reserve_and_keeps_the_take(
    library, feed, puppet, monkeypatch
):
    free = 3_000_000_000
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda root: usage(free))
    recorder = Recorder(library, [feed], ORDER)
    recorder.start()
    puppet.give(3)
    wait_until(lambda: written(recorder) == 6)
    assert 0 < recorder.status().disk_seconds_left < float("inf")
    free = 1_999_999_999
    wait_until(lambda: recorder.status().ended)
    assert recorder.status().ended == "disk full"
    assert recorder.status().disk_seconds_left == 0
    assert "nearly full" in recorder.status().message
    wait_until(lambda: recorder.status().state == RecorderState.DONE)
    (take,) = recorder.stop()
    assert take.recording.ended == "disk full"
    assert take.n_pairs == 3
    with pytest.raises(FsamtError, match="nearly full"):
        Recorder(library, [feed], ORDER).start()


def test_disk_full_in_the_middle_keeps_what_was_written(small_disk, feed, puppet, monkeypatch):
    folder = small_disk(1500)
    # As with a quota, or another program that fills the disk between two looks.
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda root: usage(10**12))
    with Library.create(folder / "library") as library:
        recorder = Recorder(library, [feed], ORDER, LIMITS)
        recorder.start()
        puppet.give(10)
        wait_until(lambda: written(recorder) == 20)
        ballast = folder / "ballast"
        with pytest.raises(OSError, match="space"):
            fill_disk(ballast)
        puppet.give(50)
        wait_until(lambda: recorder.status().ended)
        status = recorder.status()
        assert status.ended == "disk full"
        assert isinstance(status.failure, FsamtError)
        assert "full" in status.message
        with pytest.raises(FsamtError, match="full"):
            recorder.stop()
        assert recorder.status().takes == ()
        assert recover_takes(library) == []  # It is this program's own, which still tries.
        ballast.unlink()
        (take,) = recorder.stop()
        assert frames_of(library, take, StreamKind.DEPTH)[:10] == list(range(1, 11))
        assert take.n_pairs >= 9
        assert take.recording.ended == "disk full"
        assert sum(take.recording.n_dropped.values()) > 0
        assert leftovers(library) == []


def test_an_error_of_an_encoder_ends_the_recording_and_is_shown(library, feed, puppet, monkeypatch):
    class BrokenWriter(DepthWriter):
        def write(self, frame):
            if self.n_frames == 3:
                raise FsamtError("The disk makes strange noises.", "Replace it.")
            super().write(frame)

    monkeypatch.setitem(take_writer.PIXEL_WRITERS, StreamKind.DEPTH, BrokenWriter)
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(10)
    wait_until(lambda: recorder.status().ended)
    assert "strange noises" in recorder.status().message
    (take,) = recorder.stop()
    assert frames_of(library, take, StreamKind.DEPTH) == [1, 2, 3]
    assert take.recording.n_dropped["depth"] > 0


def test_a_stop_that_hangs_in_the_driver_is_given_up_and_nothing_is_lost(library, puppet):
    with feeding(puppet) as feed:
        recorder = Recorder(library, [feed], ORDER, LIMITS)
        recorder.start()
        puppet.give(5)
        wait_until(lambda: written(recorder) == 10)
        puppet.may_close.clear()
        puppet.hang()
        puppet.is_hanging.wait(10)
        (take,) = recorder.stop()
        assert take.n_pairs == 5
        assert not feed.close()
        assert feed.status().state == FeedState.FAILED
        puppet.may_close.set()
        puppet.may_read_on.set()


def test_an_encoder_that_hangs_is_given_up_and_tried_again(library, feed, puppet, monkeypatch):
    gate = Gate(monkeypatch)
    recorder = Recorder(library, [feed], ORDER, RecorderLimits(disk_reserve_bytes=0, finish_s=0.1))
    recorder.start()
    puppet.give(5)
    wait_until(lambda: written(recorder) == 5)
    with pytest.raises(FsamtError, match="hangs"):
        recorder.stop()
    assert recorder.status().state == RecorderState.FINISHING
    assert "hangs" in recorder.status().message
    gate.opened.set()
    (take,) = recorder.stop()
    assert take.n_pairs == 5
    assert recorder.status().message == ""


def test_thrown_away_it_leaves_nothing(library, feed, puppet):
    recorder = Recorder(library, [feed], ORDER, LIMITS)
    recorder.start()
    puppet.give(5)
    wait_until(lambda: written(recorder) == 10)
    assert recorder.throw_away() == ()
    assert takes.count_takes(library) == 0
    assert list(library.takes_folder.iterdir()) == []
    assert recorder.status().state == RecorderState.DONE


def test_a_played_file_ends_the_recording_with_every_frame_in_it(library):
    puppet = Puppet("file:x.db3", is_live=False)
    limits = RecorderLimits(QueueLimits(seconds=2 / RATE_HZ), disk_reserve_bytes=0)
    with feeding(puppet) as feed:
        puppet.give(60)
        puppet.end()
        recorder = Recorder(library, [feed], ORDER, limits)
        recorder.start()
        wait_until(lambda: recorder.status().state == RecorderState.DONE)
        assert recorder.status().ended == "file ended"
        (take,) = recorder.stop()
    assert take.n_pairs == 60
    assert take.source == "file"
    assert take.recording.ended == "file ended"
    assert take.recording.n_dropped == {"depth": 0, "colour": 0}


def test_the_next_recording_begins_while_the_last_is_finished(library, feed, puppet, monkeypatch):
    gate = Gate(monkeypatch)
    first = Recorder(library, [feed], ORDER, LIMITS)
    first.start()
    puppet.give(2)
    wait_until(lambda: written(first) == 2)
    stopping = threading.Thread(target=first.stop)
    stopping.start()
    wait_until(lambda: first.status().state == RecorderState.FINISHING)
    second = Recorder(library, [feed], ORDER, LIMITS)
    second.start()
    puppet.give(3)
    wait_until(lambda: written(second) == 3)
    gate.opened.set()
    stopping.join(10)
    assert [take.n_pairs for take in (*first.stop(), *second.stop())] == [2, 3]


def test_memory_stays_flat(library):
    """However many frames were recorded, no more pictures are held than the queues have room for.

    The benchmark records as many frames as an hour has, and looks at the memory of the process.
    """
    puppet = Puppet("file:x.db3", is_live=False)
    with feeding(puppet) as feed:
        recorder = Recorder(library, [feed], ORDER, LIMITS)
        recorder.start()
        while puppet.n_given < 500:
            puppet.give(20)
            wait_until(lambda: written(recorder) >= 2 * puppet.n_given - 40)
        assert puppet.n_pictures_in_memory < 100
        wait_until(lambda: written(recorder) == 1000)
        (take,) = recorder.stop()
        assert puppet.n_pictures_in_memory < 10
    assert take.n_pairs == 500
