"""An export from its steps to what came of it, in the place of the list of models."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.pages.models.exporting_result import ExportResult
from app.pages.models.exporting_run import ExportRun
from app.pages.models.exporting_task import exporting
from app.pages.models.exporting_wizard import ExportWizard
from app.settings_table import EXPORT_FOLDER, EXPORT_LICENCE
from app.studio import Studio
from app.tasks import Problem, Task
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.notice import Notice
from fsamt_engine.export.settings import Exported
from fsamt_engine.library import ModelRecord
from fsamt_engine.progress import Stop

_WAIT_MS = 60_000


class ExportStage(QWidget):
    """The steps, the run, the result.

    Args:
        notice: Where it is said what went wrong.
    """

    closed = Signal()
    """The user goes back to the models."""
    changed = Signal()
    """Another of the three is shown now."""

    def __init__(self, studio: Studio, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._notice = notice
        self._task: Task | None = None
        self.model: ModelRecord | None = None
        self.wizard = ExportWizard()
        self.run = ExportRun()
        self.result = ExportResult()
        self.open_button = primary_button(self.tr("Open the folder"))
        self.open_button.setToolTip(self.tr("Show the file where it lies (Ctrl+Return)"))
        self.waiting_button = primary_button(self.tr("Exporting…"))
        self.waiting_button.setToolTip(self.tr("It is under way. Other pages stay usable."))
        self.waiting_button.setEnabled(False)
        self._about = label(quiet=True)
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._views = QStackedWidget()
        for view in (self.wizard, self.run, self.result):
            self._views.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self._about)
        column.addWidget(self._views, 1)
        self.wizard.finished.connect(self._start)
        self.run.cancel_wanted.connect(self.cancel)
        self.result.another_wanted.connect(self._choose_again)
        self.open_button.clicked.connect(self._open_folder)
        key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self._escaped)

    @property
    def is_busy(self) -> bool:
        """Whether an export is under way."""
        return self._task is not None

    @property
    def primaries(self) -> tuple[QPushButton, ...]:
        """All that `primary` can be."""
        return self.wizard.next_button, self.waiting_button, self.open_button

    @property
    def primary(self) -> QPushButton:
        """The button that leads on from what is shown."""
        view = self._views.currentWidget()
        if view is self.run:
            return self.waiting_button
        return self.wizard.next_button if view is self.wizard else self.open_button

    def begin(self, model: ModelRecord) -> None:
        """Begin the steps with a model; an export that is under way is shown instead."""
        library = self._studio.library
        if library is None or self.is_busy:
            return
        self.model = model
        self._about.setText(
            self.tr("Export of “{name}” · {id}").format(name=model.name, id=model.id)
        )
        preferences = self._studio.preferences
        folder = Path(preferences.get(EXPORT_FOLDER) or Path.home())
        self.wizard.begin(library, model, folder, preferences.get(EXPORT_LICENCE))
        self._show(self.wizard)
        self.wizard.purpose_step.setFocus()

    def cancel(self) -> None:
        """Break the export off."""
        if self._task is not None:
            self._task.stop(Stop.CANCEL)
            self.run.show_cancelling()

    def let_go(self) -> None:
        """The library closes: end what is under way."""
        if self._task is not None:
            self._task.stop(Stop.CANCEL)
            self._task.wait(_WAIT_MS)
        self.model = None
        self.closed.emit()

    def _start(self) -> None:
        library, model = self._studio.library, self.model
        if library is None or model is None or self._task is not None:
            return
        choice = self.wizard.choice
        preferences = self._studio.preferences
        preferences.put(EXPORT_FOLDER, str(choice.out.parent))
        preferences.put(EXPORT_LICENCE, choice.settings.licence)
        self._notice.hide()
        task = Task(
            self.tr("Exporting"),
            exporting(library, model, choice),
            self,
            gentle=True,
            page="models",
        )
        task.progress_changed.connect(self.run.show_progress)
        task.finished.connect(self._finished)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._cancelled)
        task.ended.connect(self._ended)
        self._task = task
        self.run.begin(choice.out.name, self.wizard.facts)
        self._show(self.run)
        self.run.setFocus()
        self._studio.board.add(task)
        task.start()

    def _finished(self, exported: Exported) -> None:
        self.result.show_exported(exported, self.wizard.choice)
        self._show(self.result)
        self.open_button.setFocus()

    def _failed(self, problem: Problem) -> None:
        """The steps again, with what was chosen; the notice says what went wrong."""
        self._notice.show_problem(problem)
        self._show(self.wizard)
        self.wizard.step.entered()

    def _cancelled(self) -> None:
        self._notice.show_message(
            self.tr("The export was cancelled. Nothing was left behind."), "", "info"
        )
        self._show(self.wizard)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)
        self.changed.emit()

    def _choose_again(self) -> None:
        if self.model is not None:
            self.begin(self.model)

    def _open_folder(self) -> None:
        folder = self.wizard.choice.out.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _escaped(self) -> None:
        if self.is_busy:
            self.cancel()
        else:
            self.closed.emit()

    def _show(self, view: QWidget) -> None:
        self._views.setCurrentWidget(view)
        self.changed.emit()
