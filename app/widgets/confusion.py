"""What was taken for what: a table of the true action against the answer.

One hue from surface to accent says a cell's share of its row, so that rows of few and of many clips
compare. A cell that is chosen is told to whoever opens its clips.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.theme import interface_font, theme
from app.widgets.action_colours import text_on
from app.widgets.buttons import label
from fsamt_engine.units import format_percent

Index = QModelIndex | QPersistentModelIndex

_LEAST_PX = 16
_MOST_WIDE_PX, _MOST_HIGH_PX = 88, 44
_NAME_WIDE_PX, _NAME_HIGH_PX = 136, 104
_SHARE_WIDE_PX, _SHARE_HIGH_PX = 48, 34
"""Cells of at least this size have room for the share under the count."""


class ConfusionModel(QAbstractTableModel):
    """Counts of clips, rows the true action, columns the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.actions: tuple[str, ...] = ()
        self.counts: tuple[tuple[int, ...], ...] = ()

    def show_counts(self, actions: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.actions = tuple(actions)
        self.counts = tuple(tuple(row) for row in counts)
        self.endResetModel()

    def share(self, row: int, column: int) -> float:
        """Of the row's clips, 0 where there are none."""
        total = sum(self.counts[row])
        return self.counts[row][column] / total if total else 0.0

    def words(self, row: int, column: int) -> str:
        """A cell in words."""
        total = sum(self.counts[row])
        true, answer = self.actions[row], self.actions[column]
        if not total:
            return self.tr("The test has no clip of {action}.").format(action=true)
        what = (
            self.tr("{action} recognised")
            if row == column
            else self.tr("{action} taken for {answer}")
        ).format(action=true, answer=answer)
        return self.tr("{what}: {count} of {total} clips ({share})").format(
            what=what,
            count=self.counts[row][column],
            total=total,
            share=format_percent(self.share(row, column)),
        )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """One for each action."""
        return 0 if parent.isValid() else len(self.actions)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """One for each action."""
        return self.rowCount(parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The count; in words for a tooltip and for a screen reader."""
        if role == Qt.ItemDataRole.DisplayRole:
            return str(self.counts[index.row()][index.column()])
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(index.row(), index.column())
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The names of the actions; those of the rows with their number of clips."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        name = self.actions[section]
        if orientation == Qt.Orientation.Horizontal or role == Qt.ItemDataRole.DisplayRole:
            return name
        n = sum(self.counts[section])
        return self.tr("{action}: {count} clips in the test").format(action=name, count=n)


class ConfusionMatrix(QWidget):
    """The table, with what its current cell says underneath."""

    cell_chosen = Signal(str, str)
    """The true action and the answer of a cell with clips."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ConfusionModel()
        self.table = _Table()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Confusion matrix"))
        self.table.setAccessibleDescription(
            self.tr("Rows are the true action, columns the answer. Enter shows a cell's clips.")
        )
        self.table.key_chosen.connect(self._choose)
        self.table.clicked.connect(self._choose)
        self.table.selectionModel().currentChanged.connect(self._say_current)
        self._axes = label(
            self.tr("rows: the true action · columns: what it was taken for"),
            quiet=True,
            small=True,
        )
        self.detail = label(small=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._axes)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        self._say_hint()

    def show_counts(self, actions: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show a test.

        Args:
            actions: In the order of the classifier.
            counts: (A, A), rows the true action, columns the answer.
        """
        self.model.show_counts(actions, counts)
        self.table.fit_names(self.model.actions)
        self._say_hint()

    def _choose(self, index: QModelIndex) -> None:
        if self.model.counts[index.row()][index.column()]:
            actions = self.model.actions
            self.cell_chosen.emit(actions[index.row()], actions[index.column()])

    def _say_current(self, index: QModelIndex) -> None:
        if not index.isValid():
            self._say_hint()
            return
        words = self.model.words(index.row(), index.column())
        if self.model.counts[index.row()][index.column()]:
            words = self.tr("{words}. Enter shows them.").format(words=words)
        self.detail.setText(words)

    def _say_hint(self) -> None:
        self.detail.setText(self.tr("Choose a cell to see its clips."))


class _Table(QTableView):
    """Cells that share the place among them."""

    key_chosen = Signal(QModelIndex)
    """Enter or the space bar on a cell."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = _Names(Qt.Orientation.Horizontal, self)
        self._rows = _Names(Qt.Orientation.Vertical, self)
        self.setHorizontalHeader(self._columns)
        self.setVerticalHeader(self._rows)
        self.setItemDelegate(_CellPainter(self))
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMinimumSize(240, 200)

    def fit_names(self, names: Sequence[str]) -> None:
        """Give the names their place, and the cells what is left of it."""
        for header in (self._columns, self._rows):
            header.make_room(names)
        self.fit_cells()

    def fit_cells(self) -> None:
        """Give the cells all the place there is, within what is readable."""
        n = self.model().rowCount()
        if not n:
            return
        wide = (self.width() - self._rows.sizeHint().width() - 4) // n
        high = (self.height() - self._columns.sizeHint().height() - 4) // n
        for header, size, most in (
            (self._columns, wide, _MOST_WIDE_PX),
            (self._rows, high, _MOST_HIGH_PX),
        ):
            header.setDefaultSectionSize(max(_LEAST_PX, min(most, size)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move; Enter and the space bar choose, on every system alike."""
        is_choosing = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if is_choosing and self.currentIndex().isValid() and not event.modifiers():
            self.key_chosen.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The place has changed."""
        super().resizeEvent(event)
        self.fit_cells()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()


class _Names(QHeaderView):
    """Names beside rows, or written upwards over columns, so that they fit over narrow ones."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(_LEAST_PX)
        self.setHighlightSections(False)
        self._longest_px = 0

    def make_room(self, names: Sequence[str]) -> None:
        """For the longest of these names, up to a limit."""
        metrics = QFontMetrics(interface_font(12))
        self._longest_px = 14 + max((metrics.horizontalAdvance(name) for name in names), default=0)
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the longest name, up to a limit."""
        if self.orientation() == Qt.Orientation.Horizontal:
            return QSize(super().sizeHint().width(), min(_NAME_HIGH_PX, self._longest_px))
        return QSize(min(_NAME_WIDE_PX, self._longest_px), super().sizeHint().height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        """One name: columns from the bottom upwards, rows up to their cells."""
        length, thickness = rect.width(), rect.height()
        side = Qt.AlignmentFlag.AlignRight
        painter.save()
        painter.translate(rect.topLeft())
        if self.orientation() == Qt.Orientation.Horizontal:
            length, thickness = thickness, length
            side = Qt.AlignmentFlag.AlignLeft
            painter.translate(0, length)
            painter.rotate(-90)
        painter.setFont(interface_font(12 if thickness > _LEAST_PX else 11))
        painter.setPen(theme().palette.colour("quiet"))
        place = QRect(6, 0, length - 12, thickness)
        name = painter.fontMetrics().elidedText(
            str(self.model().headerData(section, self.orientation())),
            Qt.TextElideMode.ElideMiddle,
            place.width(),
        )
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()


class _CellPainter(QStyledItemDelegate):
    """A count on the hue of its share; the current cell with a frame."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | Any
    ) -> None:
        """One cell."""
        model = index.model()
        assert isinstance(model, ConfusionModel)
        row, column = index.row(), index.column()
        count, share = model.counts[row][column], model.share(row, column)
        colours = theme().palette
        place = option.rect.adjusted(0, 0, -1, -1)
        ground = colours.mixed("accent", "surface", share)
        painter.save()
        painter.fillRect(place, ground)
        if row == column or not count:
            painter.setPen(colours.mixed("line", "surface", 0.7 if row != column else 1.0))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        if count:
            painter.setPen(text_on(ground))
            self._write(painter, place, count, share)
        is_current = option.state & QStyle.StateFlag.State_HasFocus
        if is_current or option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(colours.colour("text"), 2 if is_current else 1))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        painter.restore()

    def _write(self, painter: QPainter, place: QRect, count: int, share: float) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        if place.width() < _SHARE_WIDE_PX or place.height() < _SHARE_HIGH_PX:
            painter.setFont(interface_font(11 if place.width() < 26 else 12))
            painter.drawText(place, centre, str(count))
            return
        middle = place.center().y()
        painter.setFont(interface_font(13, semibold=True))
        painter.drawText(place.adjusted(0, 2, 0, middle - place.bottom() + 1), centre, str(count))
        painter.setFont(interface_font(11))
        painter.drawText(
            place.adjusted(0, middle - place.top(), 0, -2), centre, f"{share * 100:.0f} %"
        )
