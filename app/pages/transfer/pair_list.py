"""Pairs of a transfer with what the student made of them; one is chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.pages.transfer.health_report import HealthReport
from app.theme import SPACING
from app.widgets.fields import Choice

if TYPE_CHECKING:
    from fsamt_engine.evaluation.health_record import PairHealth


class PairList(QWidget):
    """The worst pairs, or all that were held out."""

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: HealthReport | None = None
        self._pairs: tuple[PairHealth, ...] = ()
        self.which = Choice(
            self.tr("Pairs"),
            (
                (
                    "worst",
                    self.tr("Worst pairs"),
                    self.tr("Lowest cosine, trained on or held out: often broken takes."),
                ),
                (
                    "held out",
                    self.tr("All held out"),
                    self.tr("Every pair that the transfer did not learn from."),
                ),
            ),
        )
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Pairs and how similar student and teacher are"))
        self.table.setToolTip(self.tr("Choose a pair to see it, and what it is nearest to"))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setHeaderLabels([self.tr("Take"), self.tr("Cosine"), self.tr("Rank"), ""])
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head = self.table.headerItem()
        head.setToolTip(1, self.tr("Between the student’s and the teacher’s embedding; 1 is equal"))
        head.setToolTip(2, self.tr("Of the right partner among all clips; 1 is the best"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.which)
        column.addWidget(self.table, 1)
        self.which.changed.connect(self._fill)
        self.table.currentItemChanged.connect(self.chosen_changed)

    def show_report(self, report: HealthReport) -> None:
        """Show the pairs of a report, the worst chosen."""
        self._report = report
        self._fill()

    @property
    def chosen(self) -> "PairHealth | None":
        """The chosen pair."""
        item = self.table.currentItem()
        place = -1 if item is None else self.table.indexOfTopLevelItem(item)
        return self._pairs[place] if 0 <= place < len(self._pairs) else None

    def _fill(self) -> None:
        if self._report is None:
            return
        health = self._report.health
        chosen = health.worst if self.which.value == "worst" else health.pairs
        self._pairs = tuple(sorted(chosen, key=lambda pair: pair.cosine))
        with QSignalBlocker(self.table):
            self.table.clear()
            self.table.addTopLevelItems([self._row(pair) for pair in self._pairs])
            first = self.table.topLevelItem(0)
            if first is not None:
                self.table.setCurrentItem(first)
        self.chosen_changed.emit()

    def _row(self, pair: "PairHealth") -> QTreeWidgetItem:
        assert self._report is not None
        name = self._report.name_of(pair.item.take_id)
        use = self.tr("held out") if pair.was_held_out else self.tr("trained on")
        item = QTreeWidgetItem([name, f"{pair.cosine:.2f}", f"{pair.rank:g}", use])
        part = self.tr("frames {start} to {end}").format(
            start=pair.item.start + 1, end=pair.item.end
        )
        item.setToolTip(0, f"{name} · {part}")
        for column in (1, 2):
            item.setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        return item
