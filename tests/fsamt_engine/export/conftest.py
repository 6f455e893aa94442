"""A small house with a recogniser, made from a student, made from a teacher; and a bundle."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.evaluation.result import keep_test
from fsamt_engine.export.settings import Exported, ExportFormat
from fsamt_engine.learning import (
    FinetuneSettings,
    FitSettings,
    TeacherSettings,
    TransferSettings,
    finetune,
)
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with_pairs
from tests.fsamt_engine.export.leaving import LICENCE, PREPARATION, SHAPE, House


@pytest.fixture(scope="session")
def house(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """P1 taught the teacher, P1 and P2 were transferred on, P2 was finetuned on, P3 tested."""
    root = tmp_path_factory.mktemp("house") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        labelled = segments(library)
        actions = ["across", "down"]
        short = FitSettings(epochs=1)
        teacher = train_teacher(
            library,
            split_by_participant(labelled, actions, ["P1"]),
            TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=short),
            device="cpu",
        )
        takes = take_ids_with_pairs(library, ["P1", "P2"])
        student = transfer(library, teacher, takes, TransferSettings(fit=short), device="cpu")
        split = split_by_participant(labelled, actions, ["P2"], ["P3"])
        recogniser = finetune(
            library, student, split, FinetuneSettings(fit=FitSettings(epochs=4)), device="cpu"
        )
        keep_test(library, recogniser, evaluate(library, recogniser, split.test, device="cpu"))
        yield House(library, teacher, student, recogniser)


@pytest.fixture(scope="session")
def bundle(house: House, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The recogniser as a bundle."""
    folder = tmp_path_factory.mktemp("bundle")
    return house.export(folder / "moves.zip", ExportFormat.BUNDLE, licence=LICENCE)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Library]:
    """An empty library of somebody else."""
    with Library.create(tmp_path / "elsewhere") as library:
        yield library


@pytest.fixture(scope="session")
def pt2(house: House, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The recogniser for PyTorch."""
    return house.export(tmp_path_factory.mktemp("pt2") / "moves.pt2", ExportFormat.PT2)
