"""Accuracies with their intervals, one bar under the other, on one axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import SPACING, interface_font, theme

_BAR_PX = 14
_ROW_PX = 48
_AXIS_PX = 24
_CAP_PX = 5
_TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class AccuracyRow:
    """One bar.

    Attributes:
        name: Whose accuracy it is.
        words: The accuracy with its interval and its number of clips, in words.
        accuracy: 0..1.
        interval: 95 %, 0..1.
        role: Colour of the palette.
    """

    name: str
    words: str
    accuracy: float
    interval: tuple[float, float]
    role: str = "accent"


class AccuracyBars(QWidget):
    """Painted; says the same in words to a screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[AccuracyRow, ...] = ()
        self.chance: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Accuracy"))

    def show_rows(self, rows: Sequence[AccuracyRow], chance: float | None = None) -> None:
        """Draw these from top to bottom.

        Args:
            rows: The bars.
            chance: Accuracy of guessing, 0..1; marked where it is given.
        """
        self.rows = tuple(rows)
        self.chance = chance
        said = "\n".join(f"{row.name}: {row.words}" for row in self.rows)
        if chance is not None:
            said = self.tr("{rows}\nGuessing would be right on {share:.0f} %.").format(
                rows=said, share=100 * chance
            )
        self.setAccessibleDescription(said)
        self.setToolTip(
            self.tr(
                "The thin line is the 95 % interval: how far off a test of so many clips may be."
            )
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """High enough for all bars."""
        return QSize(360, _ROW_PX * len(self.rows) + _AXIS_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Bars keep their height."""
        return QSize(240, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The axis, then the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter)
        for number, row in enumerate(self.rows):
            self._paint_row(painter, row, number * _ROW_PX)

    def _x(self, share: float) -> float:
        # Room on both sides for the numbers of the axis.
        return 3 * SPACING + share * (self.width() - 6 * SPACING)

    def _paint_axis(self, painter: QPainter) -> None:
        colours = theme().palette
        bottom = len(self.rows) * _ROW_PX
        painter.setFont(interface_font(11))
        for tick in _TICKS:
            x = self._x(tick / 100)
            painter.setPen(QPen(colours.colour("line"), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
            painter.setPen(colours.colour("quiet"))
            place = QRectF(x - 24, bottom + 4, 48, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{tick} %")
        if self.chance is not None:
            x = self._x(self.chance)
            painter.setPen(QPen(colours.colour("quiet"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))

    def _paint_row(self, painter: QPainter, row: AccuracyRow, top: float) -> None:
        colours = theme().palette
        start = self._x(0)
        painter.setPen(colours.colour("text"))
        painter.setFont(interface_font(12))
        line = QRectF(start + 4, top + 2, self.width() - start - 4, 18)
        # The words stand on the axis' lines, so those are wiped away under them.
        words = f"{row.name}   {row.words}"
        words = painter.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, int(line.width())
        )
        wide = painter.fontMetrics().horizontalAdvance(words)
        painter.fillRect(QRectF(start + 2, top + 2, wide + 4, 18), colours.colour("surface"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
        y = top + 22
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour(row.role))
        bar = QRectF(start, y, max(1.0, self._x(row.accuracy) - start), _BAR_PX)
        painter.drawRoundedRect(bar, 3, 3)
        self._paint_interval(painter, row.interval, y + _BAR_PX / 2)

    def _paint_interval(
        self, painter: QPainter, interval: tuple[float, float], middle: float
    ) -> None:
        colours = theme().palette
        low, high = (self._x(share) for share in interval)
        # A dark and a light line, so that it is seen on the bar and beside it.
        for role, width in (("surface", 4), ("text", 2)):
            painter.setPen(QPen(colours.colour(role), width))
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for x in (low, high):
                painter.drawLine(QPointF(x, middle - _CAP_PX), QPointF(x, middle + _CAP_PX))
