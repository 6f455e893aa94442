"""Pictures of depth, infrared and skeletons, as they are shown beside colour."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from app.widgets.depth_colours import DepthRange, depth_indices
from app.widgets.frame_view import turbo_colours
from app.widgets.pictures import image_of
from app.widgets.playing.overlay_painting import skeleton_drawing

_FIGURE_PX = (400, 400)
_GROUND = "#14171C"
_MARGIN = 0.1
_DARKEST = 16
"""A picture darker than this all over is shown as dark."""


def depth_picture(frame: NDArray[np.uint16], unit_m: float, shown: DepthRange) -> QImage:
    """Depth in turbo; nothing where there was no reading.

    Args:
        frame: (H, W) uint16, sensor units.
        unit_m: Metres of one.
        shown: What the colours stand for.
    """
    image = image_of(depth_indices(frame, unit_m, shown), QImage.Format.Format_Indexed8)
    image.setColorTable(turbo_colours())
    return image


def infrared_picture(frame: NDArray[Any], brightest: float | None = None) -> QImage:
    """Infrared as grey, brightened for a person's eyes.

    Args:
        frame: (H, W) uint8 or uint16.
        brightest: From `brightest_of`, so that a take never flickers; None finds it in this frame.
    """
    from fsamt_engine.modalities.infrared import to_8_bits

    gain = 255 / (brightest_of(frame) if brightest is None else brightest)
    bright = np.minimum(to_8_bits(frame) * np.float32(gain), 255).astype(np.uint8)
    return image_of(bright, QImage.Format.Format_Grayscale8)


def brightest_of(frames: NDArray[Any]) -> float:
    """What is shown as white: all but the brightest of these pixels, in 8 bits."""
    from fsamt_engine.modalities.infrared import to_8_bits

    return float(max(np.percentile(to_8_bits(frames), 99.5), _DARKEST))


class SkeletonFigures:
    """Draws the bodies of a take seen from the camera, where there is no picture to draw them on.

    Args:
        joints: (T, B, J, 3) float32 metres of the whole take, so that it never jumps.
    """

    def __init__(self, joints: NDArray[np.float32]) -> None:
        seen = joints[..., :2].reshape(-1, 2)
        seen = seen[np.isfinite(seen).all(axis=1)]
        self._joints = joints
        self._corner, self._side = np.zeros(2, np.float32), 1.0
        if len(seen):
            low, high = np.percentile(seen, (0.5, 99.5), axis=0)
            self._side = float(max((high - low).max(), 0.1) * (1 + 2 * _MARGIN))
            self._corner = ((low + high) / 2 - self._side / 2).astype(np.float32)

    def __len__(self) -> int:
        return len(self._joints)

    def picture(self, number: int) -> QImage:
        """The bodies of one frame."""
        width, height = _FIGURE_PX
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(_GROUND)
        shares = (self._joints[number][..., :2] - self._corner) / self._side
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        way = QTransform.fromScale(width, height)
        skeleton_drawing(shares.astype(np.float32))(painter, way, QRectF(0, 0, width, height))
        painter.end()
        return image
