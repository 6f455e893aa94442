"""Published weights as teachers: what they become, and a student that learns from one."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import seen_participants
from fsamt_engine.learning import FitSettings, TransferSettings, transfer
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.inference import clips_at_once
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.learning.prepare import prepare, videos_of
from fsamt_engine.learning.published_import import bring_in, import_published
from fsamt_engine.learning.published_model import PublishedCrop, PublishedOptions
from fsamt_engine.learning.store import load_model, read_description
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import CropMode, FlowMethod, Modality
from fsamt_engine.networks.published.conventions import MARS_FLOW, slowonly
from tests.fsamt_engine.networks.layouts import mars_shapes, resnet3d_shapes, values

WHOLE = PublishedOptions(PublishedCrop.FRAME, n_frames=4, step=2)
"""Clips that are quick on a processor."""


@pytest.fixture(scope="module")
def mc3_18_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from torchvision.models import video

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mc3_18.pth"
    torch.save(video.mc3_18(num_classes=400).state_dict(), path)
    return path


@pytest.fixture
def empty(tmp_path: Path):
    with Library.create(tmp_path / "empty") as library:
        yield library


def test_weights_become_a_teacher_that_has_seen_nobody(empty: Library, mc3_18_file: Path) -> None:
    model = import_published(empty, mc3_18_file)
    assert (model.kind, model.method) == (ModelKind.TEACHER, "published weights")
    assert (model.network, model.modality, model.embedding_dim) == ("mc3_18", "rgb", 512)
    assert seen_participants(empty, model) == frozenset()
    described = read_description(empty, model)
    assert described["published"]["source"] == "torchvision"
    assert "BSD" in described["published"]["licence"]
    assert list_models(empty) == [model]


def test_the_actions_are_kinetics_in_their_official_order(
    empty: Library, mc3_18_file: Path
) -> None:
    actions = import_published(empty, mc3_18_file).actions
    assert len(actions) == 400
    assert actions[:2] == ("abseiling", "air drumming")
    assert actions[-1] == "zumba"
    assert sorted(actions) == list(actions)


def test_the_convention_goes_with_the_model(empty: Library, mc3_18_file: Path) -> None:
    loaded = load_model(empty, import_published(empty, mc3_18_file), choose_device("cpu"))
    assert loaded.shape == ClipShape(n_frames=16, step=2, size=112)
    assert loaded.preparation.size == 112
    assert loaded.preparation.depth.crop.mode is CropMode.PERSON
    assert loaded.normalisation.mean == (0.43216, 0.394666, 0.37645)
    assert loaded.network.classifier is not None
    assert not loaded.network.training


def test_the_same_file_again_is_the_same_model_and_another_crop_another(
    empty: Library, mc3_18_file: Path
) -> None:
    model = import_published(empty, mc3_18_file)
    assert import_published(empty, mc3_18_file) == model
    other = import_published(empty, mc3_18_file, WHOLE)
    assert other.id != model.id
    assert load_model(empty, other, choose_device("cpu")).shape == ClipShape(4, 2, 112)


def test_a_published_teacher_goes_on_to_another_library(
    empty: Library, mc3_18_file: Path, tmp_path: Path
) -> None:
    model = import_published(empty, mc3_18_file)
    with Library.create(tmp_path / "other") as other:
        (brought,) = import_model(other, empty.root)
        assert brought == model
        again = load_model(other, brought, choose_device("cpu"))
    own = load_model(empty, model, choose_device("cpu"))
    assert again.normalisation == own.normalisation


def test_weights_of_other_classes_get_numbers(empty: Library, tmp_path: Path) -> None:
    torch.save({"state_dict": values(resnet3d_shapes(18, 3, 51))}, tmp_path / "w.pth")
    model = import_published(empty, tmp_path / "w.pth")
    assert model.actions[:1] == ("class 1",)
    assert len(model.actions) == 51


def test_what_is_refused_leaves_nothing(empty: Library, tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "w.pth")
    with pytest.raises(FsamtError, match="not known here"):
        bring_in(empty, tmp_path / "w.pth")
    assert list_models(empty) == []
    assert list(empty.models_folder.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    empty: Library, mc3_18_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FsamtError("The disk is full.")

    monkeypatch.setattr("fsamt_engine.learning.published_model.save_weights", full)
    with pytest.raises(FsamtError, match="full"):
        import_published(empty, mc3_18_file)
    assert list_models(empty) == []
    assert list(empty.models_folder.iterdir()) == []


def test_mars_flow_gets_bytes_minus_127_and_a_half(square_library: Library, tmp_path: Path) -> None:
    state = {f"module.{k}": v for k, v in values(mars_shapes(2, 400)).items()}
    torch.save({"arch": "resnext-101", "state_dict": state}, tmp_path / "Flow_Kinetics_16f.pth")
    options = PublishedOptions(PublishedCrop.FRAME, n_frames=2, flow=FlowMethod.DIS)
    model = import_published(square_library, tmp_path / "Flow_Kinetics_16f.pth", options)
    loaded = load_model(square_library, model, choose_device("cpu"))
    assert loaded.modality is Modality.FLOW
    assert loaded.preparation.bound_px == pytest.approx(20 * 112 / 256)
    take = take_ids_with_pairs(square_library)[0]
    reader = ClipReader(
        square_library, loaded.modality, loaded.preparation, loaded.shape, loaded.normalisation
    )
    window = Window(take, 3, 20)
    stored = reader.stored([window]).numpy().astype(np.float32)
    given = reader.tensor([window]).numpy()
    np.testing.assert_allclose(given, np.moveaxis(stored, -1, 1) - 127.5, atol=1e-3)


def test_published_flow_is_asked_for_as_it_was_published() -> None:
    flow = PublishedOptions().preparation(MARS_FLOW).flow
    assert (flow.method, flow.of_frames_alone) == (FlowMethod.TVL1, True)
    assert flow.bound_share == 20 / 256


@pytest.mark.parametrize(
    ("shape", "n"),
    [
        (ClipShape(16, 4, 64), 32),
        (ClipShape(16, 1, 112), 32),
        (ClipShape(16, 4, 224), 8),
        (ClipShape(64, 1, 256), 1),
    ],
)
def test_large_clips_go_through_a_network_fewer_at_once(shape: ClipShape, n: int) -> None:
    assert clips_at_once(Modality.RGB, shape) == n


def test_the_middle_is_cut_as_it_was_published() -> None:
    crop = PublishedOptions(PublishedCrop.CENTRE).preparation(slowonly(2, 8, 8)).depth.crop
    assert (crop.mode, crop.centre_share) == (CropMode.CENTRE, 224 / 256)


def test_a_depth_student_learns_from_published_weights(
    square_library: Library, mc3_18_file: Path
) -> None:
    (teacher,) = bring_in(square_library, mc3_18_file, options=WHOLE)
    takes = take_ids_with_pairs(square_library, ["P1"])[:4]
    settings = TransferSettings(
        network="r3d_tiny",
        fit=FitSettings(epochs=6, batch_size=4),
        window_stride=8,
        shape=ClipShape(n_frames=4, step=2, size=32),
    )
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
    loaded = load_model(square_library, student, choose_device("cpu"))
    assert (loaded.shape.size, loaded.preparation.size) == (32, 32)
    assert np.mean(losses[-2:]) < 0.8 * np.mean(losses[:2])
    assert seen_participants(square_library, student) == frozenset({"P1"})


def test_embeddings_are_those_of_the_published_network(
    square_library: Library, mc3_18_file: Path
) -> None:
    from torchvision.models import video

    (record,) = bring_in(square_library, mc3_18_file, options=WHOLE)
    cpu = choose_device("cpu")
    loaded = load_model(square_library, record, cpu)
    takes = take_ids_with_pairs(square_library, ["P2"])[:1]
    videos = videos_of(square_library, takes, 10.0)
    prepare(square_library, takes, (Modality.RGB,), loaded.preparation, None, None)
    found = teacher_embeddings(square_library, loaded, videos, 8, False, cpu)
    published = video.mc3_18(num_classes=400)
    published.load_state_dict(torch.load(mc3_18_file, weights_only=True))
    published.fc = torch.nn.Identity()
    # From the frames as they are stored, by the published transform's own numbers.
    reader = ClipReader(square_library, Modality.RGB, loaded.preparation, loaded.shape)
    frames = reader.stored([Window(takes[0], found[0].starts[0], 20)]).float() / 255
    mean, std = (
        torch.tensor([0.43216, 0.394666, 0.37645]),
        torch.tensor([0.22803, 0.22145, 0.216989]),
    )
    with torch.no_grad():
        theirs = published.eval()(((frames - mean) / std).movedim(-1, 1))
    np.testing.assert_allclose(found[0].clips[0, :1], theirs.numpy(), atol=1e-4)


def test_a_model_json_of_published_weights_is_whole(empty: Library, mc3_18_file: Path) -> None:
    model = import_published(empty, mc3_18_file)
    described = json.loads((empty.absolute(model.path) / "model.json").read_text())
    assert described["normalisation"]["std"] == [0.22803, 0.22145, 0.216989]
    assert described["snapshot"]["train"] == []
    assert len(described["published"]["sha256"]) == 64
