"""What the page does in the background, how far it is, and a button that stops it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.studio import Studio
from app.tasks import Task, Work
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from fsamt_engine.progress import Progress, Stop


class WorkStrip(QWidget):
    """Runs one engine function at a time; hidden while there is none.

    Args:
        studio: What all pages share.
        page: Key of the page on which it is watched.
    """

    failed = Signal(object)
    """A `Problem`."""
    ended = Signal()

    def __init__(self, studio: Studio, page: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._page = page
        self.task: Task | None = None
        self._words = label(small=True, quiet=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("How far it is"))
        self.stop_button = IconButton("close", self.tr("Stop this; nothing is lost"), size=16)
        self.stop_button.clicked.connect(self.stop)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._words)
        column.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addLayout(column, 1)
        row.addWidget(self.stop_button)
        studio.library_closing.connect(self._end)
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self.task is not None

    def start(self, name: str, work: Work, then: Callable[[Any], None]) -> None:
        """Run `work`; `then` gets its result.

        Args:
            name: For the status line and the strip.
            work: As a `Task` runs it.
            then: Called in Qt's thread; not where it was stopped or failed.
        """
        if self.task is not None:
            return
        task = Task(name, work, self._studio, gentle=True, page=self._page)
        task.progress_changed.connect(self._progressed)
        results: list[Any] = []
        task.finished.connect(results.append)
        task.failed.connect(self.failed)
        task.ended.connect(lambda: self._ended(task, results, then))
        self.task = task
        self._name = name
        self._words.setText(name)
        self._bar.setRange(0, 0)
        self.show()
        self._studio.board.add(task)
        task.start()

    def stop(self) -> None:
        """Ask what is under way to stop."""
        if self.task is not None:
            self.task.stop(Stop.CANCEL)

    def _progressed(self, news: tuple[Progress, ...]) -> None:
        latest = news[-1]
        self._bar.setRange(0, latest.total)
        self._bar.setValue(latest.done)
        said = self.tr("{name}: {what}").format(name=self._name, what=latest.what)
        self._words.setText(said)
        self._words.setToolTip(said)

    def _ended(self, task: Task, results: list[Any], then: Callable[[Any], None]) -> None:
        self.task = None
        self.hide()
        self.ended.emit()
        QTimer.singleShot(0, task.retire)
        # Only now, since what comes then may start the next.
        for result in results:
            then(result)

    def _end(self) -> None:
        if self.task is not None:
            self.task.stop(Stop.CANCEL)
            self.task.wait(60_000)
