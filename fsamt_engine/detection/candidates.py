"""What a head found before anything is suppressed, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Intervals that may be actions.

    Attributes:
        spans: (N, 2) float64, start and end in main frames of the take, end not included.
        scores: (N,) float64, 0..1.
        actions: (N,) int64, the place of each one's action among the detector's.
    """

    spans: FloatArray
    scores: FloatArray
    actions: IntArray

    def __len__(self) -> int:
        return len(self.scores)

    def at(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Candidates":
        """Some of them, by a mask or by their places."""
        return Candidates(self.spans[chosen], self.scores[chosen], self.actions[chosen])

    def rounded(self) -> "Candidates":
        """To hundredths of a frame and 6 digits of the score.

        The last bits of a sum change with the size of a batch; they are to decide nothing.
        """
        return Candidates(self.spans.round(2), self.scores.round(6), self.actions)

    @classmethod
    def none(cls) -> "Candidates":
        """No candidates."""
        return cls(np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int64))

    @classmethod
    def joined(cls, parts: Sequence["Candidates"]) -> "Candidates":
        """All of them, in order."""
        parts = [cls.none(), *parts]
        return cls(
            np.concatenate([part.spans for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.actions for part in parts]),
        )
