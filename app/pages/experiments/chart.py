"""Accuracy or mAP over the number of labels, a line for each method, with its spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import words
from app.pages.experiments.kinds import measure_words
from app.theme import interface_font, theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 12, 40
_HEIGHT = 264
_CAP_PX = 4
_NAME_PX = 16
_LONGEST_NAME_PX = 240
_GAP_PX = 10
"""Between the whiskers of two methods over the same number of labels."""
_NEAR_PX = 14
_STEPS = (1, 2, 5, 10, 20, 25)
_MOST_TICKS = 6
_MARGIN, _LEAST_SPAN = 2.0, 16.0
"""In %: the axis never makes much of a small difference."""


@dataclass(frozen=True)
class ChartPoint:
    """What a method reaches with a number of labels.

    Attributes:
        mean: Accuracy or mAP over the seeds, in %.
        std: Standard deviation over the seeds, in percentage points; None for a single seed.
        n_seeds: That it was computed from.
    """

    n_labels: int
    mean: float
    std: float | None
    n_seeds: int

    @property
    def ends(self) -> tuple[float, float]:
        """Where its whisker begins and ends, in %."""
        half = self.std or 0.0
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class ChartLine:
    """A method of the table."""

    name: str
    points: tuple[ChartPoint, ...]


class FigureChart(QWidget):
    """Painted; one method stands out, the others are quiet and told apart by their names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[ChartLine, ...] = ()
        self.emphasised = ""
        self._numbers: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(
        self, lines: Sequence[ChartLine], numbers: Sequence[int], overlap: float | None = None
    ) -> None:
        """Draw these.

        Args:
            lines: In the order of the table.
            numbers: Of labels an action, all that the table will have.
            overlap: Of a table of detectors.
        """
        measure = measure_words(overlap)
        self.setAccessibleName(self.tr("{measure} over labels an action").format(measure=measure))
        self.lines, self._numbers = tuple(lines), tuple(numbers)
        said = [self._words(line, point) for line in lines for point in line.points]
        self.setAccessibleDescription("\n".join(said))
        self.update()

    def emphasise(self, method: str) -> None:
        """Let one method stand out."""
        self.emphasised = method
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """High enough for the names of all methods."""
        return QSize(480, max(_HEIGHT, _TOP + _BOTTOM + _NAME_PX * len(self.lines)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """It keeps its height."""
        return QSize(320, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def event(self, event: QEvent) -> bool:
        """Say what a point means where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Axes, the quiet lines, the one that stands out over them, and the names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawn = [(place, line) for place, line in enumerate(self.lines) if line.points]
        if not drawn:
            painter.setPen(theme().palette.colour("quiet"))
            painter.setFont(interface_font(12))
            words_here = self.tr("The first cell that is finished appears here.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words_here)
            return
        self._paint_axes(painter)
        drawn.sort(key=lambda one: one[1].name == self.emphasised)
        for place, line in drawn:
            self._paint_line(painter, place, line)
        self._paint_names(painter, drawn)

    def _range(self) -> tuple[float, float]:
        ends = [end for line in self.lines for point in line.points for end in point.ends]
        aside = max(_MARGIN, (_LEAST_SPAN - (max(ends) - min(ends))) / 2)
        low, high = max(0.0, min(ends) - aside), min(100.0, max(ends) + aside)
        step = self._step(low, high)
        return step * math.floor(low / step), min(100.0, step * math.ceil(high / step))

    @staticmethod
    def _step(low: float, high: float) -> int:
        fitting = (step for step in _STEPS if (high - low) / step <= _MOST_TICKS - 1)
        return next(fitting, _STEPS[-1])

    def _names_px(self) -> int:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(line.name) for line in self.lines), default=0)
        return min(_LONGEST_NAME_PX, widest + 24)

    def _right(self) -> float:
        return self.width() - _RIGHT - self._names_px()

    def _x(self, place: int, n_labels: int) -> float:
        """Of a method's point: methods stand side by side over their number of labels."""
        room = self._right() - _LEFT
        number = self._numbers.index(n_labels)
        slot = room / len(self._numbers)
        gap = min(_GAP_PX, 0.7 * slot / max(1, len(self.lines)))
        if len(self._numbers) == 1:
            gap = 0.8 * slot / max(1, len(self.lines))
        aside = gap * (place - (len(self.lines) - 1) / 2)
        return _LEFT + slot * (number + 0.5) + aside

    def _y(self, percent: float) -> float:
        low, high = self._range()
        return self.height() - _BOTTOM - (percent - low) / (high - low) * self._room_y()

    def _room_y(self) -> float:
        return self.height() - _TOP - _BOTTOM

    def _paint_axes(self, painter: QPainter) -> None:
        colours = theme().palette
        painter.setFont(interface_font(11))
        low, high = self._range()
        right, step = self._right(), self._step(low, high)
        for number in range(round((high - low) / step) + 1):
            percent = low + number * step
            y = self._y(percent)
            painter.setPen(QPen(colours.colour("line"), 1))
            painter.drawLine(QPointF(_LEFT, y), QPointF(right, y))
            painter.setPen(colours.colour("quiet"))
            place = QRectF(0, y - 8, _LEFT - 8, 16)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, flags, f"{percent:.0f} %")
        bottom = self.height() - _BOTTOM
        slot = (right - _LEFT) / len(self._numbers)
        for number, n_labels in enumerate(self._numbers):
            place = QRectF(_LEFT + slot * number, bottom + 4, slot, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(n_labels))
        place = QRectF(_LEFT, bottom + 20, right - _LEFT, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("labels an action"))

    def _colour(self, line: ChartLine) -> QColor:
        return theme().palette.colour("accent" if line.name == self.emphasised else "quiet")

    def _paint_line(self, painter: QPainter, place: int, line: ChartLine) -> None:
        colour = self._colour(line)
        middles = [QPointF(self._x(place, p.n_labels), self._y(p.mean)) for p in line.points]
        is_chosen = line.name == self.emphasised
        thin = QColor(colour)
        thin.setAlphaF(1.0 if is_chosen else 0.45)
        painter.setPen(QPen(thin, 2 if is_chosen else 1))
        painter.drawPolyline(QPolygonF(middles))
        for point, middle in zip(line.points, middles, strict=True):
            painter.setPen(QPen(colour, 2 if is_chosen else 1))
            low, high = (self._y(end) for end in point.ends)
            painter.drawLine(QPointF(middle.x(), low), QPointF(middle.x(), high))
            if point.std:
                for y in (low, high):
                    left, right = middle.x() - _CAP_PX, middle.x() + _CAP_PX
                    painter.drawLine(QPointF(left, y), QPointF(right, y))
            painter.setPen(QPen(theme().palette.colour("surface"), 1))
            painter.setBrush(colour)
            painter.drawEllipse(middle, 4.5, 4.5)

    def _paint_names(self, painter: QPainter, drawn: Sequence[tuple[int, ChartLine]]) -> None:
        """Each at the end of its line, moved apart where two lines end together."""
        painter.setFont(interface_font(12))
        ends = sorted(
            ((self._y(line.points[-1].mean), place, line) for place, line in drawn),
            key=lambda one: one[:2],
        )
        tops = _apart([y for y, _, _ in ends], _TOP, self.height() - _BOTTOM)
        x, room = self._right() + 16, self._names_px() - 16
        for top, (y, place, line) in zip(tops, ends, strict=True):
            colour = self._colour(line)
            faint = QColor(colour)
            faint.setAlphaF(0.35)
            painter.setPen(QPen(faint, 1))
            last = self._x(place, line.points[-1].n_labels)
            painter.drawLine(QPointF(last + 6, y), QPointF(x - 4, top))
            is_chosen = line.name == self.emphasised
            painter.setPen(theme().palette.colour("text" if is_chosen else "quiet"))
            name = painter.fontMetrics().elidedText(
                line.name, Qt.TextElideMode.ElideRight, round(room)
            )
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(x, top - 8, room, 16), flags, name)

    def _words_at(self, where: QPointF) -> str:
        near = [
            (abs(self._x(place, p.n_labels) - where.x()) + abs(self._y(p.mean) - where.y()), p, one)
            for place, one in enumerate(self.lines)
            for p in one.points
        ]
        near = [one for one in near if one[0] < _NEAR_PX]
        if not near:
            return ""
        _, point, line = min(near, key=lambda one: one[0])
        return self._words(line, point)

    def _words(self, line: ChartLine, point: ChartPoint) -> str:
        said = self.tr("{method}, {labels} an action: {mean:.1f} %").format(
            method=line.name, labels=words.labels(point.n_labels), mean=point.mean
        )
        if point.std is None:
            return said
        return self.tr("{said} ± {std:.1f} over {n} seeds").format(
            said=said, std=point.std, n=point.n_seeds
        )


def _apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places at least a line of text apart and inside, near those that are wanted (rising)."""
    down: list[float] = []
    for y in wanted:
        down.append(max(y, down[-1] + _NAME_PX if down else top))
    up: list[float] = []
    for y in reversed(down):
        up.append(min(y, up[-1] - _NAME_PX if up else bottom))
    return up[::-1]
