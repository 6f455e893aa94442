"""The bar that goes to any moment of a take, with the take's labels below it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from app.theme import theme

_STRIP_PX = 4
_GAP_PX = 2


class ScrubBar(QSlider):
    """A bar whose handle goes to where it is clicked, and follows the mouse from there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._segments: tuple[tuple[int, int, str], ...] = ()
        self._interval: tuple[int, int] | None = None
        self._strip: tuple[object, QPixmap] | None = None
        self.setPageStep(10)

    def show_segments(self, segments: Sequence[tuple[int, int, str]]) -> None:
        """Paint labels below the bar: start, end (not included) and colour (`#RRGGBB`) of each."""
        self._segments = tuple(segments)
        self._strip = None
        self.update()

    def show_interval(self, interval: tuple[int, int] | None) -> None:
        """Mark an interval: start and end (not included)."""
        self._interval = interval
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._value_at(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse while its button is down."""
        if self.isSliderDown():
            self.setValue(self._value_at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Stay there."""
        self.setSliderDown(False)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the labels, the bar over them, and the ends of the interval."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._segments:
            painter.drawPixmap(0, self.height() - _STRIP_PX, self._painted_strip())
        if self._interval is not None:
            self._paint_interval(painter, *self._interval)
        painter.end()
        super().paintEvent(event)

    def _painted_strip(self) -> QPixmap:
        """All labels; painted once, since a take can have thousands and the handle moves often."""
        ratio = self.devicePixelRatioF()
        key = (self.width(), self.maximum(), ratio)
        if self._strip is None or self._strip[0] != key:
            drawn = QPixmap(round(self.width() * ratio), round(_STRIP_PX * ratio))
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter, place = QPainter(drawn), self._places()
            for start, end, colour in self._segments:
                left = place(start)
                width = max(1.0, place(end) - left)
                painter.fillRect(QRectF(left, 0, width, _STRIP_PX), QColor(colour))
            painter.end()
            self._strip = (key, drawn)
        return self._strip[1]

    def _paint_interval(self, painter: QPainter, start: int, end: int) -> None:
        colours = theme().palette
        x = self._places()
        height = self.height() - _STRIP_PX - 2 * _GAP_PX
        place = QRectF(x(start), _GAP_PX, max(2.0, x(end) - x(start)), height)
        painter.fillRect(place, QColor(colours.mixed("accent", "ground", 0.28)))
        painter.setPen(QPen(colours.colour("accent"), 1.5))
        painter.drawLine(place.topLeft(), place.bottomLeft())
        painter.drawLine(place.topRight(), place.bottomRight())

    def _places(self) -> Callable[[int], float]:
        """Where frames begin, in pixels; the handle stands in the middle of a frame."""
        margin = self._handle_px() / 2
        last = self.width() - margin
        step = (last - margin) / max(1, self.maximum() - self.minimum())
        return lambda frame: min(max(margin + (frame - 0.5) * step, margin), last)

    def _value_at(self, event: QMouseEvent) -> int:
        handle = self._handle_px()
        room = max(1, self.width() - handle)
        at = round(event.position().x()) - handle // 2
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room)

    def _handle_px(self) -> int:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        return handle.width()
