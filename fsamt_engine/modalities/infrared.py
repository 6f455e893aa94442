"""From infrared frames to what a network sees."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.modalities.boxes import Box, View, cut, shrink_colour

_MOST = 65535


def infrared_view(view: View, depth_size: tuple[int, int], infrared_size: tuple[int, int]) -> View:
    """What of the infrared frame shows what `view` shows of the depth frame.

    Depth is computed from infrared (RealSense, Kinect v2), so both are one picture and differ in
    size at most.
    """
    if depth_size == infrared_size:
        return view
    x, y = infrared_size[0] / depth_size[0], infrared_size[1] / depth_size[1]
    box, limits = (Box(b.x0 * x, b.y0 * y, b.x1 * x, b.y1 * y) for b in (view.box, view.limits))
    return View(box, limits, view.distance_m)


def prepare_infrared(frame: npt.NDArray[Any], view: View, size: int) -> npt.NDArray[np.uint8]:
    """Cuts `view` out of an infrared frame.

    Args:
        frame: (H, W) uint8, or uint16 of a sensor that gives more than 8 bits.
        view: In pixels of the frame. What it shows from outside of the frame is black.
        size: Side of the result.

    Returns:
        (size, size) uint8.
    """
    return shrink_colour(to_8_bits(cut(frame, view.box, view.limits)), size)


def to_8_bits(pixels: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Infrared of 8 bits as it is, of 16 bits as the square root of its share of the largest value.

    A rule that looks at no other pixel or frame, so that live pictures are seen as training's. What
    a sensor's own light throws back falls with the square of the distance: the root makes it fall
    with the distance, and leaves a hand near the camera and a body far from it within 8 bits.
    """
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return np.asarray(_ROOTS[pixels], np.uint8)


_ROOTS = np.rint(255 * np.sqrt(np.arange(_MOST + 1) / _MOST)).astype(np.uint8)
