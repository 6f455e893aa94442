"""Prepares a take: decodes each of its files once, from first to last frame."""

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Stream, StreamKind
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.media.infrared import InfraredReader
from fsamt_engine.media.skeleton import read_skeleton
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.boxes import Box, View, still_view
from fsamt_engine.modalities.depth import DepthPreparer, warm_up_indices
from fsamt_engine.modalities.flow import FlowInOrder
from fsamt_engine.modalities.infrared import infrared_view, prepare_infrared
from fsamt_engine.modalities.kept import VIEWS, KeptTake
from fsamt_engine.modalities.matching import frames_for
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.rgb import colour_view, prepare_rgb
from fsamt_engine.modalities.skeleton import prepare_skeleton

_HELD_BYTES = 200_000_000
"""A depth stream up to this size is held in memory while it is prepared, a longer one is not."""

_READ_AT_ONCE = 32
"""Frames of a longer one that are decoded ahead of those that are prepared."""


def build(kept: KeptTake, missing: Sequence[Modality], stop: threading.Event) -> None:
    """Makes the missing arrays of a take.

    Without depth nobody is looked for: the whole frame of a stream is seen, or the take's region.

    Args:
        kept: Where they go.
        missing: Which ones.
        stop: Looked at for every frame.

    Raises:
        Cancelled: `stop` was set. Arrays that are not whole leave nothing behind.
        FsamtError: A stream is missing or lacks frames, or the disk is full.
    """
    for modality in missing:
        for kind in kinds_of(modality):
            kept.stream(kind)
    if Modality.SKELETON in missing:
        _build_skeleton(kept)
    wants_colour = [m for m in missing if StreamKind.COLOUR in kinds_of(m)]
    views: Sequence[View | None] = [None] * kept.take.main.n_frames
    if Modality.DEPTH in missing or (set(missing) != {Modality.SKELETON} and kept.has_depth):
        stored = kept.read(VIEWS)
        if stored is None or Modality.DEPTH in missing:
            stored = _build_depth(kept, stop)
        views = [view_from(row) for row in stored]
    if Modality.INFRARED in missing:
        _build_infrared(kept, views, stop)
    if wants_colour:
        _build_colour(kept, wants_colour, views, stop)


class SeenOf:
    """What is seen of a stream: what depth shows, carried over to it.

    Args:
        kept: The take.
        kind: The stream's.
    """

    def __init__(self, kept: KeptTake, kind: StreamKind) -> None:
        self._calibration = kept.take.calibration
        self._is_infrared = kind is StreamKind.INFRARED
        stream, main = kept.stream(kind), kept.take.main
        self._size = (stream.width, stream.height)
        self._depth_size = (main.width, main.height)
        self._still = still_view(kept.preparation.depth.crop, *self._size, kept.take.region)

    def where(self, view: View | None) -> View:
        """What `view` shows of a depth frame, in pixels of the stream; None for no depth."""
        if view is None:
            return self._still
        if self._is_infrared:
            return infrared_view(view, self._depth_size, self._size)
        return colour_view(view, self._calibration, self._depth_size, self._size)


def view_from(row: npt.NDArray[Any]) -> View:
    """The view that a row of the kept views, (9,) float64, stands for."""
    values = [float(v) for v in row]
    distance_m = None if np.isnan(values[8]) else values[8]
    return View(Box(*values[:4]), Box(*values[4:8]), distance_m)


def _view_row(view: View) -> npt.NDArray[np.float64]:
    corners = [(b.x0, b.y0, b.x1, b.y1) for b in (view.box, view.limits)]
    distance_m = np.nan if view.distance_m is None else view.distance_m
    return np.array([*corners[0], *corners[1], distance_m])


def _build_depth(kept: KeptTake, stop: threading.Event) -> npt.NDArray[np.float64]:
    stream = kept.stream(StreamKind.DEPTH)
    preparer = DepthPreparer(
        kept.preparation.depth,
        stream.unit_m or 0.0,
        kept.take.calibration.depth,
        kept.take.region,
    )
    rows = np.empty((stream.n_frames, 9))
    with (
        closing(DepthReader(kept.library.absolute(stream.path), stream.n_frames)) as reader,
        kept.writer(Modality.DEPTH) as depth_writer,
        kept.writer(VIEWS) as view_writer,
        closing(_warmed_up(reader, stream, preparer)) as frames,
    ):
        _check_whole(kept, stream, reader.n_missing)
        for i, frame in enumerate(frames):
            _check_stop(stop)
            depth_writer.write(preparer.push(frame))
            rows[i] = _view_row(preparer.view)
            view_writer.write(rows[i])
    return rows


def _warmed_up(
    reader: DepthReader, stream: Stream, preparer: DepthPreparer
) -> Generator[npt.NDArray[np.uint16]]:
    """The frames in order, after the preparer was warmed up with some of them."""
    sample = warm_up_indices(stream.n_frames)
    if stream.n_frames * stream.width * stream.height * 2 <= _HELD_BYTES:
        frames = reader.read(0, stream.n_frames)
        preparer.warm_up(frames[sample])
        yield from frames
    else:
        preparer.warm_up(reader[int(i)] for i in sample)
        yield from _read_ahead(reader)


def _read_ahead(reader: DepthReader) -> Generator[npt.NDArray[np.uint16]]:
    """The frames in order, decoded by a thread of its own while the last ones are prepared.

    It has come to its end when the generator is closed: the file may be closed then.
    """
    starts = iter(range(0, reader.n_frames, _READ_AT_ONCE))

    def read(start: int) -> npt.NDArray[np.uint16]:
        return reader.read(start, min(start + _READ_AT_ONCE, reader.n_frames))

    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        waiting = deque(pool.submit(read, start) for start in islice(starts, 2))
        try:
            while waiting:
                frames = waiting.popleft().result()
                waiting.extend(pool.submit(read, start) for start in islice(starts, 1))
                yield from frames
        finally:
            pool.shutdown(cancel_futures=True)


def _build_skeleton(kept: KeptTake) -> None:
    stream = kept.stream(StreamKind.SKELETON)
    joints = read_skeleton(kept.library.absolute(stream.path))
    if joints.shape[0] != stream.n_frames or joints.shape[2] != stream.width:
        raise FsamtError(
            f"The skeleton of take {kept.take.id} is not the one that was added: its file holds"
            f" {joints.shape[0]} frames of {joints.shape[2]} joints.",
            "Restore its file from a copy, import the take again, or leave it out.",
        )
    frames = frames_for(kept.library, kept.take, StreamKind.SKELETON)
    prepared = prepare_skeleton(joints)
    with kept.writer(Modality.SKELETON) as writer:
        for frame in frames:
            writer.write(prepared[frame])


def _build_infrared(kept: KeptTake, views: Sequence[View | None], stop: threading.Event) -> None:
    stream, size = kept.stream(StreamKind.INFRARED), kept.preparation.size
    seen = SeenOf(kept, StreamKind.INFRARED)
    frames = frames_for(kept.library, kept.take, StreamKind.INFRARED)
    path = kept.library.absolute(stream.path)
    with (
        closing(InfraredReader(path, stream.n_frames)) as reader,
        kept.writer(Modality.INFRARED) as writer,
    ):
        _check_whole(kept, stream, reader.n_missing)
        for i, number in enumerate(frames):
            _check_stop(stop)
            if i == 0 or number != frames[i - 1]:
                frame = reader[int(number)]
            writer.write(prepare_infrared(frame, seen.where(views[i]), size))


def _build_colour(
    kept: KeptTake,
    missing: Sequence[Modality],
    views: Sequence[View | None],
    stop: threading.Event,
) -> None:
    stream, size = kept.stream(StreamKind.COLOUR), kept.preparation.size
    seen = SeenOf(kept, StreamKind.COLOUR)
    partner = frames_for(kept.library, kept.take, StreamKind.COLOUR)
    flow = FlowInOrder(kept.preparation) if Modality.FLOW in missing else None
    with ExitStack() as stack:
        path = kept.library.absolute(stream.path)
        reader = stack.enter_context(closing(ColourReader(path, stream.n_frames)))
        _check_whole(kept, stream, reader.n_missing)
        writers = {m: stack.enter_context(kept.writer(m)) for m in missing}
        for i, number in enumerate(partner):
            _check_stop(stop)
            if i == 0 or number != partner[i - 1]:
                frame = reader[int(number)]
            view = seen.where(views[i])
            if Modality.RGB in missing:
                writers[Modality.RGB].write(prepare_rgb(frame, view, size))
            if flow:
                for vectors in flow.push(frame, view):
                    writers[Modality.FLOW].write(vectors)
        if flow:
            for vectors in flow.finish():
                writers[Modality.FLOW].write(vectors)


def _check_stop(stop: threading.Event) -> None:
    if stop.is_set():
        raise Cancelled(resumable=True)


def _check_whole(kept: KeptTake, stream: Stream, n_missing: int) -> None:
    if n_missing:
        raise FsamtError(
            f"The {stream.kind} of take {kept.take.id} lacks {n_missing} of {stream.n_frames}"
            " frames.",
            "Restore its file from a copy, import the take again, or leave it out.",
        )
