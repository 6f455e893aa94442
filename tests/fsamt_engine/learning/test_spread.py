"""A training over two processes takes the steps of one process."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from fsamt_engine.learning.spread import Processes
from tests.fsamt_engine.learning.spread_work import main, new_module

_FORKS = """
import os, sys
import torch
# The first optimiser of a process imports much: once, before any child.
torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
from tests.fsamt_engine.learning.spread_work import Path, main

children = []
for rank, file in enumerate(sys.argv[1:]):
    child = os.fork()
    if child == 0:
        os.environ["RANK"] = str(rank)
        main(Path(file))
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


def _train(folder: Path, n: int) -> list[dict[str, torch.Tensor]]:
    """What each of n processes ends with."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    files = [folder / f"{n}-{rank}.pt" for rank in range(n)]
    subprocess.run(
        [sys.executable, "-c", _FORKS, *map(str, files)],
        env=os.environ | shared | {"WORLD_SIZE": str(n)},
        cwd=Path(__file__).parents[3],
        timeout=120,
        check=True,
    )
    return [torch.load(file, weights_only=True) for file in files]


@pytest.mark.parametrize(("n_clips", "n", "sizes"), [(16, 2, [8, 8]), (5, 3, [2, 2, 1])])
def test_every_clip_is_taken_by_one_process(n_clips: int, n: int, sizes: list[int]) -> None:
    parts = [range(n_clips)[Processes(rank, n).part(n_clips)] for rank in range(n)]
    assert [len(part) for part in parts] == sizes
    assert np.concatenate(parts).tolist() == list(range(n_clips))


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    main(tmp_path / "alone.pt")
    alone = torch.load(tmp_path / "alone.pt", weights_only=True)
    one, other = _train(tmp_path, 2)
    first = new_module().state_dict()
    learned = _distance(alone, first)
    assert learned > 0.1
    assert _distance(alone, one) < 1e-3 * learned  # rounding alone: 6e-5
    assert _distance(one, other) == 0


def _distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """Of all weights and statistics, as one vector."""
    return float(sum(((one[k] - other[k]).double() ** 2).sum() for k in one) ** 0.5)
