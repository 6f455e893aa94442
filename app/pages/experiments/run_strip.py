"""How the run that fills a table in goes on: its stage, the time left, pause and go on."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.studio import Studio
from app.theme import SPACING
from app.widgets import run_words
from app.widgets.buttons import label
from fsamt_engine.errors import FsamtError
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

_BAR_STEPS = 1000


class RunStrip(QWidget):
    """Hidden where no run has anything left to do."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.run: QueuedRun | None = None
        self.stage = label(wrap=True)
        self.where = label(quiet=True, small=True, wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setAccessibleName(self.tr("Progress of the experiment"))
        self.pause_button = QPushButton(self.tr("Pause"))
        self.pause_button.setToolTip(
            self.tr("Stop for now; it goes on later exactly where it is, and no cell is lost")
        )
        self.pause_button.clicked.connect(self._pause)
        self.details_button = QPushButton(self.tr("Copy details"))
        self.details_button.setToolTip(
            self.tr("What went wrong inside the program goes to the clipboard, for a report")
        )
        self.details_button.clicked.connect(self._copy_details)
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self.stage, self.bar, self.where):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addLayout(words, 1)
        row.addWidget(self.pause_button)
        row.addWidget(self.details_button)
        studio.runs.progressed.connect(self._progressed)
        studio.runs.changed.connect(self._refresh)
        self.show_run(None)

    def show_run(self, run: QueuedRun | None) -> None:
        """Show how this run stands; None, or one that is over well, shows nothing."""
        is_new = run is None or self.run is None or run.id != self.run.id
        self.run = run
        if is_new:
            self.bar.setValue(0)
        self.setVisible(
            run is not None and run.status not in (QueueStatus.FINISHED, QueueStatus.CANCELLED)
        )
        if run is None:
            return
        is_running = self._is_mine()
        self.bar.setVisible(is_running)
        self.pause_button.setVisible(is_running)
        self.where.setVisible(is_running)
        problem = None if is_running else self._studio.runs.problem(run.id)
        self.details_button.setVisible(problem is not None and bool(problem.details))
        if is_running:
            latest = self._studio.runs.latest
            self.stage.setText(self.tr("Getting ready…"))
            self.where.clear()
            if latest is not None:
                self._show_progress(latest)
            self._show_asked()
        else:
            standing = run_words.standing(run, self._studio.runs.running)
            self.stage.setText(f"{problem.message} {problem.hint}".strip() if problem else standing)

    def _is_mine(self) -> bool:
        running = self._studio.runs.running
        return running is not None and self.run is not None and running.id == self.run.id

    def _progressed(self, run: QueuedRun, news: tuple[Progress, ...]) -> None:
        if self.run is not None and run.id == self.run.id:
            self._show_progress(news[-1])

    def _show_progress(self, latest: Progress) -> None:
        self.bar.setValue(round(_BAR_STEPS * latest.done / max(1, latest.total)))
        if latest.stage is not None:
            self.stage.setText(run_words.stage(latest.stage))
        if self._studio.runs.asked is None:
            self.where.setText(run_words.where(latest))

    def _refresh(self) -> None:
        if self.run is None or self._studio.library is None:
            return
        try:
            self.show_run(self._studio.runs.find(self.run.id))
        except FsamtError:
            self.show_run(None)

    def _show_asked(self) -> None:
        asked = self._studio.runs.asked
        self.pause_button.setEnabled(asked is None)
        if asked is not None:
            self.where.setText(run_words.asked(asked))

    def _copy_details(self) -> None:
        problem = self._studio.runs.problem(self.run.id) if self.run is not None else None
        if problem is not None:
            QGuiApplication.clipboard().setText(problem.details)

    def _pause(self) -> None:
        if self.run is not None:
            self._studio.runs.stop(self.run.id, Stop.PAUSE)
            self._show_asked()
