"""Doing a run of the queue, so that whatever end it takes is written down."""

from contextlib import suppress
from dataclasses import dataclass

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, Progress, ShouldStop
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.perform import perform
from fsamt_engine.runs.queue import (
    QueueStatus,
    begin,
    mark,
    note_outcome,
    note_stage_run,
    queued_run,
)
from fsamt_engine.runs.words import what_stays


def execute(
    library: Library,
    run_id: int,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """Do a run of the queue from where it is to whatever end it takes.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: It is running elsewhere or finished; and as `perform`.
    """
    had_failed = queued_run(library, run_id).status.is_over
    run = begin(library, run_id)
    notes = _Notes(library, run_id, on_progress)
    try:
        outcome = perform(
            library,
            run.request,
            begun=_anew(run.outcome) if had_failed else run.outcome,
            on_outcome=lambda made: note_outcome(library, run_id, made),
            on_progress=notes.on_progress,
            should_stop=should_stop,
        )
    except (Cancelled, KeyboardInterrupt) as stopped:
        goes_on = isinstance(stopped, KeyboardInterrupt) or stopped.resumable
        if goes_on:
            mark(library, run_id, QueueStatus.PAUSED)
        else:
            mark(library, run_id, QueueStatus.CANCELLED, what_stays(queued_run(library, run_id)))
        raise
    except Exception as error:
        known = isinstance(error, FsamtError)
        message = str(error) if known else f"{type(error).__name__}: {error}"
        # The disk may be full for the database as well; that must not hide the failure itself.
        with suppress(FsamtError):
            mark(library, run_id, QueueStatus.FAILED, message)
        raise
    note_outcome(library, run_id, outcome)
    mark(library, run_id, QueueStatus.FINISHED, " ".join(outcome.notes))
    return outcome


def _anew(outcome: Outcome | None) -> Outcome | None:
    """Tried again after a failure, a run that has made nothing takes the labels as they are now."""
    return outcome if outcome is not None and outcome.model_id else None


@dataclass
class _Notes:
    """Notes in the queue where the curves of the present stage are."""

    library: Library
    run_id: int
    heard: OnProgress | None
    stage_run_id: int | None = None

    def on_progress(self, progress: Progress) -> None:
        of_stage = progress.stage.progress.run_id if progress.stage else None
        if of_stage is not None and of_stage != self.stage_run_id:
            self.stage_run_id = of_stage
            note_stage_run(self.library, self.run_id, of_stage)
        if self.heard:
            self.heard(progress)
