"""Transfer: a teacher's knowledge goes into a depth student, on unlabelled pairs."""

from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.pages.page import Page
from app.pages.transfer.overview import Overview
from app.pages.transfer.pair_set import OwnTakes, by_participant
from app.pages.transfer.run_view import RunView
from app.pages.transfer.teacher_form import TeacherForm
from app.pages.transfer.transfer_form import TransferForm
from app.studio import Studio
from app.tasks import Problem, Task, Work
from app.theme import SPACING
from app.training import TeacherChoice, TransferChoice, teacher_work, transfer_work
from app.widgets.buttons import label, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.takes import list_takes
from fsamt_engine.progress import OnProgress, ShouldStop, Stop
from fsamt_engine.units import format_percent

FORM_WIDTH = 400


@dataclass(frozen=True)
class _Start:
    """What was started, so that it can go on after a pause with exactly the same arguments."""

    choice: TransferChoice | TeacherChoice
    name: str
    loss_words: str

    def work(self, library: Library) -> Work:
        if isinstance(self.choice, TransferChoice):
            return transfer_work(library, self.choice)
        return teacher_work(library, self.choice)


class TransferPage(Page):
    """Choose, run, watch, stop; the model that comes of it is in the library then."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Transfer"))
        self.transfer_form = TransferForm()
        self.teacher_form = TeacherForm()
        self.run_view = RunView()
        self.start_button = primary_button("")
        self.start_button.clicked.connect(self._start_pressed)
        self.set_primary(self.start_button)
        self.task: Task | None = None
        self._reading: Task | None = None
        self._begun: _Start | None = None
        self._read_library: Library | None = None
        self._build()
        self.transfer_form.changed.connect(self._show_primary)
        self.teacher_form.changed.connect(self._show_primary)
        self.transfer_form.teacher_wanted.connect(lambda: self._show_form(self.teacher_form))
        self.run_view.stop_wanted.connect(self._stop)
        self.run_view.resume_wanted.connect(self._resume)
        self.run_view.discard_wanted.connect(self._discard)
        studio.engine.loaded.connect(self._show_engine)
        studio.engine.failed.connect(self.notice.show_problem)
        studio.library_closing.connect(self._let_go)
        self._show_engine()

    def _build(self) -> None:
        self._no_teacher = label(
            self.tr(
                "This library has no teacher yet. Train one here first: a network that learns "
                "some other actions from colour, so that it can teach depth."
            ),
            wrap=True,
        )
        self._back = QPushButton(self.tr("Back to the transfer"))
        self._back.clicked.connect(lambda: self._show_form(self.transfer_form))
        teacher_place = QWidget()
        column = QVBoxLayout(teacher_place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self._no_teacher)
        column.addWidget(self._back)
        column.addWidget(self.teacher_form, 1)
        self._forms = QStackedWidget()
        self._forms.addWidget(_scrolled(self.transfer_form))
        self._forms.addWidget(_scrolled(teacher_place))
        self._forms.setFixedWidth(FORM_WIDTH)
        self._overview = Overview()
        self._right = QStackedWidget()
        self._right.addWidget(self._overview)
        self._right.addWidget(self.run_view)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self._forms)
        row.addWidget(self._right, 1)
        self._empty = label(
            self.tr(
                "No library is open. Transfer works on the pairs of a library: the same moments "
                "in colour and in depth."
            ),
            wrap=True,
        )
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.addWidget(self._empty)
        opening = QPushButton(self.tr("Open or create a library…"))
        opening.clicked.connect(lambda: self.page_wanted.emit("open"))
        self._empty_open = opening
        column.addWidget(opening)
        column.addStretch(1)
        self._place = QStackedWidget()
        self._place.addWidget(work)
        self._place.addWidget(empty)
        self.body.addWidget(self._place)

    def entered(self) -> None:
        """Read teachers, takes and labels anew, unless a run is on the page."""
        if self._begun is None:
            self._read()
        self._show_primary()

    @property
    def form(self) -> TransferForm | TeacherForm:
        """The form that is shown."""
        return self.transfer_form if self._forms.currentIndex() == 0 else self.teacher_form

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way or paused."""
        return self._begun is not None

    def _read(self) -> None:
        library = self.studio.library
        self._place.setCurrentIndex(0 if library else 1)
        if library is None:
            return
        is_new = library is not self._read_library
        self._read_library = library
        try:
            self.transfer_form.read_library(library)
            self.teacher_form.read_library(library)
            self._overview.read_library(library)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
            return
        if is_new:
            self.notice.hide()
            self._right.setCurrentIndex(0)
            has_teachers = self.transfer_form.has_teachers
            self._show_form(self.transfer_form if has_teachers else self.teacher_form)
        self._read_takes(library)

    def _read_takes(self, library: Library) -> None:
        """All takes of a large library take a moment, so they are read in the background."""
        if self._reading is not None:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> dict[str, OwnTakes]:
            return by_participant(list_takes(library))

        self._reading = Task(self.tr("Reading takes"), work, self)
        self._reading.finished.connect(self.transfer_form.show_takes)
        self._reading.failed.connect(self.notice.show_problem)
        self._reading.ended.connect(self._takes_read)
        self._reading.start()

    def _takes_read(self) -> None:
        task, self._reading = self._reading, None
        if task is not None:
            QTimer.singleShot(0, task.deleteLater)
        self._show_primary()

    def _show_form(self, form: TransferForm | TeacherForm) -> None:
        self._forms.setCurrentIndex(0 if form is self.transfer_form else 1)
        has_teachers = self.transfer_form.has_teachers
        self._no_teacher.setVisible(not has_teachers)
        self._back.setVisible(has_teachers)
        self._show_primary()

    def _show_engine(self) -> None:
        self.transfer_form.show_engine(self.studio.engine.facts)
        self.teacher_form.show_engine(self.studio.engine.facts)
        if self.studio.engine.problem is not None:
            self.notice.show_problem(self.studio.engine.problem)
        self._show_primary()

    def _show_primary(self) -> None:
        """One primary button: start, or go on."""
        paused = self.run_view.is_paused
        self._forms.setEnabled(not self.is_busy)
        if self.is_busy:
            self.start_button.setText(self.tr("Resume") if paused else self.tr("Running…"))
            self.start_button.setEnabled(paused)
            self.start_button.setToolTip("")
            return
        form = self.form
        obstacle = form.obstacle if self.studio.library else self.tr("No library is open.")
        self.start_button.setText(form.button_text)
        self.start_button.setEnabled(not obstacle)
        self.start_button.setToolTip(obstacle or self.tr("Start (Ctrl+Enter)"))

    def _start_pressed(self) -> None:
        if self.run_view.is_paused:
            self._resume()
            return
        choice = self.form.choice
        if choice is None:
            return
        if isinstance(choice, TransferChoice):
            begun = _Start(choice, self.tr("Transfer"), self.tr("cosine distance"))
        else:
            begun = _Start(choice, self.tr("Teacher"), self.tr("cross entropy"))
        self._begin(begun, is_new=True)

    def _resume(self) -> None:
        if self._begun is not None:
            self._begin(self._begun, is_new=False)

    def _begin(self, begun: _Start, *, is_new: bool) -> None:
        library = self.studio.library
        if library is None or self.task is not None:
            return
        self.notice.hide()
        self._begun = begun
        self._right.setCurrentWidget(self.run_view)
        self.run_view.begin(begun.name, begun.loss_words, is_new=is_new)
        task = Task(begun.name, begun.work(library), self, gentle=True)
        task.progress_changed.connect(self.run_view.show_progress)
        task.finished.connect(self._finished)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._cancelled)
        task.ended.connect(self._ended)
        self.task = task
        self.studio.board.add(task)
        self._show_primary()
        task.start()

    def _stop(self, stop: Stop) -> None:
        if self.task is not None:
            self.task.stop(stop)

    def _discard(self) -> None:
        """Cancel a paused run: it is taken up once more, to be told so by the engine itself."""
        self._resume()
        self._stop(Stop.CANCEL)

    def _finished(self, model: ModelRecord) -> None:
        self._begun = None
        self.run_view.show_ended(self.tr("Finished."))
        self.studio.library_changed.emit()
        self._read()
        if model.kind is ModelKind.TEACHER:
            self.transfer_form.choose_teacher(model)
            self._show_form(self.transfer_form)
        self._say_made(model)

    def _say_made(self, model: ModelRecord) -> None:
        if model.kind is ModelKind.TEACHER:
            accuracy = model.metrics.get("validation_accuracy")
            result = (
                self.tr("It is right on {share} of the takes that were held out.").format(
                    share=format_percent(accuracy)
                )
                if accuracy is not None
                else ""
            )
            following = self.tr("Next: transfer from it to a depth student.")
        else:
            distance = model.metrics.get("validation_cosine_distance")
            result = (
                self.tr("Cosine distance on held-out pairs: {distance:.3f}.").format(
                    distance=distance
                )
                if distance is not None
                else ""
            )
            following = self.tr("Next: finetune it on a few labels (“fsamt finetune”).")
        self.notice.show_message(
            self.tr("Made: {name} ({id}).").format(name=model.name, id=model.id),
            f"{result} {following}".strip(),
            "good",
        )

    def _failed(self, problem: Problem) -> None:
        self._begun = None
        self.run_view.show_ended(self.tr("Stopped by a problem."))
        self.notice.show_problem(problem)

    def _cancelled(self, resumable: bool) -> None:
        if resumable:
            self.run_view.show_paused()
        else:
            self._begun = None
            self.run_view.show_ended(self.tr("Cancelled. Nothing of it was kept."))

    def _ended(self) -> None:
        task, self.task = self.task, None
        if task is not None:
            QTimer.singleShot(0, task.deleteLater)
        self._show_primary()

    def _let_go(self) -> None:
        if self._reading is not None:
            self._reading.wait(60_000)
        self.teacher_form.wait()
        self._begun = None
        self.run_view.show_ended("")
        self._read_library = None


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setWidget(content)
    return area
