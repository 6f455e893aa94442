"""Moments of live depth that may be kept: in memory until somebody decides, then in the library."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.pages.live.uncertain_panel import KEPT_S
from app.tasks import Task
from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.recognition.keeping import keep_moment
from fsamt_engine.recognition.uncertainty import UncertainMoment

if TYPE_CHECKING:
    from fsamt_engine.recognition.recogniser import Recogniser


class Moments(QObject):
    """Holds the last seconds of what is watched, and the moments that nobody has decided on."""

    kept = Signal(object, str)
    """An `UncertainMoment`, and the id of its take."""
    failed = Signal(object, object)
    """An `UncertainMoment` that is still held, and the `Problem` why it could not be stored."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recogniser: Recogniser | None = None
        self._held: dict[int, tuple[OpenedCamera, Sequence[Frame]]] = {}
        self._tasks: list[Task] = []

    @property
    def held(self) -> tuple[int, ...]:
        """Numbers of the moments whose frames are in memory."""
        return tuple(self._held)

    def follow(self, recogniser: "Recogniser | None") -> None:
        """Take the frames from here; None for nothing."""
        self._recogniser = recogniser

    def hold(self, moment: UncertainMoment) -> None:
        """Hold on to the frames of a moment that was just noticed."""
        if self._recogniser is None:
            return
        opened = self._recogniser.state().opened
        if opened is not None:
            self._held[moment.number] = (opened, self._recogniser.last_frames(KEPT_S))

    def let_go(self, moment: UncertainMoment) -> None:
        """Nobody wants this moment."""
        self._held.pop(moment.number, None)

    def keep(self, library: Library, moment: UncertainMoment, model_id: str, reason: str) -> None:
        """Store a moment, in the background; one that is not held is that of now."""
        if moment.number not in self._held:
            self.hold(moment)
        opened, frames = self._held.get(moment.number, (None, ()))

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> str:
            assert opened is not None
            return keep_moment(
                library,
                frames,
                opened,
                guess=moment.guess,
                score=1.0 - moment.margin if not moment.is_chosen else 1.0,
                model_id=model_id,
                reason=reason,
            )

        task = Task(self.tr("Keeping a moment"), work, self, page="live")
        task.finished.connect(lambda take_id: self._is_kept(moment, take_id))
        task.failed.connect(lambda problem: self.failed.emit(moment, problem))
        task.ended.connect(lambda: self._ended(task))
        self._tasks.append(task)
        task.start()

    def close(self) -> None:
        """Wait for what is being stored, and forget the rest."""
        for task in self._tasks:
            task.wait(60_000)
        self._held.clear()
        self._recogniser = None

    def _is_kept(self, moment: UncertainMoment, take_id: str) -> None:
        self._held.pop(moment.number, None)
        self.kept.emit(moment, take_id)

    def _ended(self, task: Task) -> None:
        self._tasks.remove(task)
        task.retire()
