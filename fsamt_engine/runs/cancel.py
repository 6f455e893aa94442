"""Giving up a run that has stopped: what it had not finished is thrown away."""

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.store import checkpoint_path
from fsamt_engine.library import Library, RunStatus
from fsamt_engine.library.runs import finish_run, list_runs
from fsamt_engine.runs.queue import QueueStatus, mark, queued_run
from fsamt_engine.runs.words import what_stays


def cancel(library: Library, run_id: int) -> None:
    """Cancel a run that is paused, or waits to go on.

    Raises:
        FsamtError: It is under way, or no longer there.
    """
    run = queued_run(library, run_id)
    if run.status is QueueStatus.RUNNING:
        raise FsamtError("This run is under way.", "Stop it where it runs.")
    mark(library, run_id, QueueStatus.CANCELLED, what_stays(run))
    for stage in list_runs(library, RunStatus.PAUSED):
        if stage.id == run.stage_run_id:
            checkpoint_path(library, stage.key).unlink(missing_ok=True)
            finish_run(library, stage.id, RunStatus.CANCELLED)
