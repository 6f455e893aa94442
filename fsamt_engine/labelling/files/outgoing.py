"""Labels on their way out, with everything that a file may want to say of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.library import Action, Library, Segment, StreamKind, Take
from fsamt_engine.library.elsewhere import video_of
from fsamt_engine.library.takes import pairs, timestamps
from fsamt_engine.modalities.matching import frames_for


@dataclass(frozen=True)
class TakeTimes:
    """Where the edges between a take's main frames lie, n + 1 of them for n frames.

    Attributes:
        take_s: (n + 1,) float64, seconds by the take's own recorded times, from 0, never backwards.
        media_s: (n + 1,) float64, seconds in the video file that other programs play: frame i of a
            file of ours lies at i / rate.
        media: That file: colour, or the main stream where there is none; None where it is no video.
    """

    take_s: NDArray[np.float64]
    media_s: NDArray[np.float64]
    media: Path | None

    @classmethod
    def of(cls, library: Library, take: Take) -> "TakeTimes":
        """Read them.

        Raises:
            FsamtError: The library cannot be read.
        """
        reference, colour = take.main, take.stream(StreamKind.COLOUR)
        at_us = timestamps(library, take.id, reference.kind)
        steps_us = np.append(np.maximum(np.diff(at_us), 0), 1e6 / reference.rate_hz)
        take_s = np.append(0.0, np.cumsum(steps_us)) / 1e6
        edges = np.arange(reference.n_frames + 1, dtype=np.float64)
        media = colour or reference
        if reference.kind is StreamKind.DEPTH and colour is not None:
            paired = pairs(library, take.id)
            if len(paired) > 1:
                edges = _over(edges, paired[:, 0], paired[:, 1])
        elif colour is not None and reference.n_frames > 1:
            frames = frames_for(library, take, StreamKind.COLOUR)
            edges = _over(edges, np.arange(reference.n_frames), frames)
        plays = media.kind is not StreamKind.SKELETON
        return cls(take_s, edges / media.rate_hz, video_of(library, media) if plays else None)

    @property
    def n_frames(self) -> int:
        """Main frames of the take."""
        return len(self.take_s) - 1

    def seconds(self, start: int, end: int) -> tuple[float, float]:
        """An interval by the take's clock."""
        return float(self.take_s[start]), float(self.take_s[end])

    def media_seconds(self, start: int, end: int) -> tuple[float, float]:
        """An interval in the video file; what lies before its first frame begins with it."""
        return max(0.0, float(self.media_s[start])), max(0.0, float(self.media_s[end]))

    def frames(self, start_s: float, end_s: float, *, in_media: bool) -> tuple[int, int]:
        """The main frames whose edges are nearest to an interval; at least one frame."""
        edges = self.media_s if in_media else self.take_s
        start = min(_nearest(edges, start_s), self.n_frames - 1)
        return start, max(start + 1, _nearest(edges, end_s))


@dataclass(frozen=True)
class LabelledTake:
    """A take and its labels."""

    take: Take
    times: TakeTimes
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Outgoing:
    """What is written to a file."""

    takes: tuple[LabelledTake, ...]
    actions: tuple[Action, ...]

    @property
    def n_segments(self) -> int:
        """Labels of all takes."""
        return sum(len(one.segments) for one in self.takes)


def _over(
    edges: NDArray[np.float64], known: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.float64]:
    """`values` at `known` places, between them in a line, and beyond them at the mean slope."""
    _, first = np.unique(known, return_index=True)
    places, at = known[first].astype(np.float64), values[first].astype(np.float64)
    slope = (at[-1] - at[0]) / max(1.0, places[-1] - places[0]) or 1.0
    inside = np.interp(edges, places, at)
    before, after = np.minimum(edges - places[0], 0), np.maximum(edges - places[-1], 0)
    return np.asarray(inside + slope * (before + after), np.float64)


def _nearest(edges: NDArray[np.float64], at_s: float) -> int:
    return int(np.abs(edges - at_s).argmin())
