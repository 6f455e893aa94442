"""A table through the queue: kept while it grows, paused, and gone on with."""

import pytest

from fsamt_engine.errors import Cancelled
from fsamt_engine.experiments.stored import ExperimentStatus, stored_experiment
from fsamt_engine.library import Library
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs import ExperimentRequest, queue
from fsamt_engine.runs.execute import execute
from fsamt_engine.runs.requests import from_json, to_json
from tests.fsamt_engine.experiments.test_experiment import SMALL


def test_paused_table_goes_on_with_the_cells_that_it_has(square_library: Library) -> None:
    request = ExperimentRequest(SMALL.to_dict(), "cpu")
    assert from_json("experiment", to_json(request)) == request
    run = queue.add(square_library, request)
    stop: list[Stop | None] = [None]
    devices: set[str] = set()

    def hear(progress: Progress) -> None:
        assert progress.stage is not None
        devices.add(progress.stage.device)
        if progress.what.startswith("Finetuning ours"):
            stop[0] = Stop.KEEP_BEST

    with pytest.raises(Cancelled):
        execute(square_library, run.id, on_progress=hear, should_stop=lambda: stop[0])
    paused = queue.queued_run(square_library, run.id)
    assert paused.status is queue.QueueStatus.PAUSED
    assert paused.outcome is not None
    name = str(paused.outcome.experiment_id)
    half = stored_experiment(square_library, name)
    assert half.status is ExperimentStatus.STOPPED
    assert (half.table.n_done, half.table.n_cells) == (2, 3)
    assert half.settings == SMALL.to_dict()

    outcome = execute(square_library, run.id)
    assert outcome.experiment_id == name
    whole = stored_experiment(square_library, name)
    assert whole.status is ExperimentStatus.FINISHED
    assert whole.created_at_us == half.created_at_us
    assert whole.table.is_full
    assert whole.facts["sentences"]
    assert len(devices) == 1
