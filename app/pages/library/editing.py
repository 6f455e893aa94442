"""Changing many takes at once without the window standing still."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.studio import Studio
from app.tasks import Problem, Task
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop

AT_ONCE = 20
"""So many takes are changed within a few milliseconds; more go to the background."""


class Editing(QObject):
    """Makes changes in the open library; few takes at once, many in the background."""

    failed = Signal(object)
    """A `Problem`; nothing was changed."""

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio

    def change(
        self,
        name: str,
        n_takes: int,
        act: Callable[[Library], object],
        then: Callable[[], None] | None = None,
    ) -> None:
        """Make a change.

        Args:
            name: What it does, for the status line.
            n_takes: How many takes it is about.
            act: Does it.
            then: Called in Qt's thread once it is done, before anybody reads the library anew.
        """
        library = self._studio.library
        if library is None:
            return
        if n_takes <= AT_ONCE:
            try:
                act(library)
            except FsamtError as error:
                self.failed.emit(Problem.of(error))
            else:
                self._done(then)
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> object:
            return act(library)

        task = Task(name, work, self._studio, page="library")
        task.finished.connect(lambda _: self._done(then))
        task.failed.connect(self.failed)
        task.ended.connect(lambda: QTimer.singleShot(0, task, task.deleteLater))
        self._studio.board.add(task)
        task.start()

    def _done(self, then: Callable[[], None] | None) -> None:
        if then is not None:
            then()
        self._studio.library_changed.emit()
