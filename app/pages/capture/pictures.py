"""Frames of a camera as pictures, no larger than they are shown."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.depth_colours import DepthRange, depth_indices
from app.widgets.frame_view import turbo_colours
from app.widgets.pictures import image_of

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
    image = image_of(
        depth_indices(_thinned(frame, width_px), unit_m, shown), QImage.Format.Format_Indexed8
    )
    image.setColorTable(_TURBO)
    return image


def colour_picture(frame: NDArray[np.uint8], width_px: int) -> QImage:
    """A colour frame (H, W, 3), or an infrared one (H, W), of uint8."""
    form = QImage.Format.Format_RGB888 if frame.ndim == 3 else QImage.Format.Format_Grayscale8
    return image_of(_thinned(frame, width_px), form)


def _thinned(frame: NDArray[Any], width_px: int) -> NDArray[Any]:
    step = max(1, round(frame.shape[1] / max(1, width_px)))
    return frame[::step, ::step]
