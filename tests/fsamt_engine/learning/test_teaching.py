"""Transfers with every loss, and to students of depth, infrared and skeletons."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.health import transfer_health
from fsamt_engine.learning import (
    FinetuneSettings,
    FitSettings,
    Granularity,
    TeacherSettings,
    TransferLoss,
    TransferSettings,
    finetune,
    train_teacher,
    transfer,
)
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.matching import matching_loss
from fsamt_engine.learning.prepare import prepare, videos_of
from fsamt_engine.learning.settings import Augmentation
from fsamt_engine.learning.store import load_model, read_description
from fsamt_engine.learning.teaching import TeachingLesson, teaching_module
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models, remove_model
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    Modality,
    Preparation,
)
from fsamt_engine.networks import build, spec
from tests.fsamt_engine.sides import add_take_of_sides

SHAPE = ClipShape(n_frames=6, step=2, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)
TEACHER = TeacherSettings(
    modality="rgb", shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=2)
)
SHORT = FitSettings(epochs=2, batch_size=4)
FINETUNE = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1))
ACTIONS = ("across", "down")
RIVALS = [loss for loss in TransferLoss if loss is not TransferLoss.COSINE]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sides") / "library"
    with Library.create(root) as made:
        for action in ACTIONS:
            for number in range(5):
                add_take_of_sides(made, action, number)
        train_teacher(made, labelled(made), TEACHER, device="cpu")
    return root


@pytest.fixture
def library(source: Path, tmp_path: Path) -> Iterator[Library]:
    """10 takes without depth: colour, infrared, 20 joints; and a teacher of RGB."""
    shutil.copytree(source, tmp_path / "library")
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def teacher(library: Library) -> ModelRecord:
    return list_models(library)[0]


def labelled(library: Library, take_ids: Sequence[str] | None = None) -> Snapshot:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(library, actions=ACTIONS)
        if take_ids is None or s.take_id in take_ids
    ]
    return make_snapshot("test", ACTIONS, items)


def all_takes(library: Library) -> list[str]:
    return take_ids_with(library, [StreamKind.COLOUR])


def first_takes(library: Library) -> list[str]:
    """Four of 20 joints."""
    return sorted({s.take_id for s in segments(library, actions=ACTIONS)})[:4]


@pytest.mark.parametrize("loss", RIVALS)
def test_every_loss_makes_a_student_that_can_be_finetuned_and_measured(
    library: Library, teacher: ModelRecord, loss: TransferLoss
) -> None:
    settings = TransferSettings(
        modality="infrared", loss=loss, fit=SHORT, validation_share=0.4, window_stride=1
    )
    student = transfer(library, teacher, all_takes(library), settings, device="cpu")
    described = read_description(library, student)
    assert described["settings"]["loss"] == loss
    assert loss in student.name
    assert len(student.metrics) >= 2, "in training and on videos held out"
    weights = load_model(library, student, choose_device("cpu")).network.state_dict()
    assert weights.keys() == build("r3d_tiny", 1).state_dict().keys(), "heads and peers are left"
    assert transfer_health(library, student, device="cpu").retrieval
    recogniser = finetune(library, student, labelled(library), FINETUNE, device="cpu")
    assert recogniser.method == f"transfer by {loss}"
    assert recogniser.modality == "infrared"


@pytest.mark.parametrize("loss", list(TransferLoss))
def test_every_loss_falls(library: Library, teacher: ModelRecord, loss: TransferLoss) -> None:
    settings = TransferSettings(
        modality="infrared",
        loss=loss,
        fit=FitSettings(epochs=25, batch_size=10, learning_rate=3e-3),
        augmentation=Augmentation(flip=False, shift=0, scale=0),
        validation_share=0,
        window_stride=20,
    )
    student = transfer(library, teacher, all_takes(library), settings, device="cpu")
    history = read_description(library, student)["training"]["history"]
    losses = [epoch["loss"] for epoch in history]
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def weights_of(library: Library, model: ModelRecord) -> dict[str, Tensor]:
    return load_model(library, model, choose_device("cpu")).network.state_dict()


def test_heads_and_peers_come_of_the_seed_alone(library: Library, teacher: ModelRecord) -> None:
    settings = TransferSettings(modality="infrared", loss=TransferLoss.HARD_LABELS, fit=SHORT)
    found = []
    for chance in (1, 2):
        torch.manual_seed(chance)
        student = transfer(library, teacher, all_takes(library), settings, device="cpu")
        found.append(weights_of(library, student))
        remove_model(library, student.id)
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


@pytest.mark.parametrize("loss", [TransferLoss.INFONCE_COSINE, TransferLoss.HARD_LABELS])
def test_micro_batches_add_up_to_the_step(
    library: Library, teacher: ModelRecord, loss: TransferLoss
) -> None:
    device = choose_device("cpu")
    loaded = load_model(library, teacher, device)
    videos = videos_of(library, all_takes(library), 10)
    prepare(library, all_takes(library), (Modality.RGB, Modality.INFRARED), PREPARATION, None, None)
    matching = matching_loss(loss, Granularity.VIDEO_CLIP, loaded.network)
    students = [build("r3d_tiny", 1, seed=seed) for seed in range(matching.n_students)]
    lesson = TeachingLesson(
        teaching_module(matching, students[0], students[1:]),
        ClipReader(library, Modality.INFRARED, PREPARATION, SHAPE),
        videos,
        teacher_embeddings(library, loaded, videos, 1, True, device),
        (),
        matching,
        FitSettings(batch_size=6),
        Augmentation(),
        device,
    )
    lesson.module.eval()  # a batch norm sees the parts for themselves
    batch = lesson.batch(3)
    whole = lesson.loss(batch).item()
    parts = [lesson.loss(tuple(t[at : at + 2] for t in batch)).item() for at in (0, 2, 4)]
    assert sum(parts) / 3 == pytest.approx(whole, rel=1e-4)


def test_a_step_with_too_few_clips_for_the_loss_is_refused(
    library: Library, teacher: ModelRecord
) -> None:
    few = FitSettings(epochs=1, batch_size=2)
    settings = TransferSettings(modality="infrared", loss=TransferLoss.RELATIONAL, fit=few)
    with pytest.raises(FsamtError, match="compares 3 clips"):
        transfer(library, teacher, all_takes(library), settings, device="cpu")


@pytest.mark.parametrize("network", ["stgcn_tiny", "stgcn_tiny_20"])
def test_a_skeleton_student_learns_from_colour_and_is_finetuned(
    library: Library, teacher: ModelRecord, network: str
) -> None:
    settings = TransferSettings(modality="skeleton", network=network, fit=SHORT)
    student = transfer(library, teacher, all_takes(library), settings, device="cpu")
    assert (student.modality, student.network) == ("skeleton", "stgcn_tiny_20")
    assert read_description(library, student)["shape"]["n_frames"] == SHAPE.span
    ours = finetune(library, student, labelled(library), FINETUNE, device="cpu")
    assert (ours.method, ours.modality, ours.network) == ("ours", "skeleton", "stgcn_tiny_20")
    alike = replace(FINETUNE, modality="skeleton", network=network)
    scratch = finetune(library, None, labelled(library), alike, device="cpu")
    assert (scratch.modality, scratch.network) == ("skeleton", "stgcn_tiny_20")


def test_a_depth_student_of_takes_with_depth(library: Library, teacher: ModelRecord) -> None:
    takes = [add_take_of_sides(library, "down", n, with_depth=True) for n in range(10, 14)]
    student = transfer(library, teacher, takes, TransferSettings(fit=SHORT), device="cpu")
    assert student.modality == "depth"
    takes.append(add_take_of_sides(library, "across", 10, with_depth=True))
    recogniser = finetune(library, student, labelled(library, takes), FINETUNE, device="cpu")
    assert recogniser.modality == "depth"


def test_networks_and_takes_that_do_not_fit_are_refused_before_anything_is_written(
    library: Library, teacher: ModelRecord
) -> None:
    takes, n_runs = all_takes(library), len(list_runs(library))
    for modality, network, words in (
        ("skeleton", "r3d_tiny", "takes video, and this training sees skeleton"),
        ("infrared", "stgcn_tiny", "takes skeleton, and this training sees infrared"),
        ("depth", "r3d_tiny", "have no depth"),
    ):
        settings = TransferSettings(modality=modality, network=network, fit=SHORT)
        with pytest.raises(FsamtError, match=words):
            transfer(library, teacher, takes, settings, device="cpu")
    start_of_skeletons = replace(FINETUNE, modality="skeleton")
    with pytest.raises(FsamtError, match="takes video, and this training sees skeleton") as caught:
        finetune(library, teacher, labelled(library), start_of_skeletons, device="cpu")
    offered = str(caught.value.hint).removeprefix("Choose one of ").rstrip(".").split(", ")
    assert "stgcn_20" in offered
    assert {spec(name).n_joints for name in offered} == {20}
    assert len(list_runs(library)) == n_runs


def test_skeletons_of_two_cameras_are_no_training_set(
    library: Library, teacher: ModelRecord
) -> None:
    other = add_take_of_sides(library, "down", 20, n_joints=25)
    settings = TransferSettings(modality="skeleton", network="stgcn_tiny", fit=SHORT)
    with pytest.raises(FsamtError, match="20 and 25 joints"):
        transfer(library, teacher, all_takes(library), settings, device="cpu")
    student = transfer(library, teacher, first_takes(library), settings, device="cpu")
    assert student.network == "stgcn_tiny_20"
    of_others = [other, add_take_of_sides(library, "across", 20, n_joints=25)]
    with pytest.raises(FsamtError, match="need stgcn_tiny"):
        finetune(library, student, labelled(library, of_others), FINETUNE, device="cpu")
