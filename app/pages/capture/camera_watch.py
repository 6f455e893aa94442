"""Looks for cameras again and again, so that they appear when they are plugged in."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.tasks import Task
from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import CameraInfo
from fsamt_engine.progress import OnProgress, ShouldStop

_INTERVAL_MS = 2000


@dataclass(frozen=True)
class _Found:
    cameras: tuple[CameraInfo, ...]
    missing: str


class CameraWatch(QObject):
    """Lists the cameras in the background while it is switched on.

    Attributes:
        cameras: What was found at the last look.
        has_looked: Whether there was one.
        missing: What cameras of some kind would need on this computer, "" where nothing is missing.
    """

    cameras_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cameras: tuple[CameraInfo, ...] = ()
        self.has_looked = False
        self.missing = ""
        self._task: Task | None = None
        self._is_on = False
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Look now, and from now on."""
        self._is_on = True
        self._look()

    def stop(self) -> None:
        """Look no more."""
        self._is_on = False
        self._timer.stop()

    def close(self) -> None:
        """Look no more, and wait for the look that is under way."""
        self.stop()
        if self._task is not None:
            self._task.wait(60_000)

    def _look(self) -> None:
        if self._task is not None:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> _Found:
            missing = cameras.missing()
            return _Found(tuple(cameras.list_cameras()), str(missing) if missing else "")

        self._task = Task(self.tr("Looking for cameras"), work, self)
        self._task.finished.connect(self._found)
        self._task.ended.connect(self._looked)
        self._task.start()

    def _found(self, found: _Found) -> None:
        is_news = found.cameras != self.cameras or not self.has_looked
        self.cameras, self.missing, self.has_looked = found.cameras, found.missing, True
        if is_news:
            self.cameras_changed.emit()

    def _looked(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.retire()
        if self._is_on:
            self._timer.start()
