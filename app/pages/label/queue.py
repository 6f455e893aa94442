"""The list on the left of the page Label: what is labelled next."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.icons import pixmap
from app.pages.label.queue_model import EntryRole, Index, QueueEntry, QueueModel
from app.theme import SPACING, theme
from app.widgets.action_colours import colours_of
from app.widgets.buttons import label
from app.widgets.take_painting import MARK_PX, draw_ground, draw_line, draw_thumbnail
from app.widgets.thumbnails import SIZE, Thumbnails
from fsamt_engine.library import Action, Library, TakeFilter
from fsamt_engine.library.suggestions import Suggestion

UNLABELLED, SUGGESTED, ALL = "unlabelled", "suggested", "all"
_ROW_PX = 60
_CHIP_PX = 10
_TYPING_PAUSE_MS = 120


class QueueDelegate(QStyledItemDelegate):
    """Draws an entry: its picture, who, and the actions in their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails: Thumbnails | None = None
        self.colours: dict[str, str] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        entry: QueueEntry | None = index.data(EntryRole)
        model = index.model()
        if entry is None or not isinstance(model, QueueModel):
            return
        colours = theme().palette
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        draw_ground(painter, area, option.state)
        top = area.top() + (area.height() - SIZE.height()) // 2
        picture = QRect(area.left() + 4, top, SIZE.width(), SIZE.height())
        pixels = self.thumbnails.pixmap(entry.take_id) if self.thumbnails else None
        draw_thumbnail(painter, picture, pixels)
        place = area.adjusted(SIZE.width() + 12, 6, -6, -6)
        half = place.height() // 2
        above = QRect(place.topLeft(), QSize(place.width(), half))
        draw_line(painter, above, entry.title, colours.text, semibold=True)
        below = QRect(place.left(), place.top() + half, place.width(), half)
        self._draw_actions(painter, below, entry, model.words_of(entry))
        painter.restore()

    def _draw_actions(self, painter: QPainter, place: QRect, entry: QueueEntry, said: str) -> None:
        colours = theme().palette
        guess = entry.suggestion.action if entry.suggestion and not entry.is_done else None
        names: Sequence[str] = (guess,) if guess else entry.actions
        left = place.left()
        middle = place.center().y() - _CHIP_PX // 2
        if entry.suggestion and entry.is_done:
            done = pixmap("check", colours.good, MARK_PX)
            painter.drawPixmap(QPoint(left, place.center().y() - MARK_PX // 2), done)
            left += MARK_PX + 4
        for name in names[:4]:
            chip = QRect(left, middle, _CHIP_PX, _CHIP_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.colours.get(name, colours.quiet)))
            painter.drawRoundedRect(chip, 3, 3)
            left += _CHIP_PX + 3
        rest = QRect(left + 3 if names else left, place.top(), place.right() - left, place.height())
        draw_line(painter, rest, said, colours.text if entry.actions else colours.quiet)


class LabelQueue(QWidget):
    """Chooses which takes or suggestions are gone through, and goes through them."""

    entry_chosen = Signal(object)
    """The `QueueEntry` that is now chosen; None where the list is empty."""
    order_changed = Signal()
    """Something else is to be listed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = QueueModel(self)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("What is labelled next"))
        self.order.setToolTip(self.tr("Which takes are gone through, and in which order"))
        self.order.addItem(self.tr("Without a label first"), UNLABELLED)
        self.order.addItem(self.tr("Suggested"), SUGGESTED)
        self.order.addItem(self.tr("All takes"), ALL)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search takes"))
        self.search.setAccessibleName(self.tr("Search takes"))
        self.search.setToolTip(self.tr("Part of a session, participant, action or tag (Ctrl+F)"))
        self.count = label(quiet=True, small=True)
        self.list = self._table()
        self._delegate = QueueDelegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self.order_changed)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.order.currentIndexChanged.connect(self.order_changed)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.order)
        column.addWidget(self.search)
        column.addWidget(self.count)
        column.addWidget(self.list, 1)

    def _table(self) -> QTableView:
        """A table of one column, since Qt's list view asks for every row whenever one changes."""
        table = QTableView()
        table.setAccessibleName(self.tr("Takes to label"))
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setMouseTracking(True)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.horizontalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        return table

    def add_below(self, widget: QWidget) -> None:
        """Put something below the list."""
        self._column.addWidget(widget)

    @property
    def order_key(self) -> str:
        """What is listed: `UNLABELLED`, `SUGGESTED` or `ALL`."""
        return str(self.order.currentData())

    def choose_order(self, key: str) -> None:
        """List something else."""
        self.order.setCurrentIndex(self.order.findData(key))

    def show_thumbnails(self, thumbnails: Thumbnails | None) -> None:
        """Take the pictures from here."""
        self._delegate.thumbnails = thumbnails
        if thumbnails is not None:
            thumbnails.ready.connect(self._repaint)

    def show_actions(self, actions: Sequence[Action]) -> None:
        """Draw these actions in their colours."""
        self._delegate.colours = colours_of(actions)
        self._repaint()

    def list_library(
        self, library: Library | None, suggestions: Sequence[Suggestion], chosen: str = ""
    ) -> None:
        """List anew, and choose a take; the first one that is open where it is not there.

        Raises:
            FsamtError: The library cannot be read.
        """
        self._count_suggestions(len(suggestions))
        text = self.search.text().strip()
        with QSignalBlocker(self.list.selectionModel()):
            if self.order_key == SUGGESTED:
                found = text.casefold()
                wanted = [
                    s for s in suggestions if found in f"{s.participant} {s.action}".casefold()
                ]
                self.model.show_suggestions(wanted)
            else:
                first = self.order_key == UNLABELLED
                self.model.show_takes(library, TakeFilter(text=text), unlabelled_first=first)
        self._write_count()
        row = self.model.row_of_take(chosen) if chosen else None
        if row is None:
            row = self.model.next_open(-1) or 0
        self.choose(row)

    def labels_changed(self, suggestions: Sequence[Suggestion]) -> None:
        """Takes have other labels now; these suggestions are open."""
        self.model.read_anew(suggestions)
        self._count_suggestions(len(suggestions))

    def _count_suggestions(self, n: int) -> None:
        said = self.tr("Suggested ({n})").format(n=n) if n else self.tr("Suggested")
        self.order.setItemText(1, said)

    def _write_count(self) -> None:
        n = self.model.rowCount()
        if self.model.lists_suggestions:
            nothing = self.tr("Nothing is suggested.")
            counted = self.tr("1 suggestion") if n == 1 else self.tr("{n} suggestions")
        else:
            nothing, counted = self.tr("No take is like that."), words.takes(n)
        self.count.setText(counted.format(n=f"{n:,}") if n else nothing)

    @property
    def entry(self) -> QueueEntry | None:
        """The chosen entry."""
        index = self.list.currentIndex()
        return self.model.entry(index.row()) if index.isValid() else None

    def choose(self, number: int) -> None:
        """Choose a row."""
        if self.model.rowCount() == 0:
            self.entry_chosen.emit(None)
            return
        self.list.setCurrentIndex(self.model.index(min(number, self.model.rowCount() - 1)))
        self.list.scrollTo(self.list.currentIndex())

    def step(self, n_rows: int) -> None:
        """Go some rows down or up."""
        row = self.list.currentIndex().row() + n_rows
        if 0 <= row < self.model.rowCount():
            self.choose(row)

    def go_on(self) -> bool:
        """Go to the next entry that is not done; False where all of them are."""
        row = self.model.next_open(self.list.currentIndex().row())
        if row is not None:
            self.choose(row)
        return row is not None

    def _current_changed(self, current: QModelIndex) -> None:
        self.entry_chosen.emit(self.model.entry(current.row()) if current.isValid() else None)

    def _repaint(self) -> None:
        self.list.viewport().update()
