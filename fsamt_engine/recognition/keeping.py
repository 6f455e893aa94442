"""Moments of live depth: the last seconds in memory, and those that somebody wants labelled."""

import shutil
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from fsamt_engine.capture.camera import Frame, LostFrames
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.capture.finishing import finish_recording
from fsamt_engine.capture.journal import RecordingHeader, StreamHeader
from fsamt_engine.capture.take_writer import QueueLimits, TakeWriter
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import short_id
from fsamt_engine.library.recordings import new_recording_folder
from fsamt_engine.library.records import Calibration, StreamKind, Take
from fsamt_engine.library.suggestions import Suggestion, add_suggestion, list_suggestions
from fsamt_engine.library.takes import has_source_key, take
from fsamt_engine.recognition.take_camera import TAKE

UNNAMED = "unnamed"
"""The participant of a moment, as long as nobody says who it was."""
_RING_BYTES = 256 << 20
_FINISH_S = 60.0


class MomentRing:
    """The last seconds of raw depth, in memory alone. Any thread may use it.

    It holds the frames themselves, not copies of them. What it holds is one moment: it begins anew
    where the size of the pictures changes, or their clock, or where time runs backwards.

    Args:
        seconds: How far back it reaches, by the frames' own times.
        max_bytes: Of pixels; where they are more, it reaches less far back.
    """

    def __init__(self, seconds: float, max_bytes: int = _RING_BYTES) -> None:
        self._reach_us, self._max_bytes = round(seconds * 1e6), max_bytes
        self._frames: deque[Frame] = deque()
        self._n_bytes = 0
        self._lock = threading.Lock()

    @property
    def n_bytes(self) -> int:
        """Of pixels that it holds."""
        return self._n_bytes

    def add(self, frame: Frame) -> None:
        """Takes the next frame of depth, and forgets what is too old."""
        with self._lock:
            if self._frames and not _goes_on(self._frames[-1], frame):
                self._forget_all()
            self._frames.append(frame)
            self._n_bytes += frame.pixels.nbytes
            oldest_us = frame.at_us - self._reach_us
            while len(self._frames) > 1 and (
                self._frames[0].at_us <= oldest_us or self._n_bytes > self._max_bytes
            ):
                self._n_bytes -= self._frames.popleft().pixels.nbytes

    def last(self, seconds: float) -> list[Frame]:
        """The frames of the last seconds, oldest first; fewer where it does not reach so far."""
        with self._lock:
            if not self._frames:
                return []
            oldest_us = self._frames[-1].at_us - round(seconds * 1e6)
            return [frame for frame in self._frames if frame.at_us > oldest_us]

    def clear(self) -> None:
        """Forgets everything, for a camera that was opened anew."""
        with self._lock:
            self._forget_all()

    def _forget_all(self) -> None:
        self._frames.clear()
        self._n_bytes = 0


def keep_moment(
    library: Library,
    frames: Sequence[Frame],
    opened: OpenedCamera,
    *,
    guess: str | None,
    score: float,
    model_id: str,
    participant: str = UNNAMED,
    reason: str,
) -> str:
    """Keeps a moment for labelling: its depth as a take, and the take among the suggestions.

    What a camera gives is recognised meanwhile, so it is encoded gently and takes its time: about
    four seconds for four seconds at 848x480; of a recording that waits, a second or so. A moment of
    a take that is played is not written a second time: there the suggestion is an interval of that
    take. Nor is a moment that was kept before. A program that is killed on the way leaves a
    recording, which becomes a take (without a suggestion) when it starts again.

    Args:
        library: Where it goes, into the session "Live" of today.
        frames: Depth, oldest first, of one opening of a camera.
        opened: That camera.
        guess: What the model took it for; None where it had no guess.
        score: How much a label of it is worth, in 0..1.
        model_id: Of the recogniser that noticed it.
        participant: Who is seen.
        reason: One sentence for whoever labels it.

    Returns:
        Id of the take.

    Raises:
        FsamtError: There are no frames; the interval of the take has a label; or the library cannot
            be written to (its disk is full, say). Nothing half-made is left of it then, and it can
            be tried again.
    """
    depth = [frame for frame in frames if frame.kind == StreamKind.DEPTH]
    if not depth:
        raise FsamtError("There is nothing to keep yet.", "Wait until the camera gives frames.")
    kind, _, name = opened.info.id.partition(":")
    is_known = guess is None or guess in {action.name for action in actions(library)}
    if guess is not None and not is_known:
        reason = f"{reason} The recogniser calls it {guess}, which is no action of this library."
    if kind == TAKE:
        kept = take(library, name)
        start, end = _interval(depth)
        _refuse_labelled(library, kept, (start + end) // 2)
    else:
        kept = _record(library, depth, opened, participant)
        start, end = 0, len(depth)
    suggestion = Suggestion(
        0,
        kept.id,
        kept.participant,
        start,
        end,
        guess if is_known else None,
        min(max(score, 0.0), 1.0),
        reason,
        None,
        model_id,
    )
    if (start, end) not in {(s.start, s.end) for s in list_suggestions(library, kept.id)}:
        add_suggestion(library, suggestion)
    return kept.id


def _record(
    library: Library, frames: Sequence[Frame], opened: OpenedCamera, participant: str
) -> Take:
    """A take of frames that are in memory; the one that there is where they were kept before."""
    header = _header(frames, opened, participant)
    if has_source_key(library, header.source_key):
        return take(library, short_id(header.source_key))
    folder = new_recording_folder(library)
    try:
        writer = TakeWriter(
            folder, header, LostFrames(), False, QueueLimits(), gently=opened.is_live
        )
        try:
            for frame in frames:
                writer.take_frame(frame)
        finally:
            events = writer.close(_FINISH_S)
        if writer.error is not None:
            raise writer.error
        kept = finish_recording(library, folder, events)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    assert kept is not None
    return kept


def _header(frames: Sequence[Frame], opened: OpenedCamera, participant: str) -> RecordingHeader:
    stream = opened.stream(StreamKind.DEPTH)
    height, width = frames[0].pixels.shape
    if stream is None or (stream.mode.width, stream.mode.height) != (width, height):
        raise FsamtError(
            "These frames are not of the camera as it is open now.",
            "Keep a moment before the camera is opened anew.",
        )
    source = opened.info.id.partition(":")[0]
    group = f"{opened.info.serial}/{frames[0].arrived_at_us}-{frames[-1].arrived_at_us}"
    began = datetime.fromtimestamp(frames[0].arrived_at_us / 1e6)
    return RecordingHeader(
        f"Live {began:%Y-%m-%d}",
        participant,
        None,
        source,
        f"{source}/live/{group}",
        short_id(group),
        1,
        opened.info.id,
        opened.info.name,
        opened.info.serial,
        opened.info.firmware,
        opened.info.usb_type,
        asdict(opened.settings),
        (StreamHeader(stream.mode, stream.unit_m),),
        Calibration(depth=opened.calibration.depth),
    )


def _interval(frames: Sequence[Frame]) -> tuple[int, int]:
    """Which frames of a take these are; the end is not included."""
    numbers = [frame.number for frame in frames if frame.number is not None]
    return min(numbers), max(numbers) + 1


def _refuse_labelled(library: Library, kept: Take, middle: int) -> None:
    for label in segments(library, take_ids=[kept.id]):
        if label.start <= middle < label.end:
            raise FsamtError(
                f"This moment of the take has a label already: {label.action}.",
                "If the label is wrong, change it on the Label page.",
            )


def _goes_on(last: Frame, frame: Frame) -> bool:
    return (
        frame.pixels.shape == last.pixels.shape
        and frame.domain == last.domain
        and frame.at_us >= last.at_us
    )
