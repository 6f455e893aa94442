"""Which takes a detector is to search."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button
from fsamt_engine.library import TakeRow

Index = QModelIndex | QPersistentModelIndex
_LABELLED = Qt.ItemDataRole.UserRole
_ROW_PX = 28


class _Takes(QAbstractListModel):
    """Takes with a tick each."""

    def __init__(self, rows: Sequence[TakeRow]) -> None:
        super().__init__()
        self.rows = rows
        self.ticked: set[int] = set()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            name = row.title or self.tr("{session}, take {number}").format(
                session=row.session, number=row.number
            )
            labelled = words.listed(row.actions, 4) if row.actions else self.tr("no labels")
            return f"{row.participant} · {name} · {row.duration_us / 1e6:.0f} s · {labelled}"
        if role == Qt.ItemDataRole.CheckStateRole:
            is_ticked = index.row() in self.ticked
            return Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, _ROW_PX)
        if role == _LABELLED:
            return bool(row.actions)
        return None

    def setData(  # noqa: N802 - Qt's name
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.tick([index.row()], is_ticked=Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def tick(self, places: Sequence[int], *, is_ticked: bool) -> None:
        if is_ticked:
            self.ticked.update(places)
        else:
            self.ticked.difference_update(places)
        last = self.index(len(self.rows) - 1)
        self.dataChanged.emit(self.index(0), last, [Qt.ItemDataRole.CheckStateRole])


class _Filter(QSortFilterProxyModel):
    """By words, and on demand only takes without labels."""

    def __init__(self, takes: _Takes) -> None:
        super().__init__()
        self.setSourceModel(takes)
        self._takes = takes
        self._wanted: tuple[str, ...] = ()
        self._only_unlabelled = False

    def show_only(self, text: str, *, only_unlabelled: bool) -> None:
        self.beginFilterChange()
        self._wanted, self._only_unlabelled = tuple(text.casefold().split()), only_unlabelled
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802 - Qt's name
        index = self._takes.index(row)
        if self._only_unlabelled and index.data(_LABELLED):
            return False
        said = str(index.data()).casefold()
        return all(word in said for word in self._wanted)

    @property
    def places(self) -> list[int]:
        """The rows of the takes that pass."""
        return [self.mapToSource(self.index(n, 0)).row() for n in range(self.rowCount())]


class SearchDialog(QDialog):
    """Ticks takes; those without labels are offered first.

    Args:
        rows: Takes that have what the detector sees.
    """

    def __init__(self, rows: Sequence[TakeRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Search other takes"))
        self.resize(560, 480)
        self.takes = _Takes(rows)
        self.filter = _Filter(self.takes)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Person, visit or label"))
        self.search.setAccessibleName(self.tr("Search the takes"))
        self.search.setToolTip(self.tr("Shows only takes in which all of these words are"))
        self.search.setClearButtonEnabled(True)
        self.unlabelled = QCheckBox(self.tr("Only takes without labels"))
        self.unlabelled.setToolTip(self.tr("Takes in which nothing was labelled so far"))
        self.unlabelled.setChecked(any(not row.actions for row in rows))
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Takes"))
        self.list.setModel(self.filter)
        self.list.setUniformItemSizes(True)
        self.all_button = QPushButton(self.tr("Choose all shown"))
        self.all_button.setToolTip(self.tr("Tick every take that the list shows"))
        self.none_button = QPushButton(self.tr("Choose none"))
        self.none_button.setToolTip(self.tr("Begin the choice anew"))
        for button in (self.all_button, self.none_button):
            button.setAutoDefault(False)
        self.go = primary_button("")
        about = self.tr(
            "The detector looks through these takes from beginning to end. What it finds is only "
            "shown; nothing becomes a label before you accept it."
        )
        ticks = QHBoxLayout()
        ticks.setSpacing(SPACING)
        ticks.addWidget(self.unlabelled)
        ticks.addStretch(1)
        ticks.addWidget(self.all_button)
        ticks.addWidget(self.none_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(label(about, quiet=True, wrap=True))
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(ticks)
        column.addLayout(dialog_buttons(self, self.go))
        self.search.textChanged.connect(self._show_only)
        self.unlabelled.toggled.connect(self._show_only)
        self.all_button.clicked.connect(lambda: self.takes.tick(self.filter.places, is_ticked=True))
        self.none_button.clicked.connect(
            lambda: self.takes.tick(list(self.takes.ticked), is_ticked=False)
        )
        self.takes.dataChanged.connect(self._tell)
        self._show_only()
        self._tell()

    @property
    def chosen(self) -> list[str]:
        """Ids of the ticked takes, in the order of the list."""
        return [self.takes.rows[place].id for place in sorted(self.takes.ticked)]

    def _show_only(self) -> None:
        self.filter.show_only(self.search.text(), only_unlabelled=self.unlabelled.isChecked())

    def _tell(self) -> None:
        n = len(self.takes.ticked)
        self.go.setText(self.tr("Search {takes}").format(takes=words.takes(n)))
        self.go.setEnabled(n > 0)
        self.go.setToolTip(
            self.tr("What was searched before is read again at once")
            if n
            else self.tr("Choose at least one take.")
        )
