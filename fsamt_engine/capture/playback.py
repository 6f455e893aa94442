"""Recordings of the RealSense SDK as cameras: what was recorded comes out as it once came."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraGoneError,
    CameraSettings,
    Capabilities,
    Frame,
    LostFrames,
    OpenStream,
)
from fsamt_engine.capture.realsense_contents import stored_frames
from fsamt_engine.capture.realsense_frames import (
    OfferedStream,
    calibration_of,
    camera_info,
    now_us,
    offered_streams,
    recorded_arrival_us,
)
from fsamt_engine.capture.realsense_sdk import sdk, sdk_errors
from fsamt_engine.capture.realsense_streams import RealSenseStreams
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, StreamKind

FILE = "file"
_END_IS_LOOKED_FOR_EVERY_S = 0.02
_LIVE_QUEUE, _WAITING_QUEUE = 32, 4
_DAMAGED_HINT = "Play it in the RealSense Viewer to see what is left of it."
_STREAM_NAMES = {"color": StreamKind.COLOUR, "depth": StreamKind.DEPTH}


class PlaybackCamera:
    """Plays a `.db3` or `.bag` recording through the SDK, from its beginning with every `start`.

    At the end, frames that the file holds but that did not come are counted in `lost`, whether the
    SDK dropped them (in real time it does, when its reader waits) or the file is damaged.

    Args:
        path: The recording.
        real_time: Whether frames come at the pace at which they were recorded, and those that
            nobody fetches are lost; or every frame, as soon as it is asked for. Then
            `Frame.arrived_at_us` is when they came to the computer that recorded them.

    Raises:
        FsamtError: The SDK is missing; there is no such file; it is cut off or something else.
    """

    def __init__(self, path: Path, real_time: bool = True) -> None:
        self._path, self._real_time = Path(path), real_time
        self._lock = threading.RLock()
        self._is_closed = threading.Event()
        self._n_stored = {
            _STREAM_NAMES[name]: n_frames
            for (name, _), n_frames in stored_frames(self._path).items()
            if name in _STREAM_NAMES
        }
        self._device: Any = self._load()
        self._streams: RealSenseStreams | None = None
        self._chosen: tuple[OfferedStream, ...] = ()
        self._started_at_us = 0
        self._first_arrival_us: int | None = None
        self.info = camera_info(f"{FILE}:{path}", self._device)
        self.lost = LostFrames()
        with self._errors():
            modes = tuple(offered_streams(self._device))
            self.duration_s: float = self._device.get_duration().total_seconds()
        self.capabilities = Capabilities(modes, is_live=real_time)

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
        with self._errors():
            return streams.active()

    @property
    def calibration(self) -> Calibration:
        """Geometry of the open streams, as it was recorded."""
        return calibration_of(self._chosen)

    @property
    def has_ended(self) -> bool:
        """Whether all that is in the file has been read."""
        streams = self._streams
        return streams is not None and streams.inbox.is_used_up

    @property
    def recorded_at_us(self) -> int:
        """When its first frame came, in microseconds since 1970.

        Where nobody noted that, it is when the file was last changed, less its length.
        """
        first_us = self._first_arrival_us
        if first_us is not None and first_us < self._started_at_us:
            return first_us
        return round((self._path.stat().st_mtime - self.duration_s) * 1e6)

    def start(self, settings: CameraSettings) -> None:
        """Open exactly the streams of `settings`, and play from the beginning.

        Options of the camera are as they were recorded; what is asked for is no matter.

        Raises:
            CameraGoneError: It was closed.
            FsamtError: These streams were not recorded.
        """
        with self._lock:
            self._refuse_closed()
            self.stop()
            if self._device is None:
                self._device = self._load()
            offered = offered_streams(self._device)
            if not settings.streams or any(mode not in offered for mode in settings.streams):
                raise FsamtError(
                    f"These streams are not in {self._path.name}.", f"There are: {_list(offered)}."
                )
            self._chosen = tuple(offered[mode] for mode in settings.streams)
            with self._errors():
                self._play()

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next frame; None after the last.

        Raises:
            CameraGoneError: It was closed.
        """
        self._refuse_closed()
        streams = self._streams
        if streams is None:
            return None
        until = time.monotonic() + timeout_s
        inbox = streams.inbox
        frame = inbox.read(0.0)
        while frame is None and not inbox.is_used_up:
            if self._is_played():
                self._count_missing(streams)
                inbox.end()
            left_s = until - time.monotonic()
            frame = inbox.read(min(max(0.0, left_s), _END_IS_LOOKED_FOR_EVERY_S))
            if left_s <= 0:
                break
        self._refuse_closed()
        if frame is not None and self._first_arrival_us is None:
            self._first_arrival_us = frame.arrived_at_us
        return frame

    def stop(self) -> None:
        """Close the streams."""
        with self._lock:
            streams, self._streams, self._chosen = self._streams, None, ()
            if streams is not None:
                streams.stop()
                self._wait_for_the_reader()
                self._device = None  # A device does not reliably play a second time.

    def close(self) -> None:
        """Let go of the file; a thread that waits in `read` comes back."""
        self._is_closed.set()
        with self._lock:
            self.stop()
            self._device = None

    def _play(self) -> None:
        """While the device is paused until all is open, nothing is missed at the beginning."""
        device = self._device
        streams = RealSenseStreams(
            device,
            self._chosen,
            now_us if self._real_time else _arrival_us,
            capacity=_LIVE_QUEUE if self._real_time else _WAITING_QUEUE,
            waits=not self._real_time,
        )
        device.set_real_time(self._real_time)
        device.pause()
        self._started_at_us = now_us()
        self.lost, self._streams = streams.inbox.lost, streams
        try:
            streams.start()
            device.resume()  # It does not come back while a frame waits for a reader.
            streams.inbox.hold_back()
        except BaseException:
            self.stop()
            raise

    def _wait_for_the_reader(self) -> None:
        """Let the SDK's thread that reads the file see that the sensors were stopped.

        It reads on for a moment, and from a device that is gone by then: the process crashes.
        Pausing waits until it has done what was asked before, the second time also what it then
        still asked itself.
        """
        with suppress(RuntimeError):
            self._device.pause()
            self._device.pause()

    def _is_played(self) -> bool:
        device = self._device
        return device is None or device.current_status() == sdk().playback_status.stopped

    def _count_missing(self, streams: RealSenseStreams) -> None:
        for stream in streams.open_streams:
            kind = stream.mode.kind
            n_missing = self._n_stored.get(kind, 0) - streams.inbox.n_arrived[kind]
            if n_missing > 0:
                streams.inbox.lost.count(kind, n_missing)

    def _load(self) -> Any:
        with self._errors():
            context = sdk().context()
            return context.load_device(str(self._path))

    def _errors(self) -> Any:
        return sdk_errors(f"{self._path.name} cannot be played", _DAMAGED_HINT)

    def _refuse_closed(self) -> None:
        if self._is_closed.is_set():
            raise CameraGoneError("The recording was closed.", "Open it again.")


def _arrival_us(frame: Any) -> int:
    recorded_us = recorded_arrival_us(frame)
    return now_us() if recorded_us is None else recorded_us


def _list(modes: Any) -> str:
    return ", ".join(f"{m.kind} {m.width}x{m.height} at {m.rate_hz:g}" for m in modes) or "none"
