import time

import pytest

from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.capture.cameras import open_camera
from fsamt_engine.capture.picture import Photographer
from fsamt_engine.library.records import StreamKind

DEPTH = StreamMode(StreamKind.DEPTH, 424, 240, 30.0)
COLOUR = StreamMode(StreamKind.COLOUR, 424, 240, 30.0)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only waiting moves."""

    class Clock:
        now = 100.0

        def wait(self, seconds):
            self.now += seconds
            return False

    clock = Clock()
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


def started(clock):
    camera = open_camera("simulated")
    camera._closed.wait = clock.wait
    camera.start(CameraSettings((DEPTH,)))
    return camera


def test_in_real_time_a_frame_comes_when_it_is_due(clock):
    camera = started(clock)
    camera.read()
    camera.read()
    camera.read()
    assert clock.now == pytest.approx(100.0 + 2 / 30)


def test_a_frame_that_is_not_due_in_time_is_not_waited_for(clock):
    camera = started(clock)
    camera.read()
    assert camera.read(timeout_s=0.01) is None
    assert clock.now == pytest.approx(100.01)


def test_frames_that_nobody_fetched_are_gone_and_their_numbers_say_so(clock):
    camera = started(clock)
    first = camera.read()
    clock.now += 0.5
    second = camera.read()
    assert second.number == first.number + 15
    assert second.at_us - first.at_us == pytest.approx(0.5e6, abs=3000)


def test_frame_by_frame_nothing_is_waited_for_or_lost():
    camera = open_camera("simulated", real_time=False)
    camera.start(CameraSettings((DEPTH,)))
    began = time.monotonic()
    numbers = [camera.read().number for _ in range(20)]
    assert numbers == list(range(20))
    assert time.monotonic() - began < 5
    camera.close()


def test_another_participant_looks_different():
    pictures = []
    for name in ("simulated", "simulated:1"):
        camera = open_camera(name, real_time=False)
        camera.start(CameraSettings((DEPTH,)))
        pictures.append(camera.read().pixels)
        camera.close()
    assert (pictures[0] != pictures[1]).any()


def test_depth_alone_draws_no_colour(monkeypatch):
    def refuse(*_):
        raise AssertionError("colour was drawn")

    for drawing in ("_expose", "_cast_shadow", "_paint_in", "_developed"):
        monkeypatch.setattr(Photographer, drawing, refuse)
    camera = open_camera("simulated", real_time=False)
    camera.start(CameraSettings((DEPTH,)))
    assert [camera.read().kind for _ in range(3)] == [StreamKind.DEPTH] * 3
    with pytest.raises(AssertionError):
        camera.start(CameraSettings((DEPTH, COLOUR)))
    camera.close()


def test_depth_is_the_same_with_and_without_colour():
    seen = []
    for modes in ((DEPTH,), (DEPTH, COLOUR)):
        camera = open_camera("simulated", real_time=False)
        camera.start(CameraSettings(modes))
        frames = [camera.read() for _ in range(6 * len(modes))]
        camera.close()
        depth = [frame for frame in frames if frame.kind == StreamKind.DEPTH]
        seen.append([(frame.at_us, frame.number, frame.pixels.tobytes()) for frame in depth])
    assert seen[0] == seen[1]
