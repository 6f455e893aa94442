"""The runs of the open library: one at a time, the others wait, and a restart loses none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.settings_table import GENTLE
from app.tasks import Problem, Task
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop
from fsamt_engine.runs import Outcome, Request
from fsamt_engine.runs import queue as stored
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

if TYPE_CHECKING:
    from app.studio import Studio


def page_of(request: Request) -> str:
    """Key of the page on which a run is watched."""
    pages = {"finetune": "finetune", "experiment": "experiments"}
    return pages.get(request.kind, "transfer")


class RunQueue(QObject):
    """What waits, and the one run that is under way.

    A run that was added begins at once if nothing else runs, and else in its turn. What was waiting
    or paused when the library was opened begins only when it is told to.
    """

    changed = Signal()
    """The list, or the state of one of its runs."""
    started = Signal(object)
    """The `QueuedRun` that began, or goes on."""
    progressed = Signal(object, tuple)
    """The `QueuedRun` and every `Progress` since the last time, oldest first."""
    ended = Signal(object)
    """The `QueuedRun` as it stands now: finished, failed, cancelled or paused."""

    def __init__(self, studio: "Studio") -> None:
        super().__init__(studio)
        self._studio = studio
        self._now: _Now | None = None
        self._released: set[int] = set()
        self._is_held = False
        self._problems: dict[int, Problem] = {}
        studio.library_opened.connect(self._library_opened)
        studio.library_closing.connect(self._let_go)

    @property
    def running(self) -> QueuedRun | None:
        """The run that is under way in this window."""
        return self._now.run if self._now else None

    @property
    def latest(self) -> Progress | None:
        """What the run under way told last."""
        return self._now.task.latest if self._now else None

    @property
    def asked(self) -> Stop | None:
        """How the run under way was asked to stop, None where it was not."""
        if self._now is None:
            return None
        return self._now.task.asked or self._now.keep

    @property
    def runs(self) -> list[QueuedRun]:
        """The runs that are not over, in their order."""
        return stored.queued(self._studio.library) if self._studio.library else []

    @property
    def ended_runs(self) -> list[QueuedRun]:
        """Runs that are over, the newest first."""
        return stored.ended(self._studio.library) if self._studio.library else []

    @property
    def waits_for_user(self) -> bool:
        """Whether something could go on and nothing does: `go_on` starts it."""
        return self._now is None and bool(self.runs)

    def find(self, run_id: int) -> QueuedRun:
        """A run as it stands now.

        Raises:
            FsamtError: It is not in the queue.
        """
        return stored.queued_run(self._library(), run_id)

    def problem(self, run_id: int) -> Problem | None:
        """Why a run failed since the program was started, with the details of a bug."""
        return self._problems.get(run_id)

    def add(self, request: Request) -> QueuedRun:
        """Ask for something; it begins at once if nothing else runs."""
        run = stored.add(self._library(), request)
        self._released.add(run.id)
        if self._now is None:
            self._is_held = False
            self._start(run)
        self.changed.emit()
        return run

    def pause(self, run_id: int) -> None:
        """Let the run under way stop until it is told to go on; what waits stays, too."""
        if self._is_now(run_id):
            self._is_held = True
            self._released.discard(run_id)
            self._stop_task(Stop.PAUSE)

    def resume(self, run_id: int) -> None:
        """Let a run go on, or try again; if another one runs, in its turn."""
        run = self.find(run_id)
        self._released.add(run_id)
        self._is_held = False
        if self._now is None:
            self._start(run)
        elif not self._is_now(run_id):
            stored.mark(self._library(), run_id, QueueStatus.WAITING)
        self.changed.emit()

    def go_on(self) -> None:
        """Do everything that waits or is paused, one after the other."""
        self._released.update(run.id for run in self.runs)
        self._is_held = False
        self._start_next()

    def stop(self, run_id: int, how: Stop) -> None:
        """Pause it, cancel it, or end its present stage with what is best so far."""
        if not self._is_now(run_id):
            if how is Stop.CANCEL:
                self.remove(run_id)
        elif how is Stop.PAUSE:
            self.pause(run_id)
        elif how is Stop.CANCEL:
            self._stop_task(how)
        elif self._now is not None:
            self._now.keep = how
            self.changed.emit()

    def remove(self, run_id: int) -> None:
        """Take a run that is not under way off the list; one that has begun is given up.

        Raises:
            FsamtError: It is under way.
        """
        run = self.find(run_id)
        if run.has_begun and not run.status.is_over:
            self._cancel_at_rest(run)
            return
        stored.remove(self._library(), run_id)
        self._released.discard(run_id)
        self.changed.emit()

    def move(self, run_id: int, place: int) -> None:
        """Give a run another place; 0 is the first."""
        stored.move(self._library(), run_id, place)
        self.changed.emit()

    def _library(self) -> Library:
        if self._studio.library is None:
            raise FsamtError("No library is open.", "Open one first.")
        return self._studio.library

    def _is_now(self, run_id: int) -> bool:
        return self._now is not None and self._now.run.id == run_id

    def _stop_task(self, how: Stop) -> None:
        if self._now is not None:
            self._now.task.stop(how)
            self.changed.emit()

    def _start_next(self) -> None:
        if self._now is not None or self._is_held or self._studio.library is None:
            return
        for run in self.runs:
            if run.id in self._released and run.status is not QueueStatus.RUNNING:
                self._start(run)
                return

    def _start(self, run: QueuedRun) -> None:
        library, run_id = self._library(), run.id
        self._problems.pop(run_id, None)

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Outcome:
            from fsamt_engine.runs.execute import execute

            return execute(
                library,
                run_id,
                on_progress=on_progress,
                should_stop=lambda: should_stop() or now.keep,
            )

        page = page_of(run.request)
        is_gentle = self._studio.preferences.get(GENTLE)
        task = Task(run.request.title, work, self, gentle=is_gentle, page=page)
        now = self._now = _Now(run, task)
        task.progress_changed.connect(self._progressed)
        task.failed.connect(lambda problem: self._problems.update({run_id: problem}))
        task.ended.connect(self._task_ended)
        self._studio.board.add(task)
        task.start()
        self.started.emit(run)
        self.changed.emit()

    def _progressed(self, news: tuple[Progress, ...]) -> None:
        now = self._now
        if now is None:
            return
        number = next((one.stage.number for one in reversed(news) if one.stage), now.stage)
        if number != now.stage:
            # A wish to keep the best is for one stage.
            now.stage, now.keep = number, None
            now.run = self._as_it_stands(now.run)
            self.changed.emit()
            self._studio.library_changed.emit()
        self.progressed.emit(now.run, news)

    def _task_ended(self) -> None:
        now, self._now = self._now, None
        if now is None:
            return
        if now.task.asked is Stop.PAUSE:
            self._is_held = True
        QTimer.singleShot(0, now.task, now.task.deleteLater)
        run = self._as_it_stands(now.run)
        # One that could not even begin is not over, but must not begin again and again.
        if run.status.is_over or run.id in self._problems:
            self._released.discard(run.id)
        self._studio.library_changed.emit()
        self.ended.emit(run)
        self.changed.emit()
        self._start_next()

    def _cancel_at_rest(self, run: QueuedRun) -> None:
        """What a paused run has not finished is thrown away, by the engine in the background."""
        library, run_id = self._library(), run.id
        self._problems.pop(run_id, None)

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> None:
            from fsamt_engine.runs.cancel import cancel

            cancel(library, run_id)

        def cancelled() -> None:
            self._released.discard(run_id)
            QTimer.singleShot(0, task, task.deleteLater)
            now = self._as_it_stands(run)
            if now.status.is_over or run_id in self._problems:
                self.ended.emit(now)
            self.changed.emit()

        task = Task(self.tr("Cancelling"), work, self)
        task.failed.connect(lambda problem: self._problems.update({run_id: problem}))
        task.ended.connect(cancelled)
        self._studio.board.add(task)
        task.start()

    def _library_opened(self) -> None:
        self._released.clear()
        self._problems.clear()
        self._is_held = False
        self.changed.emit()

    def _let_go(self) -> None:
        self._released.clear()

    def _as_it_stands(self, run: QueuedRun) -> QueuedRun:
        """The run as stored now; as it was, where another program took it off the list."""
        try:
            return self.find(run.id)
        except FsamtError:
            return run


@dataclass
class _Now:
    """The run under way.

    Attributes:
        stage: The number of its stage.
        keep: The wish to keep the best of this stage.
    """

    run: QueuedRun
    task: Task
    stage: int = 0
    keep: Stop | None = None
