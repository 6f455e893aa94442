"""The colours of depth with a handle at either end, to be dragged."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import theme
from app.widgets.depth_colours import SMALLEST_RANGE_M, DepthRange
from app.widgets.frame_view import turbo_colours

_BAR_PX = 12
_HANDLE_PX = 9
_STEP_M = 0.05


class RangeBar(QWidget):
    """Distances from 0 to `farthest_m`; turbo lies between the two handles."""

    range_changed = Signal(object)
    """The `DepthRange` that the handles stand for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = DepthRange(0.0, 1.0)
        self._farthest_m = 4.0
        self._dragged: str | None = None
        self._turbo = turbo_colours()
        self.setFixedHeight(28)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def show_range(self, shown: DepthRange, farthest_m: float) -> None:
        """Move the handles."""
        self._shown = shown
        if self._dragged is None:
            self._farthest_m = farthest_m
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the nearer handle."""
        x = event.position().x()
        to_near, to_far = (abs(self._x(m) - x) for m in (self._shown.near_m, self._shown.far_m))
        self._dragged = "near" if to_near < to_far else "far"
        self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move it."""
        if self._dragged is not None:
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Leave it."""
        self._dragged = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the colours between the handles, and what lies outside in the colour of its end."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme().palette
        top = (self.height() - _BAR_PX) / 2
        near, far = self._x(self._shown.near_m), self._x(self._shown.far_m)
        bar = QRectF(_HANDLE_PX, top, self.width() - 2 * _HANDLE_PX, _BAR_PX)
        gradient = QLinearGradient(near, 0, max(far, near + 1), 0)
        for stop in range(0, 255, 12):
            gradient.setColorAt(stop / 254, QColor.fromRgba(self._turbo[1 + stop]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(gradient))
        painter.drawRoundedRect(bar, 4, 4)
        painter.setBrush(colours.colour("text"))
        painter.setPen(QPen(colours.colour("raised"), 2))
        for x in (near, far):
            painter.drawEllipse(QPointF(x, self.height() / 2), _HANDLE_PX - 1, _HANDLE_PX - 1)

    def _drag_to(self, x: float) -> None:
        share = (x - _HANDLE_PX) / max(1, self.width() - 2 * _HANDLE_PX)
        metres = round(min(max(share, 0.0), 1.0) * self._farthest_m / _STEP_M) * _STEP_M
        near_m, far_m = self._shown.near_m, self._shown.far_m
        if self._dragged == "near":
            near_m = min(metres, far_m - SMALLEST_RANGE_M)
        else:
            far_m = max(metres, near_m + SMALLEST_RANGE_M)
        shown = DepthRange(round(near_m, 2), round(far_m, 2))
        if shown != self._shown:
            self._shown = shown
            self.update()
            self.range_changed.emit(shown)

    def _x(self, metres: float) -> float:
        room = self.width() - 2 * _HANDLE_PX
        return _HANDLE_PX + room * min(max(metres / self._farthest_m, 0.0), 1.0)
