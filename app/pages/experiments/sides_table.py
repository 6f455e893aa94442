"""Names that go to one of two sides, or to none: a tick on one takes that on the other away."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

_NAME, _COUNT, _LEFT, _RIGHT = range(4)
_SIDES = (_LEFT, _RIGHT)
_ROW_PX = 32
_COUNT_PX = 96
_SIDE_PX = 136


@dataclass(frozen=True)
class SideRow:
    """A line of the table.

    Attributes:
        name: What is put on a side.
        count: Beside it, as text.
        tooltip: More about it; "" for nothing.
    """

    name: str
    count: str
    tooltip: str = ""


class SidesTable(QTableWidget):
    """Two columns of ticks.

    Args:
        about: For a screen reader.
        titles: Of the names, the counts, the left and the right side.
    """

    ticked = Signal()
    """A person has ticked something."""

    def __init__(
        self, about: str, titles: tuple[str, str, str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(0, 4, parent)
        self.setAccessibleName(about)
        self.setHorizontalHeaderLabels(titles)
        self.setObjectName("scoresTable")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setMinimumHeight(208)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultSectionSize(_SIDE_PX)
        header.resizeSection(_COUNT, _COUNT_PX)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.itemChanged.connect(self._changed)

    def show_rows(self, rows: Sequence[SideRow]) -> None:
        """Offer these; what was ticked stays ticked where its name stays."""
        before = self.sides
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in ((_NAME, row.name), (_COUNT, row.count), (_LEFT, ""), (_RIGHT, "")):
                item = QTableWidgetItem(text)
                flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                if column in _SIDES:
                    flags |= Qt.ItemFlag.ItemIsUserCheckable
                    item.setCheckState(Qt.CheckState.Unchecked)
                    header = self.horizontalHeaderItem(column)
                    said = f"{row.name}: {header.text() if header else ''}"
                    item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
                item.setFlags(flags)
                item.setToolTip(row.tooltip or row.name)
                self.setItem(place, column, item)
        self.blockSignals(False)
        self.tick(*before)

    def tick(self, left: Collection[str], right: Collection[str]) -> None:
        """Put these names on their sides, and no others on any."""
        self.blockSignals(True)
        for row in range(self.rowCount()):
            name = self._item(row, _NAME).text()
            for column, side in ((_LEFT, left), (_RIGHT, right)):
                is_on = name in side
                state = Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
                self._item(row, column).setCheckState(state)
        self.blockSignals(False)

    @property
    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is on the left and on the right, from top to bottom."""
        return self._ticked_in(_LEFT), self._ticked_in(_RIGHT)

    def _ticked_in(self, column: int) -> tuple[str, ...]:
        return tuple(
            self._item(row, _NAME).text()
            for row in range(self.rowCount())
            if self._item(row, column).checkState() == Qt.CheckState.Checked
        )

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None
        return item

    def _changed(self, item: QTableWidgetItem) -> None:
        if item.column() not in _SIDES:
            return
        if item.checkState() == Qt.CheckState.Checked:
            self.blockSignals(True)
            other = self._item(item.row(), _RIGHT if item.column() == _LEFT else _LEFT)
            other.setCheckState(Qt.CheckState.Unchecked)
            self.blockSignals(False)
        self.ticked.emit()
