"""A group of clips in its list, as it is painted."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.pages.label.queue_model import Index
from app.theme import theme
from app.widgets.take_painting import draw_ground, draw_line

ColourRole = Qt.ItemDataRole.UserRole
"""`#RRGGBB` of the action that the group was named, "" while it has no name."""

_ROW_PX = 52
_CHIP_PX = 10


class TwoLines(QStyledItemDelegate):
    """Draws how many clips there are, and below it what they were named, in its colour."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's
        """All rows are equally high."""
        return QSize(160, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        colours = theme().palette
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_ground(painter, area, option.state)
        title, _, said = str(index.data()).partition("\n")
        colour = str(index.data(ColourRole) or "")
        place = area.adjusted(10, 4, -8, -4)
        half = place.height() // 2
        above = QRect(place.left(), place.top(), place.width(), half)
        below = QRect(place.left(), place.top() + half, place.width(), half)
        draw_line(painter, above, title, colours.text, semibold=True)
        if colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            top = below.center().y() - _CHIP_PX // 2
            painter.drawRoundedRect(QRect(below.left(), top, _CHIP_PX, _CHIP_PX), 3, 3)
            below.setLeft(below.left() + _CHIP_PX + 6)
        draw_line(painter, below, said, colours.text if colour else colours.quiet)
        painter.restore()
