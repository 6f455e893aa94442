"""What a label file would change, before it changes anything."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button
from app.widgets.fields import Choice

if TYPE_CHECKING:
    from fsamt_engine.labelling.files import LabelImport

ADD, REPLACE = "add", "replace"
_SHOWN = 200
_NAMED = 6


class ImportDialog(QDialog):
    """Shows what was found, and asks whether to add it or to replace what is there.

    Args:
        found: What the engine read of the files.
        n_replaced: Labels that the takes of the files have now and would lose in a replacement.
    """

    def __init__(
        self, found: "LabelImport", n_replaced: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._found = found
        self.setWindowTitle(self.tr("Import labels"))
        self.setMinimumWidth(560)
        self.summary = label(self._summary(), wrap=True)
        self.kind = Choice(
            self.tr("What is done with them"),
            (
                (
                    ADD,
                    self.tr("Add what is new"),
                    self.tr(
                        "Labels of the library stay. Labels of the files that overlap one are left "
                        "out: {n}."
                    ).format(n=f"{found.n_overlapping:,}"),
                ),
                (
                    REPLACE,
                    self.tr("Replace the labels of these takes"),
                    self.tr(
                        "{takes} get exactly the labels of the files; they lose {labels}."
                    ).format(
                        takes=words.takes(len(found.take_ids)), labels=words.labels(n_replaced)
                    ),
                ),
            ),
        )
        self.kind.setMinimumHeight(84)
        self.table = self._table()
        self.left_out = QPlainTextEdit("\n".join(self._left_out()), readOnly=True)
        self.left_out.setAccessibleName(self.tr("What is left out, and why"))
        self.left_out.setFixedHeight(88)
        self.left_out.setVisible(bool(self._left_out()))
        self.take_over = primary_button("")
        self.take_over.setToolTip(self.tr("One step, which Ctrl+Z takes back"))
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(12)
        for part in (self.summary, self.kind, self.table, self.left_out):
            column.addWidget(part)
        column.addLayout(dialog_buttons(self, self.take_over))
        self.kind.changed.connect(self._tell)
        self._n_replaced = n_replaced
        self._tell()

    @property
    def replaces(self) -> bool:
        """Whether the takes are to have exactly the labels of the files."""
        return self.kind.value == REPLACE

    def _tell(self) -> None:
        found = self._found
        n = len(found.labels) if self.replaces else len(found.labels) - found.n_overlapping
        changes = n > 0 or (self.replaces and self._n_replaced > 0)
        self.take_over.setText(self.tr("Import {labels}").format(labels=words.labels(n)))
        self.take_over.setEnabled(changes)
        if not changes:
            self.take_over.setToolTip(self.tr("The library has all of these labels already"))

    def _summary(self) -> str:
        found = self._found
        said = [
            self.tr("New: {labels}, in {takes}.").format(
                labels=words.labels(len(found.labels)),
                takes=words.takes(len({one.take_id for one in found.labels})),
            )
        ]
        if found.n_there:
            said.append(
                self.tr("Already there: {labels}.").format(labels=words.labels(found.n_there))
            )
        if found.new_actions:
            names = _some([action.name for action in found.new_actions])
            said.append(self.tr("Actions that are added: {names}.").format(names=names))
        return " ".join(said)

    def _left_out(self) -> list[str]:
        found = self._found
        lines = []
        if found.unknown_takes:
            names = _some(found.unknown_takes)
            lines.append(self.tr("Takes that are not in this library: {names}").format(names=names))
        return [*lines, *found.problems]

    def _table(self) -> QTableWidget:
        shown = self._found.labels[:_SHOWN]
        table = QTableWidget(len(shown), 3)
        table.setAccessibleName(self.tr("New labels"))
        table.setHorizontalHeaderLabels([self.tr("Take"), self.tr("Action"), self.tr("Frames")])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setFixedHeight(180)
        for row, one in enumerate(shown):
            frames = self.tr("{first} to {last}").format(first=one.start + 1, last=one.end)
            for column, text in enumerate((one.take_id, one.action, frames)):
                table.setItem(row, column, QTableWidgetItem(text))
        table.setVisible(bool(shown))
        return table


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (+ {more})" if more > 0 else "")
