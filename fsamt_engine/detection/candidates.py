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
    def of(
        cls,
        spans: Sequence[Sequence[float]],
        scores: Sequence[float],
        actions: Sequence[int],
        n_actions: int,
    ) -> "Candidates":
        """As JSON holds them.

        Raises:
            ValueError: They are of different lengths, no numbers, or of other actions.
        """
        made = cls(
            np.array(spans, np.float64).reshape(-1, 2),
            np.array(scores, np.float64).reshape(-1),
            np.array(actions, np.int64).reshape(-1),
        )
        if not len(made.spans) == len(made.scores) == len(made.actions):
            raise ValueError("spans, scores and actions are not as many")
        if not (np.isfinite(made.spans).all() and np.isfinite(made.scores).all()):
            raise ValueError("candidates have to be numbers")
        if len(made) and not 0 <= made.actions.min() <= made.actions.max() < n_actions:
            raise ValueError("a candidate is of no action")
        return made

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
