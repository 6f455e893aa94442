"""What goes wrong in labs while a recogniser watches: sources, feed and recogniser together."""

import itertools
import sys
import threading

import numpy as np
import pytest

from fsamt_engine.capture import feed as feeds
from fsamt_engine.capture import realsense_frames, realsense_streams
from fsamt_engine.capture.camera import ColourOpenError, Frame
from fsamt_engine.capture.cameras import missing
from fsamt_engine.capture.feed import FeedState
from fsamt_engine.capture.realsense import _devices
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.takes import take
from fsamt_engine.recognition.keeping import keep_moment
from fsamt_engine.recognition.opened import stream_line
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.sources import open_source
from tests.fsamt_engine.capture.puppet import no_thread_left, wait_until
from tests.fsamt_engine.capture.recorded import COLOUR, DEPTH, HEIGHT, PERIOD_US, WIDTH, Plugged
from tests.fsamt_engine.conftest import N_FRAMES
from tests.fsamt_engine.recognition.watching import Says, live_model

needs_sdk = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")
AT_ONCE = RecognitionSettings(smoothing_s=0, shortest_s=0)


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def watch():
    """Watches a source as the page and the terminal do; all is closed at the end."""
    opened = []

    def watch(library, source_id, network=None, *, real_time=True):
        feed = open_source(library, source_id, real_time=real_time)
        recogniser = Recogniser(feed, live_model(network or Says("wave")), AT_ONCE)
        opened.extend((recogniser, feed))
        return feed, recogniser

    yield watch
    for one in opened:
        one.close()


class Giving:
    """Gives depth (and colour, to whoever opens it) all the time, of a wall 0.4 m away."""

    def __init__(self, plugged, unit_m):
        self._plugged, self._steps = plugged, round(0.4 / unit_m)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._give)

    def _give(self):
        for number in itertools.count():
            if self._ended.wait(0.01):
                return
            depth = np.full((HEIGHT, WIDTH), self._steps, np.uint16)
            colour = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            at_us = 1_000_000 + number * PERIOD_US
            for kind, pixels in ((StreamKind.DEPTH, depth), (StreamKind.COLOUR, colour)):
                self._plugged.camera.push(Frame(kind, pixels, at_us, "device", number, at_us))

    def __enter__(self):
        self._plugged.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        self._thread.join()
        self._plugged.__exit__(*error)


def camera(unit_m=0.001):
    return Giving(Plugged((DEPTH, COLOUR), unit_m=unit_m), unit_m)


SOURCE = "realsense:7654321"


def answered(recogniser, n=3):
    answer = recogniser.state().answer
    first = answer.number if answer else 0
    wait_until(lambda: (a := recogniser.state().answer) is not None and a.number >= first + n)


@needs_sdk
def test_unplugged_it_waits_and_goes_on_when_the_camera_is_back(watch):
    with camera():
        feed, recogniser = watch(None, SOURCE)
        answered(recogniser)
    wait_until(lambda: recogniser.state().source.state == FeedState.GONE)
    state = recogniser.state()
    assert (state.opened, state.failure, state.now.kind) == (None, None, "gathering")
    assert "not plugged in" in state.source.message
    assert stream_line(feed).words == "No stream is open."
    with camera():
        answered(recogniser)
        assert recogniser.state().source.n_reconnects == 1
        assert stream_line(feed).is_depth_only
        recogniser.close()
        feed.close()


@needs_sdk
def test_a_camera_that_comes_back_with_another_unit_is_seen_in_its_own_unit(watch):
    network = Says("wave")
    with camera(unit_m=0.001):
        _, recogniser = watch(None, SOURCE, network)
        answered(recogniser, 6)
        in_millimetres = network.clips[-1]
    wait_until(lambda: recogniser.state().source.state == FeedState.GONE)
    network.clips.clear()
    with camera(unit_m=0.000125):
        answered(recogniser, 6)
        in_eighths = network.clips[-1]
        recogniser.close()
    np.testing.assert_allclose(in_eighths, in_millimetres, atol=2e-3)
    assert 0.5 < float(in_eighths.max()) < 0.7


@needs_sdk
def test_a_camera_that_does_not_say_its_unit_is_refused(watch, monkeypatch):
    monkeypatch.setattr(realsense_streams, "depth_unit_m", lambda sensor: None)
    with camera():
        feed, recogniser = watch(None, SOURCE)
        wait_until(lambda: recogniser.state().source.state == FeedState.FAILED)
        assert "unit" in recogniser.state().source.message
        assert recogniser.state().answer is None
        feed.close()


@needs_sdk
def test_a_camera_without_depth_is_refused(watch):
    with Plugged((COLOUR,)):
        feed, recogniser = watch(None, SOURCE)
        wait_until(lambda: recogniser.state().source.state == FeedState.FAILED)
        assert "no depth" in recogniser.state().source.message
        feed.close()


@needs_sdk
def test_colour_refused_when_it_is_started_while_it_watches(watch, monkeypatch):
    monkeypatch.setattr(feeds, "_ACTIVE_S", 0.01)
    with camera():
        feed, recogniser = watch(None, SOURCE)
        answered(recogniser)
        device, _ = next(_devices())
        colour = realsense_frames.offered_streams(device)[COLOUR]
        colour.sensor.open(colour.profile)
        colour.sensor.start(lambda frame: None)
        wait_until(lambda: recogniser.state().source.state == FeedState.FAILED)
        assert isinstance(recogniser.state().source.failure, ColourOpenError)
        assert recogniser.wait_until_over(10)
        assert feed.latest(StreamKind.COLOUR) is None
        colour.sensor.stop()
        colour.sensor.close()
        feed.close()


def first_take(library):
    take_id = library.rows("SELECT id FROM takes ORDER BY id")[0][0]
    stream = take(library, take_id).stream(StreamKind.DEPTH)
    return take_id, library.absolute(stream.path)


def test_a_take_whose_file_is_damaged_in_the_middle_is_watched_to_its_end(watch, square_library):
    take_id, path = first_take(square_library)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 24] = bytes(24)
    path.write_bytes(content)
    feed, recogniser = watch(square_library, f"take:{take_id}", real_time=False)
    lost = feed.wait_until_open().lost
    assert recogniser.wait_until_over(10)
    state = recogniser.state()
    assert (state.source.state, state.failure) == (FeedState.ENDED, None)
    assert state.answer.frame_number == N_FRAMES - 1
    assert lost.by_kind[StreamKind.DEPTH] == N_FRAMES - state.answer.number >= 1


def test_a_take_whose_file_is_damaged_as_a_whole_is_refused(watch, square_library):
    take_id, path = first_take(square_library)
    path.write_bytes(b"no video at all")
    _, recogniser = watch(square_library, f"take:{take_id}")
    assert recogniser.wait_until_over(10)
    assert recogniser.state().source.state == FeedState.FAILED
    assert "depth.mkv" in recogniser.state().source.message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files that are open")
def test_a_take_that_is_thrown_away_while_it_is_watched_does_no_harm(watch, square_library):
    take_id, path = first_take(square_library)
    network = Says("wave")
    network.may_answer.clear()
    _, recogniser = watch(square_library, f"take:{take_id}", network, real_time=False)
    assert network.is_asked.wait(10)
    path.unlink()
    network.may_answer.set()
    assert recogniser.wait_until_over(10)
    assert recogniser.state().failure is None
    assert recogniser.state().source.state in (FeedState.ENDED, FeedState.FAILED)


def test_watching_stores_no_frame_until_a_moment_is_kept(watch, square_library):
    before = sorted(square_library.root.rglob("*.mkv"))
    feed, recogniser = watch(square_library, "simulated", real_time=False)
    answered(recogniser, 10)
    opened = feed.wait_until_open()
    recogniser.close()
    assert sorted(square_library.root.rglob("*.mkv")) == before
    moment = recogniser.last_frames(1.0)
    about = {"guess": None, "score": 0.5, "model_id": "m", "reason": "It was asked for."}
    kept = take(square_library, keep_moment(square_library, moment, opened, **about))
    assert len(sorted(square_library.root.rglob("*.mkv"))) == len(before) + 1
    assert [stream.kind for stream in kept.streams] == [StreamKind.DEPTH]
