"""Real clips of the library, on which a file is checked before it is handed over."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import seen_participants, unknown_whom
from fsamt_engine.learning.clips import Window
from fsamt_engine.library import Library, ModelRecord, SnapshotItem, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import Intrinsics
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import take, take_ids_by_name
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.boxes import only_within, region_box
from fsamt_engine.modalities.clips import ClipShape, evaluation_starts

N_CLIPS = 48
_PER_ITEM = 4
_UNSEEN = "people whom the training has not seen"
_UNKNOWN = "people of this library (whether its training has seen them is not known)"


@dataclass(frozen=True)
class RealClip:
    """The raw frames of a clip.

    Attributes:
        frames: (N, H, W) uint16, sensor units, 0 = no reading; all frames from the clip's first to
            its last. Outside of the take's region there is no reading.
        unit_m: Metres a step.
        intrinsics: None where unknown.
    """

    frames: npt.NDArray[np.uint16]
    unit_m: float
    intrinsics: Intrinsics | None


@dataclass(frozen=True)
class ChosenClips:
    """Which clips a file is checked on.

    Attributes:
        of: Whose they are, in words ("people whom the training has not seen").
    """

    windows: tuple[Window, ...]
    of: str


def choose_clips(
    library: Library,
    record: ModelRecord,
    shape: ClipShape,
    participants: Sequence[str] | None = None,
) -> ChosenClips:
    """At most 48 clips: of the people asked for, else of the model's test, else of its training.

    Raises:
        FsamtError: The library has none of these takes.
    """
    there = set(take_ids_by_name(library).values())
    for items, of in _candidates(library, record, participants):
        found = [item for item in items if item.take_id in there]
        if windows := _windows(found, shape):
            return ChosenClips(windows, of)
    raise FsamtError(
        f"There is no clip in this library on which a file of {record.id} could be checked.",
        "Export it from the library that it was trained in, or record or import a labelled take.",
    )


def training_clips(library: Library, record: ModelRecord, shape: ClipShape) -> tuple[Window, ...]:
    """Clips that the model was trained on, as far as their takes are still there; at most 48."""
    if record.snapshot_id is None:
        return ()
    there = set(take_ids_by_name(library).values())
    items = snapshot(library, record.snapshot_id).train
    return _windows([item for item in items if item.take_id in there], shape)


def read_clip(library: Library, window: Window, shape: ClipShape) -> RealClip:
    """The raw frames of a window.

    Raises:
        FsamtError: The take lacks depth or its unit, or a frame is lost or damaged.
    """
    found = take(library, window.take_id)
    depth = found.stream(StreamKind.DEPTH)
    if depth is None or not depth.unit_m:
        raise FsamtError(
            f"The take {window.take_id} has no depth of a known unit, so nothing can be checked on"
            " it.",
            "Check the library with the command fsamt library verify.",
        )
    end = min(window.start + shape.span, window.end, depth.n_frames)
    path = library.absolute(depth.path)
    with closing(DepthReader(path, depth.n_frames)) as reader:
        frames = reader.read(window.start, end)
    if found.region is not None:
        limits = region_box(found.region, depth.width, depth.height)
        frames = np.stack([only_within(frame, limits) for frame in frames])
    return RealClip(frames, depth.unit_m, found.calibration.depth)


def whole_clip(library: Library, window: Window, shape: ClipShape) -> RealClip | None:
    """The raw frames of a window; None where a frame is lost or damaged."""
    try:
        return read_clip(library, window, shape)
    except FsamtError:
        return None


def _candidates(
    library: Library, record: ModelRecord, participants: Sequence[str] | None
) -> Iterator[tuple[Sequence[SnapshotItem], str]]:
    if participants is not None:
        n = len(set(participants))
        people = "1 person who was" if n == 1 else f"{n} people who were"
        yield _labelled(library, record, participants), f"{people} chosen for it"
        return
    kept = None if record.snapshot_id is None else snapshot(library, record.snapshot_id)
    if kept is not None:
        yield kept.test, _UNSEEN
        seen = seen_participants(library, record)
        others = [i for i in _labelled(library, record) if i.participant not in seen]
        yield others, _UNKNOWN if unknown_whom(library, record) else _UNSEEN
        yield (*kept.validation, *kept.train), "people whom the training has seen"
    yield _labelled(library, record), "this library"


def _labelled(
    library: Library, record: ModelRecord, participants: Sequence[str] | None = None
) -> list[SnapshotItem]:
    found = segments(library, actions=record.actions, participants=participants)
    return [SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action) for s in found]


def _windows(items: Sequence[SnapshotItem], shape: ClipShape) -> tuple[Window, ...]:
    """At most 48 windows, as evenly spread over the items as over each item."""
    if not items:
        return ()
    per_item = min(_PER_ITEM, -(-N_CLIPS // len(items)))
    windows = [
        Window(item.take_id, start, item.end)
        for item in items
        for start in evaluation_starts(item.start, item.end, shape, per_item)
    ]
    places = np.unique(np.linspace(0, len(windows) - 1, min(N_CLIPS, len(windows))).astype(int))
    return tuple(windows[place] for place in places)
