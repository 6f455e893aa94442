"""Writes what a camera gives into files: a thread and a bounded queue for each stream."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.capture.camera import Frame, LostFrames, StreamMode
from fsamt_engine.capture.frame_queue import FrameQueue
from fsamt_engine.capture.journal import (
    EVENTS_FILE,
    Events,
    JournalWriter,
    RecordingHeader,
    journal_path,
    write_header,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import RecordingEnd, StreamKind
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.media.failures import storing
from fsamt_engine.media.ffv1 import Ffv1Writer
from fsamt_engine.media.infrared import InfraredWriter

_SYNC_EVERY_S = 1.0
_RESTS, _LONGEST_REST_S = 2.0, 0.04
"""An encoder that goes gently rests so many times as long as a frame took it."""
_LAST = 19

PIXEL_WRITERS: dict[StreamKind, type[DepthWriter | ColourWriter | InfraredWriter]] = {
    StreamKind.DEPTH: DepthWriter,
    StreamKind.COLOUR: ColourWriter,
    StreamKind.INFRARED: InfraredWriter,
}


@dataclass(frozen=True)
class QueueLimits:
    """How much of a stream may wait for its encoder.

    What waits is lost when the program is killed, so it is a second and no more.

    Attributes:
        seconds: Of frames, at the nominal rate.
        n_bytes: Of pixels.
    """

    seconds: float = 1.0
    n_bytes: int = 128 << 20


@dataclass(frozen=True)
class StreamCounts:
    """How far a stream is.

    Attributes:
        n_frames: Written.
        n_dropped: Arrived, but could not be kept.
        queue_fill: 0..1.
        n_bytes: Of its file so far.
    """

    kind: StreamKind
    n_frames: int
    n_dropped: int
    queue_fill: float
    n_bytes: int


def pixel_path(folder: Path, kind: StreamKind) -> Path:
    """The file of a stream's frames."""
    return folder / f"{kind}.mkv"


class TakeWriter:
    """Writes one part of a recording into a folder. A sink of a feed.

    Args:
        folder: Empty, of this recording alone.
        header: What is recorded.
        lost: The camera's own count of lost frames, which goes on.
        is_live: Whether frames that find the queue full are dropped; otherwise the camera waits.
        limits: Of the queues.
        gently: Encode in one thread that goes last and rests after each frame, so that what runs
            beside it keeps its pace. For frames that are in memory: no camera can wait so long.

    Raises:
        FsamtError: The files cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        header: RecordingHeader,
        lost: LostFrames,
        is_live: bool,
        limits: QueueLimits,
        *,
        gently: bool = False,
    ) -> None:
        self.folder = folder
        self.header = header
        self.ended: RecordingEnd | None = None
        self.first_frame_at: float | None = None
        self._is_live = is_live
        self._marks: list[tuple[str, int]] = []
        with storing(folder / EVENTS_FILE):
            write_header(folder, header)
            self._events = JournalWriter(folder / EVENTS_FILE)
        self._encoders: dict[StreamKind, _Encoder] = {}
        try:
            for stream in header.streams:
                kind = stream.mode.kind
                self._encoders[kind] = _Encoder(folder, stream.mode, lost, limits, gently)
        except BaseException:
            self._release()
            raise
        self._is_done = threading.Event()
        self._syncing = threading.Thread(target=self._sync, name="recording sync", daemon=True)
        self._syncing.start()

    @property
    def error(self) -> Exception | None:
        """Why an encoder gave up, None while all work."""
        return next((e.error for e in self._encoders.values() if e.error is not None), None)

    @property
    def counts(self) -> tuple[StreamCounts, ...]:
        """How far each stream is."""
        return tuple(encoder.counts for encoder in self._encoders.values())

    def take_frame(self, frame: Frame) -> None:
        """Queues a frame, or counts it as dropped."""
        encoder = self._encoders.get(frame.kind)
        if encoder is None or self.ended is not None:
            return
        if self.first_frame_at is None:
            self.first_frame_at = time.monotonic()
        encoder.take(frame, self._is_live)

    def camera_ended(self, how: RecordingEnd) -> None:
        """Takes no more frames."""
        if self.ended is None:
            self.ended = how

    def mark(self, text: str, at_us: int) -> None:
        """Notes that something happened, at microseconds since 1970 UTC.

        Raises:
            FsamtError: The disk is full.
        """
        self._marks.append((text, at_us))
        with storing(self.folder / EVENTS_FILE):
            self._events.write("mark", text, at_us)

    def close(self, timeout_s: float) -> Events:
        """Writes what is queued, and completes the files.

        Returns:
            What happened; a stream whose file could not be completed is not among the closed.

        Raises:
            FsamtError: An encoder does not come back. What it wrote can be recovered.
        """
        self.ended = self.ended or "stopped"
        until = time.monotonic() + timeout_s
        for encoder in self._encoders.values():
            encoder.queue.close()
        for encoder in self._encoders.values():
            encoder.thread.join(max(0.0, until - time.monotonic()))
            if encoder.thread.is_alive():
                raise FsamtError(
                    f"The disk with {self.folder} hangs; the recording was not completed.",
                    "What was written becomes a take at the next start of the program.",
                )
        self._is_done.set()
        self._syncing.join()
        n_dropped = {kind: encoder.n_dropped for kind, encoder in self._encoders.items()}
        closed = {
            kind: encoder.counts.n_frames
            for kind, encoder in self._encoders.items()
            if encoder.error is None
        }
        # What is returned says it too: only a program that is killed right now would miss it.
        with suppress(OSError):
            for kind, n_frames in closed.items():
                self._events.write("closed", kind, n_frames)
            for kind, n in n_dropped.items():
                self._events.write("dropped", kind, n)
            self._events.write("ended", self.ended)
        self._events.close()
        return Events(self._marks, closed, n_dropped, self.ended)

    def discard(self, timeout_s: float) -> None:
        """Lets go of the files without writing what is queued."""
        self.camera_ended("stopped")
        for encoder in self._encoders.values():
            encoder.queue.close()
            encoder.queue.clear()
        with suppress(FsamtError):
            self.close(timeout_s)

    def _release(self) -> None:
        for encoder in self._encoders.values():
            encoder.queue.close()
            encoder.thread.join()
        self._events.close()

    def _sync(self) -> None:
        """Puts all that is written on the disk for good, about once a second."""
        files: list[int] = []
        try:
            for kind in self._encoders:
                files += [os.open(path, os.O_RDWR) for path in _files_of(self.folder, kind)]
            while not self._is_done.wait(_SYNC_EVERY_S):
                for file in files:
                    os.fsync(file)
        except OSError:
            return  # The encoder meets the same trouble, and says it.
        finally:
            for file in files:
                os.close(file)


class _Encoder:
    """One stream's queue, thread and files."""

    def __init__(
        self,
        folder: Path,
        mode: StreamMode,
        lost: LostFrames,
        limits: QueueLimits,
        gently: bool,
    ) -> None:
        self._gently = gently
        self.error: Exception | None = None
        self.queue = FrameQueue(max(2, round(limits.seconds * mode.rate_hz)), limits.n_bytes)
        self._kind = mode.kind
        self._lost: Mapping[StreamKind, int] = lost.by_kind
        self._lost_before = self._lost.get(mode.kind, 0)
        self._n_frames = self._n_refused = 0
        self._path, journal = _files_of(folder, mode.kind)
        self._writer = _pixel_writer(self._path, mode, gently)
        with ExitStack() as stack:
            stack.enter_context(self._writer)
            with storing(journal):
                self._journal = JournalWriter(journal)
            stack.pop_all()
        self.thread = threading.Thread(target=self._run, name=f"{mode.kind} encoder", daemon=True)
        self.thread.start()

    @property
    def n_dropped(self) -> int:
        lost = self._lost.get(self._kind, 0) - self._lost_before
        return self._n_refused + lost

    @property
    def counts(self) -> StreamCounts:
        n_bytes = self._path.stat().st_size if self._path.exists() else 0
        return StreamCounts(self._kind, self._n_frames, self.n_dropped, self.queue.fill, n_bytes)

    def take(self, frame: Frame, is_live: bool) -> None:
        is_taken = self.queue.put(frame) if is_live else self.queue.put_when_room(frame)
        if not is_taken:
            self._n_refused += 1

    def _run(self) -> None:
        if self._gently:
            _go_last()
        try:
            while (frame := self.queue.get()) is not None:
                with storing(self._path):
                    self._journal.write_frame(frame, self.n_dropped)
                began_s = time.thread_time()
                self._writer.write(frame.pixels)
                self._n_frames += 1
                if self._gently:
                    rest_s = _RESTS * (time.thread_time() - began_s)
                    time.sleep(min(rest_s, _LONGEST_REST_S))
            self._writer.close()
        except Exception as error:  # noqa: BLE001 - kept, and shown by the recorder
            self.error = error
            self.queue.close()
            self._n_refused += 1 + self.queue.clear()
            with suppress(FsamtError):
                self._writer.close()
        finally:
            self._journal.close()


def _pixel_writer(
    path: Path, mode: StreamMode, gently: bool
) -> DepthWriter | ColourWriter | InfraredWriter:
    made, size = PIXEL_WRITERS[mode.kind], (mode.width, mode.height, mode.rate_hz)
    if gently and issubclass(made, Ffv1Writer):
        return made(path, *size, n_threads=1)
    return made(path, *size)


def _go_last() -> None:
    """Lowers the turn of the present thread; Linux alone has a nice value for each."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


def _files_of(folder: Path, kind: StreamKind) -> tuple[Path, Path]:
    return pixel_path(folder, kind), journal_path(folder, kind)
