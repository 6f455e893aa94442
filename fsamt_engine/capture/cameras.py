"""Which cameras there are, and how one is opened. A new kind of camera is one line in `_KINDS`."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from fsamt_engine.capture.camera import (
    Camera,
    CameraInfo,
    CameraSettings,
    Capabilities,
    StreamMode,
)
from fsamt_engine.capture.simulated_camera import SIMULATED, SimulatedCamera
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind

OpenCamera = Callable[[str, bool], Camera]
"""Opens the camera of an id; in real time, or (recordings, simulation) frame by frame."""


def _simulated(camera_id: str, real_time: bool) -> Camera:
    return SimulatedCamera(camera_id, real_time)


def _file(camera_id: str, real_time: bool) -> Camera:
    from fsamt_engine.capture.playback import PlaybackCamera

    return PlaybackCamera(Path(camera_id.partition(":")[2]), real_time=real_time)


def _realsense(camera_id: str, _real_time: bool) -> Camera:
    from fsamt_engine.capture.realsense import RealSenseCamera

    return RealSenseCamera(camera_id.partition(":")[2])


_KINDS: Mapping[str, OpenCamera] = {
    "realsense": _realsense,
    "file": _file,
    SIMULATED: _simulated,
}


def list_cameras() -> list[CameraInfo]:
    """The cameras that are plugged in, and the simulated one. Never raises.

    What is missing on this computer to see more of them is told by `missing`.
    """
    found: list[CameraInfo] = []
    with contextlib.suppress(FsamtError):
        from fsamt_engine.capture.realsense import realsense_devices

        found += realsense_devices()
    return [*found, SimulatedCamera().info]


def missing() -> FsamtError | None:
    """Why RealSense cameras cannot be used on this computer, None if they can."""
    try:
        from fsamt_engine.capture.realsense_sdk import sdk

        sdk()
    except FsamtError as error:
        return error
    return None


def open_camera(camera_id: str, real_time: bool = True) -> Camera:
    """The camera of an id: "realsense:SERIAL", "file:PATH" or "simulated[:PARTICIPANT[/ACTIONS]]".

    Raises:
        FsamtError: There is no such kind, no such camera, or what it needs is missing.
    """
    kind = camera_id.partition(":")[0]
    if kind not in _KINDS:
        raise FsamtError(
            f'There is no camera "{camera_id}".',
            "See `fsamt cameras` for what there is; file:PATH plays a recording of the SDK.",
        )
    return _KINDS[kind](camera_id, real_time)


def usual_settings(
    capabilities: Capabilities, wanted: CameraSettings | None = None
) -> CameraSettings:
    """The settings nearest to `wanted` that a camera offers.

    A stream that it does not offer at all is left out; of the modes, first the rate counts, then
    the number of pixels.

    Raises:
        FsamtError: It offers no depth.
    """
    wanted = wanted or CameraSettings()
    chosen = []
    for mode in wanted.streams:
        offered = [m for m in capabilities.modes if m.kind == mode.kind]
        if offered:
            chosen.append(min(offered, key=lambda m, mode=mode: _distance(m, mode)))  # type: ignore[misc]
    if not any(mode.kind == StreamKind.DEPTH for mode in chosen):
        raise FsamtError("This camera gives no depth.", "Choose a depth camera.")
    return replace(wanted, streams=tuple(chosen))


def _distance(offered: StreamMode, wanted: StreamMode) -> tuple[float, int, int]:
    pixels = abs(offered.width * offered.height - wanted.width * wanted.height)
    return abs(offered.rate_hz - wanted.rate_hz), pixels, abs(offered.width - wanted.width)
