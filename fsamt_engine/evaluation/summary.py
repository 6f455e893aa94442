"""Several seeds as one figure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """Mean and spread of one figure over seeds, in the unit of its values.

    Attributes:
        values: One a seed, as they came.
        mean: Their mean.
        std: Sample standard deviation (n - 1 in the divisor), None for a single value: one seed
            says nothing of the spread, and 0 would claim that there is none.
    """

    values: tuple[float, ...]
    mean: float
    std: float | None

    def __str__(self) -> str:
        """For a table: "73.4 ± 1.2", or "73.4 (1 seed)"."""
        return (
            f"{self.mean:.1f} (1 seed)" if self.std is None else f"{self.mean:.1f} ± {self.std:.1f}"
        )


def summarise(values: Sequence[float]) -> Summary:
    """Mean and sample standard deviation of at least one value."""
    n = len(values)
    mean = math.fsum(values) / n
    squares = math.fsum((value - mean) ** 2 for value in values)
    return Summary(tuple(values), mean, math.sqrt(squares / (n - 1)) if n > 1 else None)
