"""A training while it runs: where it is, its curve, and the ways to stop it."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.loss_curve import LossCurve
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.units import format_duration

_BAR_STEPS = 1000
_REDRAW_MS = 250
"""Progress comes 20 times a second; the curve is drawn less often, since drawing takes time."""


class RunView(QWidget):
    """Shows one run at a time; asks for stops, and does not stop anything itself."""

    stop_wanted = Signal(object)
    """A `Stop`."""
    resume_wanted = Signal()
    discard_wanted = Signal()
    """A paused run is not to go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_paused = False
        self._device = ""
        self.what = label(name="heading")
        self.where = label(quiet=True, wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setAccessibleName(self.tr("Progress of the run"))
        self.curve = LossCurve()
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self.curve.draw)
        self.pause = QPushButton(self.tr("Pause"))
        self.pause.setToolTip(self.tr("Stop for now; it goes on later exactly where it is"))
        self.resume = QPushButton(self.tr("Resume"))
        self.resume.setToolTip(self.tr("Go on exactly where it was paused"))
        self.keep = QPushButton(self.tr("Stop and keep the best"))
        self.keep.setToolTip(self.tr("Finish now, with the best weights so far as the model"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Stop and throw this run's work away; nothing else is lost"))
        self.pause.clicked.connect(lambda: self._ask(Stop.PAUSE, self.tr("Pausing…")))
        self.keep.clicked.connect(lambda: self._ask(Stop.KEEP_BEST, self.tr("Finishing…")))
        self.cancel.clicked.connect(self._cancel)
        self.resume.clicked.connect(self.resume_wanted)
        self._build()

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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.what)
        layout.addWidget(self.bar)
        layout.addWidget(self.where)
        layout.addWidget(card, 1)
        layout.addLayout(buttons)

    def begin(self, what: str, loss_words: str, *, is_new: bool) -> None:
        """A run has started, or goes on after a pause with the curve that is there."""
        if is_new:
            self.curve.clear(loss_words)
            self.bar.setValue(0)
        self.what.setText(what)
        self.where.setText(self.tr("Getting ready…"))
        self.is_paused = False
        self._show_buttons(running=True)
        self.keep.setEnabled(False)

    def show_progress(self, news: Sequence[Progress]) -> None:
        """Draw what has come since the last time."""
        for progress in news:
            if not progress.total:
                self._device = progress.what
                continue
            if "loss" in progress.metrics:
                self.curve.add_training(progress.done, progress.total, progress.metrics["loss"])
            if "epoch_loss" in progress.metrics:
                validation = progress.metrics.get("validation_loss")
                self.curve.add_epoch(progress.done, progress.metrics["epoch_loss"], validation)
        if not self._redraw.isActive():
            self._redraw.start()
        latest = news[-1]
        # Until an epoch has ended there is no best; while it gets ready nothing would be kept.
        has_best = "loss" in latest.metrics and self.curve.n_epochs > 0
        self.keep.setEnabled(has_best and self.pause.isEnabled())
        if latest.total:
            self.what.setText(latest.what)
            self.bar.setValue(round(_BAR_STEPS * latest.done / latest.total))
            self.where.setText(self._words(latest))
        else:
            self.where.setText(self.tr("Getting ready on {device}…").format(device=self._device))

    def show_paused(self) -> None:
        """The run has stopped, and goes on when it is asked to."""
        self.is_paused = True
        self.curve.draw()
        self.where.setText(self.tr("Paused. Everything is kept; it goes on exactly where it is."))
        self._show_buttons(running=False)

    def show_ended(self, words: str) -> None:
        """The run is over: finished, cancelled or failed."""
        self.is_paused = False
        self.curve.draw()
        self.where.setText(words)
        for button in (self.pause, self.resume, self.keep, self.cancel):
            button.hide()

    def _words(self, latest: Progress) -> str:
        metrics = latest.metrics
        is_training = "loss" in metrics
        parts = [
            (self.tr("step {done} of {total}") if is_training else "{done} of {total}").format(
                done=f"{latest.done:,}", total=f"{latest.total:,}"
            )
        ]
        if "epoch" in metrics:
            parts.append(self.tr("epoch {epoch:.1f}").format(epoch=metrics["epoch"]))
        if latest.seconds_left is not None:
            time = format_duration(latest.seconds_left)
            parts.append(self.tr("{time} left").format(time=time))
        if "clips_per_s" in metrics:
            parts.append(self.tr("{rate:.0f} clips/s").format(rate=metrics["clips_per_s"]))
        if self._device:
            parts.append(self.tr("on {device}").format(device=self._device))
        return " · ".join(parts)

    def _show_buttons(self, *, running: bool) -> None:
        self.pause.setVisible(running)
        self.keep.setVisible(running)
        self.resume.setVisible(not running)
        self.cancel.setVisible(True)
        for button in (self.pause, self.resume, self.keep, self.cancel):
            button.setEnabled(True)

    def _ask(self, stop: Stop, words: str) -> None:
        self.where.setText(words)
        for button in (self.pause, self.keep, self.cancel):
            button.setEnabled(False)
        self.stop_wanted.emit(stop)

    def _cancel(self) -> None:
        if self.is_paused:
            self.discard_wanted.emit()
        else:
            self._ask(Stop.CANCEL, self.tr("Cancelling…"))
