"""What is known of the chosen cell: its runs, seed by seed, each with its model."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.evaluation import Scores, summarise
from fsamt_engine.experiments.table import Cell

_MODEL = Qt.ItemDataRole.UserRole
_ROW_PX = 30


class CellDetails(QWidget):
    """For the inspector."""

    model_wanted = Signal(str)
    """The id of the recogniser or detector that is to be seen with its result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.method = label(name="heading", wrap=True)
        self.amount = label(quiet=True, wrap=True)
        self.mean = label(name="bigNumber")
        self.spread = label(quiet=True, small=True, wrap=True)
        self.runs = QTreeWidget()
        self.runs.setAccessibleName(self.tr("Runs of this cell"))
        self.runs.setColumnCount(3)
        self.runs.setRootIsDecorated(False)
        self.runs.setUniformRowHeights(True)
        self.runs.setIndentation(0)
        self.runs.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.runs.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.runs.itemActivated.connect(lambda: self._open())
        self.runs.currentItemChanged.connect(lambda: self._show_button())
        self.button = QPushButton()
        self.button.clicked.connect(self._open)
        self.model = label(quiet=True, small=True, wrap=True)
        self.missing = label(quiet=True, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(SPACING)
        parts: tuple[QWidget, ...] = (self.method, self.amount, self.mean, self.spread, self.runs)
        for part in (*parts, self.missing, self.model, self.button):
            column.addWidget(part)
        column.addStretch(1)
        self.show_nothing()

    def show_nothing(self) -> None:
        """No cell is chosen."""
        self.missing.setText(self.tr("Choose a cell of the table to see its runs."))
        for words_of_it in (self.method, self.amount, self.mean, self.spread, self.model):
            words_of_it.clear()
            words_of_it.hide()
        self.runs.hide()
        self.button.hide()
        self.missing.show()

    def show_cell(self, method: str, n_labels: int, cells: Sequence[Cell], n_seeds: int) -> None:
        """Show the runs of a cell that are there.

        Args:
            method: As in the table.
            n_labels: Of each action.
            cells: One for each seed that is there.
            n_seeds: That there will be.
        """
        before = self.chosen
        self.method.setText(method)
        self.amount.setText(self.tr("{labels} an action").format(labels=words.labels(n_labels)))
        for words_of_it in (self.method, self.amount):
            words_of_it.show()
        for part in (self.mean, self.spread, self.runs, self.model, self.button):
            part.setVisible(bool(cells))
        left = n_seeds - len(cells)
        self.missing.setVisible(left > 0)
        self.missing.setText(
            self.tr("Nothing is there yet: {n} seeds are to be computed.").format(n=left)
            if not cells
            else self.tr("{n} of {total} seeds are still to be computed.").format(
                n=left, total=n_seeds
            )
        )
        if cells:
            self._show_summary(cells)
            self._show_runs(cells, before)

    @property
    def chosen(self) -> str:
        """The id of the chosen run's model; "" where none is chosen."""
        item = self.runs.currentItem()
        return str(item.data(0, _MODEL)) if item is not None else ""

    def _show_summary(self, cells: Sequence[Cell]) -> None:
        values = summarise([100 * cell.figure.value for cell in cells])
        tested = words.segments if _finds_when(cells) else words.clips
        if values.std is None:
            self.mean.setText(f"{values.mean:.1f} %")
            said = self.tr("One seed, tested on {test}. One seed says nothing of the spread.")
        else:
            self.mean.setText(f"{values.mean:.1f} ± {values.std:.1f} %")
            said = self.tr("Mean and standard deviation over the seeds; each tested on {test}.")
        self.spread.setText(said.format(test=tested(cells[0].figure.n)))

    def _show_runs(self, cells: Sequence[Cell], before: str) -> None:
        self.runs.blockSignals(True)
        self.runs.clear()
        finds_when = _finds_when(cells)
        measure = self.tr("mAP") if finds_when else self.tr("Right")
        self.runs.setHeaderLabels([self.tr("Seed"), measure, self.tr("95 %")])
        self.button.setText(
            self.tr("Open the detector") if finds_when else self.tr("Open the recogniser")
        )
        for cell in cells:
            share = f"{100 * cell.figure.value:.1f} %"
            interval = cell.figure.interval
            ends = "" if interval is None else f"{100 * interval[0]:.1f} – {100 * interval[1]:.1f}"
            item = QTreeWidgetItem([str(cell.seed), share, ends])
            item.setData(0, _MODEL, cell.model_id)
            for column in range(3):
                item.setToolTip(column, self.tr("Enter or a double click opens the model"))
            self.runs.addTopLevelItem(item)
            if cell.model_id == before:
                self.runs.setCurrentItem(item)
        first = self.runs.topLevelItem(0)
        if self.runs.currentItem() is None and first is not None:
            self.runs.setCurrentItem(first)
        self.runs.setFixedHeight(_ROW_PX * (min(len(cells), 10) + 1) + 4)
        self.runs.blockSignals(False)
        self._show_button()

    def _show_button(self) -> None:
        self.model.setText(self.chosen)
        self.button.setEnabled(bool(self.chosen))
        self.button.setToolTip(
            self.tr("Its test, its errors one by one, its training")
            if self.chosen
            else self.tr("Choose a run first.")
        )

    def _open(self) -> None:
        if self.chosen:
            self.model_wanted.emit(self.chosen)


def _finds_when(cells: Sequence[Cell]) -> bool:
    """Whether they are detectors."""
    return not isinstance(cells[0].scores, Scores)
