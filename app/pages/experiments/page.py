"""Experiments: the tables of the paper on this library, and the steps to a new one."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedWidget, QWidget

from app.pages.experiments.cell_details import CellDetails
from app.pages.experiments.detail import ExperimentDetail
from app.pages.experiments.empty import EmptyPlace
from app.pages.experiments.entries import Entry, State, go_on_words
from app.pages.experiments.experiment_list import ExperimentList
from app.pages.experiments.making import Making
from app.pages.experiments.reading import Reading
from app.pages.experiments.table_model import TableCell
from app.pages.experiments.taking_out import TakingOut
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import IconButton, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.runs import ExperimentRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

_TABLES, _NEW, _EMPTY = range(3)
_DONE = (QueueStatus.FINISHED, QueueStatus.CANCELLED)


class ExperimentsPage(Page):
    """A list, and the chosen table; in their place the steps to a new one."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Experiments"))
        self._read_library: Library | None = None
        self._wanted = ""
        self.list = ExperimentList()
        self.detail = ExperimentDetail(studio)
        self.cell = CellDetails()
        self.making = Making(studio)
        self.reading = Reading(studio, self)
        self.taking_out = TakingOut(studio, self.notice, self)
        self.empty = EmptyPlace()
        self.new_button = QPushButton(self.tr("New table…"))
        self.back_button = QPushButton(self.tr("To the tables"))
        self.go_on_button = primary_button("")
        self.copy_button = QPushButton(self.tr("Copy"))
        self.report_button = QPushButton(self.tr("Report"))
        self.remove_button = IconButton("bin", self.tr("Remove this table…"), shortcut="Delete")
        self._build()
        self._connect()
        self._show_engine()

    def _build(self) -> None:
        for primary in (self.making.wizard.next_button, self.empty.button, self.go_on_button):
            self.set_primary(primary)
        for button in (
            self.remove_button,
            self.copy_button,
            self.report_button,
            self.new_button,
            self.back_button,
        ):
            self.add_to_header(button)
        menu = QMenu(self.copy_button)
        menu.addAction(self.tr("Table as LaTeX"), self.taking_out.copy_latex)
        menu.addAction(self.tr("Table as CSV"), self.taking_out.copy_csv)
        menu.addSeparator()
        menu.addAction(self.tr("Command that repeats it"), self.taking_out.copy_command)
        self.copy_button.setMenu(menu)
        self.copy_button.setProperty("menu", True)
        self.new_button.setToolTip(self.tr("Choose what to compare, step by step (Ctrl+N)"))
        self.back_button.setToolTip(self.tr("Leave the steps; nothing is started (Escape)"))
        tables = QWidget()
        row = QHBoxLayout(tables)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.list)
        row.addWidget(self.detail, 1)
        self._places = QStackedWidget()
        for place in (tables, self.making, self.empty):
            self._places.addWidget(place)
        self.body.addWidget(self._places)
        self.fold_button = self.set_inspector(self.cell, self.tr("The chosen cell"))
        for keys, act in (
            ("Ctrl+N", self.new_button.click),
            (QKeySequence.StandardKey.Delete, self.remove_button.click),
            ("Escape", self.back_button.click),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _connect(self) -> None:
        studio = self.studio
        self.list.chosen_changed.connect(self._show_chosen)
        self.detail.cell_chosen.connect(self._show_cell)
        self.cell.model_wanted.connect(self.model_wanted)
        self.new_button.clicked.connect(self._begin)
        self.back_button.clicked.connect(lambda: self._show_place(_TABLES))
        self.empty.button.clicked.connect(self._act_when_empty)
        self.go_on_button.clicked.connect(self._go_on)
        self.report_button.clicked.connect(self.taking_out.open_report)
        self.remove_button.clicked.connect(self.taking_out.remove)
        self.taking_out.removed.connect(self.reading.ask)
        self.making.wanted.connect(self._start)
        self.making.failed.connect(self.notice.show_problem)
        self.reading.found.connect(self._show_found)
        self.reading.failed.connect(self.notice.show_problem)
        studio.engine.loaded.connect(self._show_engine)
        studio.engine.failed.connect(self.notice.show_problem)
        studio.runs.changed.connect(self._ask_if_seen)
        studio.runs.ended.connect(self._run_ended)
        studio.library_closing.connect(self._let_go)

    def entered(self) -> None:
        """Read tables and runs anew."""
        library = self.studio.library
        if library is None:
            self.empty.explain(has_library=False)
            self._show_place(_EMPTY)
            return
        if library is not self._read_library:
            self._read_library = library
            self.notice.hide()
            self.list.show_entries(())
            self._show_place(_TABLES)
        if self._places.currentIndex() == _NEW:
            self.making.read_library()
        self.reading.watch(True)
        self.reading.ask()

    def left(self) -> None:
        """Nobody looks: nothing is read again and again."""
        self.reading.watch(False)

    @property
    def place(self) -> int:
        """What is shown: the tables, the steps, or the empty page."""
        return self._places.currentIndex()

    def choose(self, experiment_id: str) -> None:
        """Show an experiment; for other pages, too."""
        self._wanted = experiment_id
        self.entered()

    def _show_found(self, entries: tuple[Entry, ...]) -> None:
        is_first = not self.list.entries
        self.list.show_entries(entries)
        running = next((one.id for one in entries if one.state is State.RUNNING), "")
        if is_first and not self._wanted:
            self._wanted = running
        if self._wanted and self.list.choose(self._wanted):
            self._wanted = ""
        if self.place != _NEW:
            self.empty.explain(has_library=True)
            self._show_place(_TABLES if entries else _EMPTY)

    def _show_place(self, place: int) -> None:
        if place == _TABLES and self._read_library is not None and not self.list.entries:
            place = _EMPTY if not self.reading.is_busy else place
        is_other = place != self.place
        self._places.setCurrentIndex(place)
        self._show_header()
        if is_other and place == _TABLES:
            self.list.setFocus()

    def _show_header(self) -> None:
        """The buttons that belong to what is shown."""
        place, entry = self.place, self.list.chosen
        is_table = place == _TABLES and entry is not None
        goes_on = is_table and entry is not None and entry.can_go_on
        for button in (self.remove_button, self.copy_button, self.report_button):
            button.setVisible(is_table)
        self.new_button.setVisible(is_table and goes_on)
        self.back_button.setVisible(place == _NEW and bool(self.list.entries))
        primaries = {_NEW: self.making.wizard.next_button, _EMPTY: self.empty.button}
        self.set_primary(primaries.get(place, self.go_on_button))
        self.go_on_button.setVisible(is_table)
        self._show_inspector(place == _TABLES)
        if entry is None:
            return
        text, tooltip = self.tr("New table…"), self.new_button.toolTip()
        if goes_on:
            text, tooltip = go_on_words(entry.state)
        self.go_on_button.setText(text)
        self.go_on_button.setToolTip(tooltip)
        self._show_obstacles(entry)

    def _show_obstacles(self, entry: Entry) -> None:
        """What cannot be done says why."""
        out = self.taking_out
        self.copy_button.setEnabled(out.has_table)
        self.copy_button.setToolTip(
            self.tr("The table as it stands, or the command that fills it in")
            if out.has_table
            else self.tr("There is nothing to copy yet.")
        )
        self.report_button.setEnabled(out.has_report)
        self.report_button.setToolTip(
            self.tr("One web page with the table, its chart, curves and settings")
            if out.has_report
            else self.tr("The report is written when the table is finished.")
        )
        is_running = entry.state is State.RUNNING
        self.remove_button.setEnabled(not is_running)
        self.remove_button.say(
            self.tr("Pause it first; then it can be removed")
            if is_running
            else self.tr("Remove this table…")
        )

    def _toggle_inspector(self) -> None:
        """There is one beside the tables alone."""
        if self.place == _TABLES:
            super()._toggle_inspector()

    def _show_inspector(self, shown: bool) -> None:
        self.fold_button.setVisible(shown)
        if self._inspector is not None:
            self._inspector.setVisible(shown and not self.studio.preferences.inspector_folded)

    def _show_chosen(self) -> None:
        entry = self.list.chosen
        self.taking_out.show_entry(entry)
        self.detail.show_entry(entry)
        self._show_header()

    def _show_cell(self, cell: TableCell | None) -> None:
        entry = self.list.chosen
        if entry is None or entry.stored is None or cell is None:
            self.cell.show_nothing()
            return
        table = entry.stored.table
        known = table.of(cell.method, cell.n_labels)
        self.cell.show_cell(cell.method, cell.n_labels, known, table.n_seeds)

    def _show_engine(self) -> None:
        self.making.wizard.show_engine(self.studio.engine.facts)
        if self.studio.engine.problem is not None:
            self.notice.show_problem(self.studio.engine.problem)

    def _act_when_empty(self) -> None:
        if self.studio.library is None:
            self.page_wanted.emit("open")
        else:
            self._begin()

    def _begin(self) -> None:
        self.notice.hide()
        self._show_place(_NEW)
        self.making.wizard.restart()
        self.making.read_library()

    def _start(self, request: ExperimentRequest) -> None:
        self.notice.hide()
        try:
            run = self.studio.runs.add(request)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
            return
        self._wanted = f"run-{run.id}"
        self._show_place(_TABLES)
        self.reading.ask()

    def _go_on(self) -> None:
        """Let an unfinished one go on; else the steps to a new one."""
        entry = self.list.chosen
        if entry is None or not entry.can_go_on:
            self._begin()
            return
        self.notice.hide()
        try:
            if entry.run is not None and entry.run.status not in _DONE:
                self.studio.runs.resume(entry.run.id)
            elif entry.stored is not None:
                self.studio.runs.add(ExperimentRequest(settings=entry.stored.settings))
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        self.reading.ask()

    def _ask_if_seen(self) -> None:
        if self.reading.is_watching:
            self.reading.ask()

    def _run_ended(self, run: QueuedRun) -> None:
        problem = self.studio.runs.problem(run.id)
        is_mine = isinstance(run.request, ExperimentRequest)
        if is_mine and run.status is QueueStatus.FAILED and problem is not None:
            self.notice.show_problem(problem)

    def _let_go(self) -> None:
        self.reading.let_go()
        self.making.let_go()
        self._read_library = None
        self.list.show_entries(())
