"""How each action is recognised: a table that is sorted by any of its columns."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from fsamt_engine.evaluation.scores import ActionScore

Index = QModelIndex | QPersistentModelIndex

_WIDTHS = (60, 78, 56, 48)
_SORT = Qt.ItemDataRole.UserRole


class _ScoresModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.scores: tuple[ActionScore, ...] = ()
        self._columns = (
            (self.tr("Action"), ""),
            (
                self.tr("Recall"),
                self.tr("Of the clips that truly are of this action, how many were found"),
            ),
            (
                self.tr("Precision"),
                self.tr("Of the clips that were taken for it, how many truly are"),
            ),
            (self.tr("F1"), self.tr("Both in one: the harmonic mean of precision and recall")),
            (self.tr("Clips"), self.tr("How many clips of it the test has")),
        )

    def show_scores(self, scores: Sequence[ActionScore]) -> None:
        self.beginResetModel()
        self.scores = tuple(scores)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.scores)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.scores[index.row()]
        values = (one.action, one.recall, one.precision, one.f1, one.support)
        value = values[index.column()]
        if role == _SORT:
            return value.casefold() if isinstance(value, str) else value
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and not index.column():
            return one.action
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if isinstance(value, float):
            # Without a clip, or without an answer, a share is nothing rather than 0.
            has_none = not one.support if index.column() == 1 else not one.support and not value
            return "–" if has_none else f"{100 * value:.0f} %"
        return str(value)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class ActionScores(QTableView):
    """One row an action; the worst ones first, since those are what can be mended."""

    action_chosen = Signal(str)
    """Double click or Enter on an action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores = _ScoresModel()
        self._sorted = QSortFilterProxyModel()
        self._sorted.setSourceModel(self._scores)
        self._sorted.setSortRole(_SORT)
        self.setModel(self._sorted)
        self.setAccessibleName(self.tr("Precision and recall of each action"))
        self.setSortingEnabled(True)
        self.sortByColumn(3, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setObjectName("scoresTable")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(48)
        for column, width in enumerate(_WIDTHS, start=1):
            self.setColumnWidth(column, width)
        self.doubleClicked.connect(self._choose)

    def show_scores(self, scores: Sequence[ActionScore]) -> None:
        """Show a test; the order that was chosen stays."""
        self._scores.show_scores(scores)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter chooses, on every system alike."""
        is_choosing = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_choosing and self.currentIndex().isValid() and not event.modifiers():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        row = self._sorted.mapToSource(index).row()
        self.action_chosen.emit(self._scores.scores[row].action)
