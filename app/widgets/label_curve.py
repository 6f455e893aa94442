"""Accuracy over the number of labels an action: whether more labels would help."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import words
from app.theme import interface_font, theme
from fsamt_engine.units import format_percent

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 28, 40
_CAP_PX = 4
_NEAR_PX = 18
_WORD_PX = 16


@dataclass(frozen=True)
class LabelPoint:
    """What came of one number of labels.

    Attributes:
        n_labels: Of each action.
        accuracies: One for each drawing of labels (each seed), 0..1.
        interval: 95 % of the mean, 0..1.
        name: On the axis, where it is not the number ("all (14)").
    """

    n_labels: float
    accuracies: tuple[float, ...]
    interval: tuple[float, float]
    name: str = ""

    @property
    def mean(self) -> float:
        """Of the drawings."""
        return math.fsum(self.accuracies) / len(self.accuracies)

    @property
    def label(self) -> str:
        """On the axis."""
        return self.name or f"{self.n_labels:g}"


class LabelCurveChart(QWidget):
    """Painted; the number of labels on a logarithmic axis, since the first ones count most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: tuple[LabelPoint, ...] = ()
        self.scratch: tuple[LabelPoint, ...] = ()
        self._chance: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(240, 184))
        self.setAccessibleName(self.tr("Accuracy over labels an action"))

    def show_points(
        self,
        points: Sequence[LabelPoint],
        scratch: Sequence[LabelPoint] = (),
        chance: float | None = None,
    ) -> None:
        """Draw a curve.

        Args:
            points: Of the model, the fewest labels first.
            scratch: The same from scratch; a single one is drawn as a level line.
            chance: Accuracy of guessing, 0..1.
        """
        self.points, self.scratch, self._chance = tuple(points), tuple(scratch), chance
        said = [self._words(point) for point in self.points]
        said += [
            self.tr("from scratch, {point}").format(point=self._words(point))
            for point in self.scratch
        ]
        self.setAccessibleDescription("\n".join(said))
        self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def event(self, event: QEvent) -> bool:
        """Say what a point means where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            near = [p for p in self.points if abs(self._x(p) - event.pos().x()) < _NEAR_PX]
            QToolTip.showText(event.globalPos(), self._words(near[0]) if near else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Axes, then from scratch, then the model's own points over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        if self.points:
            self._paint_scratch(painter)
            self._paint_line(painter, self.points, "accent")
        self._paint_legend(painter)

    def _words(self, point: LabelPoint) -> str:
        low, high = (100 * share for share in point.interval)
        n = len(point.accuracies)
        labels = words.labels(round(point.n_labels))
        said = self.tr("{labels} an action: {mean} (95 %: {low:.1f} to {high:.1f})").format(
            labels=labels, mean=format_percent(point.mean), low=low, high=high
        )
        if n == 1:
            return said
        each = ", ".join(f"{100 * value:.1f}" for value in point.accuracies)
        return self.tr("{said}; {n} drawings of labels: {each} %").format(said=said, n=n, each=each)

    def _x(self, point: LabelPoint) -> float:
        numbers = [math.log(one.n_labels) for one in (*self.points, *self.scratch)]
        low, high = min(numbers), max(numbers)
        room = self.width() - _LEFT - _RIGHT - 24
        share = (math.log(point.n_labels) - low) / (high - low) if high > low else 0.5
        return _LEFT + 12 + share * room

    def _y(self, share: float) -> float:
        return self.height() - _BOTTOM - share * (self.height() - _TOP - _BOTTOM)

    def _paint_axes(self, painter: QPainter) -> None:
        colours = theme().palette
        painter.setFont(interface_font(11))
        right = self.width() - _RIGHT
        for percent in (0, 25, 50, 75, 100):
            y = self._y(percent / 100)
            painter.setPen(QPen(colours.colour("line"), 1))
            painter.drawLine(QPointF(_LEFT, y), QPointF(right, y))
            painter.setPen(colours.colour("quiet"))
            place = QRectF(0, y - 8, _LEFT - 6, 16)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{percent} %"
            )
        bottom = self.height() - _BOTTOM
        for point in self.points:
            place = QRectF(self._x(point) - 40, bottom + 4, 80, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, point.label)
        place = QRectF(_LEFT, bottom + 20, right - _LEFT, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("labels an action"))
        if self._chance is not None:
            y = self._y(self._chance)
            painter.setPen(QPen(colours.colour("quiet"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(_LEFT, y), QPointF(right, y))
            painter.setPen(colours.colour("quiet"))
            # Under its line where there is room, since the line from scratch is often just above.
            top = y + 1 if bottom - y > _WORD_PX else y - _WORD_PX
            place = QRectF(right - 80, top, 78, _WORD_PX)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, self.tr("guessing"))

    def _paint_scratch(self, painter: QPainter) -> None:
        if len(self.scratch) != 1:
            self._paint_line(painter, self.scratch, "quiet")
            return
        y = self._y(self.scratch[0].mean)
        painter.setPen(QPen(theme().palette.colour("quiet"), 2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(_LEFT, y), QPointF(self.width() - _RIGHT, y))

    def _paint_line(self, painter: QPainter, points: Sequence[LabelPoint], role: str) -> None:
        colours = theme().palette
        means = [QPointF(self._x(point), self._y(point.mean)) for point in points]
        style = Qt.PenStyle.SolidLine if role == "accent" else Qt.PenStyle.DashLine
        painter.setPen(QPen(colours.colour(role), 2, style))
        painter.drawPolyline(QPolygonF(means))
        for point, middle in zip(points, means, strict=True):
            painter.setPen(QPen(colours.colour(role), 1))
            low, high = (self._y(share) for share in point.interval)
            painter.drawLine(QPointF(middle.x(), low), QPointF(middle.x(), high))
            for y in (low, high):
                painter.drawLine(QPointF(middle.x() - _CAP_PX, y), QPointF(middle.x() + _CAP_PX, y))
            if len(point.accuracies) > 1:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                for value in point.accuracies:
                    painter.drawEllipse(QPointF(middle.x(), self._y(value)), 3, 3)
            painter.setPen(QPen(colours.colour("surface"), 1))
            painter.setBrush(colours.colour(role))
            painter.drawEllipse(middle, 5, 5)

    def _paint_legend(self, painter: QPainter) -> None:
        colours = theme().palette
        painter.setFont(interface_font(12))
        x = float(_LEFT)
        entries = [("accent", Qt.PenStyle.SolidLine, self.tr("this model"))]
        if self.scratch:
            entries.append(("quiet", Qt.PenStyle.DashLine, self.tr("from scratch")))
        for role, style, name in entries:
            painter.setPen(QPen(colours.colour(role), 2, style))
            painter.drawLine(QPointF(x, 10), QPointF(x + 20, 10))
            painter.setPen(colours.colour("text"))
            painter.drawText(QPointF(x + 26, 14), name)
            x += 44 + painter.fontMetrics().horizontalAdvance(name)
        each = self.tr("each drawing of labels")
        fits = x + 12 + painter.fontMetrics().horizontalAdvance(each) < self.width()
        if fits and any(len(point.accuracies) > 1 for point in self.points):
            painter.setPen(QPen(colours.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x + 3, 10), 3, 3)
            painter.setPen(colours.colour("text"))
            painter.drawText(QPointF(x + 12, 14), each)
