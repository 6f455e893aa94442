"""Simulated takes for somebody who has no recordings yet."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.studio import Studio
from app.tasks import Problem, Task
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.takes import count_takes, existing_source_keys
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

PARTICIPANTS = 6
TAKES_PER_ACTION = 2
SOURCE_ACTIONS = ("bow", "kick", "pull", "push", "sit down", "throw")
OWN_ACTIONS = ("background", "clap", "jump", "pick up", "squat", "wave")
ACTIONS = SOURCE_ACTIONS + OWN_ACTIONS
"""Six for a teacher, six to recognise."""
_WIDTH = 640


class SimulatedTakes(QWidget):
    """Offers simulated takes, and makes them; never beside takes that are real."""

    added = Signal(object)
    """How many takes came."""
    failed = Signal(object)
    """A `Problem`."""
    wanted_here = Signal()
    """A library was opened for simulated takes: this page is to be seen."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._task: Task | None = None
        self._is_asked = False
        self.button = QPushButton()
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self._asked)
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.setToolTip(self.tr("Takes that are done stay; it can go on later"))
        self.stop_button.clicked.connect(self.stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Simulated takes"))
        self.told = label(quiet=True, wrap=True)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.stop_button)
        row.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.told)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(row)
        self.setMaximumWidth(_WIDTH)
        studio.library_opened.connect(self._opened)
        studio.opening_failed.connect(self._forget)
        studio.library_closing.connect(self._let_go)
        self.refresh()

    @property
    def is_busy(self) -> bool:
        """Whether takes are being made."""
        return self._task is not None

    def refresh(self) -> None:
        """Offer what can be done now; nothing beside takes that are real.

        Raises:
            FsamtError: The library cannot be read.
        """
        library = self._studio.library
        busy = self.is_busy
        there = _simulated(library) if library is not None else 0
        is_offered = there is not None and there < _settings_size()
        self.setVisible(busy or is_offered)
        self.button.setVisible(not busy)
        self.stop_button.setVisible(busy)
        self.bar.setVisible(busy)
        if busy:
            return
        self.told.setText(
            self.tr(
                "No recordings yet? Simulated people perform {actions} before a simulated camera, "
                "{takes} with labels: enough to try everything, in about a minute or two."
            ).format(actions=words.actions(len(ACTIONS)), takes=words.takes(_settings_size()))
        )
        if there:
            self.button.setText(
                self.tr("Simulate the other {n} takes").format(n=_settings_size() - there)
            )
        elif library is None:
            self.button.setText(self.tr("Try it with simulated takes…"))
        else:
            self.button.setText(self.tr("Try it with simulated takes"))
        self.button.setToolTip(
            self.tr("Choose an empty folder for them, a library of its own")
            if library is None
            else self.tr("Add simulated takes to this library")
        )
        is_free = not (self._studio.is_opening or self._studio.board.running)
        self.button.setEnabled(is_free)
        if not is_free:
            self.button.setToolTip(self.tr("Something else is under way in this library."))

    def start(self) -> None:
        """Add the takes that are not there yet."""
        library = self._studio.library
        if library is None or self.is_busy:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> int:
            from fsamt_engine.capture.simulated_library import (
                SimulatedLibrarySettings,
                add_simulated_takes,
            )

            settings = SimulatedLibrarySettings(PARTICIPANTS, TAKES_PER_ACTION, ACTIONS)
            return add_simulated_takes(
                library, settings, on_progress=on_progress, should_stop=should_stop
            )

        task = self._task = Task(self.tr("Simulating takes"), work, self, gentle=True, page="start")
        task.progress_changed.connect(self._progressed)
        task.finished.connect(self.added)
        task.failed.connect(self.failed)
        task.ended.connect(self._ended)
        self._studio.board.add(task)
        self.bar.setRange(0, 0)
        self.told.setText(self.tr("The simulated camera is being set up…"))
        task.start()
        self.refresh()

    def stop(self) -> None:
        """Stop after the take that is being made."""
        if self._task is not None:
            self._task.stop(Stop.PAUSE)

    def _asked(self) -> None:
        if self._studio.library is not None:
            self.start()
            return
        folder = QFileDialog.getExistingDirectory(
            self, self.tr("Choose an empty folder for simulated takes"), str(Path.home())
        )
        if folder:
            self.make_library(Path(folder))

    def make_library(self, root: Path) -> None:
        """Make a library in an empty folder, with simulated takes in it."""
        self._is_asked = True
        self._studio.open_library(root)

    def _opened(self, library: Library) -> None:
        asked, self._is_asked = self._is_asked, False
        if not asked:
            return
        self.wanted_here.emit()
        if count_takes(library):
            problem = Problem(
                self.tr("This library has takes already, so none were simulated."),
                self.tr("Choose an empty folder for simulated takes."),
            )
            self.failed.emit(problem)
            return
        self.start()

    def _forget(self) -> None:
        self._is_asked = False

    def _progressed(self, news: tuple[Progress, ...]) -> None:
        latest = news[-1]
        self.bar.setRange(0, max(1, latest.total))
        self.bar.setValue(latest.done)
        text = self.tr("Simulating: {done} of {total} takes").format(
            done=latest.done, total=latest.total
        )
        if latest.seconds_left is not None:
            text += " · " + self.tr("{n:.0f} s left").format(n=latest.seconds_left)
        self.told.setText(text)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.retire()
        self._studio.library_changed.emit()
        try:
            self.refresh()
        except FsamtError as error:
            self.failed.emit(Problem.of(error))

    def _let_go(self) -> None:
        if self._task is not None:
            self._task.stop(Stop.PAUSE)
            self._task.wait(60_000)


def _settings_size() -> int:
    return PARTICIPANTS * TAKES_PER_ACTION * len(ACTIONS)


def _simulated(library: Library) -> int | None:
    """How many simulated takes there are; None beside takes that are real."""
    n = len(existing_source_keys(library, "simulated"))
    return n if n == count_takes(library) else None
