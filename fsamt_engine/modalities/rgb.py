"""From colour frames to what an RGB teacher sees."""

import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Calibration
from fsamt_engine.modalities.boxes import View, carry_to_colour, cut, shrink_colour

_DISTANCE_UNKNOWN_M = 2.5
"""Where a box is carried over while no person's distance is known."""


def colour_view(
    view: View,
    calibration: Calibration,
    depth_size: tuple[int, int],
    colour_size: tuple[int, int],
) -> View:
    """What of the colour frame shows what `view` shows of the depth frame.

    It is carried over at the person's distance (2.5 m while nobody was found).
    """
    distance_m = view.distance_m or _DISTANCE_UNKNOWN_M
    box, limits = (
        carry_to_colour(part, distance_m, calibration, depth_size, colour_size)
        for part in (view.box, view.limits)
    )
    return View(box, limits, view.distance_m)


def prepare_rgb(frame: npt.NDArray[np.uint8], view: View, size: int) -> npt.NDArray[np.uint8]:
    """Cuts `view` out of a colour frame.

    Args:
        frame: (H, W, 3) uint8 RGB.
        view: In pixels of the frame. What it shows from outside of the frame is black.
        size: Side of the result.

    Returns:
        (size, size, 3) uint8 RGB.
    """
    return shrink_colour(cut(frame, view.box, view.limits), size)
