"""Questions to the engine whose newest one counts: asked again, an older answer is dropped."""

from PySide6.QtCore import QObject, QTimer, Signal

from app.tasks import Task, Work
from fsamt_engine.progress import Stop

_WAIT_MS = 60_000


class Lookup(QObject):
    """Asks one question at a time in the background.

    Args:
        name: What is looked up, in words.
    """

    found = Signal(object)
    """The answer to the newest question."""
    failed = Signal(object)
    """A `Problem`."""
    ended = Signal()
    """Nothing is being looked up any more."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._task: Task | None = None
        self._next: Work | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    def ask(self, work: Work) -> None:
        """Look something up; an answer that is on its way is no longer wanted."""
        if self._task is not None:
            self._next = work
            self._task.stop(Stop.CANCEL)
            return
        task = Task(self._name, work, self, gentle=True)
        task.finished.connect(self._answer)
        task.failed.connect(self._fail)
        task.ended.connect(self._end)
        self._task = task
        task.start()

    def drop(self) -> None:
        """Want no answer any more, and wait until nobody looks (before the library is closed)."""
        self._next = None
        if self._task is not None:
            for signal in (self._task.finished, self._task.failed):
                signal.disconnect()
            self._task.stop(Stop.CANCEL)
            self._task.wait(_WAIT_MS)

    def _answer(self, result: object) -> None:
        if self._next is None:
            self.found.emit(result)

    def _fail(self, problem: object) -> None:
        if self._next is None:
            self.failed.emit(problem)

    def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            # The timer dies with the task: its page may be gone before.
            QTimer.singleShot(0, task, task.deleteLater)
        following, self._next = self._next, None
        if following is not None:
            self.ask(following)
        else:
            self.ended.emit()
