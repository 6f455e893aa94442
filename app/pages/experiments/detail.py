"""One experiment: how it stands, its table, what it says of the paper's order, its chart."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import words
from app.pages.experiments.chart import FigureChart
from app.pages.experiments.content import chart_lines, table_content
from app.pages.experiments.entries import Entry, standing_words
from app.pages.experiments.kinds import measure_words, words_of
from app.pages.experiments.ordering_view import OrderingView
from app.pages.experiments.run_strip import RunStrip
from app.pages.experiments.table_model import TableCell
from app.pages.experiments.table_view import ResultTable
from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.experiments.published import published
from fsamt_engine.experiments.stored import StoredExperiment


class ExperimentDetail(QWidget):
    """Fills itself in while the run goes on."""

    cell_chosen = Signal(object)
    """The chosen `TableCell`, or None."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: StoredExperiment | None = None
        self._id = ""
        self.title = label(name="heading", wrap=True)
        self.question = label(quiet=True, wrap=True)
        self.strip = RunStrip(studio)
        self.table = ResultTable()
        self.data = label(quiet=True, small=True, wrap=True)
        self.paper = label(quiet=True, small=True, wrap=True)
        self.ordering = OrderingView()
        self.chart = FigureChart()
        self.standing = label(quiet=True, wrap=True)
        self._chart_card = _card(self.chart)
        self._order_card = _card(self.ordering)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.title)
        column.addWidget(self.question)
        column.addWidget(self.strip)
        column.addWidget(self.standing)
        column.addWidget(self.table)
        column.addWidget(self.data)
        column.addSpacing(4)
        column.addWidget(self._order_card)
        column.addWidget(self._chart_card)
        column.addWidget(self.paper)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(area)
        self.table.cell_chosen.connect(self._cell_chosen)

    def show_entry(self, entry: Entry | None) -> None:
        """Show an experiment as it stands."""
        is_new = entry is None or entry.id != self._id
        self._id = entry.id if entry else ""
        self.setVisible(entry is not None)
        if entry is None:
            self._shown = None
            return
        self.title.setText(entry.title)
        self.question.setText(words_of(entry.kind).question)
        self.strip.show_run(entry.run)
        stored = entry.stored
        for part in (self.table, self.data, self._chart_card):
            part.setVisible(stored is not None)
        self.standing.setText(standing_words(entry))
        self.standing.setVisible(bool(self.standing.text()))
        if stored is None:
            self._shown = None
            self.paper.hide()
            self._order_card.hide()
            self.cell_chosen.emit(None)
        elif is_new or stored != self._shown:
            self._show_stored(stored, is_new=is_new)
            self.ordering.show_sentences(entry.sentences)
            self._order_card.setVisible(bool(entry.sentences))

    def _show_stored(self, stored: StoredExperiment, *, is_new: bool) -> None:
        self._shown = stored
        table, paper = stored.table, published(stored.kind)
        self.table.show_content(table_content(table, paper))
        self.data.setText(_data_words(self, stored))
        note = paper.note if paper else ""
        setting = (
            self.tr("Paper: {source}. {setting}.").format(
                source=paper.source, setting=paper.setting
            )
            if paper
            else ""
        )
        self.paper.setText(f"{setting} {note}".strip())
        self.paper.setVisible(bool(self.paper.text()))
        self.chart.show_lines(chart_lines(table), table.labels, table.overlap)
        if is_new:
            self.chart.emphasise(table.methods[-1] if table.methods else "")
            self.table.setCurrentIndex(self.table.content.index(-1, -1))
            self.cell_chosen.emit(None)

    def _cell_chosen(self, cell: TableCell | None) -> None:
        if cell is not None:
            self.chart.emphasise(cell.method)
        self.cell_chosen.emit(cell)


def _data_words(widget: QWidget, stored: StoredExperiment) -> str:
    """What every cell was tested on, and what the numbers are."""
    own, table = stored.settings, stored.table
    said = widget.tr(
        "{measure} in %, mean ± standard deviation over {n} seeds. Every cell is tested on "
        "{tested} of {people} ({names}); {actions} to recognise. {network}."
    )
    modality = own.get("target_modality", "depth")
    network = own.get("student_network") or own["network"]
    if modality == "skeleton":
        network = own.get("student_network") or widget.tr("ST-GCN and 2s-AGCN")
    return said.format(
        n=table.n_seeds,
        measure=measure_words(table.overlap),
        tested=(words.clips if table.overlap is None else words.segments)(table.n_test),
        people=words.people(len(own["test_participants"])),
        names=words.listed(own["test_participants"]),
        actions=words.actions(len(own["target_actions"])),
        network=widget.tr("{modality} students: {network}").format(
            modality=modality[:1].upper() + modality[1:], network=network
        ),
    )


def _card(content: QWidget) -> QFrame:
    made = QFrame()
    made.setObjectName("card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(12, 12, 12, 12)
    inside.addWidget(content)
    return made
