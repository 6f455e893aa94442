"""Drawing by hand where the participant is, where the automatic crop is wrong."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QTransform

from app.theme import RADIUS, interface_font, theme
from app.widgets.playing.overlay_painting import framed
from app.widgets.playing.played_view import PlayedView

_SMALLEST = 0.05
_DRAWING = "drawn region"

Region = tuple[float, float, float, float]
"""x0, y0, x1, y1 as shares of the depth picture."""


class RegionTool(QObject):
    """While it is active, a rectangle is dragged on the picture of depth.

    Escape leaves everything as it was, Delete (or Backspace) wants no region.
    """

    drawn = Signal(object)
    """A `Region`; None: the take is to have none."""
    ended = Signal()
    """It is not active any more, whether something was drawn or not."""

    def __init__(self, view: PlayedView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._before: QRectF | None = None
        self._corner: QPointF | None = None
        self._rectangle: QRectF | None = None
        self.is_active = False

    def begin(self, before: Region | None) -> None:
        """Wait for a rectangle; the region that the take has is shown until then."""
        self._before = None if before is None else _rectangle(before)
        self._corner = self._rectangle = None
        if not self.is_active:
            self.is_active = True
            self._view.installEventFilter(self)
        self._view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view.setFocus()
        self._view.setCursor(Qt.CursorShape.CrossCursor)
        self._view.draw(_DRAWING, self._draw)

    def end(self) -> None:
        """Wait no more; nothing is drawn."""
        if not self.is_active:
            return
        self.is_active = False
        self._view.removeEventFilter(self)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.unsetCursor()
        self._view.draw(_DRAWING, None)
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the mouse and three keys from the picture; the wheel still zooms."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press_key(event)
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            if event.button() == Qt.MouseButton.LeftButton:
                self._corner = self._view.share_at(event.position())
                self._rectangle = None
        elif event.type() == QEvent.Type.MouseMove and self._corner is not None:
            other = self._view.share_at(event.position())
            self._rectangle = QRectF(self._corner, other).normalized()
            self._view.update()
        elif event.type() == QEvent.Type.MouseButtonRelease and self._corner is not None:
            self._corner = None
            self._finish()
        return True

    def _press_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.end()
            self.drawn.emit(None)
        else:
            return False
        return True

    def _finish(self) -> None:
        """A rectangle too small to be meant is drawn anew."""
        rectangle, self._rectangle = self._rectangle, None
        if rectangle is None or min(rectangle.width(), rectangle.height()) < _SMALLEST:
            self._view.update()
            return
        self.end()
        corners = (rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
        x0, y0, x1, y1 = (round(share, 4) for share in corners)
        self.drawn.emit((x0, y0, x1, y1))

    def _draw(self, painter: QPainter, way: QTransform, place: QRectF) -> None:
        if self._rectangle is not None:
            framed(painter, way.mapRect(self._rectangle), theme().palette.caution)
            return
        if self._before is not None:
            framed(painter, way.mapRect(self._before), theme().palette.caution, is_dashed=True)
        self._write_help(painter, place)

    def _write_help(self, painter: QPainter, place: QRectF) -> None:
        words = self.tr("Drag a rectangle around the participant.") + "\n"
        words += self.tr("Esc: leave it   Delete: no region")
        painter.setFont(interface_font(12))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = place.adjusted(16, 8, -16, -16)
        box = painter.boundingRect(room, flags, words).adjusted(-10, -6, 10, 6)
        box.moveBottom(place.bottom() - 8)
        ground = QColor(theme().palette.ground)
        ground.setAlphaF(0.9)
        painter.setPen(theme().palette.colour("line"))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(theme().palette.colour("text"))
        painter.drawText(box, flags, words)


def _rectangle(region: Region) -> QRectF:
    x0, y0, x1, y1 = region
    return QRectF(x0, y0, x1 - x0, y1 - y0)
