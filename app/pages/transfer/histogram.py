"""Two histograms over each other: cosines of pairs that belong together, and of random ones."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import SPACING, interface_font, theme

_N_BINS = 40
_AXIS_HEIGHT = 36
_LEGEND_HEIGHT = 24


class CosineHistogram(QWidget):
    """How similar student and teacher are for the same moment, and for different ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matched: tuple[float, ...] = ()
        self._random: tuple[float, ...] = ()
        self.setMinimumSize(280, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_cosines(self, matched: Sequence[float], random: Sequence[float]) -> None:
        """Show cosines, each in -1..1."""
        self._matched, self._random = tuple(matched), tuple(random)
        means = self._means()
        self.setAccessibleName(
            self.tr(
                "Cosines: {matched} on average for the same moment, {random} for random pairs"
            ).format(matched=_number(means[0]), random=_number(means[1]))
        )
        self.setToolTip(
            self.tr(
                "1: the student gives exactly the teacher’s embedding. The further the two hills "
                "are apart, the better the student tells moments apart as its teacher does."
            )
        )
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide rather than high."""
        return QSize(480, 200)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Legend, hills with their means, and the axis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(interface_font(12))
        place = QRectF(
            SPACING,
            _LEGEND_HEIGHT + SPACING,
            self.width() - 2 * SPACING,
            self.height() - _AXIS_HEIGHT - _LEGEND_HEIGHT - SPACING,
        )
        low, high = self._range()
        means = self._means()
        random_style, matched_style = Qt.BrushStyle.BDiagPattern, Qt.BrushStyle.SolidPattern
        self._paint_hill(painter, place, self._random, low, high, "quiet", random_style)
        self._paint_hill(painter, place, self._matched, low, high, "accent", matched_style)
        self._paint_axis(painter, place, low, high)
        for mean, role in zip(means, ("accent", "quiet"), strict=True):
            self._paint_mean(painter, place, mean, low, high, role)
        self._paint_legend(painter, means)

    def _means(self) -> tuple[float, float]:
        return _mean(self._matched), _mean(self._random)

    def _range(self) -> tuple[float, float]:
        """From the fifth below the least cosine to 1."""
        least = min((*self._matched, *self._random), default=0.0)
        return min(0.8, max(-1.0, math.floor(least * 5) / 5)), 1.0

    def _paint_hill(
        self,
        painter: QPainter,
        place: QRectF,
        values: Sequence[float],
        low: float,
        high: float,
        role: str,
        style: Qt.BrushStyle,
    ) -> None:
        if not values:
            return
        counts, _ = np.histogram(np.clip(values, low, high), bins=_N_BINS, range=(low, high))
        shares = counts / counts.max()
        step = place.width() / _N_BINS
        outline = [QPointF(place.left(), place.bottom())]
        for number, share in enumerate(shares):
            y = place.bottom() - float(share) * place.height()
            left = place.left() + number * step
            outline += [QPointF(left, y), QPointF(left + step, y)]
        outline.append(QPointF(place.right(), place.bottom()))
        colours = theme().palette
        fill = colours.colour(role)
        fill.setAlphaF(0.45 if style is Qt.BrushStyle.SolidPattern else 0.7)
        painter.setPen(QPen(colours.colour(role), 1.5))
        painter.setBrush(fill)
        brush = painter.brush()
        brush.setStyle(style)
        painter.setBrush(brush)
        painter.drawPolygon(QPolygonF(outline))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_mean(
        self, painter: QPainter, place: QRectF, mean: float, low: float, high: float, role: str
    ) -> None:
        if math.isnan(mean):
            return
        x = place.left() + (mean - low) / (high - low) * place.width()
        pen = QPen(theme().palette.colour(role), 2)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, place.top() - 4), QPointF(x, place.bottom()))

    def _paint_axis(self, painter: QPainter, place: QRectF, low: float, high: float) -> None:
        colours = theme().palette
        painter.setPen(QPen(colours.colour("line"), 1))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        painter.setPen(colours.colour("quiet"))
        n_ticks = round((high - low) / 0.2)
        for number in range(n_ticks + 1):
            share = number / n_ticks
            text = f"{low + share * (high - low):.1f}"
            x = place.left() + share * place.width()
            width = 48.0
            left = min(max(0.0, x - width / 2), self.width() - width)
            flag = Qt.AlignmentFlag.AlignHCenter
            painter.drawText(QRectF(left, place.bottom() + 2, width, 16), flag, text)
        bottom = QRectF(place.left(), place.bottom() + 18, place.width(), 18)
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(bottom, centre, self.tr("cosine between student and teacher"))

    def _paint_legend(self, painter: QPainter, means: tuple[float, float]) -> None:
        colours = theme().palette
        x = float(SPACING)
        for role, style, text in (
            (
                "accent",
                Qt.BrushStyle.SolidPattern,
                self.tr("the same moment, mean {m}").format(m=_number(means[0])),
            ),
            (
                "quiet",
                Qt.BrushStyle.BDiagPattern,
                self.tr("random pairs, mean {m}").format(m=_number(means[1])),
            ),
        ):
            swatch = QRectF(x, 6, 14, 12)
            painter.setPen(QPen(colours.colour(role), 1))
            painter.setBrush(colours.colour(role))
            brush = painter.brush()
            brush.setStyle(style)
            painter.setBrush(brush)
            painter.drawRect(swatch)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colours.colour("text"))
            width = painter.fontMetrics().horizontalAdvance(text)
            place = QRectF(x + 20, 0, width + 4, _LEGEND_HEIGHT)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            x += 20 + width + 3 * SPACING


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
