"""Where the time from the exposure of a frame to the screen goes, as one bar."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import interface_font, theme
from app.widgets.action_colours import mixed
from fsamt_engine.recognition.state import Percentiles

_BAR_PX, _SCALE_PX = 20, 18
_SCALES_MS = (50, 100, 200, 500, 1000, 2000, 5000)
_SHADES = (("quiet", 0.45), ("accent", 0.45), ("accent", 1.0), ("quiet", 0.9))


def part_colours() -> tuple[str, ...]:
    """Of waiting, preparing, network and display, `#RRGGBB`."""
    colours = theme().palette
    return tuple(mixed(getattr(colours, role), colours.surface, share) for role, share in _SHADES)


class LatencyBar(QWidget):
    """Four parts, one after the other as they happen (medians); a mark where 95 of 100 are over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._p50: Percentiles | None = None
        self._p95_ms = 0.0
        self._scale_ms = _SCALES_MS[1]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Latency from exposure to the screen"))

    def show_timings(self, p50: Percentiles | None, p95: Percentiles | None) -> None:
        """Show medians, and the total that 95 of 100 answers do not exceed; None for none yet."""
        self._p50, self._p95_ms = p50, p95.total_ms if p95 else 0.0
        longest = max(self._p95_ms, p50.total_ms if p50 else 0.0)
        fitting = next((ms for ms in _SCALES_MS if ms >= longest), _SCALES_MS[-1])
        # It grows at once and shrinks late, so that the bar does not change its scale to and fro.
        if fitting > self._scale_ms or longest < 0.4 * self._scale_ms:
            self._scale_ms = max(fitting, _SCALES_MS[1])
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is place."""
        return QSize(200, _BAR_PX + _SCALE_PX)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The parts, the mark, and the scale below."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0.5, 2.5, self.width() - 1, _BAR_PX - 5)
        painter.setPen(QPen(colours.colour("line"), 1))
        painter.setBrush(colours.colour("ground"))
        painter.drawRoundedRect(whole, 3, 3)
        px_per_ms = (self.width() - 2) / self._scale_ms
        if self._p50 is not None:
            self._paint_parts(painter, self._p50, px_per_ms)
            x = round(1 + self._p95_ms * px_per_ms) - 0.5
            painter.setPen(QPen(colours.colour("text"), 2))
            painter.drawLine(QPointF(x, 0), QPointF(x, _BAR_PX))
        painter.setFont(interface_font(11))
        painter.setPen(colours.colour("quiet"))
        place = QRectF(0, _BAR_PX, self.width(), _SCALE_PX)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, "0")
        ms = self.tr("{n} ms").format(n=self._scale_ms)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight, ms)
        half = self.tr("{n} ms").format(n=self._scale_ms // 2)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, half)

    def _paint_parts(self, painter: QPainter, p50: Percentiles, px_per_ms: float) -> None:
        x = 1.0
        parts = (p50.waiting_ms, p50.preparing_ms, p50.network_ms, p50.display_ms or 0.0)
        for ms, colour in zip(parts, part_colours(), strict=True):
            wide = min(ms * px_per_ms, self.width() - 1 - x)
            painter.fillRect(QRectF(x, 3, max(0.0, wide - 0.75), _BAR_PX - 6), QColor(colour))
            x += wide
