"""Two models on the same test: how far apart they are, and whether that could be chance."""

import math
from collections.abc import Sequence
from statistics import NormalDist


def paired_difference(
    first: Sequence[float], second: Sequence[float], confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of the difference of two accuracies on the same items, second minus first.

    The adjusted Wald interval of Bonett and Price (Br. J. Math. Stat. Psychol. 65, 2012): one more
    item is counted on which only the first is right, and one on which only the second is, so that
    an interval of few items, or of two models that agree on all of them, has a width.

    Args:
        first: For each item 1 where right and 0 where wrong, or the mean over several seeds.
        second: The same items in the same order.
        confidence: Chance that such an interval holds the true difference.
    """
    differences = [b - a for a, b in zip(first, second, strict=True)]
    n = len(differences) + 2
    mean = math.fsum(differences) / n
    squares = math.fsum(value * value for value in differences) + 2
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt((squares / n - mean * mean) / n)
    return max(-1.0, mean - half), min(1.0, mean + half)


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Chance of items on which only one of two models is right being split so unevenly, or more.

    The exact two-sided test of McNemar (Psychometrika 12, 1947): of the n items on which just one
    is right, each of two equally good models would win with probability 1/2.
    """
    pairs = list(zip(first, second, strict=True))
    only_first = sum(a and not b for a, b in pairs)
    only_second = sum(b and not a for a, b in pairs)
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / float(2**n))
