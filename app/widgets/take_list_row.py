"""One row of the list of takes, as it is painted."""

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.icons import pixmap
from app.theme import theme
from app.widgets.take_list_model import Index, RowRole, TakeListModel
from app.widgets.take_painting import (
    MARK_PX,
    draw_ground,
    draw_line,
    draw_mark,
    draw_thumbnail,
    row_path,
)
from app.widgets.thumbnails import SIZE, Thumbnails
from fsamt_engine.library import TakeRow

ROW_HEIGHT = 68


class TakeDelegate(QStyledItemDelegate):
    """Draws a take: its picture, who and what, how long, tagged or not, and its verdict."""

    def __init__(self, thumbnails: Thumbnails | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: TakeRow | None = index.data(RowRole)
        model = index.model()
        if row is None or not isinstance(model, TakeListModel):
            return
        area: QRect = option.rect.adjusted(4, 2, -4, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        draw_ground(painter, area, option.state)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme().palette.colour("accent"), 1))
            painter.drawPath(row_path(area))
        below = (area.height() - SIZE.height()) // 2
        picture = QRect(area.left() + 6, area.top() + below, SIZE.width(), SIZE.height())
        pixels = self.thumbnails.pixmap(row.id) if self.thumbnails else None
        draw_thumbnail(painter, picture, pixels)
        self._draw_words(painter, area.adjusted(SIZE.width() + 18, 6, -8, -6), row, model)
        painter.restore()

    def _draw_words(
        self, painter: QPainter, place: QRect, row: TakeRow, model: TakeListModel
    ) -> None:
        colours = theme().palette
        third = place.height() // 3
        left, top, width = place.left(), place.top(), place.width()
        title, action, details = (QRect(left, top + n * third, width, third) for n in range(3))
        details.setWidth(width - MARK_PX - 4)
        mark_left = place.right() - MARK_PX + 1
        if row.tags:
            title.setWidth(width - MARK_PX - 4)
            tag_top = title.top() + (third - MARK_PX) // 2
            painter.drawPixmap(mark_left, tag_top, pixmap("tag", colours.quiet, MARK_PX))
        draw_line(painter, title, model.title(row), colours.text, semibold=True)
        action_colour = colours.text if row.actions else colours.quiet
        draw_line(painter, action, model.action_words(row), action_colour)
        draw_line(painter, details, model.details(row), colours.quiet)
        if row.level is not None:
            draw_mark(painter, mark_left, details, row.level)
