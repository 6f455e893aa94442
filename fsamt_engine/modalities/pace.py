"""How long takes that are not prepared yet will take, measured on some of their frames."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

from fsamt_engine.errors import Cancelled
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library import takes as library_takes
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.media.infrared import InfraredReader
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.boxes import View, still_view
from fsamt_engine.modalities.building import SeenOf
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.flow import FlowInOrder
from fsamt_engine.modalities.infrared import prepare_infrared
from fsamt_engine.modalities.kept import KeptTake
from fsamt_engine.modalities.matching import frames_for
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.rgb import prepare_rgb
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
            found.append(Missing(kept, missing, kept.take.main.n_frames))
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
    kinds = {kind for modality in one.modalities for kind in kinds_of(modality)}
    with ExitStack() as stack:
        steps: list[_Infrared | _Colour] = []
        if StreamKind.INFRARED in kinds:
            steps.append(stack.enter_context(closing(_Infrared(kept))))
        if StreamKind.COLOUR in kinds:
            steps.append(stack.enter_context(closing(_Colour(one))))
        for i, view in zip(range(one.n_frames), _depth(one), strict=False):
            for step in steps:
                step.look(i, view)
            yield


def _depth(one: Missing) -> Iterator[View | None]:
    """What is seen of each depth frame; nothing new where depth is there already, or none is."""
    kept = one.kept
    if Modality.DEPTH not in one.modalities:
        main, crop = kept.take.main, kept.preparation.depth.crop
        still = still_view(crop, main.width, main.height, kept.take.region)
        yield from [still if kept.has_depth else None] * one.n_frames
        return
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


class _Infrared:
    """Prepares infrared of main frames, and keeps nothing."""

    def __init__(self, kept: KeptTake) -> None:
        stream = kept.stream(StreamKind.INFRARED)
        self._size = kept.preparation.size
        self._seen = SeenOf(kept, StreamKind.INFRARED)
        self._frames = frames_for(kept.library, kept.take, StreamKind.INFRARED)
        self._reader = InfraredReader(kept.library.absolute(stream.path), stream.n_frames)

    def look(self, number: int, view: View | None) -> None:
        frame = self._reader[int(self._frames[number])]
        prepare_infrared(frame, self._seen.where(view), self._size)

    def close(self) -> None:
        self._reader.close()


class _Colour:
    """Prepares RGB and flow of main frames, and keeps nothing."""

    def __init__(self, one: Missing) -> None:
        kept = one.kept
        stream = kept.stream(StreamKind.COLOUR)
        self._modalities = one.modalities
        self._size = kept.preparation.size
        self._seen = SeenOf(kept, StreamKind.COLOUR)
        wants_flow = Modality.FLOW in one.modalities
        self._flow = FlowInOrder(kept.preparation) if wants_flow else None
        self._partner = frames_for(kept.library, kept.take, StreamKind.COLOUR)
        self._reader = ColourReader(kept.library.absolute(stream.path), stream.n_frames)

    def look(self, number: int, view: View | None) -> None:
        frame = self._reader[int(self._partner[number])]
        seen = self._seen.where(view)
        if Modality.RGB in self._modalities:
            prepare_rgb(frame, seen, self._size)
        if self._flow:
            for _ in self._flow.push(frame, seen):
                pass

    def close(self) -> None:
        self._reader.close()
