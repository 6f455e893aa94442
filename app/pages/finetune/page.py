"""Finetune: choose, train and test, and see what came of it."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.pages.finetune.clip_window import ClipWindow
from app.pages.finetune.estimating import Estimator
from app.pages.finetune.results import Results
from app.pages.finetune.wizard import FinetuneWizard
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.widgets import run_words
from app.widgets.buttons import label, primary_button
from app.widgets.clip_strip import ShownClip
from app.widgets.run_view import RunView
from app.widgets.undo import UndoButtons
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.runs.queue import QueuedRun, QueueStatus
from fsamt_engine.runs.requests import FinetuneRequest

_NEW, _RUN, _RESULTS, _EMPTY = range(4)


class FinetunePage(Page):
    """Three views: the steps to a new recogniser, the run, and the results."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Finetune"))
        self.wizard = FinetuneWizard()
        self.run_view = RunView(studio)
        self.results = Results(studio)
        self.run_button = primary_button(self.tr("Show the result"))
        self.export_button = QPushButton(self.tr("Export…"))
        self.undo_buttons = UndoButtons(studio.undoing)
        self.clips: ClipWindow | None = None
        self._read_library: Library | None = None
        self.estimate = Estimator(studio, self.wizard)
        for button in (self.wizard.next_button, self.run_button, self.results.button):
            self.set_primary(button)
        self.add_to_header(self.undo_buttons)
        self.add_to_header(self.export_button)
        self._build()
        self._connect()
        self._show_engine()

    def _build(self) -> None:
        self._switch = QButtonGroup(self)
        switch = QHBoxLayout()
        switch.setSpacing(4)
        for view, words, tooltip in (
            (_NEW, self.tr("New"), self.tr("Choose what is trained and tested")),
            (_RUN, self.tr("Run"), self.tr("Watch, pause or stop what is being trained")),
            (_RESULTS, self.tr("Results"), self.tr("Every recogniser of this library")),
        ):
            button = QPushButton(words)
            button.setProperty("choice", True)
            button.setCheckable(True)
            button.setToolTip(tooltip)
            self._switch.addButton(button, view)
            switch.addWidget(button)
        self._switch.button(_NEW).setChecked(True)
        self._header.insertSpacing(1, 16)
        self._header.insertLayout(2, switch)
        self._place = QStackedWidget()
        for content in (self.wizard, _around(self.run_view), self.results, self._empty()):
            self._place.addWidget(content)
        self.body.addWidget(self._place)

    def _empty(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        column.addWidget(
            label(
                self.tr(
                    "No library is open. Finetuning teaches a student the actions that were "
                    "labelled in a library, and tests it on people whom it has never seen."
                ),
                wrap=True,
            )
        )
        opening = QPushButton(self.tr("Open or create a library…"))
        opening.clicked.connect(lambda: self.page_wanted.emit("open"))
        column.addWidget(opening, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return place

    def _connect(self) -> None:
        self._switch.idClicked.connect(self._show_view)
        self.wizard.finished.connect(self._start)
        self.run_button.clicked.connect(self._act_on_run)
        self.results.clips_wanted.connect(self._show_clips)
        self.results.list.chosen_changed.connect(self._show_export_button)
        self.export_button.clicked.connect(self._export)
        self.results.report_saved.connect(self._say_saved)
        self.results.failed.connect(self.notice.show_problem)
        bench = self.results.detector.bench
        bench.clip_wanted.connect(self.clip_wanted)
        bench.label_wanted.connect(self.take_to_label_wanted)
        bench.accepted.connect(self._say_accepted)
        self.addActions([self.studio.undoing.undo_action, self.studio.undoing.redo_action])
        self.studio.undoing.failed.connect(self._show_if_seen)
        studio = self.studio
        studio.engine.loaded.connect(self._show_engine)
        studio.engine.failed.connect(self.notice.show_problem)
        studio.runs.changed.connect(self._show_runs)
        studio.runs.ended.connect(self._run_ended)
        studio.library_closing.connect(self._let_go)

    @property
    def view(self) -> int:
        """Which of the views is shown."""
        return self._place.currentIndex()

    def entered(self) -> None:
        """Read models, labels and runs anew."""
        library = self.studio.library
        if library is None:
            self._show_view(_EMPTY)
            return
        is_new = library is not self._read_library
        self._read_library = library
        try:
            self.wizard.read_library(library)
            self.results.read_library()
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
            return
        if is_new:
            self.notice.hide()
            self.run_view.show_run(self._own_run())
            self._show_view(_RUN if self.run_view.run else _NEW)
        elif self.view == _EMPTY:
            self._show_view(_NEW)
        self._show_runs()
        self.estimate.ask_soon()

    def show_result(self, model_id: str) -> None:
        """Show a recogniser; for other pages, too."""
        self.entered()
        self.results.choose(model_id)
        self._show_view(_RESULTS)

    def left(self) -> None:
        """The clips belong to the page, and nothing plays that nobody sees."""
        self.results.detector.bench.player.pause()
        if self.clips is not None:
            self.clips.close()

    def _show_view(self, view: int) -> None:
        self._place.setCurrentIndex(view)
        if view == _EMPTY:
            self.set_primary(self.wizard.next_button)
        else:
            self._switch.button(view).setChecked(True)
            primary = (self.wizard.next_button, self.run_button, self.results.button)
            self.set_primary(primary[view])
        if self._primary is not None:
            self._primary.setVisible(view != _EMPTY)
        for button in self._switch.buttons():
            button.setVisible(view != _EMPTY)
        self._show_export_button()
        self._show_runs()

    def _show_export_button(self) -> None:
        is_one = len(self.results.list.chosen) == 1
        is_detector = self.results.list.has_detector
        self.undo_buttons.setVisible(self.view == _RESULTS and is_one and is_detector)
        self.export_button.setVisible(self.view == _RESULTS)
        self.export_button.setEnabled(is_one)
        if is_one and is_detector:
            tooltip = self.tr("Hand this detector over: to a colleague, or to another library")
        elif is_one:
            tooltip = self.tr("Hand this recogniser over: to a colleague, to software of your own")
        else:
            tooltip = self.tr("Choose one model; each leaves in a file of its own.")
        self.export_button.setToolTip(tooltip)

    def _export(self) -> None:
        if len(self.results.list.chosen) == 1:
            self.export_wanted.emit(self.results.list.chosen[0])

    def _show_engine(self) -> None:
        self.wizard.show_engine(self.studio.engine.facts)
        if self.studio.engine.problem is not None:
            self.notice.show_problem(self.studio.engine.problem)

    def _own_run(self) -> QueuedRun | None:
        """The finetuning that is under way, or else the first that could go on."""
        running = self.studio.runs.running
        if running is not None and isinstance(running.request, FinetuneRequest):
            return running
        own = [run for run in self.studio.runs.runs if isinstance(run.request, FinetuneRequest)]
        return own[0] if own else None

    def _start(self) -> None:
        request = self.wizard.request
        if request is None:
            return
        self.notice.hide()
        self.estimate.stop()
        try:
            run = self.studio.runs.add(request)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
            return
        self.run_view.show_run(run)
        self._show_view(_RUN)

    def _show_runs(self) -> None:
        run = self.run_view.run
        button = self._switch.button(_RUN)
        button.setEnabled(run is not None)
        button.setToolTip(
            self.tr("Watch, pause or stop what is being trained")
            if run is not None
            else self.tr("Nothing was started yet.")
        )
        n_results = self.results.list.n_models
        results = self._switch.button(_RESULTS)
        results.setText(self.tr("Results ({count})").format(count=n_results))
        results.setEnabled(n_results > 0)
        results.setToolTip(
            self.tr("Every recogniser of this library")
            if n_results
            else self.tr("This library has no recogniser yet.")
        )
        button = self.run_button
        can_go_on = run is not None and not self._is_running(run) and not _is_done(run)
        has_result = run is not None and run.status is QueueStatus.FINISHED and _model_of(run)
        button.setEnabled(bool(can_go_on or has_result))
        if run is not None and can_go_on:
            button.setText(run_words.resume(run))
            button.setToolTip(run_words.resume_tooltip(run))
        else:
            button.setText(self.tr("Show the result"))
            button.setToolTip("" if has_result else self.tr("There is no result yet."))

    def _is_running(self, run: QueuedRun) -> bool:
        running = self.studio.runs.running
        return running is not None and running.id == run.id

    def _act_on_run(self) -> None:
        """Let it go on, or show what came of it."""
        run = self.run_view.run
        if run is not None and not _is_done(run):
            try:
                self.studio.runs.resume(run.id)
            except FsamtError as error:
                self.notice.show_problem(Problem.of(error))
        else:
            self._show_made()

    def _run_ended(self, run: QueuedRun) -> None:
        own = self.run_view.run
        if own is None or run.id != own.id:
            return
        self._show_runs()
        if run.status is QueueStatus.FINISHED:
            if run.outcome and run.outcome.notes:
                self.notice.show_message(
                    self.tr("Finished."), " ".join(run.outcome.notes), "caution"
                )
            if self.view == _RUN:
                self._show_made()
        elif (problem := self.studio.runs.problem(run.id)) is not None:
            self.notice.show_problem(problem)

    def _show_made(self) -> None:
        run = self.run_view.run
        if run is None or self.studio.library is None:
            return
        model_id = _model_of(self.studio.runs.find(run.id))
        if model_id:
            self.show_result(model_id)

    def _show_clips(self, clips: list[ShownClip], title: str) -> None:
        if self.clips is None:
            self.clips = ClipWindow(self.studio, self)
            self.clips.clip_wanted.connect(self._go_to_clip)
        self.clips.show_clips(clips, title)

    def _say_accepted(self, n: int) -> None:
        is_test = self.results.detector.bench.is_test
        said = self.tr("{n} found segments are labels now.").format(n=f"{n:,}")
        if n == 1:
            said = self.tr("The found segment is a label now.")
        frozen = self.tr("The truth of the test stays as it was when the detector was made.")
        self.notice.show_message(
            said,
            self.tr("Ctrl+Z takes it back.") + (f" {frozen}" if is_test else ""),
            "good",
        )

    def _show_if_seen(self, problem: Problem) -> None:
        if self.isVisible():
            self.notice.show_problem(problem)

    def _say_saved(self, path: Path) -> None:
        self.notice.show_message(
            self.tr("Saved: {path}").format(path=path),
            self.tr("One file; a browser opens it without a network."),
            "good",
        )

    def _go_to_clip(self, take_id: str, start: int, end: int) -> None:
        if self.clips is not None:
            self.clips.close()
        self.clip_wanted.emit(take_id, start, end)

    def _let_go(self) -> None:
        self.estimate.let_go()
        self.wizard.let_go()
        self.results.let_go()
        if self.clips is not None:
            self.clips.close()
        self._read_library = None


def _is_done(run: QueuedRun) -> bool:
    """Whether it cannot go on: one that failed can."""
    return run.status in (QueueStatus.FINISHED, QueueStatus.CANCELLED)


def _model_of(run: QueuedRun) -> str:
    """What it has made, "" while it has made nothing."""
    return run.outcome.model_id or "" if run.outcome else ""


def _around(content: QWidget) -> QWidget:
    """A place for what hides and shows itself."""
    place = QWidget()
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    return place
