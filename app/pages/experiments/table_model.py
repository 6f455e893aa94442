"""The table of an experiment as a model: methods down, labels across, then the paper's."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app import words
from app.pages.experiments.kinds import measure_words
from fsamt_engine.evaluation import Summary

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a cell gives besides its words."""

    CELL = Qt.ItemDataRole.UserRole
    """A `TableCell`, None in the paper's columns."""
    PAPER = Qt.ItemDataRole.UserRole + 1
    """A `PaperCell`, None elsewhere."""


@dataclass(frozen=True)
class TableCell:
    """A method with a number of labels.

    Attributes:
        figure: Accuracy or mAP in %, over the seeds that are there; None while there is none.
        n_done: Seeds that are there.
        is_running: Whether one of its seeds is being trained or tested now.
    """

    method: str
    n_labels: int
    figure: Summary | None
    n_done: int
    n_seeds: int
    is_running: bool = False


@dataclass(frozen=True)
class PaperCell:
    """What the paper gives, in %; None where it is not known."""

    n_labels: int
    mean: float | None
    std: float | None


@dataclass(frozen=True)
class TableContent:
    """All that the table shows.

    Attributes:
        methods: The rows' names.
        numbers: Of labels an action, here.
        cells: By row, a cell for each of `numbers`.
        paper: By row, a cell for each of the paper's numbers of labels; empty rows where the paper
            has no such table.
        paper_says: Where the paper's numbers come from.
        overlap: From which a detection is right; None in a table of recognisers.
    """

    methods: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    cells: tuple[tuple[TableCell, ...], ...] = ()
    paper: tuple[tuple[PaperCell, ...], ...] = ()
    paper_says: str = ""
    overlap: float | None = None

    @property
    def paper_numbers(self) -> tuple[int, ...]:
        """The paper's numbers of labels."""
        return tuple(cell.n_labels for cell in self.paper[0]) if self.paper else ()


class ResultTableModel(QAbstractTableModel):
    """Read only; what is shown anew keeps the place that is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.content = TableContent()

    def show_content(self, content: TableContent) -> None:
        """Show another table, or the same with more in it."""
        is_same = (content.methods, content.numbers, content.paper_numbers) == (
            self.content.methods,
            self.content.numbers,
            self.content.paper_numbers,
        )
        if is_same:
            self.content = content
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self.content = content
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """A row for each method."""
        return 0 if parent.isValid() else len(self.content.methods)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """A column for each number of labels, here and in the paper."""
        if parent.isValid():
            return 0
        return len(self.content.numbers) + len(self.content.paper_numbers)

    def cell(self, index: Index) -> TableCell | None:
        """The cell at a place, None in the paper's columns."""
        if not index.isValid() or index.column() >= len(self.content.numbers):
            return None
        return self.content.cells[index.row()][index.column()]

    def paper_cell(self, index: Index) -> PaperCell | None:
        """The paper's at a place, None in the columns of this library."""
        column = index.column() - len(self.content.numbers)
        if not index.isValid() or column < 0:
            return None
        return self.content.paper[index.row()][column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, tooltips, and the cell itself for whoever paints it."""
        if role == Role.CELL:
            return self.cell(index)
        if role == Role.PAPER:
            return self.paper_cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(index)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._explanation(index)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index)
        return None

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Methods and numbers of labels."""
        if orientation == Qt.Orientation.Vertical:
            names = self.content.methods
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
            return names[section] if shown and section < len(names) else None
        here = self.content.numbers
        if role == Qt.ItemDataRole.DisplayRole:
            if section < len(here):
                return words.labels(here[section])
            number = self.content.paper_numbers[section - len(here)]
            return self.tr("Paper:\n{labels}").format(labels=words.labels(number))
        if role == Qt.ItemDataRole.ToolTipRole:
            if section < len(here):
                return self.tr("{measure} in % with {labels} of each action").format(
                    measure=measure_words(self.content.overlap), labels=words.labels(here[section])
                )
            return self.content.paper_says
        return None

    def _words(self, index: Index) -> str:
        """As "68.4 ± 0.2"; the program's own and the paper's alike."""
        cell, paper = self.cell(index), self.paper_cell(index)
        if cell is not None:
            return numbers_text(cell.figure.mean, cell.figure.std) if cell.figure else ""
        if paper is not None and paper.mean is not None:
            return numbers_text(paper.mean, paper.std)
        return ""

    def _spoken(self, index: Index) -> str:
        cell = self.cell(index)
        method = self.content.methods[index.row()]
        if cell is None:
            return self.tr("{method}, paper: {value}").format(
                method=method, value=self._words(index) or self.tr("not known")
            )
        return self.tr("{method}, {labels}: {value}").format(
            method=method,
            labels=words.labels(cell.n_labels),
            value=self._words(index) or self.tr("not there yet"),
        )

    def _explanation(self, index: Index) -> str:
        cell = self.cell(index)
        if cell is None:
            paper = self.paper_cell(index)
            if paper is not None and paper.mean is None:
                return self.tr("Not known: the published chart does not give this number for sure.")
            return self.content.paper_says
        done = self.tr("{done} of {n} seeds are there.").format(done=cell.n_done, n=cell.n_seeds)
        if cell.is_running:
            done = self.tr("{done} One is under way.").format(done=done)
        if cell.n_done:
            return self.tr("{done} Its runs are on the right.").format(done=done)
        return done


def numbers_text(mean: float, std: float | None) -> str:
    """As "68.4 ± 0.2"."""
    return f"{mean:.1f}" if std is None else f"{mean:.1f} ± {std:.1f}"
