"""Which clips to label next, so that few labels teach much.

Two situations, two rules. Before there is a recogniser nothing is known of the actions, and labels
are few: then the most typical clip of each large group without a label is worth most (TypiClust:
Hacohen, Dekel and Weinshall, "Active learning on a budget: opposite strategies suit high and low
budgets", ICML 2022). A recogniser knows what it is unsure of: then clips are worth most that it
wavers on, spread over what there is (margin: Scheffer, Decomain and Wrobel, IDA 2001; its spread by
weighted clusters: Zhdanov, "Diverse mini-batch active learning", arXiv 1901.05954).
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.clusters import clustered, directions
from fsamt_engine.labelling.embedding import ClipEmbeddings, clip_embeddings
from fsamt_engine.labelling.kmeans import Floats, kmeans
from fsamt_engine.library import Library, ModelRecord, TakeFilter
from fsamt_engine.library.compositions import composed_take_ids
from fsamt_engine.library.listing import list_takes
from fsamt_engine.library.pair_rows import pair_rows
from fsamt_engine.library.suggestions import Suggestion, list_suggestions, save_suggestions
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.units import format_percent

MAX_TAKES = 2000
"""Takes that are looked at; of a larger library a sample."""
_UNSURE_FOR_EACH = 10
"""Zhdanov's beta: so many of the most unsure clips are looked at for each that is suggested."""
_NEIGHBOURS = 20
"""A clip is typical by its distance to so many nearest clips of its cluster (TypiClust's K)."""
_MOST_CLUSTERS = 500
"""TypiClust's limit; beyond, a cluster may hold several labels."""
_ITEMS_A_CLUSTER = 3
"""Smaller clusters say little of what is typical, however many labels there are."""
_WAVERS = 0.7
"""Doubt from which on a recogniser is said to be torn: its two best answers are 30 points apart."""


def suggest(
    library: Library,
    model: ModelRecord,
    *,
    n: int = 48,
    take_ids: Sequence[str] | None = None,
    device: str = "auto",
    seed: int = 0,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> tuple[Suggestion, ...]:
    """Suggest clips without a label, the most worthwhile first, in the place of older suggestions.

    Moments that a person kept (they are in no cluster) stay, and come first.

    Args:
        library: Where the takes are.
        model: A student or a recogniser.
        n: So many at most.
        take_ids: Takes to look at; None for all. See `takes_to_look_at`.
        device: Name of a device.
        seed: Of the clusters and the sample.
        on_progress: Told take by take.
        should_stop: Asked several times a second.

    Returns:
        What is in the library now.

    Raises:
        Cancelled: Stopped; the suggestions of before stay.
        FsamtError: The model is a teacher, or a take cannot be read.
    """
    chosen = takes_to_look_at(library, take_ids, seed, modality=model.modality)

    def seen(labelled: bool) -> ClipEmbeddings:
        return clip_embeddings(
            library,
            model,
            chosen,
            labelled=labelled,
            device=device,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    clips = seen(labelled=False)
    if not len(clips):
        raise FsamtError(
            "There is nothing left without a label in these takes.",
            "Record or import more takes, or look at other ones.",
        )
    if clips.probabilities is not None:
        picks = list(_unsure(clips, clips.probabilities, n, seed))
    else:
        picks = list(_typical(clips, seen(labelled=True).vectors, n, seed))
    groups = clustered(directions(clips.vectors), None, seed).owners
    kept = [one for one in list_suggestions(library) if one.cluster is None]
    return save_suggestions(library, [*kept, *(_suggestion(clips, *one, groups) for one in picks)])


def takes_to_look_at(
    library: Library,
    take_ids: Sequence[str] | None = None,
    seed: int = 0,
    *,
    modality: str = Modality.DEPTH,
) -> list[str]:
    """Takes in which something can be suggested; of more than 2,000 a sample.

    Takes without any label come into a sample first: three quarters of it, as far as there are so
    many. It is another one whenever more takes have a label, so that a large library is gone
    through.

    Args:
        take_ids: To choose from; None for all that can be seen as the modality, but for composed
            ones.
        seed: Of the sample.
        modality: What the model sees.
    """
    if take_ids is None:
        able = set(take_ids_with(library, kinds_of(Modality(modality))))
        able -= composed_take_ids(library)
        take_ids = [row.id for row in pair_rows(library) if row.id in able]
    ids = list(take_ids)
    if len(ids) <= MAX_TAKES:
        return ids
    has_label = {row.id for row in list_takes(library, TakeFilter(labelled=True))}
    without = [take_id for take_id in ids if take_id not in has_label]
    labelled = [take_id for take_id in ids if take_id in has_label]
    n_labelled = max(min(len(labelled), MAX_TAKES // 4), MAX_TAKES - len(without))
    drawn = random.Random(f"{seed}|{len(has_label)}|suggestions")
    return [
        *drawn.sample(without, MAX_TAKES - n_labelled),
        *drawn.sample(labelled, n_labelled),
    ]


_Pick = tuple[int, float, str, str | None]
"""Which clip, how much it is worth, why, and what it may be."""


def _unsure(
    clips: ClipEmbeddings, probabilities: NDArray[np.float32], n: int, seed: int
) -> Iterator[_Pick]:
    """Of the clips with the smallest margin, the nearest to each of n weighted centres."""
    ordered = np.sort(probabilities.astype(np.float64), axis=1)
    doubt = 1 - (ordered[:, -1] - ordered[:, -2])
    candidates = np.argsort(-doubt, kind="stable")[: _UNSURE_FOR_EACH * n]
    points = directions(clips.vectors)[candidates]
    found = kmeans(points, min(n, len(candidates)), seed, np.maximum(doubt[candidates], 1e-6))
    picked = []
    for number in range(len(found.centres)):
        own = np.flatnonzero(found.owners == number)
        if len(own):
            picked.append(int(candidates[own[found.distances[own].argmin()]]))
    for i in sorted(picked, key=lambda i: -doubt[i]):
        first, second = np.argsort(-probabilities[i], kind="stable")[:2]
        share = [format_percent(float(probabilities[i, place])) for place in (first, second)]
        one, other = clips.actions[first], clips.actions[second]
        if doubt[i] > _WAVERS:
            why = f"Torn between {one} ({share[0]}) and {other} ({share[1]})."
        else:
            why = f"Looks like {one} ({share[0]}); {other} is next ({share[1]})."
        yield i, float(doubt[i]), why, one


def _typical(
    clips: ClipEmbeddings, labelled: NDArray[np.float32], n: int, seed: int
) -> Iterator[_Pick]:
    """The most typical clip of each of the largest clusters that hold no label, or fewest."""
    points = directions(np.concatenate([clips.vectors, labelled]))
    n_clips = len(clips)
    wanted = min(n + len(labelled), _MOST_CLUSTERS, len(points) // _ITEMS_A_CLUSTER)
    n_clusters = min(max(n, wanted), len(points))
    owners = kmeans(points, n_clusters, seed).owners
    n_known = np.bincount(owners[n_clips:], minlength=n_clusters)
    own = owners[:n_clips]
    sizes = np.bincount(own, minlength=n_clusters)
    largest = int(sizes.max())
    order = sorted(np.flatnonzero(sizes), key=lambda c: (n_known[c], -sizes[c]))
    for c in order[:n]:
        members = np.flatnonzero(own == c)
        pick = int(members[_most_typical(points[members])])
        size, known = int(sizes[c]), int(n_known[c])
        if known:
            why = f"Typical of {_clips(size)} without a label; {known} like them have one."
        elif size > 1:
            why = f"Typical of {size} clips that look alike; none like them has a label."
        else:
            why = "Unlike all other clips."
        yield pick, size / (largest * (1 + known)), why, None


def _most_typical(points: Floats) -> int:
    """The point with the smallest mean distance to its nearest neighbours."""
    if len(points) < 3:
        return 0
    squares = np.maximum(2 - 2 * points @ points.T, 0)
    k = min(_NEIGHBOURS, len(points) - 1)
    nearest = np.sort(np.sqrt(squares), axis=1)[:, 1 : k + 1]
    return int(nearest.mean(axis=1).argmin())


def _suggestion(
    clips: ClipEmbeddings,
    i: int,
    score: float,
    reason: str,
    action: str | None,
    groups: NDArray[np.intp],
) -> Suggestion:
    item = clips.items[i]
    return Suggestion(
        0,
        item.take_id,
        item.participant,
        item.start,
        item.end,
        action,
        round(score, 4),
        reason,
        int(groups[i]),
        clips.model_id,
    )


def _clips(n: int) -> str:
    return "1 clip" if n == 1 else f"{n} clips"
