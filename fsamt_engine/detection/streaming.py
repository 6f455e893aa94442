"""Detections as they become known while a take is still going on."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates


@dataclass(frozen=True, eq=False)
class Looked:
    """What a look at the newest clip gave.

    Attributes:
        probabilities: (A,) float32 of each action at this moment, 0..1; their sum is at most 1.
        found: Candidates near this moment, in the frames that `at_frame` counts. One that has not
            ended yet may end with the newest frame.
    """

    probabilities: npt.NDArray[np.float32]
    found: Candidates


class DetectionStream(Protocol):
    """A detector that watches: what came is known, what comes is not."""

    @property
    def every(self) -> int:
        """Main frames between two looks."""

    @property
    def settle(self) -> int:
        """Main frames that have to come after a candidate's end before it changes no more."""

    def look(self, clip: npt.NDArray[np.float16], at_frame: int) -> Looked:
        """Look at the clip that ends with the newest frame.

        Args:
            clip: (n_frames, S, S) float16 as `ClipPipeline` gives it, of the detector's `shape`;
                where less was seen than a clip spans, its last frame is repeated.
            at_frame: Main frames that came so far: the newest is `at_frame - 1`. It grows by
                `every` from look to look, by more after a gap.
        """

    def forget(self) -> None:
        """Start anew: nothing seen before counts any more."""
