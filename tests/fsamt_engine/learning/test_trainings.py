"""Teachers, transfer and finetuning on a real library: what goes in, what comes out, and again."""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning import (
    FinetuneSettings,
    FitSettings,
    Granularity,
    TeacherSettings,
    TransferSettings,
    finetune,
    train_teacher,
    transfer,
)
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.store import load_model, read_description
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import remove_model
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Progress, Stop

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)
TEACHER = TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=2))
TRANSFER = TransferSettings(fit=FitSettings(epochs=3, batch_size=8))
FINETUNE = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=2))


def labelled(library: Library, actions: tuple[str, ...], participants: tuple[str, ...]) -> Snapshot:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(library, actions=actions, participants=participants)
    ]
    return make_snapshot("test", actions, items)


@pytest.fixture
def teacher(square_library: Library) -> ModelRecord:
    snapshot = labelled(square_library, ("across", "down"), ("P1", "P2"))
    return train_teacher(square_library, snapshot, TEACHER, device="cpu")


def weights_hash(library: Library, model: ModelRecord) -> str:
    return hashlib.sha256(
        (library.absolute(model.path) / "weights.safetensors").read_bytes()
    ).hexdigest()


def stop_at(
    step: int, what: str, wish: Stop
) -> tuple[Callable[[Progress], None], Callable[[], Stop | None]]:
    """An on_progress and a should_stop that stop the training called `what` after `step` steps."""
    reached = False

    def on_progress(progress: Progress) -> None:
        nonlocal reached
        reached = reached or (progress.what.startswith(what) and progress.done >= step)

    return on_progress, lambda: wish if reached else None


@pytest.mark.parametrize("modality", ["rgb", "flow"])
def test_teacher_is_kept_with_everything_that_made_it(
    square_library: Library, modality: str
) -> None:
    snapshot = labelled(square_library, ("across", "down"), ("P1", "P2"))
    settings = TeacherSettings(
        modality=modality, shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1)
    )
    model = train_teacher(square_library, snapshot, settings, device="cpu")
    described = read_description(square_library, model)
    assert described["modality"] == modality
    assert described["actions"] == ["across", "down"]
    assert described["snapshot_id"] == snapshot.id
    assert described["settings"]["fit"]["epochs"] == 1
    assert described["preparation"] == PREPARATION.to_dict()
    assert "torch" in described["versions"]


def test_transferred_student_comes_closer_to_its_teacher(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    settings = TransferSettings(fit=FitSettings(epochs=25, batch_size=8))
    losses: list[float] = []
    student = transfer(
        square_library,
        teacher,
        takes,
        settings,
        device="cpu",
        on_progress=lambda p: losses.append(p.metrics["loss"]) if "loss" in p.metrics else None,
    )
    assert student.parent_id == teacher.id
    assert np.mean(losses[-5:]) < 0.85 * np.mean(losses[:5])


@pytest.mark.parametrize("granularity", list(Granularity))
def test_every_granularity_makes_a_student_of_its_own(
    square_library: Library, teacher: ModelRecord, granularity: Granularity
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1"])
    settings = TransferSettings(granularity=granularity, fit=FitSettings(epochs=1, batch_size=8))
    student = transfer(square_library, teacher, takes, settings, device="cpu")
    assert read_description(square_library, student)["settings"]["granularity"] == granularity


def test_transfer_reads_no_label(square_library: Library, teacher: ModelRecord) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    root = square_library.root
    square_library.close()
    # The labels are made unreadable: whoever asks for one gets an error from SQLite.
    with sqlite3.connect(root / "library.db") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DROP TABLE segments")
        database.execute("UPDATE takes SET actions = 'unreadable'")
    with Library.open(root) as library:
        with pytest.raises(sqlite3.OperationalError):
            segments(library)
        student = transfer(library, teacher, takes, TRANSFER, device="cpu")
    assert student.kind == "student"


def test_same_call_returns_the_model_that_is_there(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    first = transfer(square_library, teacher, takes, TRANSFER, device="cpu")
    steps: list[Progress] = []
    again = transfer(
        square_library, teacher, takes, TRANSFER, device="cpu", on_progress=steps.append
    )
    assert again.id == first.id
    assert steps == []


def test_pause_changes_nothing_in_the_weights(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    checkpoints = square_library.cache_folder / "checkpoints"
    on_progress, should_stop = stop_at(2, "Transferring", Stop.PAUSE)
    with pytest.raises(Cancelled) as paused:
        transfer(
            square_library,
            teacher,
            takes,
            TRANSFER,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert paused.value.resumable
    assert list_runs(square_library)[0].status == "paused"
    assert len(list(checkpoints.glob("*.pt"))) == 1
    first_steps: list[int] = []
    resumed = transfer(
        square_library,
        teacher,
        takes,
        TRANSFER,
        device="cpu",
        on_progress=lambda p: first_steps.append(p.done) if "loss" in p.metrics else None,
    )
    assert first_steps[0] == 3
    assert not list(checkpoints.glob("*.pt"))
    interrupted = weights_hash(square_library, resumed)

    remove_model(square_library, resumed.id)
    undisturbed = transfer(square_library, teacher, takes, TRANSFER, device="cpu")
    assert weights_hash(square_library, undisturbed) == interrupted


def test_cancel_leaves_neither_model_nor_checkpoint(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    models_before = sorted(square_library.models_folder.iterdir())
    on_progress, should_stop = stop_at(2, "Transferring", Stop.CANCEL)
    with pytest.raises(Cancelled) as cancelled:
        transfer(
            square_library,
            teacher,
            takes,
            TRANSFER,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert not cancelled.value.resumable
    assert sorted(square_library.models_folder.iterdir()) == models_before
    assert not list((square_library.cache_folder / "checkpoints").glob("*.pt"))


def test_paused_run_cancelled_before_its_next_step_leaves_no_checkpoint(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    checkpoints = square_library.cache_folder / "checkpoints"
    on_progress, should_stop = stop_at(2, "Transferring", Stop.PAUSE)
    with pytest.raises(Cancelled):
        transfer(
            square_library,
            teacher,
            takes,
            TRANSFER,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert list(checkpoints.glob("*.pt"))
    with pytest.raises(Cancelled) as cancelled:
        transfer(
            square_library,
            teacher,
            takes,
            TRANSFER,
            device="cpu",
            should_stop=lambda: Stop.CANCEL,
        )
    assert not cancelled.value.resumable
    assert not list(checkpoints.glob("*.pt"))
    assert list_runs(square_library)[0].status == "cancelled"


def test_keeping_the_best_makes_a_model_that_says_so(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    on_progress, should_stop = stop_at(2, "Transferring", Stop.KEEP_BEST)
    kept = transfer(
        square_library,
        teacher,
        takes,
        TRANSFER,
        device="cpu",
        on_progress=on_progress,
        should_stop=should_stop,
    )
    assert read_description(square_library, kept)["training"]["ended"] == "kept best"
    whole = transfer(square_library, teacher, takes, TRANSFER, device="cpu")
    assert whole.id != kept.id
    assert read_description(square_library, whole)["training"]["ended"] == "finished"


def test_takes_without_colour_are_no_pairs(square_library: Library, teacher: ModelRecord) -> None:
    takes = take_ids_with_pairs(square_library, ["P1"])
    square_library.write(
        lambda db: db.execute("UPDATE takes SET n_pairs = 0 WHERE id = ?", [takes[0]])
    )
    with pytest.raises(FsamtError, match="no colour"):
        transfer(square_library, teacher, takes, TRANSFER, device="cpu")


@pytest.mark.parametrize("start", ["nothing", "teacher", "student"])
def test_recogniser_names_actions_from_depth(
    square_library: Library, teacher: ModelRecord, start: str
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    model = {
        "nothing": lambda: None,
        "teacher": lambda: teacher,
        "student": lambda: transfer(square_library, teacher, takes, TRANSFER, device="cpu"),
    }[start]()
    snapshot = labelled(square_library, ("diagonal", "still"), ("P1", "P2"))
    recogniser = finetune(square_library, model, snapshot, FINETUNE, device="cpu")
    assert (
        recogniser.method
        == {
            "nothing": "from scratch",
            "teacher": "flow pretraining",
            "student": "ours",
        }[start]
    )
    loaded = load_model(square_library, recogniser, choose_device("cpu"))
    assert loaded.network(torch.zeros(2, 1, 8, 16, 16)).shape == (2, 2)
    assert loaded.modality == "depth"
    assert loaded.preparation == PREPARATION


def test_finetuning_refuses_an_action_without_a_label(square_library: Library) -> None:
    snapshot = labelled(square_library, ("diagonal", "nod"), ("P1",))
    with pytest.raises(FsamtError, match='no label to train on of "nod"'):
        finetune(square_library, None, snapshot, FINETUNE, device="cpu")


def test_gpu_that_is_not_there_is_refused_before_anything_is_written(
    square_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    snapshot = labelled(square_library, ("across", "down"), ("P1",))
    with pytest.raises(FsamtError, match="GPU was asked for"):
        train_teacher(square_library, snapshot, TEACHER, device="cuda")
    assert list_runs(square_library) == []


def test_broken_checkpoint_costs_time_and_nothing_else(
    square_library: Library, teacher: ModelRecord
) -> None:
    takes = take_ids_with_pairs(square_library, ["P1", "P2"])
    on_progress, should_stop = stop_at(2, "Transferring", Stop.PAUSE)
    with pytest.raises(Cancelled):
        transfer(
            square_library,
            teacher,
            takes,
            TRANSFER,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    checkpoint: Path = next((square_library.cache_folder / "checkpoints").glob("*.pt"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    assert transfer(square_library, teacher, takes, TRANSFER, device="cpu").kind == "student"
