"""Optical flow between colour frames: how a flow teacher sees motion."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fsamt_engine.modalities.boxes import View, cut, shrink_colour
from fsamt_engine.modalities.preparation import FlowMethod, FlowPreset, Preparation

FlowFunction = Callable[[npt.NDArray[np.uint8], npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
"""(earlier, later), both (H, W) uint8 grey, to (H, W, 2) float32: x and y displacement, pixels."""

STILL = 128
"""No motion, as it is coded."""

_MIN_WORKING_SIZE = 128
_DIS_PRESETS = {
    FlowPreset.ULTRAFAST: cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    FlowPreset.FAST: cv2.DISOPTICAL_FLOW_PRESET_FAST,
    FlowPreset.MEDIUM: cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


class FlowPreparer:
    """Computes flow frame by frame. Not to be shared between threads.

    Flow is computed at twice the network's size (128 pixels at least), between two colour frames
    cut by the same box, the later frame's: a box that follows the person is no motion. Its vectors
    are then averaged over each pixel of the network's square and scaled to its pixels, so their
    unit is pixels of the prepared square from one pair's colour frame to the next; with the person
    crop this is a speed in metres a frame (`side_m / size` metres a pixel), whatever the distance.
    They are clipped to `Preparation.bound_px` and coded as uint8, `127.5 + 127.5 * v / bound_px`.

    The vector at a place is the displacement of what was there in the earlier frame.

    Args:
        preparation: The settings.
    """

    def __init__(self, preparation: Preparation) -> None:
        self._size = preparation.size
        self._working_size = max(2 * preparation.size, _MIN_WORKING_SIZE)
        self._bound_px = preparation.bound_px
        self._compute = _METHODS[preparation.flow.method](preparation)

    def between(
        self, earlier: npt.NDArray[np.uint8], later: npt.NDArray[np.uint8], view: View
    ) -> npt.NDArray[np.uint8]:
        """Flow from one colour frame to a later one.

        Args:
            earlier: (H, W, 3) uint8 RGB.
            later: (H, W, 3) uint8 RGB.
            view: Of the later frame, in pixels of the colour frames.

        Returns:
            (size, size, 2) uint8: x (to the right) and y (down), coded.
        """
        vectors = self._compute(self._grey(earlier, view), self._grey(later, view))
        small = cv2.resize(vectors, (self._size, self._size), interpolation=cv2.INTER_AREA)
        return code_flow(small * (self._size / self._working_size), self._bound_px)

    def _grey(self, frame: npt.NDArray[np.uint8], view: View) -> npt.NDArray[np.uint8]:
        square = shrink_colour(cut(frame, view.box, view.limits), self._working_size)
        return np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), np.uint8)


def code_flow(vectors: npt.NDArray[np.float32], bound_px: float) -> npt.NDArray[np.uint8]:
    """Vectors in pixels to uint8, +-`bound_px` being 255 and 0."""
    coded = np.clip(np.rint(127.5 + 127.5 * vectors / bound_px), 0, 255)
    return np.asarray(coded, np.uint8)


def decode_flow(coded: npt.NDArray[np.uint8], bound_px: float) -> npt.NDArray[np.float32]:
    """What `code_flow` coded, in pixels; off by `bound_px / 255` at most."""
    return (coded.astype(np.float32) - 127.5) * np.float32(bound_px / 127.5)


def _dis(preparation: Preparation) -> FlowFunction:
    """Dense inverse search (Kroeger et al., ECCV 2016), OpenCV's implementation."""
    method: Any = cv2.DISOpticalFlow.create(_DIS_PRESETS[preparation.flow.preset])

    def compute(
        earlier: npt.NDArray[np.uint8], later: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.float32]:
        return np.asarray(method.calc(earlier, later, None), np.float32)

    return compute


_METHODS: dict[FlowMethod, Callable[[Preparation], FlowFunction]] = {FlowMethod.DIS: _dis}
