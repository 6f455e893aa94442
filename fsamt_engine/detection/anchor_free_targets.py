"""What the anchor-free head is to say at each point of a take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.anchor_free_network import HeadShape
from fsamt_engine.detection.embeddings import Moments
from fsamt_engine.library import BACKGROUND, SnapshotItem

MIDDLE = 0.5
"""Share of a segment, around its middle, whose points are to say that they lie in an action."""

_LONGEST = 32.0
"""Moments of a level that a segment of it may have: so far both ends are seen from its middle."""


@dataclass(frozen=True, eq=False)
class Points:
    """Where the points of N moments lie.

    Attributes:
        places: (P,) float64, in moments of the lowest level.
        levels: (P,) int64.
    """

    places: npt.NDArray[np.float64]
    levels: npt.NDArray[np.int64]

    @classmethod
    def of(cls, n_moments: int, n_levels: int) -> "Points":
        """Those of a pyramid; one of a higher level stands for the moments below it."""
        places, levels = [], []
        for level in range(n_levels):
            stride = 2**level
            n_points = -(-n_moments // stride)
            places.append(np.arange(n_points) * stride + (stride - 1) / 2)
            levels.append(np.full(n_points, level))
        return cls(np.concatenate(places), np.concatenate(levels))


@dataclass(frozen=True, eq=False)
class Targets:
    """What is to be said at P points.

    Attributes:
        is_known: (P,) whether it is known what is there; elsewhere nothing is learned.
        is_middle: (P,) whether the point lies in the middle of a segment of its level.
        distances: (2, P) float32 to the start and the end of that segment, in moments; 1 elsewhere.
    """

    is_known: npt.NDArray[np.bool_]
    is_middle: npt.NDArray[np.bool_]
    distances: npt.NDArray[np.float32]


def head_shape(segments: Sequence[SnapshotItem], moments: Moments, embedding_dim: int) -> HeadShape:
    """A head for actions as long as these: as many levels as the longest one needs."""
    lengths = np.array([(s.end - s.start) / moments.every for s in segments])
    n_levels = 1 + max(0, math.ceil(math.log2(lengths.max() / _LONGEST)))
    halves = lengths / 2 / 2.0 ** levels_of(lengths, n_levels)
    return HeadShape(embedding_dim, n_levels, round(float(np.exp(np.log(halves).mean())), 3))


def levels_of(lengths: npt.NDArray[np.float64], n_levels: int) -> npt.NDArray[np.int64]:
    """Which level finds segments of these lengths (in moments): the lowest that sees both ends."""
    levels = np.ceil(np.log2(np.maximum(lengths, 1e-6) / _LONGEST)).clip(0, n_levels - 1)
    return levels.astype(np.int64)


def targets(
    points: Points, items: Sequence[SnapshotItem], moments: Moments, n_levels: int
) -> Targets:
    """What is to be said at the points of a whole take.

    Args:
        items: Of this take: segments, and background. What is in none of them is not known.
    """
    at = moments.frames(points.places)
    is_known = np.zeros(len(at), np.bool_)
    is_middle = np.zeros(len(at), np.bool_)
    distances = np.ones((2, len(at)), np.float32)
    for item in items:
        is_known |= (at >= item.start) & (at < item.end)
    for item in items:
        if item.action == BACKGROUND:
            continue
        length = (item.end - item.start) / moments.every
        own = points.levels == levels_of(np.array([length]), n_levels)[0]
        # A segment shorter than the distance of two points has the nearest one all the same.
        off = np.abs(at - (item.start + item.end) / 2)
        nearest = off[own].min(initial=np.inf)
        half = max(MIDDLE * (item.end - item.start) / 2, nearest)
        inside = own & (off <= half) & (at > item.start) & (at < item.end)
        is_middle |= inside
        distances[0, inside] = (at[inside] - item.start) / moments.every
        distances[1, inside] = (item.end - at[inside]) / moments.every
    return Targets(is_known, is_middle, distances)
