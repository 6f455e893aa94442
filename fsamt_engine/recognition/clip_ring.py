"""The last prepared frames, and the newest clip among them."""

import numpy as np
import numpy.typing as npt

from fsamt_engine.modalities.clips import ClipShape, frame_indices


class ClipRing:
    """Keeps as many prepared frames as a clip spans.

    Args:
        shape: Of the clips.
    """

    def __init__(self, shape: ClipShape) -> None:
        self._shape = shape
        self._frames = np.zeros((shape.span, shape.size, shape.size), np.float16)
        self._n_seen = 0

    @property
    def n_seen(self) -> int:
        """Frames that came since everything was forgotten."""
        return self._n_seen

    def push(self, prepared: npt.NDArray[np.float16], times: int = 1) -> None:
        """Adds the next frame (size, size) float16; after a gap it stands for those that lack."""
        for _ in range(times):
            self._frames[self._n_seen % len(self._frames)] = prepared
            self._n_seen += 1

    def clip(self) -> npt.NDArray[np.float16]:
        """The clip that ends with the newest frame.

        As in evaluation, what is shorter than a clip repeats its last frame.

        Returns:
            (n_frames, size, size) float16, a copy.

        Raises:
            RuntimeError: Nothing was pushed yet.
        """
        if not self._n_seen:
            raise RuntimeError("no frame was pushed yet")
        span = self._shape.span
        indices = frame_indices(max(0, self._n_seen - span), self._shape, end=self._n_seen)
        return self._frames[indices % span]

    def forget(self) -> None:
        """Starts anew."""
        self._n_seen = 0
