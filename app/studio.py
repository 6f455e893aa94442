"""What all pages share: the open library, the engine, the runs, what is remembered."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine import Engine
from app.preferences import Preferences
from app.run_queue import RunQueue
from app.tasks import Problem, Task, TaskBoard
from app.widgets.undo import Undoing
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop, Stop


class Studio(QObject):
    """The state of the program behind the window."""

    library_opened = Signal(object)
    """The `Library` that is now open."""
    library_closing = Signal()
    """Everybody lets go of the library now: threads end, files close."""
    library_changed = Signal()
    """A model was made, takes came: what is shown of the library is to be read anew."""
    takes_recovered = Signal(int)
    """So many takes were found in the open library that a killed program had not completed."""
    opening = Signal(object)
    """The `Path` of the library that is being opened."""
    opening_failed = Signal(object)
    """A `Problem`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library: Library | None = None
        self.preferences = Preferences(self)
        self.engine = Engine(self.preferences, self)
        self.board = TaskBoard(self)
        self.undoing = Undoing(self)
        self.runs = RunQueue(self)
        self._opening: Task | None = None

    @property
    def is_opening(self) -> bool:
        """Whether a library is on its way."""
        return self._opening is not None

    def open_library(self, root: Path) -> None:
        """Open a library, or make one in an empty folder, in the background."""
        if self._opening is not None or self.board.running:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> _Opened:
            return _open_or_create(root)

        task = Task(self.tr("Opening the library"), work, self)
        task.finished.connect(self._library_arrived)
        task.failed.connect(self.opening_failed)
        task.ended.connect(self._opening_ended)
        self._opening = task
        self.opening.emit(root)
        task.start()

    def close_library(self) -> None:
        """Let go of the open library; runs must have ended before."""
        if self.library is None:
            return
        self.library_closing.emit()
        library, self.library = self.library, None
        library.close()

    def pause_runs(self) -> None:
        """Ask every run to stop so that it can go on later."""
        for task in self.board.running:
            task.stop(Stop.PAUSE)

    def close(self) -> None:
        """End what is in the background and close the library; runs must have ended before."""
        if self._opening is not None:
            self._opening.wait(60_000)
        self.close_library()
        self.engine.wait(120_000)

    def _library_arrived(self, opened: "_Opened") -> None:
        self.close_library()
        self.library = opened.library
        self.preferences.remember_library(opened.library.root)
        self.library_opened.emit(opened.library)
        if opened.n_recovered:
            self.takes_recovered.emit(opened.n_recovered)
        if opened.problem is not None:
            self.opening_failed.emit(opened.problem)

    def _opening_ended(self) -> None:
        task, self._opening = self._opening, None
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)


@dataclass(frozen=True)
class _Opened:
    """A library, and what became of the recordings that a killed program left in it."""

    library: Library
    n_recovered: int = 0
    problem: Problem | None = None


def _open_or_create(root: Path) -> _Opened:
    if (root / "library.db").is_file():
        return _recovered(Library.open(root))
    if not root.is_dir():
        raise FsamtError(f"There is no folder {root}.", "It may have been moved or renamed.")
    if any(root.iterdir()):
        raise FsamtError(
            f"{root} holds other files, and no library.",
            "Choose the folder that holds library.db, or an empty folder for a new library.",
        )
    return _Opened(Library.create(root))


def _recovered(library: Library) -> _Opened:
    # Brings the codecs in: never before the window is there.
    from fsamt_engine.capture.recovery import recover_takes

    try:
        return _Opened(library, len(recover_takes(library)))
    except FsamtError as error:
        return _Opened(library, problem=Problem.of(error))
