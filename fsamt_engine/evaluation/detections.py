"""What a detector finds: predicted segments with their scores; read without PyTorch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Detection:
    """A predicted segment.

    Attributes:
        start: In main frames of the take; it may lie between two.
        end: The same, not included.
        score: 0..1, the surer the higher; scores of two detectors do not compare.
    """

    take_id: str
    participant: str
    action: str
    start: float
    end: float
    score: float


def overlap(
    a_start: ArrayLike, a_end: ArrayLike, b_start: ArrayLike, b_end: ArrayLike
) -> NDArray[np.float64]:
    """How much intervals cover each other: the time of both over the time of either (IoU).

    Args:
        a_start: Of any shape; the four are broadcast against each other.

    Returns:
        float64 in 0..1 of the broadcast shape; 0 where they do not meet or have no length.
    """
    first, last = np.asarray(a_start, np.float64), np.asarray(a_end, np.float64)
    start, end = np.asarray(b_start, np.float64), np.asarray(b_end, np.float64)
    both = np.minimum(last, end) - np.maximum(first, start)
    either = np.maximum(last, end) - np.minimum(first, start)  # Right wherever they meet.
    meet = both > 0
    shared: NDArray[np.float64] = np.where(meet, both, 0.0) / np.where(meet, either, 1.0)
    return shared
