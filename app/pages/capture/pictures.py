"""Frames of a camera as pictures, no larger than they are shown."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.depth_colours import DepthRange, depth_indices
from app.widgets.frame_view import turbo_colours

_TURBO = turbo_colours()


def depth_picture(
    frame: NDArray[np.uint16], unit_m: float, shown: DepthRange, width_px: int
) -> QImage:
    """Depth in colours, transparent where there is no reading.

    Args:
        frame: (H, W) uint16, sensor units, 0 = no reading.
        unit_m: Metres of one unit.
        shown: What the colours stand for.
        width_px: How wide it is shown; pixels that nobody would see are left out.
    """
    image = _image(
        depth_indices(_thinned(frame, width_px), unit_m, shown), QImage.Format.Format_Indexed8
    )
    image.setColorTable(_TURBO)
    return image


def colour_picture(frame: NDArray[np.uint8], width_px: int) -> QImage:
    """A colour frame (H, W, 3), or an infrared one (H, W), of uint8."""
    form = QImage.Format.Format_RGB888 if frame.ndim == 3 else QImage.Format.Format_Grayscale8
    return _image(_thinned(frame, width_px), form)


def _thinned(frame: NDArray[Any], width_px: int) -> NDArray[Any]:
    step = max(1, round(frame.shape[1] / max(1, width_px)))
    return frame[::step, ::step]


def _image(pixels: NDArray[Any], form: QImage.Format) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], form).copy()
