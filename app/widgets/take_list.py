"""The takes of a library in a list that reads only what is on screen."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app import words
from app.theme import theme
from app.widgets.player import Player
from app.widgets.take_painting import MARK_PX, draw_line, draw_mark, draw_thumbnail
from app.widgets.thumbnails import SIZE, Thumbnails
from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.takes import count_takes, list_takes

PAGE = 128
_PAGES_KEPT = 64
ROW_HEIGHT = 68

RowRole = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class TakeListModel(QAbstractListModel):
    """The takes that pass a filter; rows are read a page at a time when they are looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._filter = TakeFilter()
        self._count = 0
        self._pages: dict[int, list[TakeRow]] = {}

    def show(self, library: Library | None, filter: TakeFilter) -> None:
        """List the takes of `library` that pass `filter`.

        Raises:
            FsamtError: The library cannot be read; the list is then empty.
        """
        self.beginResetModel()
        try:
            self._library, self._filter = library, filter
            self._pages.clear()
            self._count = 0
            if library is not None:
                self._count = count_takes(library, filter)
        finally:
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Takes that pass the filter."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The `TakeRow` for the delegate, and its words for a screen reader."""
        if not index.isValid():
            return None
        if role == RowRole:
            return self.row(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self.row(index.row())
            level = [words.level(row.level)] if row and row.level else []
            return (
                ", ".join((self.title(row), row.session, self.details(row), *row.actions, *level))
                if row
                else ""
            )
        return None

    def row(self, number: int) -> TakeRow | None:
        """The take in a row, None where the library has changed meanwhile."""
        page, place = divmod(number, PAGE)
        if page not in self._pages:
            assert self._library is not None
            while len(self._pages) >= _PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            self._pages[page] = list_takes(self._library, self._filter, page * PAGE, PAGE)
        rows = self._pages[page]
        return rows[place] if place < len(rows) else None

    def early_row_of(self, take_id: str) -> int | None:
        """The row of a take on the first page, None where it is not there."""
        if not self._count or not take_id:
            return None
        self.row(0)
        ids = [row.id for row in self._pages[0]]
        return ids.index(take_id) if take_id in ids else None

    def title(self, row: TakeRow) -> str:
        """The first line of a take."""
        return self.tr("{participant} · take {number}").format(
            participant=row.participant, number=row.number
        )

    def details(self, row: TakeRow) -> str:
        """The second line of a take."""
        seconds = row.duration_us / 1e6
        pairs = (
            words.pairs(row.n_pairs)
            if row.n_pairs
            else self.tr("depth only")
            if not row.has_colour
            else self.tr("no pairs")
        )
        return f"{seconds:.1f} s · {pairs}"


class TakeDelegate(QStyledItemDelegate):
    """Draws a take: its picture, who and what, and how long."""

    def __init__(self, thumbnails: Thumbnails | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: TakeRow | None = index.data(RowRole)
        model = index.model()
        if row is None or not isinstance(model, TakeListModel):
            return
        colours = theme().palette
        area: QRect = option.rect.adjusted(4, 2, -4, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        state = option.state
        shade = None
        if state & QStyle.StateFlag.State_Selected:
            shade = colours.mixed("accent", "surface", 0.18)
        elif state & QStyle.StateFlag.State_MouseOver:
            shade = colours.mixed("text", "surface", 0.05)
        if shade is not None:
            path = QPainterPath()
            path.addRoundedRect(area, 6, 6)
            painter.fillPath(path, QColor(shade))
        below = (area.height() - SIZE.height()) // 2
        picture = QRect(area.left() + 6, area.top() + below, SIZE.width(), SIZE.height())
        pixels = self.thumbnails.pixmap(row.id) if self.thumbnails else None
        draw_thumbnail(painter, picture, pixels)
        place_of_text = area.adjusted(SIZE.width() + 18, 6, -8, -6)
        third = place_of_text.height() // 3
        left, top, width = place_of_text.left(), place_of_text.top(), place_of_text.width()
        title, action, details = (QRect(left, top + n * third, width, third) for n in range(3))
        details.setWidth(width - MARK_PX - 4)
        draw_line(painter, title, model.title(row), colours.text, semibold=True)
        action_colour = colours.text if row.actions else colours.quiet
        draw_line(painter, action, self._actions(row), action_colour)
        draw_line(painter, details, model.details(row), colours.quiet)
        if row.level is not None:
            draw_mark(painter, place_of_text.right() - MARK_PX + 1, details, row.level)
        painter.restore()

    def _actions(self, row: TakeRow) -> str:
        return ", ".join(row.actions) if row.actions else self.tr("no label")


class TakeList(QTableView):
    """The list of takes; the player's keys work while it has the focus.

    A table of one column, since Qt's list view asks for every row before it shows the first.
    """

    take_chosen = Signal(str)
    """The id of the take that is now selected, "" for none."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.takes = TakeListModel(self)
        self._delegate = TakeDelegate(None, self)
        self.setModel(self.takes)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Takes"))
        self.selectionModel().currentChanged.connect(self._current_changed)

    def show_thumbnails(self, thumbnails: Thumbnails | None) -> None:
        """Take the pictures from here."""
        self._delegate.thumbnails = thumbnails
        if thumbnails is not None:
            thumbnails.ready.connect(self._picture_arrived)

    def _picture_arrived(self) -> None:
        self.viewport().update()

    def choose(self, number: int) -> None:
        """Select a row."""
        self.setCurrentIndex(self.takes.index(number))

    def choose_take(self, take_id: str) -> None:
        """Select a take if it is one of the first in the list, else the first."""
        self.choose(self.takes.early_row_of(take_id) or 0)

    @property
    def chosen(self) -> TakeRow | None:
        """The selected take."""
        row: TakeRow | None = self.currentIndex().data(RowRole)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The player's keys go to the player, the others move in the list."""
        if not self._player.handle_key(event):
            super().keyPressEvent(event)

    def _current_changed(self, current: QModelIndex) -> None:
        row: TakeRow | None = current.data(RowRole) if current.isValid() else None
        self.take_chosen.emit(row.id if row else "")
