"""One table by two real processes: the same as by one, and none waits for a dead one.

The processes are children of one that has imported everything once.
"""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.stored import ExperimentStatus, list_experiments, report_path
from fsamt_engine.library import Library
from fsamt_engine.library.models import list_models
from tests.fsamt_engine.experiments.test_experiment import SMALL

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

PROGRAM = """
import json, os, signal, sys
from pathlib import Path
import torch
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments import sharing
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.library import Library

# The first optimiser of a process imports much: once, before any child.
torch.optim.AdamW([torch.zeros(1, requires_grad=True)])

def fill_in(root, settings):
    with Library.open(Path(root)) as library:
        settings = ExperimentSettings.from_dict(settings)
        result = run_experiment(library, settings, device="cpu")
    return [row.to_dict() for row in result.rows]

def die(self, number):
    claimed = claim(self, number)
    if claimed:
        os.kill(os.getpid(), signal.SIGKILL)
    return claimed

claim = sharing.Together.claim
for line in sys.stdin:
    root, settings, port, dies, told = json.loads(line)
    children = []
    for rank in range(2):
        child = os.fork()
        if child == 0:
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
            os.environ |= {"LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
            os.environ["MASTER_PORT"] = str(port)
            if rank == dies:
                sharing.Together.claim = die
            try:
                said = fill_in(root, settings)
            except FsamtError as error:
                said = str(error)
            Path(told, str(rank)).write_text(json.dumps(said))
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    print("done", flush=True)
"""


class Zygote:
    """Fills in tables by two processes, started as torchrun starts them."""

    def __init__(self, told: Path) -> None:
        self._told = told
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def fill_in(self, root: Path, dies: int | None = None) -> list[object]:
        """What each process says: its rows, the sentence that it ends with, or None if killed."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        order = [str(root), SMALL.to_dict(), port, dies, str(self._told)]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"
        paths = [self._told / str(rank) for rank in range(2)]
        return [json.loads(path.read_text()) if path.exists() else None for path in paths]

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    (tmp_path / "told").mkdir()
    zygote = Zygote(tmp_path / "told")
    yield zygote
    zygote.close()


def weights(library: Library) -> dict[str, bytes]:
    return {
        model.id: (library.absolute(model.path) / "weights.safetensors").read_bytes()
        for model in list_models(library)
    }


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Each of the two has one thread; with more, the last bits of a sum come out otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_two_processes_fill_in_the_table_of_one_even_after_a_death(
    square_library: Library, zygote: Zygote, tmp_path: Path
) -> None:
    root = tmp_path / "shared"
    shutil.copytree(square_library.root, root)
    first, second = zygote.fill_in(root, dies=1)
    assert second is None
    assert "Process 1 of 2 is gone before its work was done." in str(first)
    assert "the same command goes on where it was" in str(first)
    with Library.open(root) as shared:
        (kept,) = list_experiments(shared)
        assert kept.status is ExperimentStatus.STOPPED

    rows = zygote.fill_in(root)
    alone = run_experiment(square_library, SMALL, device="cpu")
    assert rows == [[row.to_dict() for row in alone.rows]] * 2
    with Library.open(root) as shared:
        assert weights(shared) == weights(square_library)
        (kept,) = list_experiments(shared)
        assert kept.status is ExperimentStatus.FINISHED
        assert kept.table.is_full
        assert report_path(shared, kept.id).is_file()
