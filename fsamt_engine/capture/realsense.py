"""RealSense cameras, through the SDK."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraGoneError,
    CameraInfo,
    CameraSettings,
    Capabilities,
    Frame,
    LostFrames,
    OpenStream,
)
from fsamt_engine.capture.realsense_frames import (
    OfferedStream,
    calibration_of,
    camera_info,
    now_us,
    offered_streams,
)
from fsamt_engine.capture.realsense_options import apply_settings, option_capabilities
from fsamt_engine.capture.realsense_sdk import DEVICE_LISTENERS, cameras_context, sdk, sdk_errors
from fsamt_engine.capture.realsense_streams import RealSenseStreams
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration

REALSENSE = "realsense"
_QUEUED_FRAMES = 32
_IS_THERE_IS_ASKED_AFTER_S = 1.0
"""Without a frame. Asking costs a look at the whole USB."""
_STUCK: set[str] = set()
"""Serial numbers of cameras whose driver did not stop: starting them would hang, too."""


class _Known:
    """The cameras of the last look. To ask a camera who it is takes long, and disturbs it."""

    def __init__(self) -> None:
        self.n_changes = 0
        self._seen: tuple[int, int] | None = None
        self._infos: list[CameraInfo] = []

    def changed(self, _: Any) -> None:
        self.n_changes += 1

    def look(self) -> list[CameraInfo]:
        seen = (self.n_changes, cameras_context().query_devices().size())
        if seen != self._seen:
            self._infos = [info for _, info in _devices()]
            self._seen = seen
        return self._infos


_KNOWN = _Known()
DEVICE_LISTENERS.append(_KNOWN.changed)


def realsense_devices() -> list[CameraInfo]:
    """The RealSense cameras that are plugged in now. Never raises; cheap to ask again and again."""
    try:
        return list(_KNOWN.look())
    except (FsamtError, RuntimeError):
        return []


class RealSenseCamera:
    """A RealSense camera.

    A camera that was unplugged is noticed when its frames stay away for a second; a `start` after
    it was plugged in again finds it. The SDK takes about 1.5 s to start a camera.

    Args:
        serial: Its serial number.

    Raises:
        FsamtError: The SDK is missing, or there is no such camera.
    """

    def __init__(self, serial: str) -> None:
        self._serial = serial
        self._lock = threading.RLock()
        self._is_closed = threading.Event()
        self._streams: RealSenseStreams | None = None
        self._chosen: tuple[OfferedStream, ...] = ()
        self._last_sign_at = 0.0
        device, self.info = self._find()
        with self._errors("cannot be looked into"):
            options = option_capabilities(device)
            modes = tuple(sorted(offered_streams(device), key=_order))
        self.capabilities = Capabilities(modes, is_live=True, **options)
        self.lost = LostFrames()
        self.has_ended = False

    @property
    def streams(self) -> tuple[OpenStream, ...]:
        """The streams that are open now."""
        streams = self._streams
        return streams.open_streams if streams else ()

    def active_streams(self) -> tuple[ActiveStream, ...]:
        """What the SDK says that runs on all sensors, its colour sensor too; asked anew each time.

        Raises:
            FsamtError: The SDK does not say.
        """
        streams = self._streams
        if streams is None:
            return ()
        with self._errors("does not say what is open"):
            return streams.active()

    @property
    def calibration(self) -> Calibration:
        """Geometry of the open streams, as the factory (or a recalibration) stored it."""
        return calibration_of(self._chosen)

    def start(self, settings: CameraSettings) -> None:
        """Open exactly the streams of `settings`, after its options were set.

        Raises:
            CameraGoneError: It was closed, or is not plugged in.
            FsamtError: It does not offer that, or another program uses it.
        """
        with self._lock:
            self._refuse_closed()
            self.stop()
            if self._serial in _STUCK:
                raise FsamtError(
                    f"The driver of {self._name} does not answer.",
                    "Unplug the camera, and start the program again.",
                )
            device, _ = self._find()
            offered = offered_streams(device)
            missing = [mode for mode in settings.streams if mode not in offered]
            if missing or not settings.streams:
                raise FsamtError(
                    f"{self._name} does not offer these streams.",
                    "A USB 2 cable or port allows less than USB 3. Choose one of its modes.",
                )
            chosen = tuple(offered[mode] for mode in settings.streams)
            with self._errors("cannot be started"):
                apply_settings(device, chosen, settings)
                streams = RealSenseStreams(
                    device, chosen, now_us, capacity=_QUEUED_FRAMES, waits=False
                )
                self._last_sign_at = time.monotonic()
                streams.start()
            self._streams, self._chosen, self.lost = streams, chosen, streams.inbox.lost

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next frame.

        Raises:
            CameraGoneError: It was unplugged or closed.
        """
        self._refuse_closed()
        streams = self._streams
        if streams is None:
            return None
        frame = streams.inbox.read(timeout_s)
        self._refuse_closed()
        if frame is not None:
            self._last_sign_at = time.monotonic()
        elif time.monotonic() - self._last_sign_at >= _IS_THERE_IS_ASKED_AFTER_S:
            if self._serial not in {info.serial for info in realsense_devices()}:
                raise self._gone()
            self._last_sign_at = time.monotonic()
        return frame

    def stop(self) -> None:
        """Close the streams. A driver that takes longer than a few seconds is left to itself."""
        with self._lock:
            streams, self._streams, self._chosen = self._streams, None, ()
            if streams is not None and not streams.stop():
                _STUCK.add(self._serial)

    def close(self) -> None:
        """Let go of the camera; a thread that waits in `read` comes back."""
        self._is_closed.set()
        self.stop()

    @property
    def _name(self) -> str:
        return f"{self.info.name} {self._serial}".strip()

    def _find(self) -> tuple[Any, CameraInfo]:
        with sdk_errors("The RealSense SDK finds no cameras", "Unplug the camera, and try again."):
            for device, info in _devices():
                if info.serial == self._serial:
                    return device, info
        raise self._gone()

    def _gone(self) -> CameraGoneError:
        return CameraGoneError(
            f"The RealSense camera {self._serial} is not plugged in.",
            "Plug it in, if possible with its own cable into a USB 3 port.",
        )

    def _errors(self, what_failed: str) -> Any:
        return sdk_errors(
            f"{self._name} {what_failed}",
            "Close other programs that use it, or unplug it and plug it in again.",
        )

    def _refuse_closed(self) -> None:
        if self._is_closed.is_set():
            raise CameraGoneError("The camera was closed.", "Open it again.")


def _devices() -> Iterator[tuple[Any, CameraInfo]]:
    """Cameras that say their serial number; those in recovery mode do not."""
    for device in cameras_context().query_devices():
        if device.is_playback() or not device.supports(sdk().camera_info.serial_number):
            continue
        serial = device.get_info(sdk().camera_info.serial_number)
        yield device, camera_info(f"{REALSENSE}:{serial}", device)


def _order(mode: Any) -> tuple[str, int, int, float]:
    return mode.kind, mode.width * mode.height, mode.width, mode.rate_hz
