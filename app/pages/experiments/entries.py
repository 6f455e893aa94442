"""What the list of experiments shows: what is stored, and what the queue says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app import words
from app.pages.experiments.kinds import words_of
from fsamt_engine.experiments.stored import ExperimentStatus, StoredExperiment
from fsamt_engine.runs import ExperimentRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

if TYPE_CHECKING:
    from fsamt_engine.experiments.ordering import Sentence

translate = QCoreApplication.translate


class State(StrEnum):
    """Where an experiment is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


_LOOKS = {
    State.WAITING: ("chevron-right", "quiet"),
    State.RUNNING: ("run", "accent"),
    State.PAUSED: ("pause", "caution"),
    State.STOPPED: ("pause", "caution"),
    State.FAILED: ("bad", "bad"),
    State.FINISHED: ("good", "good"),
}

_OF_QUEUE = {
    QueueStatus.WAITING: State.WAITING,
    QueueStatus.RUNNING: State.RUNNING,
    QueueStatus.PAUSED: State.PAUSED,
    QueueStatus.FAILED: State.FAILED,
}


@dataclass(frozen=True)
class Entry:
    """One experiment.

    Attributes:
        id: Of the experiment.
        stored: What is kept of it; None while it waits for its first cell.
        run: The newest run of the queue that fills it in; None where it came from the terminal.
        sentences: What its table says of the paper's order.
    """

    id: str
    kind: str
    created_at_us: int
    stored: StoredExperiment | None = None
    run: QueuedRun | None = None
    sentences: tuple["Sentence", ...] = ()

    @property
    def title(self) -> str:
        """What its table is about."""
        return words_of(self.kind).title

    @property
    def state(self) -> State:
        """What is stored counts where it is whole; until then the queue knows best."""
        if self.stored is not None and self.stored.status is ExperimentStatus.FINISHED:
            return State.FINISHED
        if self.run is not None and self.run.status in _OF_QUEUE:
            return _OF_QUEUE[self.run.status]
        if self.stored is not None and self.stored.status is ExperimentStatus.RUNNING:
            return State.RUNNING
        return State.STOPPED

    @property
    def can_go_on(self) -> bool:
        """Whether a person can let it go on from where it is."""
        return self.state in (State.PAUSED, State.STOPPED, State.FAILED, State.WAITING)

    def is_same(self, other: "Entry") -> bool:
        """Whether both are one experiment: it gets its own id only when its run has begun."""
        runs = self.run, other.run
        return self.id == other.id or (
            runs[0] is not None and runs[1] is not None and runs[0].id == runs[1].id
        )

    @property
    def look(self) -> tuple[str, str]:
        """Name and colour role of its icon."""
        return _LOOKS[self.state]

    @property
    def counts(self) -> tuple[int, int]:
        """Trainings of cells that are there, and of how many; 0 of 0 while that is not known."""
        if self.stored is None:
            return 0, 0
        return self.stored.table.n_done, self.stored.table.n_cells

    @property
    def state_line(self) -> str:
        """As "Finished, 30 of 30"."""
        done, total = self.counts
        state = state_word(self.state)
        if not total:
            return state
        return translate("Experiments", "{state} · {done} of {total} trained").format(
            state=state, done=f"{done:,}", total=f"{total:,}"
        )

    @property
    def day(self) -> str:
        """When it was begun."""
        return words.day(self.created_at_us)


def state_word(state: State) -> str:
    """As it stands in the list."""
    return {
        State.WAITING: translate("Experiments", "Waiting"),
        State.RUNNING: translate("Experiments", "Under way"),
        State.PAUSED: translate("Experiments", "Paused"),
        State.STOPPED: translate("Experiments", "Not finished"),
        State.FAILED: translate("Experiments", "Stopped by a problem"),
        State.FINISHED: translate("Experiments", "Finished"),
    }[state]


def standing_words(entry: Entry) -> str:
    """What has to be said of an experiment that no run of this window's queue tells of."""
    if entry.stored is None:
        if entry.state is State.FAILED:
            return ""
        return translate("Experiments", "The table appears here when its run has begun.")
    has_word = entry.run is not None and not entry.run.status.is_over
    if entry.state is State.RUNNING and not has_word:
        return translate("Experiments", "It is filled in by another window or program.")
    if entry.state is State.STOPPED:
        return translate(
            "Experiments",
            "It was stopped, or its program ended, before every cell was there. What is there "
            "stays; “Continue” computes the rest.",
        )
    return ""


def go_on_words(state: State) -> tuple[str, str]:
    """On the button that lets an experiment go on, and its tooltip."""
    if state is State.WAITING:
        return (
            translate("Experiments", "Start"),
            translate("Experiments", "Start it, or let it follow what is under way (Ctrl+Return)"),
        )
    if state is State.FAILED:
        return (
            translate("Experiments", "Try again"),
            translate("Experiments", "Go on once the problem is solved; no cell is lost"),
        )
    return (
        translate("Experiments", "Continue"),
        translate("Experiments", "Compute the cells that are missing; those that are there stay"),
    )


def entries_of(
    stored: Sequence[tuple[StoredExperiment, tuple["Sentence", ...]]], runs: Sequence[QueuedRun]
) -> tuple[Entry, ...]:
    """Every experiment once, the one that was begun last first.

    Args:
        stored: What the library keeps, with what it says of the paper's order.
        runs: Of the queue, over or not; those that are no experiment are passed over.
    """
    newest: dict[str, QueuedRun] = {}
    unknown: list[QueuedRun] = []
    for run in sorted(runs, key=lambda one: one.id):
        if isinstance(run.request, ExperimentRequest):
            experiment_id = run.outcome.experiment_id if run.outcome else None
            if experiment_id:
                newest[experiment_id] = run
            elif run.status is not QueueStatus.CANCELLED:
                unknown.append(run)
    known = {one.id for one, _ in stored}
    entries = [
        Entry(one.id, str(one.kind), one.created_at_us, one, newest.get(one.id), sentences)
        for one, sentences in stored
    ]
    entries += [
        Entry(f"run-{run.id}", run.request.settings["kind"], run.added_at_us, None, run)
        for run in unknown
        if isinstance(run.request, ExperimentRequest)
    ]
    entries += [
        Entry(name, run.request.settings["kind"], run.added_at_us, None, run)
        for name, run in newest.items()
        if name not in known
        and not run.status.is_over
        and isinstance(run.request, ExperimentRequest)
    ]
    return tuple(sorted(entries, key=lambda one: (-one.created_at_us, one.id)))
