"""Takes that are to be added, and whether they make sense."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.compositions import Piece
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import (
    MAIN_FIRST,
    Calibration,
    Recording,
    RecordingEnd,
    Region,
    StreamKind,
)


@dataclass(frozen=True)
class StreamDraft:
    """A stream of a take that is to be added.

    Attributes:
        path: The finished file, absolute, directly in the staging folder.
        timestamps_us: (n_frames,) int64, in `timestamp_domain`.
        frame_numbers: (n_frames,) int64 as the device counted them, None where it did not.
    """

    kind: StreamKind
    path: Path
    width: int
    height: int
    n_frames: int
    rate_hz: float
    codec: str
    timestamps_us: NDArray[np.int64]
    unit_m: float | None = None
    frame_numbers: NDArray[np.int64] | None = None
    timestamp_domain: str = "nominal"


def _no_pairs() -> NDArray[np.int64]:
    return np.empty((0, 3), np.int64)


@dataclass(frozen=True)
class TakeDraft:
    """A take that is to be added.

    Attributes:
        source_key: Unique within the library; the id of the take is made from it.
        pairs: (n, 3) int64: depth frame, colour frame, skew in microseconds.
        segments: Action, first main frame, end (not included). Unknown actions are added.
        recording: How it was recorded, where a camera did.
        title, tags, region: As people gave them, for a take of another library.
        composition: What a composed take is joined of.
    """

    session: str
    participant: str
    source: str
    source_key: str
    started_at_us: int
    streams: Sequence[StreamDraft]
    pairs: NDArray[np.int64] = field(default_factory=_no_pairs)
    segments: Sequence[tuple[str, int, int]] = ()
    calibration: Calibration = field(default_factory=Calibration)
    recording: Recording | None = None
    title: str = ""
    tags: Sequence[str] = ()
    region: Region | None = None
    composition: Sequence[Piece] = ()

    @property
    def reference(self) -> StreamDraft:
        """The stream whose frames segments count, as `Take.main`."""
        by_kind = {stream.kind: stream for stream in self.streams}
        return next(by_kind[kind] for kind in MAIN_FIRST if kind in by_kind)


def check_draft(staging: Path, draft: TakeDraft) -> None:
    """Refuses a draft that contradicts itself or the files in the staging folder.

    Raises:
        FsamtError: Says what is wrong with it.
    """
    names = [draft.session, draft.participant, draft.source, draft.source_key]
    names += [action for action, _, _ in draft.segments]
    names += [*draft.tags, *([draft.title] if draft.title else [])]
    if not all(map(is_name, names)):
        raise _bad(draft, "a name is empty or holds control characters")
    kinds = [stream.kind for stream in draft.streams]
    if not kinds or len(set(kinds)) < len(kinds):
        raise _bad(draft, "it has no stream, or two of one kind")
    for stream in draft.streams:
        if stream.path.parent != staging or not stream.path.is_file():
            raise _bad(draft, f"the file of its {stream.kind} stream is missing")
        numbers = stream.timestamps_us if stream.frame_numbers is None else stream.frame_numbers
        if stream.n_frames < 1 or {len(stream.timestamps_us), len(numbers)} != {stream.n_frames}:
            raise _bad(draft, f"its {stream.kind} stream has no frames, or not a time for each")
        if not stream.rate_hz > 0:
            raise _bad(draft, f"its {stream.kind} stream has no frame rate")
    n_frames = {stream.kind: stream.n_frames for stream in draft.streams}
    pairs = np.asarray(draft.pairs)
    limits = [n_frames.get(StreamKind.DEPTH, 0), n_frames.get(StreamKind.COLOUR, 0)]
    if pairs.ndim != 2 or pairs.shape[1] != 3:
        raise _bad(draft, "its pairs are not a table of three columns")
    if len(pairs) and (pairs[:, :2].min() < 0 or (pairs[:, :2].max(axis=0) >= limits).any()):
        raise _bad(draft, "a pair names a frame that is not there")
    length = draft.reference.n_frames
    for action, start, end in draft.segments:
        if not 0 <= start < end <= length:
            raise _bad(draft, f"a segment of {action} ({start} to {end}) is not within the take")
    if any(not 0 <= piece.start < piece.end <= length for piece in draft.composition):
        raise _bad(draft, "a piece that it is joined of is not within it")
    recording = draft.recording
    if recording is not None and (
        not recording.camera
        or recording.part < 1
        or min(recording.n_dropped.values(), default=0) < 0
        or recording.ended not in get_args(RecordingEnd)
    ):
        raise _bad(draft, "what is said of its recording makes no sense")


def _bad(draft: TakeDraft, why: str) -> FsamtError:
    return FsamtError(
        f"The take {draft.source_key} cannot be added: {why}.", "Nothing of it was kept."
    )
