"""From what the RealSense SDK says to what the engine says: streams, frames, clocks, geometry."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.camera import ActiveStream, CameraInfo, Frame, StreamMode
from fsamt_engine.capture.realsense_sdk import sdk
from fsamt_engine.library.records import Calibration, Intrinsics, StreamKind

_KINDS = {
    "depth": StreamKind.DEPTH,
    "color": StreamKind.COLOUR,
    "infrared": StreamKind.INFRARED,
}
_FORMATS = {
    StreamKind.DEPTH: ("z16",),
    StreamKind.COLOUR: ("rgb8", "bgr8", "rgba8", "bgra8", "yuyv", "uyvy"),
    StreamKind.INFRARED: ("y8",),
}
"""What can be turned into our pixels, the cheapest first."""
_TO_RGB = {
    "bgr8": cv2.COLOR_BGR2RGB,
    "rgba8": cv2.COLOR_RGBA2RGB,
    "bgra8": cv2.COLOR_BGRA2RGB,
    "yuyv": cv2.COLOR_YUV2RGB_YUY2,
    "uyvy": cv2.COLOR_YUV2RGB_UYVY,
}


@dataclass(frozen=True)
class OfferedStream:
    """A stream that a device can open.

    Attributes:
        sensor: The SDK's sensor that delivers it.
        profile: The SDK's stream profile.
    """

    mode: StreamMode
    sensor: Any
    profile: Any


def camera_info(camera_id: str, device: Any) -> CameraInfo:
    """Which camera a device is. What it does not say stays empty."""
    info = sdk().camera_info

    def say(what: Any) -> str:
        return str(device.get_info(what)) if device.supports(what) else ""

    return CameraInfo(
        camera_id,
        say(info.name),
        say(info.serial_number),
        say(info.firmware_version),
        say(info.usb_type_descriptor),
    )


def offered_streams(device: Any) -> Mapping[StreamMode, OfferedStream]:
    """The streams of a device that the engine can use.

    Of several formats of the same mode the one that costs least is taken, of several infrared
    streams the first (the left one: it sees from where depth is measured).
    """
    best: dict[StreamMode, tuple[tuple[int, int], OfferedStream]] = {}
    for sensor in device.query_sensors():
        for profile in sensor.get_stream_profiles():
            kind = _KINDS.get(profile.stream_type().name)
            if kind is None or profile.format().name not in _FORMATS[kind]:
                continue
            video = profile.as_video_stream_profile()
            mode = StreamMode(kind, video.width(), video.height(), float(video.fps()))
            rank = (profile.stream_index(), _FORMATS[kind].index(profile.format().name))
            if mode not in best or rank < best[mode][0]:
                best[mode] = (rank, OfferedStream(mode, sensor, profile))
    return {mode: offered for mode, (_, offered) in best.items()}


def active_streams(sensors: Iterable[Any]) -> tuple[ActiveStream, ...]:
    """What runs on sensors of the SDK, by its own word.

    Raises:
        RuntimeError: The SDK does not say.
    """
    return tuple(_active(profile) for s in sensors for profile in s.get_active_streams())


def _active(profile: Any) -> ActiveStream:
    name = profile.stream_type().name
    kind = _KINDS.get(name)
    width, height = 0, 0
    if profile.is_video_stream_profile():
        video = profile.as_video_stream_profile()
        width, height = video.width(), video.height()
    return ActiveStream(str(kind or name), kind, width, height, float(profile.fps()))


def to_frame(frame: Any, kind: StreamKind, arrived_at_us: int) -> Frame:
    """The engine's frame, with pixels of its own: the SDK uses its memory again."""
    return Frame(
        kind,
        _pixels(frame, kind),
        round(frame.get_timestamp() * 1000),
        domain_of(frame),
        int(frame.get_frame_number()),
        arrived_at_us,
    )


def domain_of(frame: Any) -> str:
    """Which clock a frame's time is of.

    "global time" is the device's clock too, only told in the computer's scale.
    """
    return "host" if frame.get_frame_timestamp_domain().name == "system_time" else "device"


def recorded_arrival_us(frame: Any) -> int | None:
    """When a frame came to the computer, in microseconds since 1970; None where nobody noted it."""
    arrival = sdk().frame_metadata_value.time_of_arrival
    if not frame.supports_frame_metadata(arrival):
        return None
    return int(frame.get_frame_metadata(arrival)) * 1000


def now_us(_: Any = None) -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def _pixels(frame: Any, kind: StreamKind) -> NDArray[Any]:
    values: NDArray[Any] = np.asanyarray(frame.get_data())
    if kind != StreamKind.COLOUR:
        return values.copy()
    name = frame.get_profile().format().name
    if name == "rgb8":
        return values.copy()
    if name in ("yuyv", "uyvy"):
        values = np.ascontiguousarray(values).view(np.uint8).reshape(*values.shape[:2], 2)
    return np.asarray(cv2.cvtColor(values, _TO_RGB[name]))


def depth_unit_m(sensor: Any) -> float | None:
    """Metres a step of depth; None where a sensor does not say."""
    option = sdk().option.depth_units
    if not sensor.supports(option):
        return None
    # The SDK computes in float32; the shortest number that is the same there is what was meant.
    return float(str(np.float32(sensor.get_option(option))))


def calibration_of(streams: Sequence[OfferedStream]) -> Calibration:
    """Geometry of open streams. Where a device does not say, there is none."""
    profiles = {stream.mode.kind: stream.profile for stream in streams}
    depth, colour = profiles.get(StreamKind.DEPTH), profiles.get(StreamKind.COLOUR)
    calibration = Calibration(_intrinsics(depth), _intrinsics(colour))
    if depth is None or colour is None:
        return calibration
    try:
        extrinsics = depth.get_extrinsics_to(colour)
    except RuntimeError:
        return calibration
    # The SDK's matrices are column-major.
    rotation = np.array(extrinsics.rotation, np.float64).reshape(3, 3, order="F")
    return Calibration(
        calibration.depth,
        calibration.colour,
        tuple(rotation.ravel().tolist()),
        tuple(float(value) for value in extrinsics.translation),
    )


def _intrinsics(profile: Any) -> Intrinsics | None:
    if profile is None:
        return None
    try:
        found = profile.as_video_stream_profile().get_intrinsics()
    except RuntimeError:
        return None
    return Intrinsics(
        found.width,
        found.height,
        found.fx,
        found.fy,
        found.ppx,
        found.ppy,
        found.model.name,
        tuple(float(value) for value in found.coeffs),
    )
