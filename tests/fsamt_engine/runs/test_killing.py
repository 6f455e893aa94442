"""Kill -9 in the middle of a run: it is paused afterwards, and goes on exactly where it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fsamt_engine.evaluation.result import finetune_result
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.verify import verify
from fsamt_engine.runs.queue import QueueStatus, add, queued, queued_run

from .conftest import Make, weights

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

PROGRAM = """
import json, os, signal, sys
from pathlib import Path
import torch
from fsamt_engine.learning import loop
from fsamt_engine.library import Library
from fsamt_engine.runs.execute import execute
from fsamt_engine.runs.queue import queued_run

# The first optimiser of a process imports much: once, before any child.
torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
loop.CHECKPOINT_EVERY_S = 0.0
root, run_id, kills = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])

def dies_at(stage, training, step):
    def hear(progress):
        at = progress.stage
        if at.number == stage and training in at.progress.what and at.progress.done == step:
            if "loss" in at.progress.metrics:
                os.kill(os.getpid(), signal.SIGKILL)
    return hear

for kill in [*kills, None]:
    child = os.fork()
    if child == 0:
        with Library.open(root) as library:
            execute(library, run_id, on_progress=dies_at(*kill) if kill else None)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait4(child, 0)[1]), flush=True)
    with Library.open(root) as library:
        status = library.rows("SELECT status FROM queue WHERE id = ?", [run_id])[0][0]
        print(status, queued_run(library, run_id).status, flush=True)
"""


def test_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(
    taught_library: Library, request_of: Make, finished_root: Path
) -> None:
    (teacher,) = list_models(taught_library, ModelKind.TEACHER)
    run = add(taught_library, request_of(start_id=teacher.id))
    kills = [[1, "", 3], [3, "", 2], [5, "training 5 of 6", 4]]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, taught_library.root, str(run.id), json.dumps(kills)],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["-9", "running", "paused"] * 3 + ["0", "finished", "finished"]
    assert queued(taught_library) == []
    run = queued_run(taught_library, run.id)
    assert run.status is QueueStatus.FINISHED
    assert run.outcome is not None
    (model_id, scratch_id) = run.outcome.model_id, run.outcome.also[0]
    assert verify(taught_library).is_sound
    with Library.open(finished_root) as straight:
        assert weights(straight, model_id) == weights(taught_library, model_id)
        assert weights(straight, scratch_id) == weights(taught_library, scratch_id)
        first = finetune_result(straight, str(model_id))
        second = finetune_result(taught_library, str(model_id))
        assert first.predictions == second.predictions
        assert first.curve == second.curve
