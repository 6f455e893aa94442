"""k-means with weights, the same on every machine for the same seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ROUNDS = 50
_STARTS = 4


@dataclass(frozen=True)
class Clustering:
    """Points in clusters.

    Attributes:
        centres: (k, D).
        owners: (N,) the cluster of each point.
        distances: (N,) from each point to its centre.
        next_distances: (N,) to the nearest centre of another cluster; infinite with one cluster.
    """

    centres: Floats
    owners: NDArray[np.intp]
    distances: Floats
    next_distances: Floats

    @property
    def silhouette(self) -> float:
        """How clearly the points belong to their clusters, -1..1; 0 with one cluster.

        The simplified silhouette (Hruschka, de Castro and Campello, ICDM 2004): by the distances to
        centres instead of to all points.
        """
        if len(self.centres) < 2:
            return 0.0
        larger = np.maximum(self.distances, self.next_distances)
        widths = (self.next_distances - self.distances) / np.maximum(larger, 1e-12)
        return float(widths.mean())


def kmeans(points: Floats, k: int, seed: int, weights: Floats | None = None) -> Clustering:
    """The best of several starts of Lloyd's algorithm, each from k-means++ centres.

    Arthur and Vassilvitskii, SODA 2007.

    Args:
        points: (N, D), N >= 1.
        k: Clusters; at most as many as there are different points come out.
        seed: Of the starts.
        weights: (N,) how much each point counts; 1 by default. Not all 0.
    """
    heavy = np.ones(len(points)) if weights is None else np.asarray(weights, np.float64)
    best, best_loss = None, np.inf
    for start in range(_STARTS):
        rng = np.random.default_rng([seed, start])
        found = _lloyd(points, _spread_centres(points, k, heavy, rng), heavy)
        loss = float((heavy * found.distances**2).sum())
        if loss < best_loss:
            best, best_loss = found, loss
    assert best is not None
    return best


def assign(points: Floats, centres: Floats) -> Clustering:
    """Each point to its nearest centre."""
    squares = _squares(points, centres)
    owners = squares.argmin(axis=1)
    rows = np.arange(len(points))
    distances = np.sqrt(squares[rows, owners])
    squares[rows, owners] = np.inf
    return Clustering(centres, owners, distances, np.sqrt(squares.min(axis=1)))


def _lloyd(points: Floats, centres: Floats, weights: Floats) -> Clustering:
    found = assign(points, centres)
    for _ in range(_ROUNDS):
        total = np.bincount(found.owners, weights, len(centres))
        sums = np.zeros_like(centres)
        np.add.at(sums, found.owners, points * weights[:, None])
        moved = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-12)[:, None], centres)
        again = assign(points, moved)
        if np.array_equal(again.owners, found.owners):
            return again
        found, centres = again, moved
    return found


def _spread_centres(points: Floats, k: int, weights: Floats, rng: np.random.Generator) -> Floats:
    chosen = [int(rng.choice(len(points), p=weights / weights.sum()))]
    nearest = _squares(points, points[chosen])[:, 0]
    while len(chosen) < k:
        chances = weights * nearest
        if chances.sum() <= 1e-12:
            break
        chosen.append(int(rng.choice(len(points), p=chances / chances.sum())))
        nearest = np.minimum(nearest, _squares(points, points[chosen[-1:]])[:, 0])
    return points[chosen]


def _squares(points: Floats, centres: Floats) -> Floats:
    """Squared distances (N, k)."""
    lengths = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None]
    return np.asarray(np.maximum(lengths - 2 * points @ centres.T, 0.0), np.float64)
