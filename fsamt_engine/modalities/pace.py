"""How long takes that are not prepared yet will take, measured on some of their frames."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from fsamt_engine.errors import Cancelled
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library import takes as library_takes
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.boxes import View, still_view
from fsamt_engine.modalities.building import partners
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.flow import FlowPreparer
from fsamt_engine.modalities.kept import KeptTake
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.rgb import colour_view, prepare_rgb
from fsamt_engine.progress import ShouldStop

_WORKERS = 2
"""As many as `prepare_takes` has."""
_AT_MOST_S = 2.0
_FRAMES = 60


@dataclass(frozen=True)
class Missing:
    """What of a take is not in the cache."""

    kept: KeptTake
    modalities: tuple[Modality, ...]
    n_frames: int


def missing_takes(
    library: Library,
    take_ids: Sequence[str],
    modalities: Sequence[Modality],
    preparation: Preparation,
) -> list[Missing]:
    """The takes that `prepare_takes` would have to work on."""
    found = []
    for take_id in dict.fromkeys(take_ids):
        kept = KeptTake(library, library_takes.take(library, take_id), preparation)
        missing = tuple(modality for modality in modalities if kept.read(modality) is None)
        if missing:
            found.append(Missing(kept, missing, kept.stream(StreamKind.DEPTH).n_frames))
    return found


def preparing_seconds(missing: Sequence[Missing], should_stop: ShouldStop | None = None) -> float:
    """Seconds that it will take to prepare these, from the pace of at most 2 s of trying.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: A take cannot be read.
    """
    if not missing:
        return 0.0
    tried = missing[:_WORKERS]
    until = time.monotonic() + _AT_MOST_S

    def try_out(one: Missing) -> int:
        n_done = 0
        for _ in _frames(one):
            n_done += 1
            if should_stop and should_stop():
                raise Cancelled
            if n_done == _FRAMES or time.monotonic() > until:
                break
        return n_done

    began = time.monotonic()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="prepare") as pool:
        n_done = sum(pool.map(try_out, tried))
    pace = (time.monotonic() - began) / max(1, n_done)
    return pace * sum(one.n_frames for one in missing)


def _frames(one: Missing) -> Iterator[None]:
    """Does for each frame what preparing it takes, and keeps nothing."""
    kept = one.kept
    depth = kept.stream(StreamKind.DEPTH)
    crop = kept.preparation.depth.crop
    view = still_view(crop, depth.width, depth.height, kept.take.region)
    if Modality.DEPTH not in one.modalities:
        yield from _colour(one, iter([view] * one.n_frames))
    elif one.modalities == (Modality.DEPTH,):
        for _ in _depth(one):
            yield
    else:
        yield from _colour(one, _depth(one))


def _depth(one: Missing) -> Iterator[View]:
    kept = one.kept
    stream = kept.stream(StreamKind.DEPTH)
    preparer = DepthPreparer(
        kept.preparation.depth,
        stream.unit_m or 0.0,
        kept.take.calibration.depth,
        kept.take.region,
    )
    path = kept.library.absolute(stream.path)
    with closing(DepthReader(path, stream.n_frames)) as reader:
        for frame in reader:
            preparer.push(frame)
            yield preparer.view


def _colour(one: Missing, views: Iterator[View]) -> Iterator[None]:
    kept = one.kept
    depth, stream = kept.stream(StreamKind.DEPTH), kept.stream(StreamKind.COLOUR)
    sizes = (depth.width, depth.height), (stream.width, stream.height)
    partner = partners(library_takes.pairs(kept.library, kept.take.id), one.n_frames)
    flow = FlowPreparer(kept.preparation)
    path = kept.library.absolute(stream.path)
    with closing(ColourReader(path, stream.n_frames)) as reader:
        before = reader[int(partner[0])]
        for i, view in enumerate(views):
            frame = reader[int(partner[i])]
            seen = colour_view(view, kept.take.calibration, *sizes)
            if Modality.RGB in one.modalities:
                prepare_rgb(frame, seen, kept.preparation.size)
            if Modality.FLOW in one.modalities:
                flow.between(before, frame, seen)
            before = frame
            yield
