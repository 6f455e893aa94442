"""How the skew of a take's pairs is spread, small enough for the inspector."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import interface_font, theme

_N_BINS = 41
_REACHES_MS = (1, 2, 5, 10, 20, 50, 100)
_BARS_PX, _WORDS_PX = 56, 18


class SkewHistogram(QWidget):
    """Bars of equal width from early depth (left) to late depth (right), zero in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: NDArray[np.int64] = np.zeros(_N_BINS, np.int64)
        self.reach_ms = _REACHES_MS[0]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr(
                "Skew of the pairs: the time of the depth frame minus the time of the colour frame."
                " A narrow hill is what a synchronised camera gives, wherever it stands."
            )
        )

    def show_skews(self, skews_us: NDArray[np.int64]) -> None:
        """Show these skews, in microseconds."""
        skews_ms = skews_us / 1000
        largest = float(np.abs(skews_ms).max(initial=0))
        self.reach_ms = next((r for r in _REACHES_MS if r >= largest), _REACHES_MS[-1])
        edges = np.linspace(-self.reach_ms, self.reach_ms, _N_BINS + 1)
        self.counts = np.histogram(np.clip(skews_ms, edges[0], edges[-1]), edges)[0]
        if len(skews_ms):
            low, middle, high = (f"{v:.1f}" for v in np.percentile(skews_ms, (5, 50, 95)))
            words = self.tr(
                "Skew: median {middle} ms, nine of ten pairs between {low} and {high} ms"
            )
            self.setAccessibleName(words.format(low=low, middle=middle, high=high))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is place."""
        return QSize(160, _BARS_PX + _WORDS_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw bars, the line of no skew, and the scale in words."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self.width() / _N_BINS
        highest = max(1, int(self.counts.max()))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(0, _BARS_PX, self.width(), _BARS_PX)
        painter.drawLine(self.width() // 2, 0, self.width() // 2, _BARS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        for number, count in enumerate(self.counts.tolist()):
            # A single pair is seen, too.
            height = max(2.0, _BARS_PX * count / highest) if count else 0.0
            painter.drawRect(QRectF(number * step, _BARS_PX - height, max(1.0, step - 1), height))
        painter.setPen(QColor(colours.quiet))
        painter.setFont(interface_font(11))
        place = QRectF(0, _BARS_PX + 2, self.width(), _WORDS_PX - 2)
        for side, text in (
            (Qt.AlignmentFlag.AlignLeft, f"−{self.reach_ms} ms"),
            (Qt.AlignmentFlag.AlignHCenter, "0"),
            (Qt.AlignmentFlag.AlignRight, f"+{self.reach_ms} ms"),
        ):
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
