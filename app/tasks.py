"""Running an engine function in the background of the window.

A task is an adapter: it hands `on_progress` and `should_stop` to a plain function that runs in a
thread of its own, and tells in Qt's thread how it goes. The work itself belongs to the engine.
"""

import contextlib
import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

Work = Callable[[OnProgress, ShouldStop], Any]

PROGRESS_INTERVAL_MS = 50
"""Progress reaches the window at most 20 times a second, however fast the engine counts."""

_KEPT_PROGRESS = 4096
_STACK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Problem:
    """Why something failed, in words for the screen; `details` only where it is a bug."""

    message: str
    hint: str = ""
    details: str = ""

    @classmethod
    def of(cls, error: BaseException) -> "Problem":
        """A sentence for what went wrong; a bug's traceback goes into the details."""
        if isinstance(error, FsamtError):
            return cls(error.message, error.hint)
        return cls(
            "Something in the program itself went wrong, and this step was stopped. "
            "What was saved before is untouched.",
            "Try it again; if it comes back, copy the details into a report.",
            "".join(traceback.format_exception(error)),
        )


class Task(QObject):
    """One engine function on its way. Make it, connect to it, `start()` it.

    Exactly one of `finished`, `failed` and `cancelled` comes, and then `ended`.

    Args:
        name: What it does, in words for the status line ("Transfer").
        work: Called with `on_progress` and `should_stop` in the background thread.
        parent: The task is deleted with it.
        gentle: Let the window and other programs go first (for work that takes minutes).
        page: Key of the page on which it is watched.
    """

    progress_changed = Signal(tuple)
    """Every `Progress` since the last time, oldest first, at most 20 times a second."""
    finished = Signal(object)
    """The result of the work."""
    failed = Signal(object)
    """A `Problem`."""
    cancelled = Signal(bool)
    """True where the same call goes on later."""
    ended = Signal()

    _progress_arrived = Signal()

    def __init__(
        self,
        name: str,
        work: Work,
        parent: QObject | None = None,
        *,
        gentle: bool = False,
        page: str = "transfer",
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.page = page
        self.latest: Progress | None = None
        self._work = work
        self._gentle = gentle
        self._asked: Stop | None = None
        self._waiting: deque[Progress] = deque(maxlen=_KEPT_PROGRESS)
        self._is_told = threading.Event()
        self._outcome: Callable[[], None] | None = None
        self._thread = _WorkThread(self._run, self)
        self._thread.finished.connect(self._conclude)
        self._pace = QTimer(self, singleShot=True, interval=PROGRESS_INTERVAL_MS)
        self._pace.timeout.connect(self._deliver)
        self._progress_arrived.connect(self._deliver_in_turn)

    @property
    def is_running(self) -> bool:
        """Whether the background thread is still at work."""
        return self._thread.isRunning()

    @property
    def asked(self) -> Stop | None:
        """How the work was asked to stop, None while it was not."""
        return self._asked

    def start(self) -> None:
        """Begin; once for each task."""
        self._thread.start()

    def stop(self, how: Stop) -> None:
        """Ask the work to stop; it does so at its next batch. A later request replaces this one."""
        self._asked = how

    def wait(self, limit_ms: int) -> bool:
        """Wait without serving the window until the thread has ended; False when it has not."""
        return self._thread.wait(limit_ms)

    def retire(self) -> None:
        """Delete it; for whoever was told that it has ended."""
        self._thread.wait()
        self.deleteLater()

    def _run(self) -> None:
        if self._gentle:
            go_last()
        try:
            result = self._work(self._report, lambda: self._asked)
        except Cancelled as stopped:
            resumable = stopped.resumable
            self._outcome = lambda: self.cancelled.emit(resumable)
        except Exception as error:  # noqa: BLE001 - a bug in the background is shown, never lost
            problem = Problem.of(error)
            self._outcome = lambda: self.failed.emit(problem)
        else:
            self._outcome = lambda: self.finished.emit(result)

    def _report(self, progress: Progress) -> None:
        self._waiting.append(progress)
        if not self._is_told.is_set():
            self._is_told.set()
            self._progress_arrived.emit()

    def _deliver_in_turn(self) -> None:
        if not self._pace.isActive():
            self._deliver()

    def _deliver(self) -> None:
        self._is_told.clear()
        news = []
        with contextlib.suppress(IndexError):
            while True:
                news.append(self._waiting.popleft())
        if news:
            self._pace.start()
            self.latest = news[-1]
            self.progress_changed.emit(tuple(news))

    def _conclude(self) -> None:
        self._pace.stop()
        self._deliver()
        self._pace.stop()
        if self._outcome is not None:
            self._outcome()
        self.ended.emit()


class _WorkThread(QThread):
    """Runs one function; a stack as large as a main thread's, since networks nest deeply."""

    def __init__(self, function: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._function = function
        self.setStackSize(_STACK_BYTES)

    def run(self) -> None:
        self._function()


def go_last() -> None:
    """Lower the present thread's turn, and with it that of the compute threads it starts.

    Linux keeps a nice value for each thread and ignores Qt's thread priorities; elsewhere Qt's do.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
    else:
        QThread.currentThread().setPriority(QThread.Priority.LowPriority)


class TaskBoard(QObject):
    """The runs that are under way, for the status line and for closing the window."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[Task] = []
        self._progress_at = 0.0

    def add(self, task: Task) -> None:
        """Show a task until it has ended."""
        self.running.append(task)
        task.progress_changed.connect(self._progressed)
        task.ended.connect(lambda: self._remove(task))
        self.changed.emit()

    def _progressed(self) -> None:
        """A status line is read, not watched: twice a second is enough."""
        now = time.monotonic()
        if now - self._progress_at > 0.5:
            self._progress_at = now
            self.changed.emit()

    def _remove(self, task: Task) -> None:
        self.running.remove(task)
        self.changed.emit()
