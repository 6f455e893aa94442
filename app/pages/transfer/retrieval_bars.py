"""How often the right partner is among the nearest 1, 5 and 10, beside chance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import SPACING, interface_font, theme
from fsamt_engine.units import format_percent

if TYPE_CHECKING:
    from fsamt_engine.evaluation.health_record import Retrieval

_ROW_HEIGHT = 48
_LEAST_ROW_HEIGHT = 40
_NAME_WIDTH = 112
_BAR_HEIGHT = 14


class RetrievalBars(QWidget):
    """One bar for each number of candidates, with its interval and a tick where guessing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Retrieval, ...] = ()
        self.setMinimumSize(320, 3 * _LEAST_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_retrieval(self, rows: Sequence["Retrieval"]) -> None:
        """Show shares in 0..1."""
        self._rows = tuple(rows)
        self.setAccessibleName("; ".join(self._words(row) for row in rows))
        self.setToolTip(
            self.tr(
                "For each held-out clip, all clips are put in the order of their similarity to the "
                "student’s embedding: how often is the same moment among the first? The tick is "
                "what guessing would give, the thin line the 95 % interval."
            )
        )
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Three rows."""
        return QSize(400, 3 * _ROW_HEIGHT)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Name, bar, interval, chance, and both shares in words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = min(_ROW_HEIGHT * 1.5, self.height() / max(1, len(self._rows)))
        for number, row in enumerate(self._rows):
            place = QRectF(0, number * height, self.width() - 1, height)
            self._paint_row(painter, place, row)

    def _paint_row(self, painter: QPainter, place: QRectF, row: "Retrieval") -> None:
        colours = theme().palette
        painter.setFont(interface_font(12))
        painter.setPen(colours.colour("text"))
        name = self.tr("nearest clip") if row.k == 1 else self.tr("nearest {k}").format(k=row.k)
        middle = Qt.AlignmentFlag.AlignVCenter
        top = QRectF(place.left(), place.top(), _NAME_WIDTH, place.height() - 12)
        painter.drawText(top, middle, name)
        room = QRectF(
            place.left() + _NAME_WIDTH,
            top.center().y() - _BAR_HEIGHT / 2,
            place.width() - _NAME_WIDTH - 64 - SPACING,
            _BAR_HEIGHT,
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("line"))
        painter.drawRoundedRect(room, 3, 3)
        painter.setBrush(colours.colour("accent"))
        painter.drawRoundedRect(
            QRectF(room.left(), room.top(), room.width() * row.share, room.height()), 3, 3
        )
        painter.setPen(QPen(colours.colour("text"), 1.5))
        low, high = (room.left() + room.width() * share for share in row.interval)
        y = room.center().y()
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        for x in (low, high):
            painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3))
        painter.setPen(QPen(colours.colour("caution"), 2))
        x = room.left() + room.width() * min(1.0, row.chance)
        painter.drawLine(QPointF(x, room.top() - 5), QPointF(x, room.bottom() + 5))
        painter.setPen(colours.colour("text"))
        painter.setFont(interface_font(13, semibold=True))
        value = QRectF(room.right() + SPACING, top.top(), 64, top.height())
        painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, format_percent(row.share))
        painter.setFont(interface_font(12))
        painter.setPen(colours.colour("quiet"))
        below = QRectF(room.left(), room.bottom() + 4, room.width(), 16)
        chance = self.tr("guessing: {share}").format(share=format_percent(row.chance))
        painter.drawText(below, chance)

    def _words(self, row: "Retrieval") -> str:
        return self.tr("{share} among the nearest {k}, guessing {chance}").format(
            share=format_percent(row.share), k=row.k, chance=format_percent(row.chance)
        )
