"""The steps of a script in a table that can be written into."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHeaderView,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from fsamt_engine.capture.script import ScriptStep

_FIRST = ScriptStep("wave", 5.0, 3, 3.0)


class _Delegate(QStyledItemDelegate):
    """Numbers are written into fields with limits."""

    def createEditor(  # noqa: N802 - Qt's name
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """A field for the number of this column, or a line of text."""
        if index.column() == 2:
            return self._plain(QSpinBox(parent, minimum=1, maximum=1000))
        if index.column() in (1, 3):
            least = 0.5 if index.column() == 1 else 0.0
            return self._plain(QDoubleSpinBox(parent, minimum=least, maximum=3600, decimals=1))
        return super().createEditor(parent, option, index)

    def displayText(self, value: Any, locale: object) -> str:  # noqa: N802 - Qt's name
        """Numbers without needless digits."""
        return f"{value:g}" if isinstance(value, float) else str(value)

    @staticmethod
    def _plain(field: QSpinBox | QDoubleSpinBox) -> QWidget:
        field.setButtonSymbols(field.ButtonSymbols.NoButtons)
        field.setFrame(False)
        return field


class ScriptTable(QTableWidget):
    """One row a step: action, seconds, times, rest."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        self.setObjectName("scriptTable")
        self.setAccessibleName(self.tr("Steps of the script"))
        self.setHorizontalHeaderLabels(
            [self.tr("Action"), self.tr("s"), self.tr("times"), self.tr("rest s")]
        )
        self.setItemDelegate(_Delegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(36)
        for column, width in ((1, 40), (2, 46), (3, 50)):
            self.setColumnWidth(column, width)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QTableWidget.EditTrigger.DoubleClicked
            | QTableWidget.EditTrigger.SelectedClicked
            | QTableWidget.EditTrigger.EditKeyPressed
            | QTableWidget.EditTrigger.AnyKeyPressed
        )
        self.show_steps((_FIRST,))
        self.itemChanged.connect(lambda: self.edited.emit())

    def steps(self) -> tuple[ScriptStep, ...]:
        """What is written; whether it makes sense is for `Script` to say."""
        return tuple(
            ScriptStep(
                str(self._value(row, 0)).strip(),
                float(self._value(row, 1)),
                int(self._value(row, 2)),
                float(self._value(row, 3)),
            )
            for row in range(self.rowCount())
        )

    def show_steps(self, steps: tuple[ScriptStep, ...]) -> None:
        """Write other steps."""
        self.blockSignals(True)
        self.setRowCount(0)
        for step in steps:
            self._append(step)
        self.blockSignals(False)
        self.setCurrentCell(0, 0)
        self.edited.emit()

    def add_step(self) -> None:
        """A step like the last one, whose action is to be written."""
        steps = self.steps()
        like = steps[-1] if steps else _FIRST
        self.blockSignals(True)
        self._append(ScriptStep("", like.seconds, like.repetitions, like.rest_s))
        self.blockSignals(False)
        row = self.rowCount() - 1
        self.setCurrentCell(row, 0)
        self.edited.emit()
        self.edit(self.model().index(row, 0))

    def remove_step(self) -> None:
        """Remove the selected step."""
        row = self.currentRow()
        if row >= 0:
            self.removeRow(row)
            self.edited.emit()

    def show_current(self, row: int) -> None:
        """Mark the step that is performed."""
        self.setCurrentCell(row, 0)

    def _append(self, step: ScriptStep) -> None:
        row = self.rowCount()
        self.insertRow(row)
        values = (step.action, step.seconds, step.repetitions, step.rest_s)
        for column, value in enumerate(values):
            item = QTableWidgetItem()
            item.setData(Qt.ItemDataRole.EditRole, value)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            self.setItem(row, column, item)

    def _value(self, row: int, column: int) -> Any:
        return self.model().index(row, column).data(Qt.ItemDataRole.EditRole)
