"""Prepared takes, kept in the library's cache so that a file is decoded once."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, Stream, StreamKind, Take
from fsamt_engine.library import takes as library_takes
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.arrays import ArrayWriter, map_array
from fsamt_engine.modalities.boxes import Box, View
from fsamt_engine.modalities.depth import DepthPreparer, warm_up_indices
from fsamt_engine.modalities.flow import FlowPreparer
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.rgb import colour_view, prepare_rgb
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

Array = npt.NDArray[Any]

_VIEWS = "views"
_HELD_BYTES = 200_000_000
"""A depth stream up to this size is held in memory while it is prepared, a longer one is not."""


def prepared_take(
    library: Library, take_id: str, modality: Modality, preparation: Preparation
) -> Array:
    """The prepared frames of a take, from the cache or made now.

    Every modality is indexed by depth frame; colour is that of the frame's pair, and where a depth
    frame has no partner, that of the nearest earlier one that has.

    Returns:
        A mapped array: depth (T, S, S) float16 in 0..1, rgb (T, S, S, 3) uint8, flow
        (T, S, S, 2) uint8 as coded by `flow.py` (the first frame repeats the second's).

    Raises:
        FsamtError: The take has no such stream, its files lack frames, or the disk is full.
    """
    return _prepared(library, take_id, (modality,), preparation)[0]


def prepare_takes(
    library: Library,
    take_ids: Sequence[str],
    modalities: Sequence[Modality],
    preparation: Preparation,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    workers: int = 2,
) -> None:
    """Fills the cache for many takes at once; what is there already costs nothing.

    Args:
        library: Where the takes are.
        take_ids: Which takes.
        modalities: Which arrays of each.
        preparation: The settings.
        on_progress: Told after every take.
        should_stop: Asked after every take.
        workers: Takes prepared at the same time, in threads (decoding leaves Python's lock alone).

    Raises:
        Cancelled: `should_stop` said so. What was prepared stays.
        FsamtError: As `prepared_take`.
    """
    watch = Stopwatch(len(take_ids))
    rest = iter(take_ids)
    running: set[Future[object]] = set()
    done = 0
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prepare") as pool:

        def submit(n: int) -> None:
            for take_id in [t for _, t in zip(range(n), rest, strict=False)]:
                running.add(
                    pool.submit(_prepared, library, take_id, tuple(modalities), preparation)
                )

        submit(2 * workers)
        try:
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                done += len(finished)
                if on_progress:
                    left = watch.seconds_left(done)
                    on_progress(Progress("Preparing takes", done, len(take_ids), {}, left))
                if should_stop and should_stop():
                    raise Cancelled(resumable=True)
                submit(len(finished))
        finally:
            for future in running:
                future.cancel()


def paired_frames(library: Library, take_id: str) -> npt.NDArray[np.bool_]:
    """Which depth frames of a take have a colour partner, (T,) bool."""
    depth = _stream(library_takes.take(library, take_id), StreamKind.DEPTH)
    paired = np.zeros(depth.n_frames, bool)
    paired[library_takes.pairs(library, take_id)[:, 0]] = True
    return paired


def partners(pairs: npt.NDArray[np.int64], n_depth: int) -> npt.NDArray[np.int64]:
    """The colour frame of every depth frame: its partner's, or the nearest earlier partner's.

    Args:
        pairs: (n, 3) int64: depth frame, colour frame, skew.
        n_depth: Depth frames of the take.

    Returns:
        (n_depth,) int64. Frames before the first pair have the first pair's.
    """
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    place = np.searchsorted(ordered[:, 0], np.arange(n_depth), side="right") - 1
    return np.asarray(ordered[np.maximum(place, 0), 1], np.int64)


def views(library: Library, take_id: str, preparation: Preparation) -> list[View]:
    """What is seen of each depth frame of a take, (T,); prepares its depth where needed."""
    take = library_takes.take(library, take_id)
    _prepared(library, take_id, (Modality.DEPTH,), preparation)
    stored = _cached(library, take, _VIEWS, preparation)
    if stored is None:
        raise FsamtError("The cache changed while it was read.", "Try again.")
    return [_view_from(row) for row in stored]


def _prepared(
    library: Library, take_id: str, modalities: Sequence[Modality], preparation: Preparation
) -> list[Array]:
    take = library_takes.take(library, take_id)
    arrays = {m: _cached(library, take, m, preparation) for m in modalities}
    missing = [m for m, array in arrays.items() if array is None]
    if missing:
        _build(library, take, missing, preparation)
        arrays |= {m: _cached(library, take, m, preparation) for m in missing}
    found = [array for array in arrays.values() if array is not None]
    if len(found) < len(modalities):
        raise FsamtError(
            f"The cache of take {take_id} disappeared while it was read.", "Try again."
        )
    return found


def _build(
    library: Library, take: Take, missing: Sequence[Modality], preparation: Preparation
) -> None:
    stored = _cached(library, take, _VIEWS, preparation)
    if stored is None or Modality.DEPTH in missing:
        stored = _build_depth(library, take, preparation)
    if Modality.RGB in missing or Modality.FLOW in missing:
        _build_colour(library, take, missing, preparation, [_view_from(row) for row in stored])


def _build_depth(library: Library, take: Take, preparation: Preparation) -> Array:
    stream = _stream(take, StreamKind.DEPTH)
    preparer = DepthPreparer(preparation.depth, stream.unit_m or 0.0, take.calibration.depth)
    rows = []
    with (
        closing(DepthReader(library.absolute(stream.path), stream.n_frames)) as reader,
        _writer(library, take, Modality.DEPTH, preparation) as depth_writer,
        _writer(library, take, _VIEWS, preparation) as view_writer,
    ):
        _check_whole(take, stream, reader.n_missing)
        for frame in _warmed_up(reader, stream, preparer):
            depth_writer.write(preparer.push(frame))
            rows.append(_view_row(preparer.view))
            view_writer.write(rows[-1])
    return np.stack(rows) if rows else np.zeros((0, 9))


def _warmed_up(
    reader: DepthReader, stream: Stream, preparer: DepthPreparer
) -> Iterator[npt.NDArray[np.uint16]]:
    """The frames in order, after the preparer was warmed up with some of them."""
    sample = warm_up_indices(stream.n_frames)
    if stream.n_frames * stream.width * stream.height * 2 <= _HELD_BYTES:
        frames = reader.read(0, stream.n_frames)
        preparer.warm_up(frames[sample])
        yield from frames
    else:
        preparer.warm_up(reader[int(i)] for i in sample)
        yield from (reader[i] for i in range(stream.n_frames))


def _build_colour(
    library: Library,
    take: Take,
    missing: Sequence[Modality],
    preparation: Preparation,
    depth_views: Sequence[View],
) -> None:
    depth, colour = _stream(take, StreamKind.DEPTH), _stream(take, StreamKind.COLOUR)
    pairs = library_takes.pairs(library, take.id)
    if len(pairs) == 0:
        raise FsamtError(
            f"Take {take.id} has colour, but no pairs of colour and depth.",
            "Import or record it again.",
        )
    partner = partners(pairs, depth.n_frames)
    sizes = (depth.width, depth.height), (colour.width, colour.height)
    flow = FlowPreparer(preparation)
    earlier = later = vectors = None
    with ExitStack() as stack:
        reader = stack.enter_context(
            closing(ColourReader(library.absolute(colour.path), colour.n_frames))
        )
        _check_whole(take, colour, reader.n_missing)
        writers = {
            m: stack.enter_context(_writer(library, take, m, preparation))
            for m in (Modality.RGB, Modality.FLOW)
            if m in missing
        }
        n_waiting = 0
        for i, view in enumerate(depth_views):
            seen = colour_view(view, take.calibration, *sizes)
            if i == 0 or partner[i] != partner[i - 1]:
                earlier, later = later, reader[int(partner[i])]
                if earlier is not None and Modality.FLOW in missing:
                    vectors = flow.between(earlier, later, seen)
            if Modality.RGB in missing and later is not None:
                writers[Modality.RGB].write(prepare_rgb(later, seen, preparation.size))
            if Modality.FLOW in missing:
                n_waiting += 1
                if vectors is not None or i == len(depth_views) - 1:
                    still = np.full((preparation.size, preparation.size, 2), 128, np.uint8)
                    for _ in range(n_waiting):
                        writers[Modality.FLOW].write(still if vectors is None else vectors)
                    n_waiting = 0


def _stream(take: Take, kind: StreamKind) -> Stream:
    stream = take.stream(kind)
    if stream is None:
        raise FsamtError(
            f"Take {take.id} has no {kind}.",
            "Only takes with both colour and depth can serve a transfer.",
        )
    return stream


def _check_whole(take: Take, stream: Stream, n_missing: int) -> None:
    if n_missing:
        raise FsamtError(
            f"The {stream.kind} of take {take.id} lacks {n_missing} of {stream.n_frames} frames.",
            "Run 'fsamt library verify', and import the take again or leave it out.",
        )


def _layout(take: Take, what: str, preparation: Preparation) -> tuple[tuple[int, ...], str]:
    n_frames, size = _stream(take, StreamKind.DEPTH).n_frames, preparation.size
    return {
        Modality.DEPTH: ((n_frames, size, size), "float16"),
        Modality.RGB: ((n_frames, size, size, 3), "uint8"),
        Modality.FLOW: ((n_frames, size, size, 2), "uint8"),
        _VIEWS: ((n_frames, 9), "float64"),
    }[what]


def _path(library: Library, take: Take, what: str, preparation: Preparation) -> Path:
    """Named by everything that the array depends on, so that nothing stale is ever found."""
    modality = Modality.DEPTH if what == _VIEWS else Modality(what)
    kinds = [StreamKind.DEPTH] + [StreamKind.COLOUR] * (modality is not Modality.DEPTH)
    parts = [_stream(take, kind).sha256 for kind in kinds]
    parts += [repr(take.calibration), preparation.key(modality)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
    return library.cache_folder / "clips" / take.id / f"{what}-{digest}.npy"


def _cached(library: Library, take: Take, what: str, preparation: Preparation) -> Array | None:
    shape, dtype = _layout(take, what, preparation)
    return map_array(_path(library, take, what, preparation), shape, dtype)


def _writer(library: Library, take: Take, what: str, preparation: Preparation) -> ArrayWriter:
    shape, dtype = _layout(take, what, preparation)
    return ArrayWriter(_path(library, take, what, preparation), shape, dtype)


def _view_row(view: View) -> npt.NDArray[np.float64]:
    corners = [(b.x0, b.y0, b.x1, b.y1) for b in (view.box, view.limits)]
    distance_m = np.nan if view.distance_m is None else view.distance_m
    return np.array([*corners[0], *corners[1], distance_m])


def _view_from(row: Array) -> View:
    values = [float(v) for v in row]
    distance_m = None if np.isnan(values[8]) else values[8]
    return View(Box(*values[:4]), Box(*values[4:8]), distance_m)
