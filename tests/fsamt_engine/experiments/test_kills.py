"""Kill -9 at a random moment, the same call again: the same weights, and a sound library.

The calls run in children of a process that has imported everything once. A timer of CPU time ends a
child without any warning, exactly as SIGKILL does: nothing is cleaned up.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fsamt_engine.cli import main
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.verify import verify

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

N_KILLS = 4
PROGRAM = """
import json, os, signal, sys
from pathlib import Path
import torch
from fsamt_engine.evaluation import split_by_participant
from fsamt_engine.learning import *
from fsamt_engine.learning import loop
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, DepthPreparation, Preparation

# The first optimiser of a process imports much: once, before any child.
torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
loop.CHECKPOINT_EVERY_S = 0.0
FIT = FitSettings(epochs=5, batch_size=4)
INPUT = {
    "shape": ClipShape(n_frames=8, step=1, size=16),
    "preparation": Preparation(DepthPreparation(size=16, crop=Crop("frame"), relative=False)),
}

def train(kind, root):
    with Library.open(Path(root)) as library:
        def labels(*actions):
            return split_by_participant(segments(library), actions, ["P1", "P2"])
        if kind == "teacher":
            settings = TeacherSettings(fit=FIT, **INPUT)
            train_teacher(library, labels("across", "down"), settings, device="cpu")
        elif kind == "transfer":
            (teacher,) = list_models(library, ModelKind.TEACHER)
            pairs = take_ids_with_pairs(library, ["P1", "P2"])
            transfer(library, teacher, pairs, TransferSettings(fit=FIT), device="cpu")
        else:
            settings = FinetuneSettings(fit=FIT, **INPUT)
            finetune(library, None, labels("diagonal", "still"), settings, device="cpu")

for line in sys.stdin:
    kind, root, kill_at_s = json.loads(line)
    child = os.fork()
    if child == 0:
        if kill_at_s:
            signal.setitimer(signal.ITIMER_PROF, kill_at_s)
        train(kind, root)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps([code < 0, code, usage.ru_utime + usage.ru_stime]), flush=True)
"""


class Zygote:
    """Trains in children of its own, and kills them on request."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def train(self, kind: str, root: Path, kill_at_s: float | None = None) -> tuple[bool, float]:
        """Whether it was killed before its end, and the CPU seconds that it used."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([kind, str(root), kill_at_s]) + "\n")
        self._process.stdin.flush()
        killed, code, seconds = json.loads(self._process.stdout.readline())
        assert killed or code == 0
        return killed, seconds

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


def weights(root: Path) -> dict[str, str]:
    """SHA-256 of the weights by model, as in the database; `verify` compares the files with it."""
    with Library.open(root) as library:
        return dict(
            library.rows(
                "SELECT model_id, sha256 FROM model_files WHERE path = 'weights.safetensors'"
            )
        )


@pytest.mark.parametrize("kind", ["transfer", "finetune"])
def test_killed_training_ends_as_an_undisturbed_one(
    square_library: Library, zygote: Zygote, kind: str, tmp_path: Path
) -> None:
    square_library.close()
    disturbed, undisturbed = square_library.root, tmp_path / "undisturbed"
    if kind == "transfer":
        zygote.train("teacher", disturbed)
    shutil.copytree(disturbed, undisturbed)
    _, seconds = zygote.train(kind, undisturbed)
    rng = random.Random(kind)
    n_killed = 0
    for _ in range(N_KILLS):
        n_killed += zygote.train(kind, disturbed, rng.uniform(0.05, 1.0) * seconds)[0]
        with Library.open(disturbed) as library:
            assert verify(library).is_sound
    assert n_killed
    zygote.train(kind, disturbed)
    assert weights(disturbed) == weights(undisturbed)
    with Library.open(disturbed) as library:
        assert verify(library).problems == ()


def test_transfer_command_works_while_labels_are_unreadable(
    square_library: Library, zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    zygote.train("teacher", square_library.root)
    (teacher,) = list_models(square_library)
    command = ["transfer", "--library", str(square_library.root), "--participants", "P1,2"]
    command += ["--teacher", teacher.id, "--epochs", "1", "--device", "cpu"]

    @contextmanager
    def open_hidden(folder: Path) -> Iterator[Library]:
        with Library.open(folder) as library, library.labels_hidden():
            with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
                segments(library)
            yield library

    with monkeypatch.context() as patch:
        patch.setattr("fsamt_engine.cli.trainings.open_library", open_hidden)
        assert main(command) == 0
    assert [model.kind for model in list_models(square_library)] == ["student", "teacher"]
