"""What every kind of camera has to do, whatever is behind it."""

import threading

import numpy as np
import pytest

from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraGoneError,
    CameraSettings,
    StreamMode,
)
from fsamt_engine.capture.cameras import list_cameras, open_camera, usual_settings
from fsamt_engine.capture.realsense_recording import record_camera
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind
from tests.fsamt_engine.capture.recorded import Plugged

SMALL = CameraSettings(
    (
        StreamMode(StreamKind.DEPTH, 424, 240, 30.0),
        StreamMode(StreamKind.COLOUR, 424, 240, 30.0),
    )
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A second and a half of the simulated figure, recorded by the SDK's own recorder."""
    pytest.importorskip("pyrealsense2", reason="the RealSense SDK is not installed")
    path = tmp_path_factory.mktemp("sdk") / "figure.db3"
    with_frames = open_camera("simulated", real_time=False)
    record_camera(path, with_frames, SMALL, seconds=1.5)
    with_frames.close()
    return path


@pytest.fixture(params=["simulated", "file", "realsense"])
def camera(request):
    """One of every kind that there can be on this computer.

    The RealSense camera itself is the only part that is not there: the SDK lists a device of its
    own, which has no hardware, in its place.
    """
    if request.param == "simulated":
        opened = open_camera("simulated", real_time=False)
    elif request.param == "file":
        path = request.getfixturevalue("recording")
        opened = open_camera(f"file:{path}", real_time=False)
    else:
        serial = request.getfixturevalue("plugged_in")
        opened = open_camera(f"realsense:{serial}")
    yield opened
    opened.close()


@pytest.fixture
def plugged_in():
    """Serial number of a camera that delivers all the time."""
    pytest.importorskip("pyrealsense2", reason="the RealSense SDK is not installed")
    with Plugged(frames_per_s=100) as plugged:
        yield plugged.camera.serial


def depth_alone(settings):
    return CameraSettings(tuple(m for m in settings.streams if m.kind == StreamKind.DEPTH))


def test_frames_are_what_the_open_streams_say(camera):
    settings = usual_settings(camera.capabilities, SMALL)
    camera.start(settings)
    modes = {stream.mode.kind: stream.mode for stream in camera.streams}
    assert set(modes) == settings.kinds
    frames = [camera.read(5.0) for _ in range(12)]
    assert {frame.kind for frame in frames} == set(modes)
    for frame in frames:
        mode = modes[frame.kind]
        is_depth = frame.kind == StreamKind.DEPTH
        assert frame.pixels.shape == (mode.height, mode.width, 3)[: 2 if is_depth else 3]
        assert frame.pixels.dtype == (np.uint16 if is_depth else np.uint8)
        assert frame.domain in ("device", "host")


def test_time_and_numbers_of_a_stream_rise(camera):
    camera.start(usual_settings(camera.capabilities, SMALL))
    depth = [f for f in (camera.read(5.0) for _ in range(20)) if f.kind == StreamKind.DEPTH]
    assert (np.diff([frame.at_us for frame in depth]) > 0).all()
    if depth[0].number is not None:
        assert (np.diff([frame.number for frame in depth]) > 0).all()


def test_a_frame_is_not_overwritten_by_the_next(camera):
    camera.start(usual_settings(camera.capabilities, SMALL))
    first = camera.read(5.0)
    before = first.pixels.copy()
    for _ in range(8):
        camera.read(5.0)
    assert np.array_equal(first.pixels, before)


def test_depth_has_a_unit_and_intrinsics(camera):
    camera.start(usual_settings(camera.capabilities, SMALL))
    (depth,) = [s for s in camera.streams if s.mode.kind == StreamKind.DEPTH]
    assert 1e-5 < depth.unit_m < 0.01
    intrinsics = camera.calibration.depth
    assert (intrinsics.width, intrinsics.height) == (depth.mode.width, depth.mode.height)


def test_depth_alone_never_opens_colour(camera):
    camera.start(depth_alone(usual_settings(camera.capabilities, SMALL)))
    assert {stream.mode.kind for stream in camera.streams} == {StreamKind.DEPTH}
    assert {camera.read(5.0).kind for _ in range(10)} == {StreamKind.DEPTH}


def test_what_runs_is_what_was_opened_and_nothing_else(camera):
    assert camera.active_streams() == ()
    settings = usual_settings(camera.capabilities, SMALL)
    for wanted in (depth_alone(settings), settings):
        camera.start(wanted)
        assert camera.read(5.0) is not None
        assert {stream.kind for stream in camera.active_streams()} == wanted.kinds
        for mode in wanted.streams:
            assert ActiveStream.of(mode) in camera.active_streams()
        camera.stop()
    assert camera.active_streams() == ()


def test_stopped_it_gives_nothing_and_starts_again(camera):
    settings = usual_settings(camera.capabilities, SMALL)
    camera.start(settings)
    assert camera.read(5.0) is not None
    camera.stop()
    camera.stop()
    assert camera.streams == ()
    assert camera.read(0.0) is None
    camera.start(settings)
    assert camera.read(5.0) is not None


def test_closing_twice_is_fine_and_reading_after_it_is_refused(camera):
    camera.start(usual_settings(camera.capabilities, SMALL))
    camera.close()
    camera.close()
    with pytest.raises(CameraGoneError):
        camera.read()


def test_another_thread_may_close_it_while_it_is_read(camera):
    camera.start(usual_settings(camera.capabilities, SMALL))
    ended = threading.Event()

    def read_on():
        try:
            while camera.read(0.2) is not None:
                pass
        except CameraGoneError:
            pass
        ended.set()

    reader = threading.Thread(target=read_on)
    reader.start()
    camera.close()
    reader.join(10)
    assert ended.is_set()


def test_what_it_does_not_offer_is_refused_in_words(camera):
    with pytest.raises(FsamtError) as refused:
        camera.start(CameraSettings((StreamMode(StreamKind.DEPTH, 31, 17, 7.0),)))
    assert refused.value.hint
    assert camera.streams == ()


def test_looking_for_cameras_never_raises(monkeypatch):
    assert any(info.id == "simulated" for info in list_cameras())


@pytest.mark.parametrize("name", ["webcam:0", "simulated:x", "simulated:1/juggle", ""])
def test_an_unknown_camera_is_refused_in_words(name):
    with pytest.raises(FsamtError) as refused:
        open_camera(name)
    assert refused.value.hint


def test_the_nearest_settings_keep_the_rate_first():
    capabilities = open_camera("simulated").capabilities
    wanted = CameraSettings((StreamMode(StreamKind.DEPTH, 1280, 720, 30.0),))
    (mode,) = usual_settings(capabilities, wanted).streams
    assert (mode.width, mode.height, mode.rate_hz) == (848, 480, 30.0)


def test_a_camera_without_depth_is_refused():
    capabilities = cameras.Capabilities((StreamMode(StreamKind.COLOUR, 640, 480, 30.0),), True)
    with pytest.raises(FsamtError):
        usual_settings(capabilities)
