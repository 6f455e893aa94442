"""Cameras of the RealSense SDK without hardware, and recordings made with the SDK's own recorder.

What is pushed into a software device goes the SDK's ways: its recorder, its files, its playback,
its callbacks. That is how the camera code is tested, and how the benchmark's files come about.
"""

import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fsamt_engine.capture.camera import Camera, CameraSettings, Frame, StreamMode
from fsamt_engine.capture.realsense_contents import is_in_order, stored_frames
from fsamt_engine.capture.realsense_sdk import DEVICE_LISTENERS, cameras_context, sdk, sdk_errors
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, Intrinsics, StreamKind

_SENSORS = {
    StreamKind.DEPTH: "Stereo Module",
    StreamKind.INFRARED: "Stereo Module",
    StreamKind.COLOUR: "RGB Camera",
}
_STREAMS = {
    StreamKind.DEPTH: ("depth", 0, "z16", 2),
    StreamKind.INFRARED: ("infrared", 1, "y8", 1),
    StreamKind.COLOUR: ("color", 0, "rgb8", 3),
}
"""The SDK's name of a stream, its index, format, and bytes a pixel."""
_PAUSE_TAKES_AT_MOST_S = 10.0
_RESUMING_TAKES_S = 0.1
_DRAINED_EVERY_BYTES = 1 << 27
"""Of pixels. The recorder drops frames when about twice as much waits to be compressed."""


class SoftwareCamera:
    """A device of the SDK into which frames are pushed by the program.

    Args:
        modes: Its streams. All are offered, and only those that somebody opened deliver.
        unit_m: Metres a step of depth.
        calibration: Geometry; where it says nothing, some.
        name, serial: As the SDK will tell them.
    """

    def __init__(
        self,
        modes: Sequence[StreamMode],
        *,
        unit_m: float = 0.001,
        calibration: Calibration | None = None,
        name: str = "Simulated RealSense",
        serial: str = "000000000001",
    ) -> None:
        rs = sdk()
        self.serial = serial
        self._device: Any = rs.software_device()
        self._kept: list[Any] = []
        info = rs.camera_info
        for what, text in (
            (info.name, name),
            (info.serial_number, serial),
            (info.firmware_version, "5.16.0.1"),
            (info.usb_type_descriptor, "3.2"),
        ):
            self._device.register_info(what, text)
        self._sensors: dict[str, Any] = {}
        self._profiles: dict[StreamKind, list[Any]] = {}
        for mode in modes:
            sensor = self._sensor(_SENSORS[mode.kind])
            stream = _video_stream(mode, calibration or Calibration())
            self._profiles.setdefault(mode.kind, []).append(sensor.add_video_stream(stream))
        if StreamKind.DEPTH in self._profiles:
            depth_sensor = self._sensors[_SENSORS[StreamKind.DEPTH]]
            depth_sensor.add_read_only_option(rs.option.depth_units, unit_m)
        self._relate(calibration or Calibration())

    @property
    def device(self) -> Any:
        """The SDK's software device."""
        return self._device

    def push(self, frame: Frame) -> None:
        """Deliver a frame, as if the camera had sent it. A stream that nobody opened loses it."""
        rs = sdk()
        _, _, _, n_bytes = _STREAMS[frame.kind]
        sensor = self._sensors[_SENSORS[frame.kind]]
        height, width = frame.pixels.shape[:2]
        pushed = rs.software_video_frame()
        pushed.pixels = np.ascontiguousarray(frame.pixels)
        pushed.stride, pushed.bpp = width * n_bytes, n_bytes
        pushed.timestamp = frame.at_us / 1000
        domain = rs.timestamp_domain
        pushed.domain = domain.hardware_clock if frame.domain == "device" else domain.system_time
        pushed.frame_number = frame.number or 0
        pushed.profile = next(
            video
            for video in (p.as_video_stream_profile() for p in self._profiles[frame.kind])
            if (video.width(), video.height()) == (width, height)
        )
        sensor.set_metadata(rs.frame_metadata_value.time_of_arrival, frame.arrived_at_us // 1000)
        sensor.on_video_frame(pushed)

    def plug_in(self) -> None:
        """Let it appear among the cameras of this computer.

        The SDK lists a software device only as long as somebody keeps the list that the
        devices-changed callback got.
        """
        context = cameras_context()
        DEVICE_LISTENERS.append(self._keep)
        self._device.add_to(context)

    def unplug(self) -> None:
        """Let it vanish from the cameras of this computer; frames do not come any more."""
        if self._keep in DEVICE_LISTENERS:
            DEVICE_LISTENERS.remove(self._keep)
        self._kept.clear()
        gc.collect()

    def _keep(self, change: Any) -> None:
        self._kept.append(change.get_new_devices())

    def _sensor(self, name: str) -> Any:
        if name not in self._sensors:
            self._sensors[name] = self._device.add_sensor(name)
        return self._sensors[name]

    def _relate(self, calibration: Calibration) -> None:
        extrinsics = sdk().extrinsics()
        rotation = np.array(calibration.depth_to_colour_rotation, np.float64).reshape(3, 3)
        extrinsics.rotation = rotation.ravel(order="F").tolist()  # The SDK's are column-major.
        extrinsics.translation = list(calibration.depth_to_colour_translation)
        for depth in self._profiles.get(StreamKind.DEPTH, ()):
            for colour in self._profiles.get(StreamKind.COLOUR, ()):
                depth.register_extrinsics_to(colour, extrinsics)


def record_camera(path: Path, camera: Camera, settings: CameraSettings, seconds: float) -> int:
    """Record some seconds of a camera with the SDK's recorder: `record_camera(path, simulated...)`.

    The file plays at the pace at which the camera delivered.

    Args:
        path: The file to make; it has to end in `.db3`.
        camera: Any camera, not started.
        settings: Its streams.
        seconds: By the camera's own clock.

    Returns:
        How many frames the file has.

    Raises:
        FsamtError: The file is there already or cannot be written, or the camera fails.
    """
    camera.start(settings)
    try:
        streams = camera.streams
        device = SoftwareCamera(
            [stream.mode for stream in streams],
            unit_m=next((s.unit_m for s in streams if s.unit_m is not None), 0.001),
            calibration=camera.calibration,
            name=camera.info.name,
            serial=camera.info.serial,
        )
        return record_frames(path, device, _frames_of(camera, seconds))
    finally:
        camera.stop()


def record_frames(path: Path, camera: SoftwareCamera, frames: Iterable[Frame]) -> int:
    """Push frames through the SDK's recorder into a file.

    Args:
        path: The file to make; it has to end in `.db3`.
        camera: What they are pushed into.
        frames: In the order of their arrival.

    Returns:
        How many frames the file has: all of them.

    Raises:
        FsamtError: The file is there already, cannot be written, or the recorder lost frames.
    """
    if path.exists() or path.suffix != ".db3":
        raise FsamtError(f"{path} cannot be recorded to.", "Give a new file that ends in .db3.")
    n_pushed = n_bytes = 0
    with sdk_errors(f"{path.name} cannot be recorded", "See whether the disk is full."):
        recorder = sdk().recorder(str(path), camera.device)
        sensors = recorder.query_sensors()
        for sensor in sensors:
            sensor.open(sensor.get_stream_profiles())
            sensor.start(lambda _: None)
        for frame in frames:
            camera.push(frame)
            n_pushed += 1
            n_bytes += frame.pixels.nbytes
            if n_bytes >= _DRAINED_EVERY_BYTES:
                _drain(recorder)
                _resume(recorder)
                n_bytes = 0
        _drain(recorder)
        for sensor in sensors:
            sensor.stop()
            sensor.close()
        del sensor, sensors, recorder  # Only then is the file complete.
    n_stored = sum(stored_frames(path).values())
    if n_stored != n_pushed or not is_in_order(path):
        raise FsamtError(
            f"The SDK's recorder kept {n_stored} of {n_pushed} frames, or mixed up their order.",
            "See whether the disk is full or the computer is busy, and record again.",
        )
    return n_stored


def _drain(recorder: Any) -> None:
    """Wait until the recorder has written what it was given, and pause it.

    It compresses in a thread of its own, and what still waits when it is closed is lost without a
    word (measured: 161 of 480 frames). Pausing waits for the thread, but 10 s at most.
    """
    while True:
        began_at = time.monotonic()
        recorder.pause()
        if time.monotonic() - began_at < _PAUSE_TAKES_AT_MOST_S / 2:
            return


def _resume(recorder: Any) -> None:
    """Go on, once frames are stamped with the time less the pause.

    Resuming only asks for that: frames that come before the recorder's thread obeyed are stamped
    with the pause, those after it without, and the file plays in the order of its stamps.
    """
    recorder.resume()
    time.sleep(_RESUMING_TAKES_S)


def _frames_of(camera: Camera, seconds: float) -> Iterator[Frame]:
    first_us: int | None = None
    while (frame := camera.read()) is not None:
        first_us = frame.at_us if first_us is None else first_us
        if frame.at_us - first_us >= seconds * 1e6:
            return
        yield frame


def _video_stream(mode: StreamMode, calibration: Calibration) -> Any:
    rs = sdk()
    name, index, pixel_format, n_bytes = _STREAMS[mode.kind]
    stream = rs.video_stream()
    stream.type, stream.fmt = getattr(rs.stream, name), getattr(rs.format, pixel_format)
    stream.index, stream.uid = index, list(_STREAMS).index(mode.kind) + 1
    stream.width, stream.height, stream.fps = mode.width, mode.height, round(mode.rate_hz)
    stream.bpp = n_bytes
    known = calibration.colour if mode.kind == StreamKind.COLOUR else calibration.depth
    stream.intrinsics = _intrinsics(known or _some_intrinsics(mode))
    return stream


def _some_intrinsics(mode: StreamMode) -> Intrinsics:
    focal = 0.9 * mode.height
    return Intrinsics(mode.width, mode.height, focal, focal, mode.width / 2, mode.height / 2)


def _intrinsics(known: Intrinsics) -> Any:
    rs = sdk()
    intrinsics = rs.intrinsics()
    intrinsics.width, intrinsics.height = known.width, known.height
    intrinsics.fx, intrinsics.fy = known.fx, known.fy
    intrinsics.ppx, intrinsics.ppy = known.cx, known.cy
    intrinsics.model = getattr(rs.distortion, known.distortion_model, rs.distortion.none)
    intrinsics.coeffs = [*known.distortion, 0.0, 0.0, 0.0, 0.0, 0.0][:5]
    return intrinsics
