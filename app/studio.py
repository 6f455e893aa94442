"""What all pages share: the open library, the engine, the runs, what is remembered."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine import Engine
from app.preferences import Preferences
from app.tasks import Task, TaskBoard
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
    opening = Signal(object)
    """The `Path` of the library that is being opened."""
    opening_failed = Signal(object)
    """A `Problem`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library: Library | None = None
        self.preferences = Preferences()
        self.engine = Engine(self)
        self.board = TaskBoard(self)
        self._opening: Task | None = None

    @property
    def is_opening(self) -> bool:
        """Whether a library is on its way."""
        return self._opening is not None

    def open_library(self, root: Path) -> None:
        """Open a library, or make one in an empty folder, in the background."""
        if self._opening is not None or self.board.running:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Library:
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

    def _library_arrived(self, library: Library) -> None:
        self.close_library()
        self.library = library
        self.preferences.remember_library(library.root)
        self.library_opened.emit(library)

    def _opening_ended(self) -> None:
        task, self._opening = self._opening, None
        if task is not None:
            QTimer.singleShot(0, task.deleteLater)


def _open_or_create(root: Path) -> Library:
    if (root / "library.db").is_file():
        return Library.open(root)
    if not root.is_dir():
        raise FsamtError(f"There is no folder {root}.", "It may have been moved or renamed.")
    if any(root.iterdir()):
        raise FsamtError(
            f"{root} holds other files, and no library.",
            "Choose the folder that holds library.db, or an empty folder for a new library.",
        )
    return Library.create(root)
