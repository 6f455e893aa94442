"""Clips that look alike are found together, and named in one step."""

import numpy as np
import pytest

from fsamt_engine.labelling.clusters import cluster, name_items
from fsamt_engine.labelling.embedding import ClipEmbeddings
from fsamt_engine.labelling.kmeans import kmeans
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.history import undo
from fsamt_engine.library.labels import remove_segment, segments
from fsamt_engine.library.takes import list_takes


def embeddings(n_groups: int, n_each: int, noise: float = 0.1, seed: int = 0) -> ClipEmbeddings:
    """Groups that share a large common part, as embeddings of people in rooms do."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_each)
    vectors = 20 + np.eye(16)[groups] + noise * rng.normal(size=(len(groups), 16))
    items = tuple(SnapshotItem(f"take {i}", "P1", 0, 9, str(g)) for i, g in enumerate(groups))
    return ClipEmbeddings(items, vectors.astype(np.float32), None, (), "student")


@pytest.mark.parametrize("n_groups", [2, 4, 7])
def test_groups_are_found_without_saying_how_many(n_groups: int) -> None:
    found = cluster(embeddings(n_groups, 30))
    assert n_groups <= len(found) <= n_groups + 2
    assert all(len({item.action for item in one.items}) == 1 for one in found)
    assert sum(len(one.items) for one in found) == 30 * n_groups


def test_every_clip_is_in_one_cluster_and_the_largest_comes_first() -> None:
    clips = embeddings(3, 11, noise=0.6)
    found = cluster(clips, 5)
    assert sorted(i.take_id for one in found for i in one.items) == sorted(
        i.take_id for i in clips.items
    )
    sizes = [len(one.items) for one in found]
    assert sizes == sorted(sizes, reverse=True)
    assert all(0 <= one.cohesion <= 1 for one in found)


def test_the_most_typical_clip_comes_first_and_tight_clusters_cohere() -> None:
    clips = embeddings(2, 30)
    odd = clips.vectors.copy()
    odd[3] += 0.5 * np.random.default_rng(3).normal(size=16)
    found = cluster(ClipEmbeddings(clips.items, odd.astype(np.float32), None, (), "student"), 2)
    (with_odd,) = [one for one in found if any(i.take_id == "take 3" for i in one.items)]
    (other,) = [one for one in found if one is not with_odd]
    assert with_odd.items[-1].take_id == "take 3"
    assert other.cohesion > with_odd.cohesion > 0.7


def test_the_same_seed_gives_the_same_clusters() -> None:
    clips = embeddings(4, 12, noise=0.8)
    assert cluster(clips, seed=5) == cluster(clips, seed=5)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_clips_are_one_cluster_or_none(n: int) -> None:
    assert [len(one.items) for one in cluster(embeddings(1, n))] == [n] * (n > 0)


def test_equal_embeddings_are_one_cluster() -> None:
    assert len(cluster(embeddings(1, 40, noise=0), 4)) == 1


def test_k_means_finds_the_loss_that_scikit_learn_finds() -> None:
    from sklearn.cluster import KMeans

    points = np.random.default_rng(0).normal(size=(200, 4))
    ours = float((kmeans(points, 6, 0).distances ** 2).sum())
    theirs = KMeans(6, n_init=10, random_state=0).fit(points).inertia_
    assert ours == pytest.approx(theirs, rel=0.04)


def test_weights_draw_the_centre() -> None:
    points = np.array([[0.0], [1.0]])
    assert kmeans(points, 1, 0, np.array([3.0, 1.0])).centres[0, 0] == pytest.approx(0.25)


def test_a_cluster_is_named_in_one_step(square_library: Library) -> None:
    for segment in segments(square_library):
        remove_segment(square_library, segment.id)
    items = [SnapshotItem(t.id, t.participant, 2, 18) for t in list_takes(square_library)[:5]]
    made = name_items(square_library, items, "down")
    assert [(s.take_id, s.start, s.end) for s in made] == [(i.take_id, 2, 18) for i in items]
    undo(square_library)
    assert segments(square_library) == []
