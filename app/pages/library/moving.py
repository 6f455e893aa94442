"""Takes on their way in or out: how far it is, and buttons that pause and stop it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from app.studio import Studio
from app.tasks import Task, Work
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.units import format_duration

_STEPS = 1000


class MovingBar(QFrame):
    """One import or export at a time; hidden while there is none."""

    failed = Signal(object)
    """A `Problem`."""
    stopped = Signal()
    """The user stopped it; what was brought before stays."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._studio = studio
        self._task: Task | None = None
        self._paused: Callable[[], None] | None = None
        self._goes_on: Callable[[], None] | None = None
        self.words = label()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.setToolTip(
            self.tr("Stop after the present take; what came before stays, and it can go on later")
        )
        self.stop_button.clicked.connect(self._stop)
        self.pause_button = QPushButton(self.tr("Pause"))
        self.pause_button.clicked.connect(self._pause_or_go_on)
        studio.library_closing.connect(self._forget_pause)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, SPACING, 4)
        row.setSpacing(12)
        row.addWidget(self.words)
        row.addWidget(self.bar, 1)
        row.addWidget(self.pause_button)
        row.addWidget(self.stop_button)
        self.hide()

    @property
    def is_moving(self) -> bool:
        """Whether something is on its way, or waits to go on."""
        return self._task is not None or self._paused is not None

    @property
    def is_paused(self) -> bool:
        """Whether it waits to go on."""
        return self._paused is not None

    def start(
        self, name: str, work: Work, then: Callable[[object], None], *, can_pause: bool = False
    ) -> None:
        """Run an engine function and show how far it is; one at a time.

        Args:
            name: What it does, for the status line.
            work: What runs in the background.
            then: Gets its result in Qt's thread.
            can_pause: Whether the same call goes on where it was stopped.
        """
        if self.is_moving:
            return
        self._goes_on = partial(self.start, name, work, then, can_pause=True) if can_pause else None
        task = Task(name, work, self._studio, gentle=True, page="library")
        task.progress_changed.connect(self._show)
        task.finished.connect(then)
        task.failed.connect(self.failed)
        task.cancelled.connect(lambda _: self._cancelled(task))
        task.ended.connect(self._end)
        self._task = task
        self.words.setText(f"{name}…")
        self.bar.setRange(0, 0)
        self.stop_button.setEnabled(True)
        self._offer_pause(can_pause)
        self.show()
        self._studio.board.add(task)
        task.start()

    def _show(self, news: tuple[Progress, ...]) -> None:
        latest = news[-1]
        text = latest.what
        if latest.total:
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(round(_STEPS * latest.done / latest.total))
        if latest.seconds_left is not None:
            left = format_duration(latest.seconds_left)
            text = self.tr("{what} · {time} left").format(what=text, time=left)
        self.words.setText(text)

    def _offer_pause(self, can_pause: bool) -> None:
        is_paused = self._paused is not None
        self.pause_button.setVisible(can_pause)
        self.pause_button.setEnabled(True)
        self.pause_button.setText(self.tr("Continue") if is_paused else self.tr("Pause"))
        self.pause_button.setToolTip(
            self.tr("Go on with the next take")
            if is_paused
            else self.tr("Give the computer back for a while; it goes on where it was")
        )

    def _pause_or_go_on(self) -> None:
        if self._paused is not None:
            go_on, self._paused = self._paused, None
            go_on()
        elif self._task is not None:
            self.pause_button.setEnabled(False)
            self.words.setText(self.tr("Pausing…"))
            self._task.stop(Stop.PAUSE)

    def _cancelled(self, task: Task) -> None:
        if task.asked is Stop.PAUSE:
            self._paused = self._goes_on
        self.stopped.emit()

    def _forget_pause(self) -> None:
        if self._paused is not None:
            self._paused = None
            self.hide()

    def _stop(self) -> None:
        self._forget_pause()
        if self._task is not None:
            self.stop_button.setEnabled(False)
            self.words.setText(self.tr("Stopping…"))
            self._task.stop(Stop.CANCEL)

    def _end(self) -> None:
        task, self._task = self._task, None
        if self._paused is not None:
            self.words.setText(self.tr("Paused"))
            self._offer_pause(True)
        else:
            self.hide()
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)
