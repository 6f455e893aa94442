"""Drawings that lie on the pictures of the player; places are shares of a picture."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from app.theme import theme
from app.widgets.playing.played_view import Drawing

_KINECT_1 = (
    *((0, 1), (1, 2), (2, 3)),
    *((1, 4), (4, 5), (5, 6), (6, 7)),
    *((1, 8), (8, 9), (9, 10), (10, 11)),
    *((3, 12), (12, 13), (13, 14), (14, 15)),
    *((3, 16), (16, 17), (17, 18), (18, 19)),
)
_KINECT_2 = (
    *((3, 2), (2, 20), (20, 1), (1, 0)),
    *((20, 4), (4, 5), (5, 6), (6, 7), (7, 21), (7, 22)),
    *((20, 8), (8, 9), (9, 10), (10, 11), (11, 23), (11, 24)),
    *((0, 12), (12, 13), (13, 14), (14, 15)),
    *((0, 16), (16, 17), (17, 18), (18, 19)),
)
BONES = {20: _KINECT_1, 25: _KINECT_2}
"""Pairs of joints by their number: the Kinect's skeletons of 20 and of 25 (Kinect for Windows SDK
1.8 and 2.0, `JointType`). Of any other skeleton the joints are drawn alone."""

_BODIES = ("#F0E442", "#56B4E9", "#CC79A7", "#E69F00", "#009E73", "#FFFFFF")
_DIM = 0.62


def crop_drawing(square: QRectF, limits: QRectF) -> Drawing:
    """Dims what the student does not see, and frames the square that it sees.

    Args:
        square: What becomes the student's picture; it may reach beyond the frame.
        limits: Nothing outside of it is seen.
    """

    def draw(painter: QPainter, way: QTransform, place: QRectF) -> None:
        box, seen = way.mapRect(square), way.mapRect(square.intersected(limits))
        outside = QPainterPath()
        outside.addRect(place)
        inside = QPainterPath()
        inside.addRect(seen)
        ground = QColor("#000000")
        ground.setAlphaF(_DIM)
        painter.fillPath(outside.subtracted(inside), ground)
        framed(painter, box, theme().palette.accent)

    return draw


def flow_drawing(picture: QImage, square: QRectF) -> Drawing:
    """The flow of the teacher's square, over the part of the picture that it was computed of."""

    def draw(painter: QPainter, way: QTransform, place: QRectF) -> None:
        painter.drawImage(way.mapRect(square), picture)

    return draw


def region_drawing(region: QRectF) -> Drawing:
    """A region drawn by hand: a dashed frame."""

    def draw(painter: QPainter, way: QTransform, place: QRectF) -> None:
        framed(painter, way.mapRect(region), theme().palette.caution, is_dashed=True)

    return draw


def skeleton_drawing(bodies: NDArray[np.float32]) -> Drawing:
    """Joints and bones.

    Args:
        bodies: (B, J, 2) float32, shares of the picture; NaN = not tracked.
    """

    def draw(painter: QPainter, way: QTransform, place: QRectF) -> None:
        width = min(max(place.width() / 240, 1.4), 4.0)
        for number, body in enumerate(bodies):
            points = [
                way.map(QPointF(float(x), float(y))) if np.isfinite((x, y)).all() else None
                for x, y in body
            ]
            colour = QColor(_BODIES[number % len(_BODIES)])
            _draw_body(painter, points, BONES.get(len(points), ()), colour, width)

    return draw


def _draw_body(
    painter: QPainter,
    points: list[QPointF | None],
    bones: tuple[tuple[int, int], ...],
    colour: QColor,
    width: float,
) -> None:
    cap = Qt.PenCapStyle.RoundCap
    for pen_colour, extra in ((QColor("#000000"), 2.0), (colour, 0.0)):
        painter.setPen(QPen(pen_colour, width + extra, Qt.PenStyle.SolidLine, cap))
        for one, other in bones:
            start, end = points[one], points[other]
            if start is not None and end is not None:
                painter.drawLine(start, end)
    painter.setPen(QPen(QColor("#000000"), 1))
    painter.setBrush(QColor("#FFFFFF"))
    for point in points:
        if point is not None:
            painter.drawEllipse(point, 1.1 * width, 1.1 * width)


def framed(painter: QPainter, box: QRectF, colour: str, *, is_dashed: bool = False) -> None:
    """A frame that is seen on any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine
    for pen in (QPen(QColor("#000000"), 3.5), QPen(QColor(colour), 1.8, style)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(box)
