"""The takes of this session so far, the latest first."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.theme import interface_font, theme
from app.widgets.take_painting import MARK_PX, draw_line, draw_mark, draw_thumbnail
from app.widgets.thumbnails import SIZE, Thumbnails
from fsamt_engine.library import QualityLevel, TakeRow

CARD = QSize(256, 68)
_PADDING = 10

RowRole = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class TakeStripModel(QAbstractListModel):
    """Rows of takes, as they are given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[TakeRow, ...] = ()

    def show(self, rows: Sequence[TakeRow]) -> None:
        """Show other takes."""
        if tuple(rows) != self.rows:
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """How many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The `TakeRow` for the delegate, and its words for a screen reader."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == RowRole:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return ", ".join((self.title(row), self.action(row), *self.details(row)))
        return None

    def title(self, row: TakeRow) -> str:
        """Who, and which take."""
        return self.tr("{participant} · take {number}").format(
            participant=row.participant, number=row.number
        )

    def action(self, row: TakeRow) -> str:
        """What is performed."""
        return ", ".join(row.actions) if row.actions else self.tr("no label")

    def details(self, row: TakeRow) -> tuple[str, str]:
        """How long it is, and its verdict in a word."""
        return f"{row.duration_us / 1e6:.1f} s", self.verdict(row.level)

    def verdict(self, level: QualityLevel | None) -> str:
        """A level of quality in a word."""
        if level is None:
            return self.tr("not judged")
        return {
            QualityLevel.GOOD: self.tr("good"),
            QualityLevel.CAUTION: self.tr("caution"),
            QualityLevel.BAD: self.tr("bad"),
        }[level]


class TakeCard(QStyledItemDelegate):
    """Draws a take: its picture, who and what, how long, and its verdict with a mark."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails: Thumbnails | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """All cards are alike."""
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one card."""
        row: TakeRow | None = index.data(RowRole)
        model = index.model()
        if row is None or not isinstance(model, TakeStripModel):
            return
        colours = theme().palette
        area: QRect = option.rect.adjusted(0, 0, -8, 0)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        card = QPainterPath()
        card.addRoundedRect(area.adjusted(0, 0, -1, -1), 6, 6)
        ground = colours.mixed("accent", "surface", 0.18) if is_selected else colours.surface
        painter.fillPath(card, QColor(ground))
        painter.setPen(colours.colour("accent" if is_selected else "line"))
        painter.drawPath(card)
        picture = QRect(area.left() + _PADDING, area.top() + _PADDING, SIZE.width(), SIZE.height())
        pixels = self.thumbnails.pixmap(row.id) if self.thumbnails else None
        draw_thumbnail(painter, picture, pixels)
        self._write(painter, area.adjusted(SIZE.width() + 2 * _PADDING, 8, -8, -8), model, row)
        painter.restore()

    def _write(self, painter: QPainter, area: QRect, model: TakeStripModel, row: TakeRow) -> None:
        colours = theme().palette
        third = area.height() // 3
        places = [QRect(area.left(), area.top() + n * third, area.width(), third) for n in range(3)]
        action_colour = colours.text if row.actions else colours.quiet
        seconds, verdict = model.details(row)
        draw_line(painter, places[0], model.title(row), colours.text, semibold=True)
        draw_line(painter, places[1], model.action(row), action_colour)
        draw_line(painter, places[2], seconds, colours.quiet)
        width = QFontMetrics(interface_font(12)).horizontalAdvance(seconds)
        rest = places[2].adjusted(width + 8, 0, 0, 0)
        if row.level is not None:
            draw_mark(painter, rest.left(), rest, row.level)
            rest.adjust(MARK_PX + 4, 0, 0, 0)
        draw_line(painter, rest, verdict, colours.quiet)


class TakeStrip(QListView):
    """Cards in one row that scrolls sideways."""

    take_chosen = Signal(str)
    """The id of the take that is now selected, "" for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes = TakeStripModel(self)
        self._card = TakeCard(self)
        self.setModel(self.takes)
        self.setItemDelegate(self._card)
        self.setObjectName("takeStrip")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(CARD.height() + 16)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Takes of this session"))
        self.selectionModel().currentChanged.connect(self._current_changed)

    def show_thumbnails(self, thumbnails: Thumbnails | None) -> None:
        """Take the pictures from here."""
        self._card.thumbnails = thumbnails
        if thumbnails is not None:
            thumbnails.ready.connect(self._picture_arrived)

    def show_takes(self, rows: Sequence[TakeRow]) -> None:
        """Show the takes of a session, the latest first; what was selected stays so."""
        before = self.chosen
        self.takes.show(rows)
        ids = [row.id for row in self.takes.rows]
        if before in ids:
            self.setCurrentIndex(self.takes.index(ids.index(before)))

    def choose_latest(self) -> None:
        """Select the first card."""
        if self.takes.rows:
            self.setCurrentIndex(self.takes.index(0))
            self.scrollToTop()

    @property
    def chosen(self) -> str:
        """Id of the selected take, "" for none."""
        row: TakeRow | None = self.currentIndex().data(RowRole)
        return row.id if row is not None else ""

    def _picture_arrived(self) -> None:
        self.viewport().update()

    def _current_changed(self, current: QModelIndex) -> None:
        row: TakeRow | None = current.data(RowRole) if current.isValid() else None
        self.take_chosen.emit(row.id if row else "")
