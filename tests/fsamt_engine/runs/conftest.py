"""A small library with a teacher, and requests that are done in seconds."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsamt_engine.evaluation import split_by_participant
from fsamt_engine.learning import FitSettings, TeacherSettings, train_teacher
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.runs import FinetuneRequest
from fsamt_engine.runs.perform import perform

Make = Callable[..., FinetuneRequest]


def finetuning(**changes: object) -> FinetuneRequest:
    """From scratch on P1 and P2, tested on P3, with what is to be otherwise."""
    values: dict[str, object] = {
        "start_id": None,
        "actions": ("across", "down"),
        "train_participants": ("P1", "P2"),
        "test_participants": ("P3",),
        "labels_per_action": None,
        "network": "r3d_tiny",
        "epochs": 3,
        "device": "cpu",
        "batch_size": 4,
    }
    return FinetuneRequest(**(values | changes))  # type: ignore[arg-type]


def weights(library: Library, model_id: str | None) -> bytes:
    """A model's weights, as they lie on disk."""
    model = find_model(library, str(model_id))
    return (library.absolute(model.path) / "weights.safetensors").read_bytes()


@pytest.fixture(scope="session")
def request_of() -> Make:
    """Makes requests to finetune."""
    return finetuning


@pytest.fixture(scope="session")
def _taught_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("taught") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        labelled = segments(library)
        snapshot = split_by_participant(labelled, ("diagonal", "still"), ("P1", "P2"))
        settings = TeacherSettings(fit=FitSettings(epochs=1, batch_size=4))
        train_teacher(library, snapshot, settings, device="cpu")
    return root


@pytest.fixture(scope="session")
def finished_root(_taught_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The taught library after a finetuning from the teacher that nothing disturbed."""
    root = tmp_path_factory.mktemp("finished") / "library"
    shutil.copytree(_taught_source, root)
    with Library.open(root) as library:
        (teacher,) = list_models(library)
        perform(library, finetuning(start_id=teacher.id))
    return root


@pytest.fixture
def taught_library(_taught_source: Path, tmp_path: Path) -> Iterator[Library]:
    """24 takes, as the square library, and a teacher of "diagonal" and "still"."""
    root = tmp_path / "taught"
    shutil.copytree(_taught_source, root)
    with Library.open(root) as library:
        yield library


@pytest.fixture
def teacher(taught_library: Library) -> ModelRecord:
    """The teacher."""
    (found,) = list_models(taught_library, ModelKind.TEACHER)
    return found
