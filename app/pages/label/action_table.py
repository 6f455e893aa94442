"""The actions with their keys, and how many labels each has of whom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.pages.label.queue_model import Index
from app.theme import interface_font, theme
from app.widgets.action_colours import text_on
from app.widgets.take_painting import draw_line
from fsamt_engine.library import Action

ROW_PX = 28
_HEADER_PX = 26
_CHIP_PX = 22
_NUMBER_PX = 34
_PERSON_PX = 38
_SHOWN_ROWS = 11

Counts = Mapping[str, Mapping[str, int]]
_FIXED_COLUMNS = 2


def in_key_order(actions: Sequence[Action]) -> tuple[Action, ...]:
    """As the keys lie: digits from 1, letters, no key; what has 0 comes last of the digits."""

    def place(action: Action) -> tuple[int, str, str]:
        rank = 3 if not action.key else 1 if action.key == "0" else 0 if action.key.isdigit() else 2
        return rank, action.key, action.name

    return tuple(sorted(actions, key=place))


class ActionModel(QAbstractTableModel):
    """A row for each action, a column for each participant; the last row adds up."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actions: tuple[Action, ...] = ()
        self.people: tuple[str, ...] = ()
        self._counts: Counts = {}

    def show(self, actions: Sequence[Action], counts: Counts, people: Sequence[str]) -> None:
        """Show other numbers; the list stands still where actions and people are the same."""
        ordered, columns = in_key_order(actions), tuple(people)
        is_same = (ordered, columns) == (self.actions, self.people)
        if not is_same:
            self.beginResetModel()
        self.actions, self.people, self._counts = ordered, columns, counts
        if not is_same:
            self.endResetModel()
        elif ordered:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def action(self, row: int) -> Action | None:
        """The action of a row; None for the row that adds up."""
        return self.actions[row] if 0 <= row < len(self.actions) else None

    def count(self, row: int, column: int) -> int:
        """Labels of a row's action (of all) of a column's participant (of everybody)."""
        names = [self.actions[row].name] if row < len(self.actions) else list(self._counts)
        people = self.people if column < _FIXED_COLUMNS else [self.people[column - _FIXED_COLUMNS]]
        return sum(self._counts.get(name, {}).get(who, 0) for name in names for who in people)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Actions, and one row that adds up."""
        return 0 if parent.isValid() or not self.actions else len(self.actions) + 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """The action, its labels in all, and those of each participant."""
        return 0 if parent.isValid() else _FIXED_COLUMNS + len(self.people)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of participants."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        titles = (self.tr("Action"), self.tr("All"), *self.people)
        if role == Qt.ItemDataRole.DisplayRole:
            return titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return titles[section] if section >= _FIXED_COLUMNS else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A name or a number, and in words what it counts."""
        row, column = index.row(), index.column()
        action = self.action(row)
        name = action.name if action else self.tr("in all")
        if role == Qt.ItemDataRole.DisplayRole:
            return name if column == 0 else f"{self.count(row, column):,}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            labels = words.labels(self.count(row, max(1, column)))
            return f"{name}, {labels}" + (f", {self._who(column)}" if self._who(column) else "")
        if role == Qt.ItemDataRole.ToolTipRole and action is not None:
            if column == 0:
                return self._about(action)
            return self.tr("{action}: {labels} {who}").format(
                action=name,
                labels=words.labels(self.count(row, column)),
                who=self.tr("of {person}").format(person=self._who(column))
                if self._who(column)
                else self.tr("in all"),
            )
        return None

    def _who(self, column: int) -> str:
        return self.people[column - _FIXED_COLUMNS] if column >= _FIXED_COLUMNS else ""

    def _about(self, action: Action) -> str:
        key = (
            self.tr("Press {key} or click its key here to label with it.").format(
                key=action.key.upper()
            )
            if action.key
            else self.tr("It has no key yet; click its colour to label with it.")
        )
        lines = [action.name, action.description, key, self.tr("Double-click to change it.")]
        return "\n".join(line for line in lines if line)


class _Cells(QStyledItemDelegate):
    """Draws the ground of a cell, and a number on it."""

    def __init__(self, model: ActionModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme().palette
        action = self._model.action(index.row())
        place: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected and action is not None:
            painter.fillRect(place, QColor(colours.mixed("accent", "surface", 0.18)))
        if action is None:
            painter.setPen(colours.colour("line"))
            painter.drawLine(place.topLeft(), place.topRight())
        self.draw_content(painter, place, index)
        painter.restore()

    def draw_content(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Draw a number; a dash for none."""
        n = self._model.count(index.row(), index.column())
        painter.setFont(interface_font(12, semibold=index.column() == 1))
        painter.setPen(theme().palette.colour("text" if n else "quiet"))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place.adjusted(0, 0, -6, 0), flags, f"{n:,}" if n else "–")


class _Names(_Cells):
    """Draws an action's key and name; a click on the key is told of."""

    def __init__(
        self, model: ActionModel, parent: QObject, key_clicked: Callable[[str], None]
    ) -> None:
        super().__init__(model, parent)
        self._key_clicked = key_clicked

    def editorEvent(  # noqa: N802 - Qt's name
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        action = self._model.action(index.row())
        if (
            isinstance(event, QMouseEvent)
            and action is not None
            and chip_place(option.rect).contains(event.position().toPoint())
        ):
            if event.type() == QEvent.Type.MouseButtonRelease:
                self._key_clicked(action.name)
            return True
        return super().editorEvent(event, model, option, index)

    def draw_content(self, painter: QPainter, place: QRect, index: Index) -> None:
        colours = theme().palette
        action = self._model.action(index.row())
        left = place.left() + 4
        if action is not None:
            colour = action.colour or colours.quiet
            chip = chip_place(place)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(chip, 5, 5)
            painter.setFont(interface_font(12, semibold=True))
            painter.setPen(QColor(text_on(colour)))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, action.key.upper())
            left = chip.right() + 8
        rest = QRect(left, place.top(), place.right() - left - 2, place.height())
        draw_line(painter, rest, str(index.data()), colours.text if action else colours.quiet)


def chip_place(cell: QRect) -> QRect:
    """Where the key of an action is drawn in its cell."""
    top = cell.top() + (cell.height() - _CHIP_PX) // 2
    return QRect(cell.left() + 4, top, _CHIP_PX, _CHIP_PX)


class ActionTable(QFrame):
    """The table; actions and sums stay where they are while participants are scrolled by."""

    key_clicked = Signal(str)
    """The name of an action whose key was clicked."""
    change_wanted = Signal(str)
    """The name of an action that was double-clicked."""
    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ActionModel(self)
        self.names = self._view(self.tr("Actions"))
        self.numbers = self._view(self.tr("Labels by participant"))
        self.numbers.setSelectionModel(self.names.selectionModel())
        self.names.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.numbers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.names.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        down, along = self.names.verticalScrollBar(), self.numbers.verticalScrollBar()
        down.valueChanged.connect(along.setValue)
        along.valueChanged.connect(down.setValue)
        self.names.setItemDelegateForColumn(
            0, _Names(self.model, self.names, self.key_clicked.emit)
        )
        self.names.doubleClicked.connect(self._double_clicked)
        self.names.selectionModel().currentRowChanged.connect(lambda: self.chosen_changed.emit())
        self.model.modelReset.connect(self._arrange)
        self.setObjectName("card")
        self._below_names = QWidget()
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.names, 1)
        left.addWidget(self._below_names)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.numbers)

    def show_counts(self, actions: Sequence[Action], counts: Counts, people: Sequence[str]) -> None:
        """Show these actions, and how many labels they have of each of these people."""
        chosen = self.chosen
        self.model.show(actions, counts, people)
        if chosen is not None:
            self.choose(chosen.name)

    @property
    def chosen(self) -> Action | None:
        """The chosen action."""
        return self.model.action(self.names.currentIndex().row())

    def choose(self, name: str) -> None:
        """Choose the row of an action."""
        places = [action.name for action in self.model.actions]
        if name in places:
            self.names.setCurrentIndex(self.model.index(places.index(name), 0))

    def _view(self, name: str) -> QTableView:
        view = QTableView()
        view.setObjectName("countTable")
        view.setAccessibleName(name)
        view.setModel(self.model)
        view.setItemDelegate(_Cells(self.model, view))
        view.setShowGrid(False)
        view.setCornerWidget(QWidget())
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = view.horizontalHeader()
        header.setFixedHeight(_HEADER_PX)
        header.setMinimumSectionSize(24)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        return view

    def _arrange(self) -> None:
        """Name and sum on the left, people on the right; as high as there are rows."""
        for column in range(self.model.columnCount()):
            is_person = column >= _FIXED_COLUMNS
            self.names.setColumnHidden(column, is_person)
            self.numbers.setColumnHidden(column, not is_person)
            if is_person:
                self.numbers.setColumnWidth(column, _PERSON_PX)
        self.names.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.names.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.names.setColumnWidth(1, _NUMBER_PX)
        n_people = len(self.model.people)
        shown = min(n_people, 3)
        rows = min(self.model.rowCount(), _SHOWN_ROWS)
        is_scrolled = n_people > shown
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        below = bar if is_scrolled else 0
        beside = bar if self.model.rowCount() > rows else 0
        self.numbers.setVisible(n_people > 0)
        self.numbers.setFixedWidth(_PERSON_PX * shown + beside + 2)
        height = _HEADER_PX + ROW_PX * rows + 2
        self.setFixedHeight(height + below)
        # Without it, the last rows would not be at the same height.
        self._below_names.setFixedHeight(below)
        policy = Qt.ScrollBarPolicy
        self.names.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOff)
        self.numbers.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if is_scrolled else policy.ScrollBarAlwaysOff
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the panel is."""
        return QSize(280, _HEADER_PX + ROW_PX)

    def _double_clicked(self, index: QModelIndex) -> None:
        action = self.model.action(index.row())
        if action is not None:
            self.change_wanted.emit(action.name)
