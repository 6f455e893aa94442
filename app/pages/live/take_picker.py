"""Which take of the library is watched, and what follows it."""

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING, theme
from app.widgets.buttons import IconButton
from app.widgets.popup import PopupButton
from app.widgets.take_list_model import Index, RowRole, TakeListModel
from app.widgets.take_painting import draw_ground, draw_line
from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.takes import participants

_ROW_PX = 48
_LIST = QSize(320, 336)


class TakePicker(QWidget):
    """The take with depth, the ones before and after it, and whether the next follows by itself."""

    changed = Signal()
    """Another take is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._seen: frozenset[str] = frozenset()
        self._number = -1
        self.takes = TakeListModel(self)
        self.before = IconButton("chevron-left", self.tr("The take before"), size=16)
        self.after = IconButton("chevron-right", self.tr("The next take"), size=16)
        self.button = PopupButton(self.tr("Choose a take"), self.tr("Which take is watched"))
        self.goes_on = IconButton(
            "skip", self.tr("When a take is over, go on with the next by itself"), checkable=True
        )
        self.goes_on.setChecked(True)
        self._fill_panel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.before, self.button, self.after, self.goes_on):
            row.addWidget(part)
        self.before.clicked.connect(lambda: self.step(-1))
        self.after.clicked.connect(lambda: self.step(1))
        self.button.unfolding.connect(self._unfold)
        self.search.textChanged.connect(self._list_takes)
        self.only_unseen.toggled.connect(self._list_takes)
        self.list.activated.connect(self._picked)
        self.list.clicked.connect(self._picked)

    def _fill_panel(self) -> None:
        self.search = QLineEdit(placeholderText=self.tr("Person, session, action…"))
        self.search.setAccessibleName(self.tr("Search takes"))
        self.search.setClearButtonEnabled(True)
        self.only_unseen = QCheckBox(self.tr("Only people whom training has not seen"))
        self.only_unseen.setToolTip(
            self.tr("How well it recognises people whom it was trained on says little about others")
        )
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Takes"))
        self.list.setModel(self.takes)
        self.list.setItemDelegate(_TakeLine(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setFixedSize(_LIST)
        column = QVBoxLayout(self.button.panel)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        for part in (self.search, self.only_unseen, self.list):
            column.addWidget(part)

    @property
    def take(self) -> TakeRow | None:
        """The chosen take."""
        return self.takes.row(self._number) if 0 <= self._number < self.takes.rowCount() else None

    @property
    def is_seen(self) -> bool:
        """Whether the recogniser was trained on the person of the chosen take."""
        take = self.take
        return take is not None and take.participant in self._seen

    def read_library(self, library: Library | None, seen: Collection[str]) -> None:
        """Offer the takes of a library; at first those of people whom training has not seen.

        Raises:
            FsamtError: It cannot be read.
        """
        before = self.take
        is_new = library is not self._library or frozenset(seen) != self._seen
        self._library, self._seen = library, frozenset(seen)
        has_unseen = bool(self._unseen())
        self.only_unseen.setEnabled(has_unseen)
        if is_new:
            with QSignalBlocker(self.only_unseen):
                self.only_unseen.setChecked(has_unseen and bool(self._seen))
        self._show_takes()
        kept = self.takes.row_of(before.id) if before is not None and library is not None else None
        self._choose(kept if kept is not None else 0)

    def choose(self, take_id: str) -> bool:
        """Choose a take, whoever it shows; False where there is none of this id."""
        if self.takes.row_of(take_id) is None:
            with QSignalBlocker(self.only_unseen), QSignalBlocker(self.search):
                self.only_unseen.setChecked(False)
                self.search.clear()
            self._show_takes()
        number = self.takes.row_of(take_id)
        if number is None:
            return False
        self._choose(number)
        self.changed.emit()
        return True

    def step(self, by: int) -> bool:
        """Go to another take of the list; behind its end it begins anew. False where none is."""
        count = self.takes.rowCount()
        if not count:
            return False
        self._choose((self._number + by) % count)
        self.changed.emit()
        return True

    def _unseen(self) -> tuple[str, ...]:
        if self._library is None:
            return ()
        return tuple(who for who in participants(self._library) if who not in self._seen)

    def _show_takes(self) -> None:
        people = self._unseen() if self.only_unseen.isChecked() else ()
        wanted = TakeFilter(participants=people, text=self.search.text(), has_depth=True)
        self.takes.show(self._library, wanted)

    def _list_takes(self) -> None:
        """What is played goes on; what is chosen is chosen from the new list next time."""
        take = self.take
        self._show_takes()
        kept = self.takes.row_of(take.id) if take is not None else None
        self._choose(kept if kept is not None else 0)

    def _choose(self, number: int) -> None:
        self._number = number
        take = self.take
        if take is None:
            self.button.show_active(self.tr("No take"), is_active=False)
        else:
            self.button.show_active(self.takes.title(take), is_active=False)
        self.button.setAccessibleName(self.tr("Take: {name}").format(name=self.button.text()))
        for part in (self.before, self.after):
            part.setEnabled(self.takes.rowCount() > 1)

    def _unfold(self) -> None:
        index = self.takes.index(self._number)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
        self.list.setFocus()

    def _picked(self, index: QModelIndex) -> None:
        self.button.panel.hide()
        self._choose(index.row())
        self.changed.emit()


class _TakeLine(QStyledItemDelegate):
    """Who, and below it what and how long."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: TakeRow | None = index.data(RowRole)
        model = index.model()
        if row is None or not isinstance(model, TakeListModel):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect.adjusted(2, 1, -2, -1)
        draw_ground(painter, area, option.state | QStyle.StateFlag.State_None)
        half = area.height() // 2
        upper = QRect(area.left() + 8, area.top() + 3, area.width() - 16, half - 3)
        lower = QRect(upper.left(), area.top() + half, upper.width(), half - 3)
        colours = theme().palette
        draw_line(painter, upper, model.title(row), colours.text, semibold=True)
        said = f"{model.action_words(row)} · {row.duration_us / 1e6:.1f} s"
        draw_line(painter, lower, said, colours.quiet)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's
        return QSize(_LIST.width() - 32, _ROW_PX)
