"""Pixels as Qt's pictures, and pictures side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

_GROUND = "#14171C"


def image_of(pixels: NDArray[Any], form: QImage.Format) -> QImage:
    """A picture with memory of its own.

    Args:
        pixels: (H, W) or (H, W, C) uint8, as `form` lays them out.
        form: What they mean.
    """
    whole = np.ascontiguousarray(pixels)
    height, width = whole.shape[:2]
    return QImage(whole.data, width, height, whole.strides[0], form).copy()


def side_by_side(pictures: Sequence[QImage], size: QSize) -> QImage:
    """Pictures in a row, each cut to an equal share of `size`; an empty ground for none."""
    drawn = QImage(size, QImage.Format.Format_RGB32)
    drawn.fill(_GROUND)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    width, height = drawn.width() // max(1, len(pictures)), drawn.height()
    for place, image in enumerate(pictures):
        wanted = image.size().scaled(width, height, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        smooth = Qt.TransformationMode.SmoothTransformation
        scaled = image.convertToFormat(QImage.Format.Format_ARGB32).scaled(wanted, mode=smooth)
        left, top = (scaled.width() - width) // 2, (scaled.height() - height) // 2
        painter.drawImage(place * width, 0, scaled, left, top, width, height)
    painter.end()
    return drawn
