import math
import subprocess
import sys

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, RunStatus
from fsamt_engine.library.runs import (
    finish_run,
    list_runs,
    metrics,
    record_metrics,
    start_run,
    update_run,
)

START = (
    "import os, sys; from pathlib import Path\n"
    "from fsamt_engine.library import Library\n"
    "from fsamt_engine.library.runs import start_run\n"
    "library = Library.open(Path(sys.argv[1]))\n"
    "start_run(library, 'transfer', 'key', {'epochs': 3}, 100)\n"
    "print('started', flush=True)\n"
    "sys.stdin.read()\n"
)


def start_in_another_process(library: Library) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(library.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_run_goes_from_start_to_finish(library: Library) -> None:
    run = start_run(library, "transfer", "key", {"epochs": 3}, 100)
    assert (run.status, run.done, run.total) == (RunStatus.RUNNING, 0, 100)
    update_run(library, run.id, 40, 120, "epoch 2")
    (found,) = list_runs(library, RunStatus.RUNNING)
    assert (found.done, found.total, found.message) == (40, 120, "epoch 2")
    assert found.finished_at_us is None
    finish_run(library, run.id, RunStatus.FINISHED, "done")
    (found,) = list_runs(library)
    assert (found.status, found.message, found.settings) == (
        RunStatus.FINISHED,
        "done",
        {"epochs": 3},
    )
    assert found.finished_at_us is not None
    assert list_runs(library, RunStatus.RUNNING) == []


def test_same_key_goes_on_with_the_same_run(library: Library) -> None:
    run = start_run(library, "transfer", "key", {}, 100)
    record_metrics(library, run.id, 1, {"loss": 0.5})
    update_run(library, run.id, 40, 100)
    finish_run(library, run.id, RunStatus.PAUSED)
    again = start_run(library, "transfer", "key", {}, 100)
    assert (again.id, again.done, again.status) == (run.id, 40, RunStatus.RUNNING)
    assert again.started_at_us == run.started_at_us
    record_metrics(library, run.id, 1, {"loss": 0.4})
    assert metrics(library, run.id) == {"loss": [(1, 0.4)]}
    assert start_run(library, "transfer", "another key", {}, 100).id != run.id


def test_curves_are_in_order_of_steps_and_keep_what_is_not_a_number(library: Library) -> None:
    run = start_run(library, "transfer", "key", {}, 3)
    for step in (2, 1, 10):
        record_metrics(library, run.id, step, {"loss": step / 10, "accuracy": math.nan})
    curves = metrics(library, run.id)
    assert curves["loss"] == [(1, 0.1), (2, 0.2), (10, 1.0)]
    assert all(math.isnan(value) for _, value in curves["accuracy"])
    assert metrics(library, run.id + 1) == {}


def test_run_of_a_living_process_is_running_and_refused_to_others(library: Library) -> None:
    with start_in_another_process(library) as process:
        assert [run.status for run in list_runs(library)] == [RunStatus.RUNNING]
        with pytest.raises(FsamtError, match="another program"):
            start_run(library, "transfer", "key", {}, 100)
        process.kill()


def test_run_of_a_killed_process_is_paused_and_goes_on(library: Library) -> None:
    with start_in_another_process(library) as process:
        process.kill()
    (run,) = list_runs(library)
    assert run.status == RunStatus.PAUSED
    assert list_runs(library, RunStatus.RUNNING) == []
    again = start_run(library, "transfer", "key", {}, 100)
    assert (again.id, again.status) == (run.id, RunStatus.RUNNING)


def test_newest_run_is_first(library: Library) -> None:
    ids = [start_run(library, "import", key, {}, 1).id for key in "abc"]
    assert [run.id for run in list_runs(library)] == ids[::-1]
