"""One camera, read by one thread, for everybody who wants its frames."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import (
    ActiveStream,
    Camera,
    CameraGoneError,
    CameraInfo,
    CameraSettings,
    ColourOpenError,
    Frame,
    LostFrames,
    OpenStream,
)
from fsamt_engine.capture.feed_stats import RunningStats, StreamStats
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, RecordingEnd, StreamKind

_READ_S = 0.1
_RETRY_S = 0.5
_CLOSE_S = 5.0
_SILENT_S = 2.0
_ACTIVE_S = 0.5
"""How often the driver is asked which streams run."""


class FeedState(StrEnum):
    """Where a feed is."""

    STARTING = "starting"
    RUNNING = "running"
    GONE = "gone"
    """Unplugged. It goes on by itself when the camera is back."""
    ENDED = "ended"
    """A recording was played to its end."""
    FAILED = "failed"
    """It cannot be opened, or there is a bug. It does not go on."""
    CLOSED = "closed"


@dataclass(frozen=True)
class OpenedCamera:
    """A camera from one opening to the next.

    Attributes:
        settings: What was asked for: the nearest that the camera offers.
        lost: The camera's own count since it was opened; it goes on counting in it.
        is_live: Whether moments pass that are not read.
    """

    info: CameraInfo
    settings: CameraSettings
    streams: tuple[OpenStream, ...]
    calibration: Calibration
    lost: LostFrames
    is_live: bool

    def stream(self, kind: StreamKind) -> OpenStream | None:
        """The open stream of this kind, or None."""
        return next((s for s in self.streams if s.mode.kind == kind), None)


class FrameSink(Protocol):
    """Gets every frame of a camera, in the camera's thread: it must come back at once.

    Only where a camera is not live, a sink may take its time; the camera waits then.
    """

    def take_frame(self, frame: Frame) -> None:
        """A frame; its pixels must not be changed."""
        ...

    def camera_ended(self, how: RecordingEnd) -> None:
        """There are no more frames: "unplugged" or "file ended". The sink is detached."""
        ...


@dataclass(frozen=True)
class FeedStatus:
    """How a camera is now.

    Attributes:
        message: A sentence on what is wrong, empty where nothing is.
        failure: Why the camera is gone, or the feed failed; a bug if it is no FsamtError.
        streams: Empty while the camera is not open.
        skew_us: Median size of the skew of the last pairs; None where there are none.
        n_reconnects: How often the camera came back.
    """

    state: FeedState
    message: str = ""
    failure: Exception | None = None
    streams: tuple[StreamStats, ...] = ()
    skew_us: float | None = None
    n_reconnects: int = 0


_hanging: dict[str, list[threading.Thread]] = {}
"""Threads that did not come back from a driver, by camera."""


class CameraFeed:
    """Reads a camera in a thread of its own from its making until `close`.

    The newest frame of each stream can be looked at; sinks get every frame. A camera that is gone
    is opened again as soon as it is back. A camera that is not live waits for a sink. The driver is
    asked again and again which streams run: where colour was not wanted but runs, the feed fails.

    Args:
        camera_id: Which camera.
        settings: What is wanted of it; the nearest that it offers is what it is asked for.
        open_camera: Opens it by its id.
        retry_s: How often a camera that is gone is looked for.
        close_s: How long a driver may take to close the camera.

    Raises:
        FsamtError: The driver still hangs in this camera since it was closed the last time.
    """

    def __init__(
        self,
        camera_id: str,
        settings: CameraSettings | None = None,
        open_camera: Callable[[str], Camera] = cameras.open_camera,
        *,
        retry_s: float = _RETRY_S,
        close_s: float = _CLOSE_S,
    ) -> None:
        _refuse_hanging(camera_id)
        self.camera_id = camera_id
        self._wanted = settings or CameraSettings()
        self._open_camera = open_camera
        self._retry_s, self._close_s = retry_s, close_s
        self._lock = threading.Condition()
        self._state = FeedState.STARTING
        self._failure: Exception | None = None
        self._opened: OpenedCamera | None = None
        self._stats: RunningStats | None = None
        self._active: tuple[ActiveStream, ...] = ()
        self._active_from = 0.0
        self._latest: dict[StreamKind, Frame] = {}
        self._sinks: list[FrameSink] = []
        self._n_openings = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera {camera_id}", daemon=True)
        self._thread.start()

    @property
    def opened(self) -> OpenedCamera | None:
        """The camera as it is open now, or None."""
        with self._lock:
            return self._opened

    @property
    def active_streams(self) -> tuple[ActiveStream, ...]:
        """What the driver said that runs, half a second ago at most; empty while it is not open."""
        with self._lock:
            return self._active

    def latest(self, kind: StreamKind) -> Frame | None:
        """The newest frame of a stream, or None; its pixels must not be changed."""
        with self._lock:
            return self._latest.get(kind)

    def status(self) -> FeedStatus:
        """How the camera is now."""
        with self._lock:
            streams = self._stats.streams if self._stats else ()
            skew_us = self._stats.skew_us if self._stats else None
            return FeedStatus(
                self._state,
                str(self._failure) if self._failure else _silence(streams),
                self._failure,
                streams,
                skew_us,
                max(0, self._n_openings - 1),
            )

    def wait_until_open(self, timeout_s: float = 10.0) -> OpenedCamera:
        """Waits for the camera.

        Raises:
            FsamtError: It cannot be opened, or not in time.
        """
        with self._lock:
            self._lock.wait_for(
                lambda: self._opened or self._state in (FeedState.FAILED, FeedState.CLOSED),
                timeout_s,
            )
            if self._opened is not None:
                return self._opened
            if self._state == FeedState.FAILED and self._failure is not None:
                raise self._failure
        raise FsamtError(
            f"The camera {self.camera_id} was not ready within {timeout_s:.0f} s.",
            "Unplug it and plug it in again.",
        )

    def attach(self, sink: FrameSink, opened: OpenedCamera) -> bool:
        """Gives a sink all frames from now on, until the camera is gone.

        Returns:
            Whether the camera is still open as `opened`. If not, nothing was attached.
        """
        with self._lock:
            if self._opened is not opened:
                return False
            self._sinks.append(sink)
            self._lock.notify_all()
            return True

    def detach(self, sink: FrameSink) -> None:
        """Gives a sink no more frames (but perhaps one that is on its way)."""
        with self._lock:
            if sink in self._sinks:
                self._sinks.remove(sink)

    def close(self) -> bool:
        """Closes the camera. Twice is fine.

        Returns:
            False when the driver hangs: its thread is given up, and this camera cannot be opened
            again until the thread comes back. Whatever was recorded is safe.
        """
        self._closing.set()
        with self._lock:
            self._lock.notify_all()
        self._thread.join(self._close_s + 10 * _READ_S)
        is_hanging = self._thread.is_alive()
        if is_hanging:
            self._give_up(self._thread)
        with self._lock:
            if is_hanging:
                self._state, self._failure = FeedState.FAILED, _hangs(self.camera_id)
            elif self._state != FeedState.FAILED:
                self._state = FeedState.CLOSED
            sinks, self._sinks = self._sinks, []
            self._opened, self._active = None, ()
        for sink in sinks:
            sink.camera_ended("unplugged")
        return self.camera_id not in _hanging

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while not self._closing.is_set() and self._read_until_gone():
                self._closing.wait(self._retry_s)
        except Exception as error:  # noqa: BLE001 - shown by whoever asks for the status
            self._end("unplugged", FeedState.FAILED, error)

    def _read_until_gone(self) -> bool:
        """Opens and reads the camera once; whether to try again."""
        camera: Camera | None = None
        try:
            camera = self._open_camera(self.camera_id)
            settings = cameras.usual_settings(camera.capabilities, self._wanted)
            camera.start(settings)
            is_live = camera.capabilities.is_live
            self._look_what_runs(camera, settings)
            self._begin(
                OpenedCamera(
                    camera.info, settings, camera.streams, camera.calibration, camera.lost, is_live
                )
            )
            while not self._closing.is_set():
                if time.monotonic() - self._active_from >= _ACTIVE_S:
                    self._look_what_runs(camera, settings)
                if not is_live and not self._wait_for_sink():
                    continue
                frame = camera.read(_READ_S)
                if frame is not None:
                    self._hand_on(frame)
                elif camera.has_ended:
                    self._end("file ended", FeedState.ENDED)
                    return False
            return False
        except ColourOpenError:
            raise
        except FsamtError as error:
            if self._closing.is_set():
                return False
            if not self._n_openings and not isinstance(error, CameraGoneError):
                raise
            self._end("unplugged", FeedState.GONE, error)
            return True
        finally:
            if camera is not None:
                self._let_go(camera)

    def _look_what_runs(self, camera: Camera, settings: CameraSettings) -> None:
        """Asks the driver which streams run.

        Raises:
            ColourOpenError: Colour is among them, and was not asked for.
        """
        active = camera.active_streams()
        with self._lock:
            self._active, self._active_from = active, time.monotonic()
        kinds = {stream.kind for stream in active}
        if StreamKind.COLOUR in kinds and StreamKind.COLOUR not in settings.kinds:
            raise ColourOpenError(
                f"The colour of {camera.info.name or self.camera_id} is open, although only"
                f" {' and '.join(sorted(settings.kinds))} was asked for; nothing more is read.",
                "Close other programs that use this camera, then open it again.",
            )

    def _begin(self, opened: OpenedCamera) -> None:
        with self._lock:
            self._opened = opened
            self._stats = RunningStats(tuple(s.mode for s in opened.streams), opened.lost)
            self._n_openings += 1
            self._state, self._failure = FeedState.RUNNING, None
            self._lock.notify_all()

    def _wait_for_sink(self) -> bool:
        with self._lock:
            return bool(self._sinks) or self._lock.wait_for(lambda: bool(self._sinks), _READ_S)

    def _hand_on(self, frame: Frame) -> None:
        frame.pixels.flags.writeable = False
        with self._lock:
            self._latest[frame.kind] = frame
            if self._stats is not None:
                self._stats.count(frame)
            sinks = tuple(self._sinks)
        for sink in sinks:
            sink.take_frame(frame)

    def _end(
        self,
        how: RecordingEnd,
        state: FeedState,
        failure: Exception | None = None,
    ) -> None:
        with self._lock:
            self._state, self._failure = state, failure
            self._opened = self._stats = None
            self._active = ()
            sinks, self._sinks = self._sinks, []
            self._lock.notify_all()
        for sink in sinks:
            sink.camera_ended(how)

    def _let_go(self, camera: Camera) -> None:
        """Closes the camera, or gives that up when the driver does not come back.

        Raises:
            FsamtError: It hangs, so the camera cannot be opened again.
        """
        closing = threading.Thread(target=camera.close, name=f"close {self.camera_id}", daemon=True)
        closing.start()
        closing.join(self._close_s)
        if closing.is_alive():
            self._give_up(closing)
            raise _hangs(self.camera_id)

    def _give_up(self, thread: threading.Thread) -> None:
        threads = _hanging.setdefault(self.camera_id, [])
        if thread not in threads:
            threads.append(thread)


def _refuse_hanging(camera_id: str) -> None:
    threads = [thread for thread in _hanging.pop(camera_id, []) if thread.is_alive()]
    if threads:
        _hanging[camera_id] = threads
        raise _hangs(camera_id)


def _silence(streams: tuple[StreamStats, ...]) -> str:
    for stream in streams:
        if stream.age_s is not None and stream.age_s > _SILENT_S:
            return f"No {stream.mode.kind} has come for {stream.age_s:.0f} s."
    return ""


def _hangs(camera_id: str) -> FsamtError:
    return FsamtError(
        f"The driver of the camera {camera_id} hangs; what was recorded is safe.",
        "Unplug the camera; if it cannot be opened after that either, restart the program.",
    )
