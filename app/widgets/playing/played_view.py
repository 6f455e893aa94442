"""A picture of the player: zoomed with the mouse, with drawings on top that lie on its pixels."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.theme import theme
from app.widgets.frame_view import FrameView, hatch
from app.widgets.playing.zoom import Zoom

_ZOOM_STEP = 1.2

Drawing = Callable[[QPainter, QTransform, QRectF], None]
"""Draws on a picture: painter, the way from shares of the picture to the widget, its place."""


class PlayedView(FrameView):
    """Shows the part of a picture that the zoom says. The wheel zooms, dragging moves.

    Args:
        zoom: Shared by the pictures that are looked at together.
    """

    def __init__(self, zoom: Zoom, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._zoom = zoom
        self._drawings: dict[str, Drawing] = {}
        self._dragged_from: QPoint | None = None
        zoom.changed.connect(self.update)
        theme().changed.connect(self.update)
        self.setToolTip(
            self.tr(
                "The wheel zooms (Ctrl+plus, Ctrl+minus), dragging moves, a double click shows "
                "the whole picture (Ctrl+0)."
            )
        )

    def draw(self, name: str, drawing: Drawing | None) -> None:
        """Draw something on the picture from now on; None takes it away."""
        if drawing is None:
            self._drawings.pop(name, None)
        else:
            self._drawings[name] = drawing
        self.update()

    def way_to_widget(self) -> QTransform:
        """From shares of the picture to pixels of the widget."""
        place, part = QRectF(self._place()), self._zoom.part
        way = QTransform.fromTranslate(place.left(), place.top())
        way.scale(place.width() / part.width(), place.height() / part.height())
        way.translate(-part.left(), -part.top())
        return way

    def share_at(self, at: QPointF) -> QPointF:
        """What of the picture is at a place, in shares, within the picture."""
        inverse, _ = self.way_to_widget().inverted()
        share = inverse.map(at)
        return QPointF(min(max(share.x(), 0.0), 1.0), min(max(share.y(), 0.0), 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the part of the picture, and the drawings on it."""
        image = self.image
        if image is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom.scale < 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, part = QRectF(self._place()), self._zoom.part
        if image.hasAlphaChannel():
            painter.fillRect(place, hatch(theme().palette))
        width, height = image.width(), image.height()
        source = QRectF(
            part.left() * width, part.top() * height, part.width() * width, part.height() * height
        )
        painter.drawImage(place, image, source)
        painter.setClipRect(place)
        way = self.way_to_widget()
        for drawing in self._drawings.values():
            painter.save()
            drawing(painter, way, place)
            painter.restore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom at the pointer."""
        if self.image is None:
            return
        place = QRectF(self._place())
        at = event.position() - place.topLeft()
        share = QPointF(at.x() / place.width(), at.y() / place.height())
        self._zoom.zoom(_ZOOM_STEP ** (event.angleDelta().y() / 120), share)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to move the picture."""
        if event.button() == Qt.MouseButton.LeftButton and not self._zoom.is_whole:
            self._dragged_from = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the picture."""
        if self._dragged_from is None or self.image is None:
            return
        at = event.position().toPoint()
        place, by = self._place(), at - self._dragged_from
        self._dragged_from = at
        self._zoom.move(QPointF(by.x() / place.width(), by.y() / place.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the picture where it is."""
        self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show the whole picture."""
        self._zoom.show_whole()
