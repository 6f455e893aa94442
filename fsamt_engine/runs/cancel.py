"""Giving up a run that has stopped: what it had not finished is thrown away."""

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.store import checkpoint_path
from fsamt_engine.library import Library, RunStatus
from fsamt_engine.library.runs import finish_run, list_runs
from fsamt_engine.runs.queue import QueueStatus, mark, queued_run, remove
from fsamt_engine.runs.words import what_stays


def cancel(library: Library, run_id: int) -> None:
    """Cancel a run that waits or is paused. One that never began leaves the queue.

    Raises:
        FsamtError: It is under way, or no longer there.
    """
    run = queued_run(library, run_id)
    if run.status is QueueStatus.RUNNING:
        raise FsamtError("This run is under way.", "Stop it where it runs.")
    if run.status is QueueStatus.WAITING and run.outcome is None and run.stage_run_id is None:
        remove(library, run_id)
        return
    mark(library, run_id, QueueStatus.CANCELLED, what_stays(run))
    for stage in list_runs(library, RunStatus.PAUSED):
        if stage.id == run.stage_run_id:
            checkpoint_path(library, stage.key).unlink(missing_ok=True)
            finish_run(library, stage.id, RunStatus.CANCELLED)
