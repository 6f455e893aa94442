"""Records what cameras give into takes of a library, whatever happens on the way."""

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from fsamt_engine.capture.disk import DiskGauge, expected_bytes_per_s
from fsamt_engine.capture.feed import CameraFeed, FeedState, OpenedCamera
from fsamt_engine.capture.journal import RecordingHeader, StreamHeader
from fsamt_engine.capture.part import Part
from fsamt_engine.capture.take_writer import QueueLimits, StreamCounts
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.consent import consent
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import RecordingEnd, StreamKind, Take
from fsamt_engine.media.failures import is_disk_full
from fsamt_engine.units import format_bytes

_TICK_S = 0.05
_DISK_CHECK_S = 0.5


@dataclass(frozen=True)
class RecordingOrder:
    """What a recording is of.

    Attributes:
        action: What is performed from the first frame to the last, where that is known.
        with_colour: Whether colour may be kept. If not, or if the participant did not allow it for
            this session, a camera whose colour is open is refused.
    """

    session: str
    participant: str
    action: str | None = None
    with_colour: bool = True


@dataclass(frozen=True)
class RecorderLimits:
    """What a recording may use.

    Attributes:
        queue: Of each stream.
        disk_reserve_bytes: What stays free: the recording ends before.
        finish_s: How long the encoders may take after the end.
    """

    queue: QueueLimits = field(default_factory=QueueLimits)
    disk_reserve_bytes: int = 2_000_000_000
    finish_s: float = 60.0


class RecorderState(StrEnum):
    """Where a recorder is."""

    READY = "ready"
    WAITING = "waiting"
    """Started, but no camera gives frames: all are unplugged, or still starting."""
    RECORDING = "recording"
    FINISHING = "finishing"
    """Ended; encoders and the library have work to do."""
    DONE = "done"


@dataclass(frozen=True)
class CameraRecording:
    """What is recorded of one camera now.

    Attributes:
        part: From 1, of the last part that was begun; 0 before the first.
        streams: Of this part; empty while the camera is not recorded.
    """

    camera_id: str
    part: int
    streams: tuple[StreamCounts, ...] = ()


@dataclass(frozen=True)
class RecorderStatus:
    """How a recording is now.

    Attributes:
        seconds: Since the first frame, up to the end.
        cameras: In the order of the feeds.
        n_frames: Written, of all cameras, parts and streams.
        n_dropped: Arrived but not kept, of all cameras, parts and streams.
        queue_fill: Of the fullest queue, 0..1.
        n_bytes: Of all files.
        bytes_per_s: Of the last seconds; before that, what is to be expected at worst.
        disk_seconds_left: Until the reserve is reached at that rate.
        ended: Why it ended; None while it goes on.
        message: What is wrong, in words; empty where nothing is.
        failure: What ended it, where that was not meant; a bug if it is no FsamtError.
        takes: Of the parts that are complete, by part and camera.
    """

    state: RecorderState
    seconds: float
    cameras: tuple[CameraRecording, ...]
    n_frames: int
    n_dropped: int
    queue_fill: float
    n_bytes: int
    bytes_per_s: float
    disk_seconds_left: float
    ended: RecordingEnd | None
    message: str
    failure: Exception | None
    takes: tuple[Take, ...]


class Recorder:
    """One recording, of one camera or of several at once; each gives a take of its own.

    When a camera is unplugged, its take ends there, and the next part begins when it is back. When
    the disk is nearly full, or all played files are at their end, the recording ends by itself.
    `stop` or `throw_away` is called in any case.

    Args:
        library: Where the takes go.
        feeds: Of the cameras.
        order: What it is of.
        limits: What it may use.
    """

    def __init__(
        self,
        library: Library,
        feeds: Sequence[CameraFeed],
        order: RecordingOrder,
        limits: RecorderLimits | None = None,
    ) -> None:
        self._library = library
        self._order = order
        self._limits = limits or RecorderLimits()
        self._group = secrets.token_hex(6)
        self._tracks = [_Track(number, feed) for number, feed in enumerate(feeds, 1)]
        self._parts: list[Part] = []
        self._gauge = DiskGauge(library.root, self._limits.disk_reserve_bytes)
        self._lock = threading.RLock()
        self._is_started = False
        self._may_keep_colour = False
        self._ended: RecordingEnd | None = None
        self._ended_at = 0.0
        self._failure: Exception | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="recorder", daemon=True)

    def start(self) -> None:
        """Begins with every camera that is open, and goes on with others as they come.

        Raises:
            FsamtError: A camera cannot be used, the disk is full, a name is empty, or colour is
                open although it may not be kept. Nothing was recorded.
        """
        self._refuse_bad_order()
        order = self._order
        allowed = consent(self._library, order.session, order.participant)
        self._may_keep_colour = order.with_colour and allowed.allows_colour
        self._gauge.look(0)
        if self._gauge.free_bytes <= 0:
            raise FsamtError(
                "The disk of the library is nearly full:"
                f" {format_bytes(self._limits.disk_reserve_bytes)} have to stay free.",
                "Free some space, or record into a library on another disk.",
            )
        with self._lock:
            self._is_started = True
            try:
                self._begin_parts()
            except BaseException:
                self.throw_away()
                raise
            self._thread.start()

    def mark(self, text: str) -> None:
        """Notes in the takes that something happens now.

        Raises:
            FsamtError: The disk is full.
        """
        at_us = time.time_ns() // 1000
        with self._lock:
            for track in self._tracks:
                if track.part is not None:
                    track.part.writer.mark(text, at_us)

    def stop(self) -> tuple[Take, ...]:
        """Ends the recording, and waits until its takes are in the library.

        Returns:
            Takes of all parts of all cameras, by part and camera; none of a part without a frame.

        Raises:
            FsamtError: A take could not be added (the disk is full, say). What was recorded is
                kept: this can be called again, and the next start of the program tries it too.
        """
        self._end("stopped")
        failure: Exception | None = None
        for part in self._parts:
            try:
                part.complete()
            except FsamtError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return self.status().takes

    def throw_away(self) -> tuple[Take, ...]:
        """Ends the recording, and removes what is being recorded.

        Returns:
            Takes of the parts that ended before, when their camera was unplugged.
        """
        with self._lock:
            for track in self._tracks:
                part = track.part
                if part is not None:
                    track.feed.detach(part.writer)
                    part.throw_away()
                    track.part = None
                    self._parts.remove(part)
        return self.stop()

    def status(self) -> RecorderStatus:
        """How the recording is now."""
        with self._lock:
            cameras = tuple(track.recording for track in self._tracks)
            counts = [c for part in self._parts for c in part.counts]
            begun = [p.writer.first_frame_at for p in self._parts if p.writer.first_frame_at]
            until = self._ended_at if self._ended else time.monotonic()
            bytes_per_s = self._gauge.bytes_per_s or self._expected_bytes_per_s()
            left_s = max(0, self._gauge.free_bytes) / bytes_per_s if bytes_per_s else float("inf")
            in_order = sorted(self._parts, key=lambda part: part.place)
            return RecorderStatus(
                self._state(),
                max(0.0, until - min(begun)) if begun else 0.0,
                cameras,
                sum(c.n_frames for c in counts),
                sum(c.n_dropped for c in counts),
                max((c.queue_fill for camera in cameras for c in camera.streams), default=0.0),
                sum(c.n_bytes for c in counts),
                bytes_per_s,
                left_s,
                self._ended,
                self._message(),
                self._failure,
                tuple(part.take for part in in_order if part.take is not None),
            )

    def _state(self) -> RecorderState:
        if not self._is_started:
            return RecorderState.READY
        if self._ended is None:
            is_any = any(track.part is not None for track in self._tracks)
            return RecorderState.RECORDING if is_any else RecorderState.WAITING
        is_done = all(part.is_complete for part in self._parts)
        return RecorderState.DONE if is_done else RecorderState.FINISHING

    def _message(self) -> str:
        failures = [self._failure, *(part.failure for part in self._parts)]
        for failure in failures:
            if failure is not None:
                return str(failure)
        if self._ended == "disk full":
            return "The disk is nearly full: the recording was ended, and is kept."
        if self._ended is None and self._is_started:
            for track in self._tracks:
                status = track.feed.status()
                if status.state == FeedState.GONE:
                    return f"{status.message} The recording goes on when the camera is back."
                if status.message:
                    return status.message
        return ""

    def _expected_bytes_per_s(self) -> float:
        opened = [track.feed.opened for track in self._tracks]
        return expected_bytes_per_s(s.mode for o in opened if o is not None for s in o.streams)

    def _refuse_bad_order(self) -> None:
        order = self._order
        names = {"session": order.session, "participant": order.participant}
        if order.action is not None:
            names["action"] = order.action
        for what, name in names.items():
            if not is_name(name):
                raise FsamtError(f"The recording has no {what}.", f"Name the {what} first.")
        for track in self._tracks:
            status = track.feed.status()
            if status.state == FeedState.FAILED and status.failure is not None:
                raise status.failure
            if status.state in (FeedState.ENDED, FeedState.CLOSED):
                raise FsamtError(
                    f"The camera {track.feed.camera_id} gives no frames any more.", "Open it again."
                )

    def _begin_parts(self) -> None:
        for track in self._tracks:
            opened = track.feed.opened
            if track.part is not None or opened is None:
                continue
            if opened.stream(StreamKind.COLOUR) is not None and not self._may_keep_colour:
                raise FsamtError(
                    f"The camera {track.feed.camera_id} has its colour open, which may not be kept"
                    " of this participant.",
                    "Record depth alone.",
                )
            header = self._header(track, opened)
            part = Part(self._library, header, opened, self._limits.queue, self._limits.finish_s)
            if track.feed.attach(part.writer, opened):
                track.part, track.n_parts = part, track.n_parts + 1
                self._parts.append(part)
            else:
                part.throw_away()

    def _header(self, track: "_Track", opened: OpenedCamera) -> RecordingHeader:
        source = track.feed.camera_id.partition(":")[0]
        number = track.n_parts + 1
        return RecordingHeader(
            self._order.session,
            self._order.participant,
            self._order.action,
            source,
            f"{source}/{self._group}/{track.number}/{number}",
            self._group,
            number,
            track.feed.camera_id,
            opened.info.name,
            opened.info.serial,
            opened.info.firmware,
            opened.info.usb_type,
            asdict(opened.settings),
            tuple(StreamHeader(stream.mode, stream.unit_m) for stream in opened.streams),
            opened.calibration,
        )

    def _watch(self) -> None:
        looked_at = 0.0
        while not self._stopping.wait(_TICK_S):
            try:
                with self._lock:
                    self._note_ends()
                    if self._ended is None:
                        self._begin_parts()
                    if time.monotonic() - looked_at > _DISK_CHECK_S:
                        looked_at = time.monotonic()
                        self._look_at_disk()
            except Exception as error:  # noqa: BLE001 - ends the recording, and is shown
                self._fail(error)

    def _note_ends(self) -> None:
        for track in self._tracks:
            if track.part is None:
                continue
            if track.part.writer.error is not None:
                self._fail(track.part.writer.error)
                return
            if track.part.writer.ended is not None:
                track.leave(track.part.writer.ended)
        if all(track.is_over for track in self._tracks):
            states = {track.feed.status().state for track in self._tracks}
            self._end("file ended" if FeedState.ENDED in states else "unplugged")

    def _look_at_disk(self) -> None:
        self._gauge.look(sum(c.n_bytes for part in self._parts for c in part.counts))
        if self._gauge.free_bytes <= 0:
            self._end("disk full")

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._end("disk full" if is_disk_full(error) else "stopped")

    def _end(self, how: RecordingEnd) -> None:
        with self._lock:
            if self._ended is None:
                self._ended, self._ended_at = how, time.monotonic()
                for track in self._tracks:
                    track.leave(how)
            self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()


class _Track:
    """One camera of a recording."""

    def __init__(self, number: int, feed: CameraFeed) -> None:
        self.number = number
        self.feed = feed
        self.part: Part | None = None
        self.n_parts = 0

    @property
    def recording(self) -> CameraRecording:
        streams = self.part.counts if self.part is not None else ()
        return CameraRecording(self.feed.camera_id, self.n_parts, streams)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to come."""
        over = (FeedState.ENDED, FeedState.FAILED, FeedState.CLOSED)
        return self.part is None and self.feed.status().state in over

    def leave(self, how: RecordingEnd) -> None:
        """Ends the part that is recorded, if there is one."""
        if self.part is not None:
            self.feed.detach(self.part.writer)
            self.part.end(how)
            self.part = None
