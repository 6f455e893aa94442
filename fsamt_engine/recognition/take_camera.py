"""A take as a camera: its depth as it was recorded, at its own pace or frame by frame."""

import threading
import time

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraGoneError,
    CameraInfo,
    CameraSettings,
    Capabilities,
    Frame,
    LostFrames,
    OpenStream,
    StreamMode,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Calibration, StreamKind
from fsamt_engine.library.takes import take, timestamps
from fsamt_engine.media.depth import DepthReader

TAKE = "take"
_LATE_S = 0.25
"""Frames that are read later than this are gone in real time, as they are from a driver's queue."""
_LONGEST_WAIT_US = 5_000_000
"""Between two frames in real time; a clock that was set makes no viewer wait for an hour."""


class TakeCamera:
    """Gives the depth of a take; the file of its colour is never opened.

    `Frame.number` is the frame's number in the take, `Frame.at_us` its recorded time. A frame that
    is damaged, or cut off the end of the file, is counted in `lost`.

    Args:
        library: Where the take is.
        take_id: Of the take.
        real_time: Whether frames come at the pace at which they were recorded, and those that
            nobody fetches are lost; or every frame, as soon as it is asked for. Then
            `Frame.arrived_at_us` is when it came to the computer that recorded it.

    Attributes:
        take: The take.

    Raises:
        FsamtError: There is no such take, it has no depth, or the unit of its depth is not known.
    """

    def __init__(self, library: Library, take_id: str, *, real_time: bool = True) -> None:
        self.take = take(library, take_id)
        stream = self.take.stream(StreamKind.DEPTH)
        if stream is None:
            raise FsamtError(
                f"Take {self.take.number} of {self.take.session} has no depth.",
                "Choose a take with depth: that is all that a recogniser sees.",
            )
        if stream.unit_m is None:
            raise FsamtError(
                f"Take {self.take.number} of {self.take.session} does not say in which unit its"
                " depth is.",
                "Choose another take, or import this one again with its unit.",
            )
        self._path = library.absolute(stream.path)
        self._n_stored, self._domain = stream.n_frames, stream.timestamp_domain
        self._unit_m = stream.unit_m
        self._mode = StreamMode(StreamKind.DEPTH, stream.width, stream.height, stream.rate_hz)
        self._at_us = timestamps(library, take_id, StreamKind.DEPTH)
        self._due_s = _due_s(self._at_us)
        self._real_time = real_time
        name = self.take.title or f"Take {self.take.number} of {self.take.session}"
        self.info = CameraInfo(f"{TAKE}:{take_id}", name)
        self.capabilities = Capabilities((self._mode,), is_live=real_time)
        self.lost = LostFrames()
        self._reader: DepthReader | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._n_frames = self._next = 0
        self._started_at: float | None = None

    @property
    def streams(self) -> tuple[OpenStream, ...]:
        """Depth, while it is open."""
        if self._reader is None:
            return ()
        return (OpenStream(self._mode, self._domain, self._unit_m),)

    @property
    def calibration(self) -> Calibration:
        """Geometry of depth, as it is stored with the take."""
        return Calibration(depth=self.take.calibration.depth) if self._reader else Calibration()

    @property
    def has_ended(self) -> bool:
        """Whether all frames were given."""
        return self._reader is not None and self._next >= self._n_frames

    def active_streams(self) -> tuple[ActiveStream, ...]:
        """The one file that is open, with the size that it has itself."""
        reader = self._reader
        if reader is None:
            return ()
        kind = StreamKind.DEPTH
        return (ActiveStream(str(kind), kind, reader.width, reader.height, self._mode.rate_hz),)

    def start(self, settings: CameraSettings) -> None:
        """Open the file of depth, from its first frame.

        Raises:
            CameraGoneError: It was closed.
            FsamtError: Another stream is asked for; or the file is gone, or damaged as a whole.
        """
        self._refuse_closed()
        self.stop()
        if settings.streams != (self._mode,):
            raise FsamtError(
                f"{self.info.name} gives nothing but its depth:"
                f" {self._mode.width}x{self._mode.height} at {self._mode.rate_hz:g}.",
                "Ask for depth alone.",
            )
        reader = DepthReader(self._path, self._n_stored)
        with self._lock:
            self._reader = reader
            self._n_frames = min(reader.n_frames, len(self._at_us))
            self._next, self._started_at = 0, None
            self.lost = LostFrames()
            if self._n_frames < self._n_stored:
                self.lost.count(StreamKind.DEPTH, self._n_stored - self._n_frames)

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next whole frame; None after the last.

        Raises:
            CameraGoneError: It was closed.
        """
        self._refuse_closed()
        while self._reader is not None and self._next < self._n_frames:
            if self._real_time and not self._is_due(timeout_s):
                break
            with self._lock:
                frame = self._read_next()
            if frame is not None:
                return frame
        self._refuse_closed()
        return None

    def stop(self) -> None:
        """Close the file."""
        with self._lock:
            reader, self._reader = self._reader, None
            if reader is not None:
                reader.close()

    def close(self) -> None:
        """Let go of the take; a thread that waits in `read` comes back."""
        self._closed.set()
        self.stop()

    def _is_due(self, timeout_s: float) -> bool:
        """Wait for the next frame's moment; leave out those that are long past."""
        now = time.monotonic()
        if self._started_at is None:
            self._started_at = now
        late_s = now - self._started_at - self._due_s[self._next]
        if late_s > _LATE_S:
            n_past = int(np.searchsorted(self._due_s, now - self._started_at, side="right"))
            newest = min(max(n_past - 1, self._next), self._n_frames - 1)
            if newest > self._next:
                self.lost.count(StreamKind.DEPTH, newest - self._next)
                self._next = newest
        if -late_s > timeout_s:
            self._closed.wait(timeout_s)
            return False
        if late_s < 0:
            self._closed.wait(-late_s)
        return not self._closed.is_set()

    def _read_next(self) -> Frame | None:
        """The next frame, or None where it is damaged or the file was closed meanwhile."""
        number, reader = self._next, self._reader
        if reader is None:
            return None
        self._next += 1
        try:
            pixels = reader[number]
        except FsamtError:
            self.lost.count(StreamKind.DEPTH)
            return None
        at_us = int(self._at_us[number])
        recorded_us = self.take.started_at_us + at_us - int(self._at_us[0])
        arrived_us = time.time_ns() // 1000 if self._real_time else recorded_us
        return Frame(StreamKind.DEPTH, pixels, at_us, self._domain, number, arrived_us)

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise CameraGoneError("The take was closed.", "Open it again.")


def _due_s(at_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """When each frame is due in real time, in seconds after the first."""
    steps = np.clip(np.diff(at_us, prepend=at_us[:1]), 0, _LONGEST_WAIT_US)
    return np.asarray(np.cumsum(steps) / 1e6, np.float64)
