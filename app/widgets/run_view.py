"""A run of the queue while it runs: where it is, its curve, and the ways to stop it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.studio import Studio
from app.theme import SPACING
from app.widgets import run_words
from app.widgets.buttons import label
from app.widgets.loss_curve import LossCurve
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.runs import find_run, metrics
from fsamt_engine.progress import Progress, Stage, Stop
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

_BAR_STEPS = 1000
_REDRAW_MS = 250
"""Progress comes 20 times a second; the curve is drawn less often, since drawing takes time."""


class RunView(QWidget):
    """Shows one run of `studio.runs`, whoever started it and whenever that was."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._run: QueuedRun | None = None
        self._stage: Stage | None = None
        self._curve_of: int | None = None
        self._epochs_until = 0.0
        self.what = label(name="heading", wrap=True)
        self.stage = label(wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setAccessibleName(self.tr("Progress of the run"))
        self.where = label(quiet=True, wrap=True)
        self.device = label(quiet=True, small=True, wrap=True)
        self.curve = LossCurve()
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self.curve.draw)
        self.pause = QPushButton(self.tr("Pause"))
        self.pause.setToolTip(self.tr("Stop for now; it goes on later exactly where it is"))
        self.resume = QPushButton(self.tr("Resume"))
        self.keep = QPushButton()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.pause.clicked.connect(lambda: self._ask(Stop.PAUSE))
        self.keep.clicked.connect(lambda: self._ask(Stop.KEEP_BEST))
        self.cancel.clicked.connect(lambda: self._ask(Stop.CANCEL))
        self.resume.clicked.connect(self._resume)
        self._build()
        runs = studio.runs
        runs.started.connect(self._show_if_mine)
        runs.ended.connect(self._show_if_mine)
        runs.changed.connect(self._show_buttons)
        runs.progressed.connect(self._progressed)
        studio.library_closing.connect(lambda: self.show_run(None))
        self.show_run(None)

    @property
    def run(self) -> QueuedRun | None:
        """The run that is shown, as it stood when it was last looked at."""
        return self._run

    def show_run(self, run: QueuedRun | None) -> None:
        """Show another run, or none."""
        is_new = run is None or self._run is None or run.id != self._run.id
        self._run = run
        self.setVisible(run is not None)
        if is_new:
            self._stage, self._curve_of = None, None
            self.curve.clear("")
            self.bar.setValue(0)
            self.stage.clear()
            self.device.clear()
        if run is None:
            return
        self.what.setText(run.request.title)
        if run.stage_run_id is not None and run.stage_run_id != self._curve_of:
            self._begin_curve(run.stage_run_id)
        if self._is_mine():
            latest = self._studio.runs.latest
            self.where.setText(self.tr("Getting ready…"))
            if latest is not None:
                self._show_progress((latest,))
        else:
            self.device.clear()
            problem = self._studio.runs.problem(run.id)
            standing = run_words.standing(run, self._studio.runs.running)
            self.where.setText(problem.message if problem and not run.status.is_over else standing)
            if run.status is QueueStatus.FINISHED:
                self.bar.setValue(_BAR_STEPS)
        self.curve.draw()
        self._show_buttons()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        for button in (self.pause, self.resume, self.keep):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 12, 12, SPACING)
        inside.addWidget(self.curve)
        feet = QHBoxLayout()
        feet.addWidget(self.where, 1)
        feet.addWidget(self.device, 0, Qt.AlignmentFlag.AlignTop)
        self.device.setWordWrap(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.what)
        layout.addWidget(self.stage)
        layout.addWidget(self.bar)
        layout.addLayout(feet)
        layout.addWidget(card, 1)
        layout.addLayout(buttons)

    def _is_mine(self) -> bool:
        running = self._studio.runs.running
        return running is not None and self._run is not None and running.id == self._run.id

    def _show_if_mine(self, run: QueuedRun) -> None:
        if self._run is not None and run.id == self._run.id:
            self.show_run(run)
        elif self._run is not None and self._run.status is QueueStatus.WAITING:
            self.show_run(self._run)

    def _progressed(self, run: QueuedRun, news: tuple[Progress, ...]) -> None:
        if self._run is not None and run.id == self._run.id:
            self._run = run
            self._show_progress(news)

    def _show_progress(self, news: Sequence[Progress]) -> None:
        for progress in news:
            if progress.stage is not None:
                self._add_points(progress.stage.progress)
        if not self._redraw.isActive():
            self._redraw.start()
        latest = news[-1]
        self.bar.setValue(round(_BAR_STEPS * latest.done / max(1, latest.total)))
        stage = latest.stage
        if stage is not None:
            self._stage = stage
            self.stage.setText(run_words.stage(stage))
            self.device.setText(run_words.device(latest))
        if self._studio.runs.asked is None:
            self.where.setText(run_words.where(latest))
        self._show_buttons()

    def _add_points(self, told: Progress) -> None:
        if told.run_id is not None and told.run_id != self._curve_of:
            self._begin_curve(told.run_id)
        if "loss" in told.metrics:
            self.curve.add_training(told.done, told.total, told.metrics["loss"])
        if "epoch_loss" in told.metrics and told.done > self._epochs_until:
            self._epochs_until = told.done
            self.curve.add_epoch(
                told.done, told.metrics["epoch_loss"], told.metrics.get("validation_loss")
            )

    def _begin_curve(self, stage_run_id: int) -> None:
        """The curve of a training, with what the library already holds of it."""
        self._curve_of = stage_run_id
        self._epochs_until = 0.0
        assert self._run is not None
        library = self._studio.library
        if library is None:
            self.curve.clear(run_words.loss(self._run.request))
            return
        try:
            training = find_run(library, stage_run_id)
            stored = metrics(library, stage_run_id)
        except FsamtError:
            self.curve.clear(run_words.loss(self._run.request))
            return
        self.curve.clear(run_words.loss(self._run.request, training))
        validation = dict(stored.get("validation_loss", []))
        for step, value in stored.get("loss", []):
            self.curve.add_epoch(step, value, validation.get(step))
            self._epochs_until = step

    def _show_buttons(self) -> None:
        run = self._run
        if run is None:
            return
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        asked = self._studio.runs.asked
        is_running = self._is_mine()
        over = run.status in (QueueStatus.FINISHED, QueueStatus.CANCELLED)
        breaks_off = self._stage is not None and self._stage.breaks_off
        self.pause.setVisible(is_running)
        self.keep.setVisible(is_running)
        self.resume.setVisible(not is_running and not over)
        self.cancel.setVisible(not run.status.is_over)
        self.resume.setText(run_words.resume(run))
        self.resume.setToolTip(run_words.resume_tooltip(run))
        self.keep.setText(
            self.tr("Break off the curve") if breaks_off else self.tr("Stop and keep the best")
        )
        self.pause.setEnabled(asked is None)
        self.cancel.setEnabled(asked in (None, Stop.KEEP_BEST) or not is_running)
        self.cancel.setToolTip(run_words.cancel_tooltip(run))
        obstacle = run_words.keep_obstacle(self._stage, self.curve.n_epochs, asked)
        self.keep.setEnabled(not obstacle)
        self.keep.setToolTip(obstacle or run_words.keep_tooltip(self._stage))
        if had_focus and not self.isAncestorOf(QApplication.focusWidget() or self):
            # The button that was pressed is gone; the keys stay with the run.
            self.setFocus()

    def _ask(self, stop: Stop) -> None:
        if self._run is None:
            return
        if self._is_mine():
            self.where.setText(run_words.asked(stop))
        self._studio.runs.stop(self._run.id, stop)
        self._show_buttons()

    def _resume(self) -> None:
        if self._run is None:
            return
        try:
            self._studio.runs.resume(self._run.id)
        except FsamtError as error:
            self.where.setText(str(error))
