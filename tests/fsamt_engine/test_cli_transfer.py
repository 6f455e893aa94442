"""Students of every modality and loss, from a terminal and by request."""

from pathlib import Path

import pytest

from fsamt_engine.cli import main
from fsamt_engine.cli.trainings import LOSSES
from fsamt_engine.learning import TransferLoss
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.runs import FinetuneRequest, TransferRequest
from fsamt_engine.runs.finetuning import finetune_snapshot
from fsamt_engine.runs.perform import perform
from fsamt_engine.runs.requests import from_json, to_json
from tests.fsamt_engine.sides import add_take_of_sides

SHORT = ("--epochs", "1", "--batch-size", "4", "--device", "cpu")
LABELS = ("--actions", "across,down", "--participants", "P1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """12 takes of colour, infrared and 20 joints; 4 of them have depth."""
    with Library.create(tmp_path / "library") as made:
        for action in ("across", "down"):
            for number in range(6):
                who = "P2" if number == 5 else "P1"
                add_take_of_sides(made, action, number, with_depth=number < 2, participant=who)
    return tmp_path / "library"


def test_a_skeleton_student_with_a_rivals_loss_by_hand(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        assert main([*words, "--library", str(root)]) == 0
        return capsys.readouterr().out.split(":")[0]

    teacher = run("teacher", "train", *LABELS, "--modality", "rgb", *SHORT)
    rival = ("--loss", "soft-targets", "--temperature", "3")
    student = run(
        "transfer", "--teacher", teacher, "--participants", "P1", "--modality", "skeleton",
        *rival, *SHORT,
    )  # fmt: skip
    test = ("--test-participants", "P2")
    recogniser = run("finetune", "--start", student, *LABELS, *test, *SHORT)
    with Library.open(root) as library:
        described = read_description(library, find_model(library, student))
        assert described["settings"]["loss"] == "soft targets"
        assert described["settings"]["temperature"] == 3
        assert described["modality"] == "skeleton"
        assert described["network"] == "stgcn_tiny_20", "a teacher of video lends no network"
        assert find_model(library, recogniser).modality == "skeleton"


def test_a_recogniser_of_infrared_from_scratch_by_hand(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["finetune", "--library", str(root), *LABELS, "--modality", "infrared", *SHORT]
    assert main(words) == 0
    made = capsys.readouterr().out.split(":")[0]
    with Library.open(root) as library:
        recogniser = find_model(library, made)
        assert (recogniser.modality, recogniser.network) == ("infrared", "r3d_tiny")


def test_labels_count_on_takes_that_the_recogniser_can_see(root: Path) -> None:
    with Library.open(root) as library:
        for modality, n_labels in (("depth", 4), ("skeleton", 10)):
            asked = FinetuneRequest(
                None, ("across", "down"), ("P1",), (), None, "r3d_tiny", 1, modality=modality
            )
            assert len(finetune_snapshot(library, asked).train) == n_labels


def test_a_loss_and_a_modality_go_through_the_queue(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = ["teacher", "train", *LABELS, "--modality", "rgb", *SHORT, "--library", str(root)]
    assert main(train) == 0
    teacher = capsys.readouterr().out.split(":")[0]
    with Library.open(root) as library:
        takes = tuple(take_ids_with(library, kinds_of(Modality.INFRARED), ["P1"]))
        asked = TransferRequest(
            teacher, takes, "clip", "r3d_tiny", 1, 0, "cpu", modality="infrared", loss="infonce"
        )
        assert from_json("transfer", to_json(asked)) == asked
        student = find_model(library, str(perform(library, asked).model_id))
        assert (student.modality, student.settings["loss"]) == ("infrared", "infonce")


def test_a_request_of_an_earlier_version_means_what_it_meant() -> None:
    text = (
        '{"teacher_id": "t", "take_ids": ["a"], "granularity": "clip", "network": "r3d_tiny",'
        ' "epochs": 1, "seed": 0, "device": "cpu", "start_from_teacher": true}'
    )
    asked = from_json("transfer", text)
    assert isinstance(asked, TransferRequest)
    assert (asked.modality, asked.loss, asked.temperature) == ("depth", "cosine", None)


def test_the_terminal_knows_every_loss() -> None:
    assert [word.replace("-", " ") for word in LOSSES] == list(TransferLoss)
