"""How close a student's answers are to their partners, and how far from all others.

Everything here works on a table of similarities: row i is what the student says of clip i, column
j is what the teacher says of clip j.
"""

import math

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.evaluation.scores import wilson_interval

Floats = NDArray[np.float64]

TIE = 1e-6
"""Similarities of float32 embeddings that differ by less are equal."""
MAX_RANDOM = 2000


def similarities(answers: NDArray[np.float32], targets: NDArray[np.float32]) -> Floats:
    """Cosines between a student's answers and a teacher's embeddings, averaged over its kinds.

    With the mean over kinds (the clip's embedding, the video's), 1 minus a pair's similarity is the
    loss of the transfer for it (see `TeachingLesson`).

    Args:
        answers: (n, D).
        targets: (K, m, D): one table a kind.

    Returns:
        (n, m) in -1..1; 0 where an embedding has no length.
    """
    mine = _unit(answers)
    return np.asarray(np.mean([mine @ _unit(kind).T for kind in targets], axis=0), np.float64)


def _unit(vectors: NDArray[np.float32]) -> Floats:
    wide = vectors.astype(np.float64)
    unit: Floats = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
    return unit


def places(table: Floats, partners: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each row's partner stands among the row's candidates.

    Args:
        table: (n, m) similarities.
        partners: (n,) column of each row's partner.

    Returns:
        How many candidates are more similar than the partner (n,), and how many others are as
        similar as it (n,).
    """
    own = table[np.arange(len(table)), partners][:, None]
    above = np.count_nonzero(table > own + TIE, axis=1)
    equal = np.count_nonzero(np.abs(table - own) <= TIE, axis=1) - 1
    return above, equal


def mid_ranks(above: NDArray[np.intp], equal: NDArray[np.intp]) -> Floats:
    """Rank of each partner from 1; among equals the mean of the ranks that they share."""
    return np.asarray(1 + above + equal / 2, np.float64)


def found_within(k: int, above: NDArray[np.intp], equal: NDArray[np.intp]) -> float:
    """Share of the rows whose partner is among the first k, equals being in random order.

    A row counts by the chance that its partner is among them: embeddings that are all the same
    score what guessing does, not 0 and not 1.
    """
    return float(np.clip((k - above) / (equal + 1), 0, 1).mean())


def interval_of(share: float, n: int) -> tuple[float, float]:
    """95 % Wilson interval of a share of n clips."""
    return wilson_interval(round(share * n), n)


def separation(matched: Floats, random: Floats) -> float:
    """Chance that a matched pair is more similar than a random one; 0.5 is guessing.

    The area under the ROC curve, as Mann and Whitney's U over its largest value; ties count half.
    NaN without pairs of either kind.
    """
    if not len(matched) or not len(random):
        return math.nan
    ordered = np.sort(random)
    below = np.searchsorted(ordered, matched, "left")
    up_to = np.searchsorted(ordered, matched, "right")
    return float((below + up_to).mean() / 2 / len(random))


def random_pairs(table: Floats, takes: list[str], seed: int) -> Floats:
    """Similarities of clips that are no partners: of all pairs of different takes, at most 2,000.

    Parts of one take show the same person in the same place, so they are no measure of chance.

    Args:
        table: (n, n): row and column i are the same clip.
        takes: Of the n clips.
        seed: Of the choice, where there are more.
    """
    names = np.asarray(takes, dtype=object)
    rows, columns = np.nonzero(names[:, None] != names[None, :])
    if len(rows) > MAX_RANDOM:
        drawn = np.random.default_rng(seed).choice(len(rows), MAX_RANDOM, replace=False)
        rows, columns = rows[drawn], columns[drawn]
    return np.asarray(table[rows, columns], np.float64)


def linear_fit(answers: NDArray[np.float32], targets: NDArray[np.float32]) -> Floats:
    """The matrix (D of the answers, D of the targets) that brings answers closest to targets.

    Ridge regression on unit targets, its weight a hundredth of the answers' mean square: for a
    student whose embedding is not in the space of the teacher's: it is of another length, or the
    loss asked for relations or answers only. What lay between them in the transfer was learned
    with the student and thrown away at the end.
    """
    x, y = answers.astype(np.float64), _unit(targets)
    gram = x.T @ x
    ridge = 0.01 * np.trace(gram) / len(gram)
    return np.asarray(np.linalg.solve(gram + ridge * np.eye(len(gram)), x.T @ y), np.float64)
