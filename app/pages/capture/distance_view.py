"""A picture of depth under which the cursor reads the distance."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.pages.capture.pictures import depth_picture
from app.theme import RADIUS, interface_font, theme
from app.widgets.depth_colours import DepthRange
from app.widgets.frame_view import FrameView

_CROSS_PX = 7


class DistanceView(FrameView):
    """Shows depth; the distance under the cursor is written beside it, and follows the camera."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._frame: NDArray[np.uint16] | None = None
        self._unit_m = 0.001
        self._cursor: QPoint | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_frame(self, frame: NDArray[np.uint16], unit_m: float, shown: DepthRange) -> None:
        """Show a depth frame.

        Args:
            frame: (H, W) uint16, sensor units, 0 = no reading.
            unit_m: Metres of one unit.
            shown: What the colours stand for.
        """
        self._frame, self._unit_m = frame, unit_m
        width_px = round(self.width() * self.devicePixelRatioF())
        super().show_image(depth_picture(frame, unit_m, shown, width_px))

    def show_nothing(self, absence: str = "") -> None:
        """Say in words that there is no picture."""
        self._frame = None
        super().show_image(None, absence)

    def reading(self) -> str:
        """What is written beside the cursor; "" where it is not on the picture."""
        if self._cursor is None or self._frame is None or self.image is None:
            return ""
        place = self._place()
        if not place.contains(self._cursor):
            return ""
        height, width = self._frame.shape
        column = (self._cursor.x() - place.left()) * width // place.width()
        row = (self._cursor.y() - place.top()) * height // place.height()
        value = int(self._frame[min(row, height - 1), min(column, width - 1)])
        if value == 0:
            return self.tr("no reading")
        return self.tr("{metres:.2f} m").format(metres=value * self._unit_m)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Read where the cursor is."""
        self._cursor = event.position().toPoint()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Read nothing any more."""
        super().leaveEvent(event)
        self._cursor = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the picture, and the reading over it."""
        super().paintEvent(event)
        text = self.reading()
        if not text or self._cursor is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_cross(painter, QPointF(self._cursor))
        self._paint_words(painter, text)

    def _paint_cross(self, painter: QPainter, at: QPointF) -> None:
        for colour, width in (("#000000", 3.0), ("#FFFFFF", 1.2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(at - QPointF(_CROSS_PX, 0), at + QPointF(_CROSS_PX, 0))
            painter.drawLine(at - QPointF(0, _CROSS_PX), at + QPointF(0, _CROSS_PX))

    def _paint_words(self, painter: QPainter, text: str) -> None:
        assert self._cursor is not None
        colours = theme().palette
        painter.setFont(interface_font(15, semibold=True))
        size = painter.fontMetrics().size(0, text)
        box = QRectF(0, 0, size.width() + 16, size.height() + 8)
        # On the side where there is room.
        x = self._cursor.x() + 14
        if x + box.width() > self.width():
            x = self._cursor.x() - 14 - round(box.width())
        y = self._cursor.y() - 14 - round(box.height())
        if y < 0:
            y = self._cursor.y() + 14
        box.moveTo(x, y)
        ground = colours.colour("ground")
        ground.setAlphaF(0.88)
        painter.setPen(QPen(colours.colour("line")))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(colours.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
