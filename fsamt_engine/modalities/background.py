"""A model of the still background of a depth camera that does not move."""

from collections import deque

import numpy as np
import numpy.typing as npt

N_SAMPLES = 24
"""Frames that the model rests on."""

EVERY = 15
"""Frames from one sample to the next: at 30 frames a second the model forgets in 12 s."""

PERCENTILE = 0.85
MIN_READINGS = 0.2


class Background:
    """Per pixel the far end of what was read there, over a rolling sample of frames.

    What moves uncovers what lies behind it now and then, and that is farther away: a high
    percentile of the valid readings is the background even where somebody stands for most of the
    time. The maximum would be a stereo camera's worst reading instead. Somebody who keeps still for
    the whole sample becomes background; `person.py` grows the body from the parts that move.

    Attributes:
        far: (h, w) uint16, sensor units; 0 where fewer than a fifth of the samples had a reading.
    """

    def __init__(self) -> None:
        self.far: npt.NDArray[np.uint16] | None = None
        self._samples: deque[npt.NDArray[np.uint16]] = deque(maxlen=N_SAMPLES)
        self._n_pushed = 0

    def warm_up(self, frames: list[npt.NDArray[np.uint16]]) -> None:
        """Takes frames (h, w) as samples at once, the last `N_SAMPLES` of them."""
        self._samples.extend(frame.copy() for frame in frames)
        self._estimate()

    def push(self, frame: npt.NDArray[np.uint16]) -> None:
        """Looks at the next frame (h, w), and keeps every fifteenth as a sample."""
        if self._n_pushed % EVERY == 0:
            self._samples.append(frame.copy())
            self._estimate()
        self._n_pushed += 1

    def _estimate(self) -> None:
        if not self._samples:
            return
        ordered = np.sort(np.stack(self._samples), axis=0)
        n_samples = len(ordered)
        n_valid = np.count_nonzero(ordered, axis=0)
        index = n_samples - n_valid + (PERCENTILE * np.maximum(n_valid - 1, 0)).astype(np.intp)
        far = np.take_along_axis(ordered, np.minimum(index, n_samples - 1)[None], axis=0)[0]
        self.far = np.where(n_valid >= MIN_READINGS * n_samples, far, 0).astype(np.uint16)
