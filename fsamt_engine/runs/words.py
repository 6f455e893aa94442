"""What became of a run, in sentences."""

from fsamt_engine.runs.queue import QueuedRun


def what_stays(run: QueuedRun) -> str:
    """What a cancelled run leaves."""
    if run.outcome is not None and run.outcome.experiment_id:
        return f"Cancelled. The cells that are known stay: {run.outcome.experiment_id}."
    if run.outcome is None or run.outcome.model_id is None:
        return "Cancelled. Nothing of it was kept."
    made = " and ".join((run.outcome.model_id, *run.outcome.also))
    return f"Cancelled. What was made before stays: {made}."
