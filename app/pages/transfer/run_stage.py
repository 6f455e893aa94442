"""The run of this page while it waits, goes on, is paused or has ended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.run_view import RunView
from fsamt_engine.errors import FsamtError
from fsamt_engine.runs import HealthRequest, TeacherRequest, TransferRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

_KINDS = (TeacherRequest, TransferRequest, HealthRequest)


class RunStage(QWidget):
    """`RunView`, with the way back to the steps and on to what came of it."""

    steps_wanted = Signal()
    result_wanted = Signal(object)
    """The finished `QueuedRun` whose result is to be shown."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.run: QueuedRun | None = None
        self.view = RunView(studio)
        self.heading = label(name="bigNumber")
        self.back = QPushButton(self.tr("To the steps"))
        self.back.setToolTip(self.tr("Back to choosing; the run stays as it is"))
        self.back.clicked.connect(self.steps_wanted)
        self.primary = primary_button("")
        self.primary.clicked.connect(self._pressed)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self.heading, 1)
        top.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        studio.runs.changed.connect(self.refresh)

    def show_run(self, run: QueuedRun) -> None:
        """Show a run from here on."""
        self.run = run
        headings = {
            TeacherRequest: self.tr("A new teacher"),
            TransferRequest: self.tr("A transfer"),
            HealthRequest: self.tr("How well a transfer went"),
        }
        self.heading.setText(headings[type(run.request)])
        self.view.show_run(run)
        self.refresh()

    def shows(self, run: QueuedRun) -> bool:
        """Whether this very run is shown."""
        return self.run is not None and self.run.id == run.id

    def first(self, *statuses: QueueStatus) -> QueuedRun | None:
        """The first run of this page's kinds that stands so."""
        runs = (run for run in self._studio.runs.runs if isinstance(run.request, _KINDS))
        return next((run for run in runs if run.status in statuses), None)

    def refresh(self) -> None:
        """Read anew how the run stands."""
        if self.run is None or self._studio.library is None:
            return
        try:
            self.run = self._studio.runs.find(self.run.id)
        except FsamtError:
            self.run = None
            self.steps_wanted.emit()
            return
        status, is_free = self.run.status, self._studio.runs.running is None
        goes_on = status is QueueStatus.PAUSED or (status is QueueStatus.WAITING and is_free)
        words, tooltip = self._words(self.run, goes_on)
        self.primary.setText(words)
        self.primary.setToolTip(tooltip)
        self.primary.setEnabled(goes_on or status.is_over)

    def _words(self, run: QueuedRun, goes_on: bool) -> tuple[str, str]:
        """What the primary button says, and its tooltip."""
        if goes_on:
            return self.tr("Resume"), self.tr("Go on exactly where it stopped (Ctrl+Enter)")
        if run.status is QueueStatus.RUNNING:
            return self.tr("Running…"), self.tr("Pause or stop it below. Other pages stay usable.")
        if run.status is QueueStatus.WAITING:
            return self.tr("Waiting…"), self.tr("Another run is under way; this one follows.")
        if run.status is QueueStatus.FINISHED:
            is_teacher = isinstance(run.request, TeacherRequest)
            words = self.tr("Transfer from it") if is_teacher else self.tr("See how well it went")
            return words, self.tr("What came of this run (Ctrl+Enter)")
        return self.tr("Choose again"), self.tr("Back to the steps, with the same choices")

    def _pressed(self) -> None:
        run = self.run
        if run is None:
            return
        if run.status is QueueStatus.FINISHED:
            self.result_wanted.emit(run)
        elif run.status.is_over:
            self.steps_wanted.emit()
        else:
            self._studio.runs.resume(run.id)
