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

_WORK = Path(__file__).with_name("spread_work.py")


def _train(folder: Path, n: int) -> list[dict[str, torch.Tensor]]:
    """What each of n processes ends with."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    files = [folder / f"{n}-{rank}.pt" for rank in range(n)]
    started = [
        subprocess.Popen(
            [sys.executable, str(_WORK), str(file)],
            env=os.environ | shared | {"RANK": str(rank), "WORLD_SIZE": str(n)},
        )
        for rank, file in enumerate(files)
    ]
    assert [process.wait(120) for process in started] == [0] * n
    return [torch.load(file, weights_only=True) for file in files]


@pytest.mark.parametrize(("n_clips", "n", "sizes"), [(16, 2, [8, 8]), (5, 3, [2, 2, 1])])
def test_every_clip_is_taken_by_one_process(n_clips: int, n: int, sizes: list[int]) -> None:
    parts = [range(n_clips)[Processes(rank, n).part(n_clips)] for rank in range(n)]
    assert [len(part) for part in parts] == sizes
    assert np.concatenate(parts).tolist() == list(range(n_clips))


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
