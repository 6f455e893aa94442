"""One table by two real processes: the same as by one, and none waits for a dead one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.stored import ExperimentStatus, list_experiments, report_path
from fsamt_engine.library import Library
from fsamt_engine.library.models import list_models
from tests.fsamt_engine.experiments.test_experiment import SMALL

PROGRAM = """
import json, sys
from pathlib import Path
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments import works
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.library import Library

root, settings, dies_in = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
original = works.finetune

def finetune(*arguments, **others):
    if dies_in:
        print("waits", flush=True)
        sys.stdin.read()
    return original(*arguments, **others)

works.finetune = finetune
with Library.open(Path(root)) as library:
    settings = ExperimentSettings.from_dict(settings)
    try:
        result = run_experiment(library, settings, device="cpu")
    except FsamtError as error:
        sys.exit(str(error))
    print(json.dumps([row.to_dict() for row in result.rows]))
"""


def start(
    root: Path, settings: ExperimentSettings, waiting: Sequence[int] = ()
) -> list[subprocess.Popen[str]]:
    """Two processes as torchrun starts them; those of `waiting` stop before they finetune."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = []
    for rank in range(2):
        own = {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": "2",
            "LOCAL_WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
        }
        words = [str(root), json.dumps(settings.to_dict()), "x" if rank in waiting else ""]
        found.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *words],
                env=os.environ | own,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    return found


def weights(library: Library) -> dict[str, bytes]:
    return {
        model.id: (library.absolute(model.path) / "weights.safetensors").read_bytes()
        for model in list_models(library)
    }


def test_two_processes_fill_in_the_table_of_one(square_library: Library, tmp_path: Path) -> None:
    shutil.copytree(square_library.root, tmp_path / "shared")
    alone = run_experiment(square_library, SMALL, device="cpu")
    processes = start(tmp_path / "shared", SMALL)
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    rows = [json.loads(out) for out, _ in said]
    assert rows[0] == rows[1] == [row.to_dict() for row in alone.rows]
    with Library.open(tmp_path / "shared") as shared:
        assert weights(shared) == weights(square_library)
        (kept,) = list_experiments(shared)
        assert kept.status is ExperimentStatus.FINISHED
        assert kept.table.is_full
        assert report_path(shared, kept.id).is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_process_that_is_gone_is_told_and_the_rest_is_kept(
    square_library: Library,
) -> None:
    square_library.close()
    first, second = start(square_library.root, SMALL, waiting=(1,))
    assert second.stdout is not None
    assert second.stdout.readline() == "waits\n"
    second.send_signal(signal.SIGKILL)
    began = time.monotonic()
    _, said = first.communicate(timeout=120)
    second.communicate()
    assert time.monotonic() - began < 60
    assert first.returncode == 1
    assert "Process 1 of 2 is gone before its work was done." in said
    assert "the same command goes on where it was" in said
    with Library.open(square_library.root) as library:
        (kept,) = list_experiments(library)
        assert kept.status is ExperimentStatus.STOPPED
        again = run_experiment(library, SMALL, device="cpu")
        assert again.table.is_full
