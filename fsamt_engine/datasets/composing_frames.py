"""The frames of a composed take: which of which source, one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.datasets.composing_files import Frames, SourceFiles
from fsamt_engine.datasets.composing_plan import PlannedTake
from fsamt_engine.datasets.composing_rests import LARGEST_CHANGE, Edge, Pictures, rest
from fsamt_engine.datasets.composing_sources import Source
from fsamt_engine.library.compositions import Piece
from fsamt_engine.library.records import Region, StreamKind

_INSIDE_S, _OUTSIDE_S = 1.0, 1.5
"""How far into a piece, and around it, frames are looked at for a rest."""
_PICTURE_WIDTH = 80


@dataclass(frozen=True)
class Span:
    """Frames of one source that follow each other in a composed take.

    Attributes:
        frames: (n,) int64, main frames of the source's take.
    """

    take_id: str
    frames: Frames


class Joined:
    """A planned take, frame by frame.

    Args:
        files: Of the sources.
        planned: What is joined.
        check_stop: Called for every piece that is looked at; what it raises ends the work.

    Attributes:
        spans: All main frames, in order.
        pieces: Where the pieces came to lie.
        kinds: The streams that the take has: the main one, and what all sources have alike.

    Raises:
        BrokenFileError: A source cannot be read.
    """

    def __init__(
        self, files: SourceFiles, planned: PlannedTake, check_stop: Callable[[], None]
    ) -> None:
        self._files, self._planned = files, planned
        self.spans, self.pieces = self._joined(check_stop)
        self.kinds = self._kinds()

    @property
    def started_at_us(self) -> int:
        """When the earliest of the sources was recorded."""
        return min(one.started_at_us for one in self._files.takes.values())

    @property
    def region(self) -> Region | None:
        """The part of the picture that holds every source's region; None where one has none."""
        regions = [one.region for one in self._files.takes.values()]
        drawn = [one for one in regions if one is not None]
        if len(drawn) < len(regions):
            return None
        left, top, right, bottom = zip(*drawn, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def size(self, kind: StreamKind) -> tuple[int, int]:
        """Width and height of a stream."""
        stream = next(iter(self._files.takes.values())).stream(kind)
        assert stream is not None
        return stream.width, stream.height

    def frames(self, kind: StreamKind) -> Iterator[npt.NDArray[Any]]:
        """The frames of a stream of pictures, one for each main frame.

        Raises:
            BrokenFileError: A source cannot be read.
        """
        for span in self.spans:
            for number in self._files.matching(span.take_id, kind)[span.frames].tolist():
                yield self._files.frame(span.take_id, kind, number)

    def joints(self) -> npt.NDArray[np.float32]:
        """The skeleton of each main frame: (T, B, J, 3) float32 metres, NaN = not tracked.

        Raises:
            BrokenFileError: A source cannot be read.
        """
        of_take = {take_id: self._files.joints(take_id) for take_id in self._files.takes}
        n_bodies = max(own.shape[1] for own in of_take.values())
        n_joints = next(iter(of_take.values())).shape[2]
        joints = np.full((self._planned.n_frames, n_bodies, n_joints, 3), np.nan, np.float32)
        at = 0
        for span in self.spans:
            own = of_take[span.take_id]
            joints[at : at + len(span.frames), : own.shape[1]] = own[span.frames]
            at += len(span.frames)
        return joints

    def pairs(self) -> npt.NDArray[np.int64]:
        """Depth and colour of one moment, with the skew that the sources have: (n, 3) int64."""
        found, at = [np.empty((0, 3), np.int64)], 0
        is_paired = {StreamKind.DEPTH, StreamKind.COLOUR} <= set(self.kinds)
        of_take = {name: self._files.pairs(name) for name in self._files.takes if is_paired}
        for span in self.spans if is_paired else ():
            own = of_take[span.take_id]
            places = np.minimum(np.searchsorted(own[:, 0], span.frames), len(own) - 1)
            is_there = own[places, 0] == span.frames
            numbers = at + np.flatnonzero(is_there)
            found.append(np.stack([numbers, numbers, own[places[is_there], 2]], axis=1))
            at += len(span.frames)
        return np.concatenate(found)

    def _joined(self, check_stop: Callable[[], None]) -> tuple[list[Span], tuple[Piece, ...]]:
        spans, pieces, at = list[Span](), list[Piece](), 0
        places: list[tuple[Source, bool] | None] = [None, *self._planned.pieces, None]
        for number, ((before, after), n_frames) in enumerate(
            zip(pairwise(places), self._planned.rests, strict=True)
        ):
            check_stop()
            leaving, coming = rest(
                self._edge(before[0], at_end=True) if before and n_frames else None,
                self._edge(after[0], at_end=False) if after and n_frames else None,
                n_frames,
                f"{self._planned.seed}/{number}",
            )
            if before and len(leaving):
                spans.append(Span(before[0].take_id, leaving))
            if after and len(coming):
                spans.append(Span(after[0].take_id, coming))
            at += n_frames
            if after:
                source, is_labelled = after
                spans.append(Span(source.take_id, np.arange(source.start, source.end)))
                end = at + source.n_frames
                place = source.take_id, source.source_key, source.start
                pieces.append(Piece(at, end, source.action, is_labelled, *place))
                at = end
        return spans, tuple(pieces)

    def _edge(self, piece: Source, *, at_end: bool) -> Edge:
        rate_hz, main = self._planned.kind.rate_hz, self._planned.kind.main
        inside = max(1, min(round(_INSIDE_S * rate_hz), piece.n_frames // 2))
        outside = round(_OUTSIDE_S * rate_hz)
        if at_end:
            at, first, end = piece.end - 1, piece.end - inside, min(piece.last, piece.end + outside)
        else:
            at, first = piece.start, max(piece.first, piece.start - outside)
            end = piece.start + inside
        if main is StreamKind.SKELETON:
            joints = self._files.joints(piece.take_id)[first:end]
            return Edge(first, at, joints.reshape(len(joints), -1), rate_hz)
        numbers = range(first, end)
        shown = (self._files.frame(piece.take_id, main, number) for number in numbers)
        pictures = np.stack([_small(frame, self._planned.kind.unit_m) for frame in shown])
        return Edge(first, at, pictures, rate_hz)

    def _kinds(self) -> tuple[StreamKind, ...]:
        kinds = [self._planned.kind.main]
        if self._planned.kind.colour_size and StreamKind.COLOUR not in kinds:
            kinds.append(StreamKind.COLOUR)
        for kind in (StreamKind.INFRARED, StreamKind.SKELETON):
            if kind not in kinds and self._files.is_alike(kind):
                kinds.append(kind)
        return tuple(kinds)


def _small(frame: npt.NDArray[Any], unit_m: float | None) -> Pictures:
    """A picture for comparing, as one row of means of blocks, so that noise says little.

    Of depth the metres, NaN where less than half of a block is read, and then for each block how
    much of it is read: so a silhouette tells, too, where nothing is read around it.
    """
    every = max(1, frame.shape[1] // _PICTURE_WIDTH)
    height, width = (length // every for length in frame.shape[:2])
    blocks = frame[: height * every, : width * every].astype(np.float32)
    blocks = blocks.reshape(height, every, width, every, -1)
    if unit_m is None:
        scaled: Pictures = blocks.mean(axis=(1, 3)).reshape(-1) / np.iinfo(frame.dtype).max
        return scaled
    read = (blocks > 0).mean(axis=(1, 3), dtype=np.float32).reshape(-1)
    metres = unit_m * blocks.mean(axis=(1, 3)).reshape(-1) / np.maximum(read, 1e-6)
    depth: Pictures = np.concatenate(
        [np.where(read < 0.5, np.nan, metres), LARGEST_CHANGE * read]
    ).astype(np.float32)
    return depth
