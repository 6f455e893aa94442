"""Answers, smoothed over time."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Smoother:
    """The exponential mean over time: an answer counts 1/e of a newer one after `seconds`.

    It is a mean over seconds and not over answers, so that thresholds hold at any rate: between two
    answers the probability is taken as it was in the newer one, and an answer that comes after a
    long pause takes the place of nearly everything before it.

    Args:
        seconds: The time constant; 0 gives every answer back as it is.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._mean: npt.NDArray[np.float64] | None = None
        self._at_us = 0

    def push(self, probabilities: Sequence[float], at_us: int) -> tuple[float, ...]:
        """Adds the next answer.

        Args:
            probabilities: (A,), of the classifier's actions.
            at_us: Of the newest frame. Time that runs backwards starts anew.

        Returns:
            (A,), with the sum of `probabilities`.
        """
        newest = np.asarray(probabilities, np.float64)
        if self._mean is None or at_us < self._at_us or self.seconds <= 0:
            self._mean = newest
        else:
            kept = math.exp(-(at_us - self._at_us) / 1e6 / self.seconds)
            self._mean = kept * self._mean + (1 - kept) * newest
        self._at_us = at_us
        return tuple(self._mean.tolist())

    def reset(self) -> None:
        """Forgets everything: the next answer is the first."""
        self._mean = None
