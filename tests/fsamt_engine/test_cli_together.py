"""One training by two real processes, through the command line: what one process makes, once."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from fsamt_engine.cli import main
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.learning import TeacherSettings, train_teacher
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.runs import list_runs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.networks import build
from tests.fsamt_engine.sides import add_take_of_sides

SHORT = ("--epochs", "1", "--batch-size", "5", "--device", "cpu")
LABELS = ("--actions", "across,down", "--participants", "P1")
TRANSFER = ("transfer", "--participants", "P1", "--random-start", *SHORT, "--teacher")
FINETUNE = ("finetune", *LABELS, "--test-participants", "P2", *SHORT, "--start")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

# As torchrun starts them, but that both come from one process that has imported everything once.
PROGRAM = """
import json, os, sys
from pathlib import Path
import torch
from fsamt_engine.cli import main
from fsamt_engine.learning import finetune, spread
from fsamt_engine.runs import perform

torch.optim.AdamW([torch.zeros(1, requires_grad=True)])  # imports much
folder, commands = json.loads(sys.argv[1])
for rank in "01":
    if os.fork() == 0:
        os.environ |= {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2"}
        os.environ |= {"LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(Path(folder, name + rank), os.O_CREAT | os.O_WRONLY), number)
        for port, words in commands:
            os.environ["MASTER_PORT"] = str(port)
            code = main(words)
            if code:
                break
        sys.stdout.flush()
        os._exit(code)
sys.exit(max(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(2)))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """7 takes of P1 and 2 of P2, with colour and depth, and a teacher of small clips."""
    with Library.create(tmp_path / "library") as made:
        for number in range(7):
            action = ("across", "down")[number % 2]
            add_take_of_sides(made, action, number, with_depth=True)
        for action in ("across", "down"):
            add_take_of_sides(made, action, 9, with_depth=True, participant="P2")
        labels = split_by_participant(segments(made), ("across", "down"), ("P1",))
        settings = TeacherSettings("rgb", shape=ClipShape(8, 1, 32), fit=FitSettings(epochs=1))
        train_teacher(made, labels, settings, device="cpu")
    return tmp_path / "library"


def _by_two(commands: list[list[str]], folder: Path) -> list[tuple[str, str]]:
    """What each of the two says, and what it tells of its progress and its end."""
    ports = []
    for _ in commands:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    told = json.dumps([str(folder), list(zip(ports, commands, strict=True))])
    ended = subprocess.run([sys.executable, "-c", PROGRAM, told], timeout=300)
    said = [((folder / f"out{r}").read_text(), (folder / f"err{r}").read_text()) for r in (0, 1)]
    assert ended.returncode == 0, said
    return said


def _models(root: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Weights by kind of model; there is one of each kind."""
    with Library.open(root) as library:
        records = list_models(library)
        assert len({record.kind for record in records}) == len(records)
        return {
            record.kind: load_file(library.absolute(record.path) / "weights.safetensors")
            for record in records
        }


def _distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """Of all weights and statistics, as one vector."""
    return float(sum(((one[k] - other[k]).double() ** 2).sum() for k in one) ** 0.5)


def test_two_processes_make_the_models_of_one(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = tmp_path / "two"
    shutil.copytree(root, two)
    with Library.open(root) as library:
        made = list_models(library)[0].id
    commands = []
    for words in (TRANSFER, FINETUNE):
        command = [*words, made]
        assert main([*command, "--library", str(root)]) == 0
        made = capsys.readouterr().out.split(":")[0]
        commands.append([*command, "--library", str(two)])
    (first, _), second = _by_two(commands, tmp_path)
    assert made in first
    assert second == ("", ""), "the first process alone tells"

    alone, together = _models(root), _models(two)
    assert set(together) == {"teacher", "student", "recogniser"}
    fresh = build("r3d_tiny", 1, seed=0).state_dict()
    learned = _distance(alone["student"], fresh)
    assert learned > 0.1
    # Rounding, which Adam's first steps make large: 0.012; the spread batch norm in one process
    # differs from PyTorch's as much (0.010), and `test_spread.py` has gentler clips (6e-5).
    assert _distance(alone["student"], together["student"]) < 0.03 * learned
    with Library.open(root) as library:
        kinds = [run.kind for run in list_runs(library)]
    with Library.open(two) as library:
        assert [run.kind for run in list_runs(library)] == kinds
        (recogniser,) = list_models(library, ModelKind.RECOGNISER)
        assert (library.absolute(recogniser.path) / "test.json").is_file()
        assert (library.absolute(recogniser.path) / "report.html").is_file()
