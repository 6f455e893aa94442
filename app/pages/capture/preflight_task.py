"""Checks the cameras in the background, and gives way to a recording."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.tasks import Task
from fsamt_engine.capture.checks import Check
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.preflight import preflight
from fsamt_engine.progress import OnProgress, ShouldStop, Stop


class PreflightTask(QObject):
    """At most one preflight at a time; the last one that was asked for counts."""

    checked = Signal(object)
    """A list of `Check`."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._next: tuple[Path, dict[str, CameraFeed]] | None = None

    def check(self, library_root: Path, feeds: Mapping[str, CameraFeed]) -> None:
        """Check these cameras (by what they are called), and nothing that was asked for before."""
        self.stop()
        self._next = (library_root, dict(feeds))
        self._begin()

    def stop(self) -> None:
        """Break off, without a result."""
        self._next = None
        if self._task is not None:
            self._task.stop(Stop.CANCEL)

    def close(self) -> None:
        """Break off, and wait for it."""
        self.stop()
        if self._task is not None:
            self._task.wait(60_000)

    def _begin(self) -> None:
        if self._task is not None or self._next is None:
            return
        (root, feeds), self._next = self._next, None

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> list[Check]:
            return check_cameras(root, feeds, should_stop)

        self._task = Task(self.tr("Preflight"), work, self)
        self._task.finished.connect(self._found)
        self._task.failed.connect(self.failed)
        self._task.ended.connect(self._ended)
        self._task.start()

    def _found(self, checks: list[Check]) -> None:
        if self._next is None:
            self.checked.emit(checks)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.retire()
        self._begin()


def check_cameras(
    root: Path, feeds: Mapping[str, CameraFeed], should_stop: ShouldStop
) -> list[Check]:
    """The checks of all cameras; where there are several, each says which one it is about.

    Raises:
        Cancelled: It was asked to stop.
        FsamtError: A camera cannot be opened.
    """
    found: list[Check] = []
    for name, feed in feeds.items():
        for check in preflight(root, feed, should_stop=should_stop):
            found.append(check if len(feeds) == 1 else replace(check, name=f"{check.name}, {name}"))
    return found
