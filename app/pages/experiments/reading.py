"""The experiments of the open library, read in the background and again while one goes on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.lookup import Lookup
from app.pages.experiments.entries import State, entries_of
from app.studio import Studio
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.published import published
from fsamt_engine.experiments.stored import StoredExperiment, list_experiments
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

if TYPE_CHECKING:
    from fsamt_engine.experiments.ordering import Sentence

    Judged = tuple[StoredExperiment, tuple[Sentence, ...]]
    """An experiment, and what it says of the paper's order."""

_AGAIN_MS = 1500
"""While a table fills in, in this window or in another program."""


class Reading(QObject):
    """Asks the library for its experiments, and puts the queue's runs beside them."""

    found = Signal(tuple)
    """Every `Entry`, the one that was begun last first."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.is_watching = False
        self._lookup = Lookup(self.tr("Reading the experiments"), self)
        self._lookup.found.connect(self._found)
        self._lookup.failed.connect(self.failed)
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self.ask)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._lookup.is_busy

    def ask(self) -> None:
        """Read them anew."""
        library = self._studio.library
        if library is None:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "list[Judged]":
            from fsamt_engine.experiments.ordering import ordering

            found = list_experiments(library)
            return [(one, ordering(one.table, published(one.kind))) for one in found]

        self._again.stop()
        self._lookup.ask(work)

    def watch(self, watching: bool) -> None:
        """Whether somebody looks: then what goes on is read again and again."""
        self.is_watching = watching
        if not watching:
            self._again.stop()

    def let_go(self) -> None:
        """The library closes."""
        self.watch(False)
        self._lookup.drop()

    def _found(self, stored: "list[Judged]") -> None:
        try:
            entries = entries_of(stored, self._runs())
        except FsamtError:
            return
        self.found.emit(entries)
        if self.is_watching and any(entry.state is State.RUNNING for entry in entries):
            self._again.start()

    def _runs(self) -> list[QueuedRun]:
        """Of the queue; the one that has just been started is under way, stored or not."""
        runs, now = self._studio.runs, self._studio.runs.running
        return [
            replace(run, status=QueueStatus.RUNNING) if now and run.id == now.id else run
            for run in (*runs.runs, *runs.ended_runs)
        ]
