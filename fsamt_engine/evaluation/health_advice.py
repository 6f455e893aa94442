"""What to do after a transfer; `docs/method.md` argues for each threshold."""

import math
from collections.abc import Sequence

import numpy as np

from fsamt_engine.evaluation.health_record import Advice, AdviceCode, PairHealth, mean
from fsamt_engine.units import format_percent

MIN_HELD_OUT = 10
"""Below, a share of the held-out pairs is uncertain by 25 points and more either way."""
LEARNED = 0.7
"""Of the way from random pairs to equal ones, how far trained pairs have to be."""
CARRIED_OVER = 0.7
"""Of the way that trained pairs are from random ones, how far held-out pairs have to be."""
MANY_EPOCHS = 160
"""Twice the default: whoever has not learned its pairs by then will not by going on."""
DOUBTFUL_SHARE = 0.03
"""So many pairs in doubt are looked at before anything else is done."""


def doubtful_pairs(
    pairs: Sequence[PairHealth], by_chance: Sequence[float]
) -> tuple[PairHealth, ...]:
    """Pairs that are no closer than half of the random ones, the worst first.

    Only of a student that has learned the other pairs: before that, every pair looks so.

    Args:
        pairs: Held out or trained on.
        by_chance: Cosines of random pairs.
    """
    trained = [one.cosine for one in pairs if not one.was_held_out]
    if not learned_share(trained, by_chance) >= LEARNED:
        return ()
    limit = float(np.median(by_chance))
    found = [one for one in pairs if one.cosine <= limit]
    return tuple(sorted(found, key=lambda one: one.cosine))


def learned_share(trained: Sequence[float], by_chance: Sequence[float]) -> float:
    """How far trained pairs are on the way from random pairs (0) to equal ones (1)."""
    low = mean(tuple(by_chance))
    return (mean(tuple(trained)) - low) / (1 - low) if low < 1 else math.nan


def carried_over_share(
    matched: Sequence[float], trained: Sequence[float], by_chance: Sequence[float]
) -> float:
    """How far held-out pairs are on the way from random pairs (0) to trained ones (1)."""
    low = mean(tuple(by_chance))
    way = mean(tuple(trained)) - low
    return (mean(tuple(matched)) - low) / way if way > 0 else math.nan


def advise(
    matched: Sequence[float],
    trained: Sequence[float],
    by_chance: Sequence[float],
    doubtful: Sequence[PairHealth],
    worst: Sequence[PairHealth],
    epochs: int,
) -> Advice:
    """What to do next: the first of these that applies.

    Few held-out pairs, or all of one take: more pairs, since nothing can be told. Trained pairs not
    learned: more epochs, or after many epochs a look at the takes. Many pairs in doubt: a look at
    them. Learned, but not carried over to held-out pairs: more pairs. Else: labelling.
    """
    if len(matched) < MIN_HELD_OUT or not by_chance:
        return Advice(AdviceCode.MORE_PAIRS, _too_few(len(matched)))
    learned = learned_share(trained, by_chance)
    carried = carried_over_share(matched, trained, by_chance)
    cosines = f"{mean(tuple(trained)):.2f} on trained pairs"
    if not learned >= LEARNED:
        if epochs >= MANY_EPOCHS:
            return Advice(
                AdviceCode.CHECK_TAKES,
                f"After {epochs} epochs the student has still not learned its own pairs (cosine"
                f" {cosines}, {mean(tuple(by_chance)):.2f} on random ones). Look whether colour and"
                " depth of the worst pairs show the same moment and the same person.",
                _takes(worst),
            )
        return Advice(
            AdviceCode.MORE_EPOCHS,
            f"The student has not learned its own pairs yet (cosine {cosines},"
            f" {mean(tuple(by_chance)):.2f} on random ones). Train for more than {epochs} epochs.",
        )
    n_pairs = len(matched) + len(trained)
    if len(doubtful) >= DOUBTFUL_SHARE * n_pairs:
        return Advice(
            AdviceCode.CHECK_TAKES,
            f"{len(doubtful)} of {n_pairs} pairs are no closer than random ones, though the student"
            " has learned the others. Look at them: often colour and depth do not belong together,"
            " or nobody is to be seen.",
            _takes(doubtful),
        )
    words = f"The cosine is {cosines} and {mean(tuple(matched)):.2f} on held-out ones"
    if not carried >= CARRIED_OVER:
        return Advice(
            AdviceCode.MORE_PAIRS,
            f"{words}: the student knows its own pairs better than new ones. Record more takes"
            " with colour, of more people and in more places; they need no labels.",
        )
    few = f" In doubt: {len(doubtful)} of {n_pairs} pairs." if doubtful else ""
    return Advice(
        AdviceCode.LABEL,
        f"{words}: {format_percent(carried)} of what was learned holds on new pairs.{few}"
        " Label some clips of the actions that you want.",
    )


def _too_few(n: int) -> str:
    if n == 0:
        start = "The transfer held no pairs out, so nothing can be said of how well it did."
    elif n < MIN_HELD_OUT:
        counted = "1 pair was" if n == 1 else f"{n} pairs were"
        start = f"Only {counted} held out: too few to say how well the transfer did."
    else:
        start = "All held-out pairs are of one take, so there is nothing to compare them with."
    return f"{start} Record more takes with colour, and transfer again; they need no labels."


def _takes(pairs: Sequence[PairHealth]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.item.take_id for one in pairs))
