"""One recogniser on one source: opened, changed and closed in the background, watched from here."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.pages.live.going_out import GoingOut
from app.pages.live.running import Running, Wanted, open_model
from app.tasks import Problem, Task, Work
from fsamt_engine.capture.feed import FeedState
from fsamt_engine.errors import Cancelled
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Answer, LiveState

if TYPE_CHECKING:
    from fsamt_engine.recognition.opened import OpenStreams
    from fsamt_engine.recognition.recogniser import Recogniser
    from fsamt_engine.recognition.watcher import Watcher

_IDLE_TICK_MS = 40
"""Pictures come at this pace where answers come more rarely, or not at all."""

_OPEN_S = 15.0
_CLOSE_MS = 60_000


class Recognising(QObject):
    """Brings what runs to what is wanted, step by step, and never lets Qt's thread wait.

    Args:
        going_out: Gets every event.

    Attributes:
        state: The newest state of what runs, None where nothing does.
        step: What is being done, in words; "" while nothing is.
    """

    ticked = Signal(object)
    """The `LiveState` of now: with every answer, and 25 times a second where there are fewer."""
    changed = Signal()
    """It runs, or runs no more, or `step` is another."""
    ended = Signal()
    """A take or a recording was played to its end."""
    failed = Signal(object)
    """A `Problem`; nothing runs then, unless only another model could not be opened."""
    _answered = Signal()

    def __init__(self, going_out: GoingOut, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._going_out = going_out
        self.state: LiveState | None = None
        self.step = ""
        self._wanted: Wanted | None = None
        self._running: Running | None = None
        self._opened: list[Running] = []
        self._task: Task | None = None
        self._last: tuple[Wanted, Watcher] | None = None
        self._has_ended = False
        self._timer = QTimer(self, interval=_IDLE_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._is_told = threading.Event()
        self._answered.connect(self._tick_at_once)

    @property
    def is_wanted(self) -> bool:
        """Whether something is to run."""
        return self._wanted is not None

    @property
    def is_running(self) -> bool:
        """Whether something runs."""
        return self._running is not None

    @property
    def wanted(self) -> Wanted | None:
        """What is to run."""
        return self._wanted

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions of the model that answers now."""
        return self._running.model.actions if self._running is not None else ()

    @property
    def clip_s(self) -> float:
        """How long the model has to watch for a full answer, in seconds; 0 where nothing runs."""
        if self._running is None:
            return 0.0
        look = self._running.model.look
        return look.rests_on / look.rate_hz

    def want(self, wanted: Wanted | None) -> None:
        """Run this; None for nothing. What is under way is ended first."""
        self._wanted = wanted
        if wanted is None and self._task is not None:
            self._task.stop(Stop.CANCEL)
        self._settle()

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Let other thresholds hold from the next answer on."""
        if self._wanted is not None:
            self._wanted = replace(self._wanted, settings=settings)
        if self._running is not None:
            self._running.recogniser.change_settings(settings)

    def shown(self, number: int) -> None:
        """An answer is on the screen now."""
        if self._running is not None:
            self._running.recogniser.shown(number)

    @property
    def recogniser(self) -> "Recogniser | None":
        """What runs."""
        return self._running.recogniser if self._running is not None else None

    def streams(self) -> "OpenStreams | None":
        """What is open now, read back from the driver; None where nothing runs."""
        if self._running is None:
            return None
        from fsamt_engine.recognition.opened import stream_line

        return stream_line(self._running.feed)

    def close(self) -> None:
        """Stop, and wait for it."""
        self._wanted = None
        self._timer.stop()
        if self._task is not None:
            self._task.stop(Stop.CANCEL)
            self._task.wait(_CLOSE_MS)
        for running in [*self._opened, *([self._running] if self._running else [])]:
            running.close()
        self._opened.clear()
        self._running = self._last = self.state = None

    def _settle(self) -> None:
        """Take the next step towards what is wanted; called again when it is done."""
        if self._task is None:
            wanted, running = self._wanted, self._running
            if running is not None and (
                wanted is None or not wanted.is_same_source(running.wanted)
            ):
                self._close(running)
            elif wanted is not None and running is None:
                self._open(wanted)
            elif wanted is not None and running is not None and wanted != running.wanted:
                self._change_model(running, wanted)
        self.changed.emit()

    def _open(self, wanted: Wanted) -> None:
        opened, ready = self._opened, self._ready(wanted)

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> None:
            # Bring PyTorch in, and what runs the network: never before they are needed.
            from fsamt_engine.recognition.recogniser import Recogniser
            from fsamt_engine.recognition.sources import open_source
            from fsamt_engine.recognition.watching import known_of

            model = ready or open_model(wanted, on_progress)
            if should_stop():
                raise Cancelled
            known = known_of(wanted.library, wanted.source_id)
            self._going_out.begin(wanted.model.id, wanted.source_id)
            feed = open_source(wanted.library, wanted.source_id)
            try:
                feed.wait_until_open(_OPEN_S)
                recogniser = Recogniser(
                    feed,
                    model,
                    wanted.settings,
                    on_answer=self._tell,
                    on_event=self._going_out.write,
                    region=known.region,
                    segments=known.segments,
                    warm_up=known.warm_up,
                )
            except BaseException:
                feed.close()
                raise
            opened.append(Running(wanted, feed, recogniser, model))

        self._begin(self.tr("The recogniser is being opened…"), work)

    def _change_model(self, running: Running, wanted: Wanted) -> None:
        if wanted.model.id == running.wanted.model.id:
            running.wanted = wanted
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> None:
            model = open_model(wanted, on_progress)
            self._going_out.change_model(wanted.model.id)
            running.recogniser.change_model(model)
            running.recogniser.change_settings(wanted.settings)
            running.model, running.wanted = model, wanted

        def stay(problem: Problem) -> None:
            """The one that answered goes on."""
            if self._wanted is wanted:
                self._wanted = running.wanted
            self.failed.emit(problem)

        self._begin(self.tr("Another recogniser is being opened…"), work, stay)

    def _ready(self, wanted: Wanted) -> "Watcher | None":
        """The model that answered last, if it is the same: it is open and measured."""
        before, model = self._last or (None, None)
        if before is None or model is None or before.device != wanted.device:
            return None
        return model if model.record.id == wanted.model.id else None

    def _close(self, running: Running) -> None:
        self._timer.stop()
        self._last = (running.wanted, running.model)
        self._running = self.state = None

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> None:
            running.close()

        self._begin(self.tr("The camera is being closed…"), work)

    def _begin(self, step: str, work: Work, fail: Callable[[Problem], None] | None = None) -> None:
        self.step = step
        task = Task(step, work, self)
        task.failed.connect(fail or self._fail)
        task.progress_changed.connect(self._say_progress)
        task.ended.connect(lambda: self._step_done(task))
        self._task = task
        task.start()

    def _say_progress(self, news: tuple[Progress, ...]) -> None:
        self.step = news[-1].what
        self.changed.emit()

    def _step_done(self, task: Task) -> None:
        self._task = None
        self.step = ""
        task.retire()
        if self._opened:
            self._running = self._opened.pop()
            self._has_ended = False
            self._timer.start()
        self._settle()

    def _tell(self, answer: Answer) -> None:
        """An answer has come, says the network's thread; Qt's looks as soon as it can."""
        if not self._is_told.is_set():
            self._is_told.set()
            self._answered.emit()

    def _tick_at_once(self) -> None:
        self._is_told.clear()
        if self._timer.isActive():
            self._timer.start()
            self._tick()

    def _tick(self) -> None:
        if self._running is None:
            return
        state = self.state = self._running.recogniser.state()
        failure = state.failure
        if failure is None and state.source.state is FeedState.FAILED:
            failure = state.source.failure
        if failure is not None:
            self._fail(Problem.of(failure))
            self._settle()
            return
        self.ticked.emit(state)
        if state.source.state is FeedState.ENDED and not self._has_ended:
            self._has_ended = True
            self.ended.emit()

    def _fail(self, problem: Problem) -> None:
        self._wanted = None
        self.failed.emit(problem)
