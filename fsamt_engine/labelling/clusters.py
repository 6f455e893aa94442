"""Clips that look alike to a model, to be named in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.labelling.embedding import ClipEmbeddings
from fsamt_engine.labelling.kmeans import Clustering, Floats, assign, kmeans
from fsamt_engine.library import Library, Segment, SnapshotItem
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.labels import label_interval

_MOST = 40
_ITEMS_A_CLUSTER = 6
"""There are no more clusters than leave so many items to each on average."""
_ABOUT = 0.95
"""Share of the best silhouette that counts as equally good."""
_SAMPLE = 2000
"""Centres are found on so many items at most."""


@dataclass(frozen=True)
class Cluster:
    """Clips that look alike.

    Attributes:
        items: The most typical first.
        cohesion: How alike they are, 0..1: the mean cosine to their middle, where 0 is as unlike as
            clips are on average.
    """

    items: tuple[SnapshotItem, ...]
    cohesion: float


def cluster(
    embeddings: ClipEmbeddings, n_clusters: int | None = None, seed: int = 0
) -> tuple[Cluster, ...]:
    """Divide clips into clusters of clips that look alike, the largest first.

    k-means on directions from the mean (see `directions`). Without `n_clusters` there are as many,
    2 to 40, as make clips belong to theirs about as clearly as they can, by the simplified
    silhouette: of numbers that are equally good the largest, since two clusters of one action are
    named more easily than one of two actions is sorted.
    """
    if not len(embeddings):
        return ()
    points = directions(embeddings.vectors)
    found = clustered(points, n_clusters, seed)
    clusters = []
    for number in range(len(found.centres)):
        own = np.flatnonzero(found.owners == number)
        if not len(own):
            continue
        typical = own[np.argsort(found.distances[own], kind="stable")]
        # For directions, the length of their mean is their mean cosine to it.
        cohesion = min(1.0, float(np.linalg.norm(points[own].mean(axis=0))))
        clusters.append(Cluster(tuple(embeddings.items[i] for i in typical), cohesion))
    return tuple(sorted(clusters, key=lambda one: -len(one.items)))


def name_items(library: Library, items: Sequence[SnapshotItem], action: str) -> tuple[Segment, ...]:
    """Labels several intervals with one action, as one step that can be undone.

    Raises:
        FsamtError: The action or a take is not there; nothing was labelled.
    """

    def change(_step: Edit) -> tuple[Segment, ...]:
        return tuple(
            label_interval(library, one.take_id, action, one.start, one.end) for one in items
        )

    count = "a clip" if len(items) == 1 else f"{len(items)} clips"
    return edit(library, f"label {action} on {count}", change)


def directions(vectors: NDArray[np.float32]) -> Floats:
    """Embeddings as directions from their mean, of length 1: (N, D).

    The embeddings of people in rooms have a large common part and small differences that tell the
    actions apart; without the common part, distances are about the differences.
    """
    offsets = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(offsets, axis=1, keepdims=True)
    return np.asarray(offsets / np.maximum(lengths, 1e-12), np.float64)


def clustered(points: Floats, n_clusters: int | None, seed: int) -> Clustering:
    """k-means with a given number of clusters, or the number that the silhouette prefers."""
    rng = np.random.default_rng([seed, len(points)])
    some = points
    if len(points) > _SAMPLE:
        some = points[np.sort(rng.choice(len(points), _SAMPLE, replace=False))]
    if n_clusters is not None:
        return assign(points, kmeans(some, n_clusters, seed).centres)
    most = min(_MOST, len(some) // _ITEMS_A_CLUSTER)
    tried = [kmeans(some, k, seed) for k in _numbers(most)]
    enough = _ABOUT * max(one.silhouette for one in tried)
    finest = [one for one in tried if one.silhouette >= enough][-1]
    return assign(points, finest.centres)


def _numbers(most: int) -> list[int]:
    """1 where there is too little to divide; else 2 up to `most`, further apart towards the end."""
    if most < 2:
        return [1]
    return sorted({round(float(k)) for k in np.geomspace(2, most, 16)})
