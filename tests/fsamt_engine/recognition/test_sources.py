"""Depth alone, by the word of the driver: through the real SDK, the simulated figure and takes."""

import logging

import pytest

from fsamt_engine.capture import feed as feeds
from fsamt_engine.capture import playback, realsense
from fsamt_engine.capture.camera import ActiveStream, CameraSettings, ColourOpenError
from fsamt_engine.capture.cameras import missing
from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.capture.realsense_frames import offered_streams
from fsamt_engine.capture.realsense_sdk import cameras_context
from fsamt_engine.capture.realsense_streams import RealSenseStreams
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind
from fsamt_engine.recognition.opened import stream_line
from fsamt_engine.recognition.sources import depth_only, open_source
from tests.fsamt_engine.capture.puppet import BOTH, Puppet, no_thread_left, wait_until
from tests.fsamt_engine.capture.recorded import COLOUR, DEPTH, Plugged, record, steady

needs_sdk = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")
RUNS = ActiveStream.of(DEPTH)


class Sink:
    def __init__(self):
        self.frames = []

    def take_frame(self, frame):
        self.frames.append(frame)

    def camera_ended(self, how):
        pass


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def plugged():
    """A camera that gives depth and colour all the time, to whoever opens them."""
    with Plugged((DEPTH, COLOUR), frames_per_s=100) as plugged:
        yield plugged


@pytest.fixture(scope="module")
def both_streams(tmp_path_factory):
    """A recording of the SDK with depth and colour in it."""
    return record(tmp_path_factory.mktemp("sdk") / "both.db3", steady(40))


def sensors_of(serial):
    """What the SDK says of each sensor, asked through a handle of its own."""
    for device in cameras_context().query_devices():
        if device.get_info(realsense.sdk().camera_info.serial_number) == serial:
            return {
                sensor.get_info(realsense.sdk().camera_info.name): [
                    profile.stream_type().name for profile in sensor.get_active_streams()
                ]
                for sensor in device.query_sensors()
            }
    raise AssertionError("it is not plugged in")


def watched(feed, n_frames=10):
    sink = Sink()
    assert feed.attach(sink, feed.wait_until_open())
    wait_until(lambda: len(sink.frames) >= n_frames)
    return sink.frames


def with_colour_too(device, streams, *rest, **options):
    """What the SDK's pipeline does by itself: more is opened than was asked for."""
    return RealSenseStreams(device, (*streams, offered_streams(device)[COLOUR]), *rest, **options)


@needs_sdk
def test_of_a_camera_the_sdk_itself_says_that_depth_alone_runs(plugged):
    with open_source(None, f"realsense:{plugged.camera.serial}") as feed:
        kinds = {frame.kind for frame in watched(feed)}
        assert sensors_of(plugged.camera.serial) == {"Stereo Module": ["depth"], "RGB Camera": []}
        opened = stream_line(feed)
        assert kinds == {StreamKind.DEPTH}
        assert opened.streams == (RUNS,)
        assert opened.is_depth_only
        assert opened.words == (
            "Open: depth 64 × 48 at 30 Hz, read from the camera. Colour is not open."
        )
    assert stream_line(feed).words == "No stream is open."
    assert not stream_line(feed).is_depth_only
    assert sensors_of(plugged.camera.serial) == {"Stereo Module": [], "RGB Camera": []}


@needs_sdk
def test_of_a_recording_with_colour_in_it_the_sdk_plays_depth_alone(both_streams):
    with open_source(None, f"file:{both_streams}", real_time=False) as feed:
        assert {frame.kind for frame in watched(feed)} == {StreamKind.DEPTH}
        assert stream_line(feed).streams == (RUNS,)
        assert feed.wait_until_open().calibration.colour is None


@needs_sdk
def test_of_a_real_recording_of_a_d435_with_colour_depth_is_played_alone(shared_data):
    path = shared_data / "realsense" / "single_depth_color_640x480.bag"
    with open_source(None, f"file:{path}", real_time=False) as feed:
        frames = watched(feed, 2)
        assert [frame.pixels.shape for frame in frames] == [(480, 640)] * 2
        wait_until(lambda: feed.status().state == FeedState.ENDED)
    assert len(frames) == 2


@needs_sdk
@pytest.mark.parametrize("kind", ["realsense", "file"])
def test_colour_refused_where_the_sdk_starts_it_although_nobody_asked(kind, monkeypatch, request):
    """The fault that all this is for: shown with the SDK's own colour stream, really started."""
    if kind == "realsense":
        name = request.getfixturevalue("plugged").camera.serial
        monkeypatch.setattr(realsense, "RealSenseStreams", with_colour_too)
    else:
        name = request.getfixturevalue("both_streams")
        monkeypatch.setattr(playback, "RealSenseStreams", with_colour_too)
    with open_source(None, f"{kind}:{name}") as feed:
        with pytest.raises(ColourOpenError) as refused:
            feed.wait_until_open()
        assert "colour" in refused.value.message
        assert feed.latest(StreamKind.COLOUR) is None
        assert feed.latest(StreamKind.DEPTH) is None
        assert feed.status().state == FeedState.FAILED


@needs_sdk
def test_colour_refused_where_it_is_opened_by_other_hands_while_depth_is_watched(
    plugged, monkeypatch
):
    monkeypatch.setattr(feeds, "_ACTIVE_S", 0.01)
    with open_source(None, f"realsense:{plugged.camera.serial}") as feed:
        watched(feed, 3)
        device, _ = next(realsense._devices())
        colour = offered_streams(device)[COLOUR]
        colour.sensor.open(colour.profile)
        colour.sensor.start(lambda frame: None)
        wait_until(lambda: feed.status().state == FeedState.FAILED)
        assert isinstance(feed.status().failure, ColourOpenError)
        colour.sensor.stop()
        colour.sensor.close()


@needs_sdk
def test_a_camera_without_depth_is_refused_in_words():
    with (
        Plugged((COLOUR,)) as plugged,
        open_source(None, f"realsense:{plugged.camera.serial}") as feed,
    ):
        with pytest.raises(FsamtError) as refused:
            feed.wait_until_open()
        assert "no depth" in refused.value.message
        assert sensors_of(plugged.camera.serial) == {"RGB Camera": []}


def test_of_the_simulated_figure_depth_is_drawn_alone():
    with open_source(None, "simulated:2/wave", real_time=False) as feed:
        assert {frame.kind for frame in watched(feed, 3)} == {StreamKind.DEPTH}
        opened = stream_line(feed)
        assert (opened.kinds, opened.is_depth_only) == ({"depth"}, True)
        assert opened.words.startswith("Open: depth 848 × 480 at 30 Hz, read from the simulated")


def test_of_a_take_depth_is_read_alone(square_library):
    (row, *_) = square_library.rows("SELECT id FROM takes")
    with open_source(square_library, f"take:{row[0]}", real_time=False) as feed:
        feed.wait_until_open()
        assert stream_line(feed).is_depth_only
        frames = watched(feed, 20)
    assert {frame.kind for frame in frames} == {StreamKind.DEPTH}


def test_a_take_without_a_library_is_refused_at_once():
    with pytest.raises(FsamtError):
        open_source(None, "take:abc")


@pytest.mark.parametrize("source_id", ["webcam:0", "take:nosuchtake", "file:/no/such.db3"])
def test_what_is_not_there_is_refused_in_words(square_library, source_id):
    with open_source(square_library, source_id) as feed, pytest.raises(FsamtError) as refused:
        feed.wait_until_open()
    assert refused.value.hint


def test_depth_alone_is_asked_for():
    assert depth_only().kinds == {StreamKind.DEPTH}


def test_what_runs_is_said_in_the_log_once_and_again_when_it_changes(caplog, monkeypatch):
    monkeypatch.setattr(feeds, "_ACTIVE_S", 0.01)
    puppet = Puppet()
    with (
        caplog.at_level(logging.INFO, "fsamt_engine.recognition"),
        CameraFeed("realsense:7", BOTH, puppet.open) as feed,
    ):
        feed.wait_until_open()
        assert [stream_line(feed).is_depth_only for _ in range(3)] == [False] * 3
        puppet.says_active = [DEPTH]
        wait_until(lambda: stream_line(feed).is_depth_only)
    (more, alone) = caplog.records
    assert (more.levelname, alone.levelname) == ("WARNING", "INFO")
    assert "Colour is open." in more.getMessage()
    assert "Colour is not open." in alone.getMessage()
    assert alone.name == "fsamt_engine.recognition"


def test_a_stream_that_the_engine_cannot_use_is_named_too():
    puppet = Puppet()
    gyro = ActiveStream("gyro", None, 0, 0, 200.0)

    def open_camera(camera_id):
        camera = puppet.open(camera_id)
        camera.active_streams = lambda: (RUNS, gyro)
        return camera

    with CameraFeed("realsense:7", CameraSettings((DEPTH,)), open_camera) as feed:
        feed.wait_until_open()
        opened = stream_line(feed)
    assert not opened.is_depth_only
    assert "depth 64 × 48 at 30 Hz and gyro at 200 Hz" in opened.words
