"""Transfer: a teacher's knowledge goes into a student, on unlabelled pairs."""

from pathlib import Path

from PySide6.QtWidgets import QApplication, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.lookup import Lookup
from app.pages.page import Page
from app.pages.transfer.earlier import EarlierTransfers
from app.pages.transfer.health_report import (
    CHECK,
    MORE_EPOCHS,
    MORE_PAIRS,
    HealthReport,
    read_report,
)
from app.pages.transfer.health_view import HealthView
from app.pages.transfer.run_stage import RunStage
from app.pages.transfer.transfer_wizard import Teachers, TransferWizard
from app.studio import Studio
from app.tasks import Problem
from app.widgets.buttons import label, primary_button
from app.widgets.question import ask
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models, model
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs import HealthRequest, Request, TeacherRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus
from fsamt_engine.units import format_percent


class TransferPage(Page):
    """The steps, the run that comes of them, and how well it went."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Transfer"))
        self.wizard = TransferWizard()
        self.run = RunStage(studio)
        self.health = HealthView(studio)
        self.earlier = EarlierTransfers()
        self.wizard.list.layout_below.addWidget(self.earlier)
        self._read_library: Library | None = None
        self._report = Lookup(self.tr("Reading the transfer health"), self)
        self._import = Lookup(self.tr("Bringing a teacher in"), self)
        self._asked_student = ""
        self._offered: set[int] = set()
        self._places = QStackedWidget()
        self._empty = self._make_empty()
        for place in (self.wizard, self.run, self.health, self._empty):
            self._places.addWidget(place)
        self.body.addWidget(self._places)
        self._connect()
        self._show_engine()
        self._show(self.wizard)

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        self._open = primary_button(self.tr("Open or create a library…"))
        self._open.setToolTip(self.tr("Choose a library’s folder, or an empty one (Ctrl+O)"))
        self._open.clicked.connect(lambda: self.page_wanted.emit("open"))
        column = QVBoxLayout(empty)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(
            label(
                self.tr(
                    "No library is open. Transfer works on the pairs of a library: the same "
                    "moments in colour and in depth."
                ),
                wrap=True,
            )
        )
        column.addStretch(1)
        return empty

    def _connect(self) -> None:
        studio, wizard = self.studio, self.wizard
        wizard.finished.connect(self._start_transfer)
        wizard.teacher.train_wanted.connect(self._start)
        wizard.teacher.import_wanted.connect(self._bring_in)
        wizard.pairs.problem.connect(self.notice.show_problem)
        self.earlier.student_wanted.connect(self.open_transfer)
        self.run.steps_wanted.connect(lambda: self._show(wizard))
        self.run.result_wanted.connect(self._show_result)
        self.health.steps_wanted.connect(lambda: self._show(wizard))
        self.health.advice_taken.connect(self._follow)
        self.health.clip_wanted.connect(self.clip_wanted)
        self._report.found.connect(self._show_report)
        self._report.failed.connect(self.notice.show_problem)
        self._import.found.connect(self._brought_in)
        self._import.failed.connect(self.notice.show_problem)
        studio.engine.loaded.connect(self._show_engine)
        studio.engine.failed.connect(self.notice.show_problem)
        studio.library_closing.connect(self._let_go)
        studio.library_changed.connect(self._changed)
        studio.runs.ended.connect(self._run_ended)

    @property
    def place(self) -> QWidget:
        """What is shown: the wizard, the run, the health, or the empty page."""
        shown = self._places.currentWidget()
        assert shown is not None
        return shown

    def entered(self) -> None:
        """Read teachers, takes and labels anew; a run that is under way is shown."""
        library = self.studio.library
        if library is None:
            self._show(self._empty)
            return
        if library is not self._read_library:
            self.notice.hide()
            self.wizard.restart()
        if self.place is self._empty or library is not self._read_library:
            self._show(self.wizard)
        self._read(library)
        self._offer_run()
        self._take_focus()

    def _read(self, library: Library) -> None:
        self._read_library = library
        try:
            self.wizard.read_library(library, Teachers.of(library))
            self.earlier.show_students(list_models(library, ModelKind.STUDENT))
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))

    def _changed(self) -> None:
        if self.isVisible() and self.studio.library is not None:
            self._read(self.studio.library)

    def _show_engine(self) -> None:
        self.wizard.show_engine(self.studio.engine.facts)
        if self.studio.engine.problem is not None:
            self.notice.show_problem(self.studio.engine.problem)

    def _show(self, place: QWidget) -> None:
        self._places.setCurrentWidget(place)
        self._show_primary()
        self._take_focus()

    def _take_focus(self) -> None:
        """Keys of the page are heard only while something of it has the focus."""
        focused = QApplication.focusWidget()
        if self.isVisible() and (focused is None or not focused.isVisible()):
            self.place.setFocus()

    def _show_primary(self) -> None:
        """The primary button of what is shown."""
        buttons: dict[QWidget, QPushButton] = {
            self.wizard: self.wizard.next_button,
            self.run: self.run.primary,
            self.health: self.health.primary,
            self._empty: self._open,
        }
        self.set_primary(buttons[self.place])

    def _start_transfer(self) -> None:
        request = self.wizard.request
        if request is not None:
            self.wizard.summary.wait()
            self._start(request)

    def _start(self, request: Request) -> None:
        if self.studio.library is None:
            return
        self.notice.hide()
        try:
            self._show_run(self.studio.runs.add(request))
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))

    def _show_run(self, run: QueuedRun) -> None:
        self.run.show_run(run)
        self._show(self.run)

    def _offer_run(self) -> None:
        """Show what is under way; what was paused, before a restart too, is offered once."""
        run = self.run.first(QueueStatus.RUNNING) or self.run.first(QueueStatus.PAUSED)
        run = run or self.run.first(QueueStatus.WAITING)
        if run is None or self.place is not self.wizard or run.id in self._offered:
            return
        self._offered.add(run.id)
        self._show_run(run)

    def _run_ended(self, run: QueuedRun) -> None:
        """The run that is shown is over, or paused."""
        problem = self.studio.runs.problem(run.id)
        if self.studio.library is None or not self.run.shows(run):
            return
        if run.status is QueueStatus.FAILED and problem is not None:
            self.notice.show_problem(problem)
        if run.status is QueueStatus.FINISHED and self.place is self.run:
            self._show_result(run)

    def _show_result(self, run: QueuedRun) -> None:
        """The teacher in the steps, or the student's health."""
        library = self.studio.library
        if library is None or run.outcome is None or run.outcome.model_id is None:
            return
        if isinstance(run.request, TeacherRequest):
            self._read(library)
            self._say_taught(model(library, run.outcome.model_id))
        else:
            self.open_transfer(run.outcome.model_id)

    def _say_taught(self, teacher: ModelRecord) -> None:
        self.wizard.teacher.choose(teacher.id)
        self.wizard.go_to(1)
        self._show(self.wizard)
        accuracy = teacher.metrics.get("validation_accuracy")
        result = (
            self.tr("It is right on {share} of the takes that were held out.").format(
                share=format_percent(accuracy)
            )
            if accuracy is not None
            else ""
        )
        following = self.tr("Next: choose the pairs of a transfer.")
        self.notice.show_message(
            self.tr("Made: {name} ({id}).").format(name=teacher.name, id=teacher.id),
            f"{result} {following}".strip(),
            "good",
        )

    def open_transfer(self, student_id: str) -> None:
        """Show how well a transfer went; what was not measured yet can be measured first."""
        library = self.studio.library
        if library is None:
            return
        self._asked_student = student_id

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> HealthReport | None:
            return read_report(library, student_id)

        self._report.ask(work)

    def _show_report(self, report: HealthReport | None) -> None:
        if report is None:
            if self._may_measure():
                self._start(HealthRequest(student_id=self._asked_student))
            return
        self.health.show_report(report)
        self._show(self.health)

    def _may_measure(self) -> bool:
        return ask(
            self,
            self.tr("The health of this transfer was not measured yet."),
            self.tr(
                "Teacher and student look at the pairs of the transfer once more; this takes "
                "seconds for small networks, minutes for large ones, and changes neither of them."
            ),
            self.tr("Measure it"),
            self.tr("Not now"),
        )

    def _follow(self, report: HealthReport) -> None:
        """Do what the health advises."""
        if report.code == MORE_PAIRS:
            self.page_wanted.emit("capture")
        elif report.code == MORE_EPOCHS:
            self.wizard.repeat(report.student, report.take_ids, report.more_epochs)
            self._show(self.wizard)
        elif report.code == CHECK:
            self._show_doubtful(report)
        else:
            self.page_wanted.emit("label")

    def _show_doubtful(self, report: HealthReport) -> None:
        doubtful = report.health.doubtful or report.health.worst
        item = doubtful[0].item
        self.clip_wanted.emit(item.take_id, item.start, item.end)

    def _bring_in(self, path: Path) -> None:
        library = self.studio.library
        if library is None:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> list[ModelRecord]:
            from fsamt_engine.learning.model_import import import_model

            return list(import_model(library, path))

        self.notice.hide()
        self._import.ask(work)

    def _brought_in(self, models: list[ModelRecord]) -> None:
        teachers = [one for one in models if one.kind is ModelKind.TEACHER]
        self.studio.library_changed.emit()
        if teachers:
            self.wizard.teacher.choose(teachers[0].id)
        self.notice.show_message(
            self.tr("Brought in: {names}.").format(names=", ".join(one.name for one in models)),
            self.tr("Who and what it has seen came with it."),
            "good",
        )

    def _let_go(self) -> None:
        self.wizard.wait()
        self._report.drop()
        self._import.drop()
        self._read_library = None
        self._offered.clear()
