"""The RealSense camera through the real SDK, which lists a device of its own without hardware."""

import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from fsamt_engine.capture import realsense, realsense_sdk, realsense_streams
from fsamt_engine.capture.camera import CameraGoneError, CameraSettings, StreamMode
from fsamt_engine.capture.cameras import list_cameras, missing, open_camera
from fsamt_engine.capture.realsense import RealSenseCamera, realsense_devices
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind
from tests.fsamt_engine.capture import recorded
from tests.fsamt_engine.capture.recorded import (
    COLOUR,
    DEPTH,
    INFRARED,
    SETTINGS,
    Plugged,
    frame,
    steady,
)

pytestmark = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")


@pytest.fixture
def plugged():
    with Plugged(unit_m=0.000125) as plugged:
        yield plugged


@pytest.fixture
def camera(plugged):
    camera = RealSenseCamera(plugged.camera.serial)
    yield camera
    camera.close()


def read_all(camera):
    frames = []
    while (one := camera.read(0.05)) is not None:
        frames.append(one)
    return frames


def read_for(camera, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        camera.read(0.2)


def seen(frames):
    return [(f.kind, f.at_us, f.domain, f.number, f.pixels.tobytes()) for f in frames]


def test_cameras_appear_in_the_list_and_vanish_from_it():
    assert realsense_devices() == []
    with Plugged(serial="11"), Plugged(serial="22"):
        assert {info.id for info in realsense_devices()} >= {"realsense:22"}
        assert "realsense:22" in {info.id for info in list_cameras()}
    assert realsense_devices() == []


def test_it_says_what_it_is_and_what_it_offers(camera):
    assert camera.info.id == "realsense:7654321"
    assert (camera.info.firmware, camera.info.usb_type) == ("5.16.0.1", "3.2")
    assert set(camera.capabilities.modes) == {DEPTH, COLOUR, INFRARED}
    assert camera.capabilities.is_live
    assert not camera.has_ended


def test_frames_arrive_as_the_camera_sent_them(camera, plugged):
    camera.start(CameraSettings((DEPTH, COLOUR, INFRARED)))
    before_us = time.time_ns() // 1000
    frames = steady(5, (DEPTH, COLOUR, INFRARED))
    plugged.push(frames)
    read = read_all(camera)
    assert seen(read) == seen(frames)
    assert all(before_us <= one.arrived_at_us <= time.time_ns() // 1000 for one in read)
    assert {s.mode.kind: s.unit_m for s in camera.streams}[StreamKind.DEPTH] == 0.000125
    assert camera.calibration == recorded.CALIBRATION


def test_depth_alone_never_opens_the_colour_sensor(camera, plugged):
    camera.start(CameraSettings((DEPTH,)))
    plugged.push(steady(5))
    assert {one.kind for one in read_all(camera)} == {StreamKind.DEPTH}
    assert camera.calibration.colour is None


def test_a_reader_that_does_not_come_costs_frames_which_are_counted(camera, plugged):
    camera.start(SETTINGS)
    plugged.push(steady(50))
    n_read = len(read_all(camera))
    assert n_read < 100
    assert n_read + sum(camera.lost.by_kind.values()) == 100
    plugged.push([frame(DEPTH, 50)])
    assert [one.number for one in read_all(camera)] == [50]


def test_stall_a_camera_that_is_silent_but_there_is_waited_for(camera, plugged):
    camera.start(SETTINGS)
    plugged.push(steady(2))
    assert len(read_all(camera)) == 4
    assert camera.read(1.2) is None
    plugged.push(steady(1))
    assert len(read_all(camera)) == 2


def test_unplug_in_the_middle_is_told_and_the_same_camera_comes_back(camera, plugged):
    camera.start(SETTINGS)
    plugged.push(steady(3))
    assert len(read_all(camera)) == 6
    plugged.camera.unplug()
    with pytest.raises(CameraGoneError):
        read_for(camera, 6.0)
    with pytest.raises(CameraGoneError):
        camera.start(SETTINGS)
    with Plugged() as again:
        camera.start(SETTINGS)
        again.push(steady(3))
        assert len(read_all(camera)) == 6


def test_another_clock_in_the_middle_is_told_with_every_frame(camera, plugged):
    camera.start(SETTINGS)
    plugged.push(recorded.by_the_computers_clock(steady(6), StreamKind.DEPTH, first=3))
    depth = [one for one in read_all(camera) if one.kind == StreamKind.DEPTH]
    assert [one.domain for one in depth] == ["device"] * 3 + ["host"] * 3
    domains = {stream.mode.kind: stream.timestamp_domain for stream in camera.streams}
    assert domains == {StreamKind.DEPTH: "host", StreamKind.COLOUR: "device"}


def test_what_it_does_not_offer_is_refused_before_anything_is_opened(camera):
    for settings in (
        CameraSettings((StreamMode(StreamKind.DEPTH, 1, 1, 30.0),)),
        CameraSettings((DEPTH,), emitter=True),
        CameraSettings((DEPTH,), visual_preset="High Density"),
        CameraSettings((DEPTH, COLOUR), exposure_us=8000),
    ):
        with pytest.raises(FsamtError) as refused:
            camera.start(settings)
        assert refused.value.hint
        assert camera.streams == ()


def test_an_absent_camera_is_refused_in_words():
    with pytest.raises(CameraGoneError) as refused:
        open_camera("realsense:999")
    assert "999" in refused.value.message


def test_a_failure_in_the_sdks_thread_reaches_the_reader(camera, plugged, monkeypatch):
    monkeypatch.setattr(realsense_streams, "to_frame", lambda *_: 1 / 0)
    camera.start(SETTINGS)
    plugged.push([frame(DEPTH, 0)])
    with pytest.raises(ZeroDivisionError):
        camera.read(5.0)


def test_stop_timeout_marks_abandoned_and_prevents_restart(camera, plugged, monkeypatch):
    monkeypatch.setattr(realsense, "_STUCK", set())
    monkeypatch.setattr(realsense_streams, "STOP_LIMIT_S", 0.05)
    hangs = threading.Event()
    camera.start(SETTINGS)
    camera._streams._started.append(SimpleNamespace(stop=lambda: hangs.wait(10)))
    camera.stop()
    assert camera.streams == ()
    with pytest.raises(FsamtError) as refused:
        camera.start(SETTINGS)
    assert "does not answer" in refused.value.message
    hangs.set()
    (left,) = [t for t in threading.enumerate() if t.name == "stop RealSense"] or [None]
    if left is not None:
        left.join(10)


def test_without_the_sdk_looking_for_cameras_gives_none_and_opening_says_what_is_missing(
    monkeypatch,
):
    monkeypatch.setitem(sys.modules, "pyrealsense2", None)
    realsense_sdk.sdk.cache_clear()
    realsense_sdk.cameras_context.cache_clear()
    try:
        assert realsense_devices() == []
        assert "pyrealsense2" in missing().message
        with pytest.raises(FsamtError) as refused:
            open_camera("realsense:1")
        assert "pip install" in refused.value.hint
    finally:
        realsense_sdk.sdk.cache_clear()
        realsense_sdk.cameras_context.cache_clear()


class Sensor:
    """A sensor with options, as those of a D435."""

    def __init__(self, streams, options, read_only=()):
        self.streams, self.read_only, self.set = streams, read_only, []
        self.options = options

    def get_stream_profiles(self):
        return [
            SimpleNamespace(stream_type=lambda name=name: SimpleNamespace(name=name))
            for name in self.streams
        ]

    def supports(self, option):
        return option.name in self.options

    def is_option_read_only(self, option):
        return option.name in self.read_only

    def get_option_range(self, option):
        low, high, step = self.options[option.name]
        return SimpleNamespace(min=low, max=high, step=step)

    def get_option_value_description(self, option, value):
        return {0.0: "Custom", 1.0: "Default", 4.0: "High Density"}.get(value, "")

    def set_option(self, option, value):
        self.set.append((option.name, value))


@pytest.fixture
def d435():
    depth = Sensor(
        ["depth", "infrared"],
        {
            "visual_preset": (0, 5, 1),
            "emitter_enabled": (0, 2, 1),
            "global_time_enabled": (0, 1, 1),
        },
    )
    colour = Sensor(
        ["color"],
        {
            "exposure": (1, 10_000, 1),
            "enable_auto_exposure": (0, 1, 1),
            "auto_exposure_priority": (0, 1, 1),
            "global_time_enabled": (0, 1, 1),
        },
    )
    return SimpleNamespace(query_sensors=lambda: [depth, colour], depth=depth, colour=colour)


def applied(d435, settings):
    from fsamt_engine.capture.realsense_frames import OfferedStream
    from fsamt_engine.capture.realsense_options import apply_settings

    by_kind = {StreamKind.DEPTH: d435.depth, StreamKind.COLOUR: d435.colour}
    chosen = [OfferedStream(mode, by_kind[mode.kind], None) for mode in settings.streams]
    apply_settings(d435, chosen, settings)
    return d435.depth.set, d435.colour.set


def test_exposure_priority_is_off_unless_it_is_asked_for(d435):
    _, colour = applied(d435, SETTINGS)
    assert ("auto_exposure_priority", 0.0) in colour
    assert ("enable_auto_exposure", 1.0) in colour
    _, colour = applied(d435, CameraSettings((DEPTH, COLOUR), exposure_priority=True))
    assert ("auto_exposure_priority", 1.0) in colour


def test_times_are_asked_for_by_the_devices_own_clock(d435):
    depth, colour = applied(d435, SETTINGS)
    assert ("global_time_enabled", 0.0) in depth
    assert ("global_time_enabled", 0.0) in colour


def test_exposure_is_set_in_the_steps_of_the_colour_sensor_and_automatic_exposure_ends(d435):
    _, colour = applied(d435, CameraSettings((DEPTH, COLOUR), exposure_us=8_333))
    assert colour[-2:] == [("enable_auto_exposure", 0.0), ("exposure", 83)]


def test_the_preset_is_set_before_what_it_would_overwrite(d435):
    settings = CameraSettings((DEPTH,), emitter=False, visual_preset="High Density")
    depth, colour = applied(d435, settings)
    assert depth[-2:] == [("visual_preset", 4.0), ("emitter_enabled", 0.0)]
    assert colour == []  # It is not opened, so it is left alone.


@pytest.mark.parametrize("name", ["bgr8", "rgba8", "bgra8", "yuyv", "uyvy"])
def test_other_colour_formats_become_rgb(name):
    from fsamt_engine.capture.realsense_frames import to_frame

    rgb = np.full((4, 6, 3), (200, 40, 90), np.uint8)
    # Y, U, V of that colour by BT.601, limited range.
    luma, u, v = 98, 126, 195
    yuyv = np.tile(np.array([luma, u, luma, v], np.uint8), (4, 3)).reshape(4, 6, 2)
    values = {
        "bgr8": rgb[..., ::-1],
        "rgba8": np.dstack([rgb, np.full((4, 6), 255, np.uint8)]),
        "bgra8": np.dstack([rgb[..., ::-1], np.full((4, 6), 255, np.uint8)]),
        "yuyv": yuyv.copy().view(np.uint16)[..., 0],
        "uyvy": yuyv[..., ::-1].copy(),
    }[name]
    if name == "uyvy":
        values = np.tile(np.array([u, luma, v, luma], np.uint8), (4, 3)).reshape(4, 6, 2)
    sdk_frame = SimpleNamespace(
        get_data=lambda: np.ascontiguousarray(values),
        get_profile=lambda: SimpleNamespace(format=lambda: SimpleNamespace(name=name)),
        get_timestamp=lambda: 1.5,
        get_frame_number=lambda: 3,
        get_frame_timestamp_domain=lambda: SimpleNamespace(name="global_time"),
    )
    made = to_frame(sdk_frame, StreamKind.COLOUR, 0)
    assert (made.at_us, made.domain, made.number) == (1500, "device", 3)
    assert np.abs(made.pixels.astype(int) - rgb).max() <= 4
