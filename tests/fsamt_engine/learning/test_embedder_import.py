"""VideoMAE and V-JEPA 2 as frozen teachers, with tiny networks that `transformers` makes itself."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning import FitSettings, TransferSettings, transfer
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import embeddings_kept, teacher_embeddings
from fsamt_engine.learning.estimate import estimate_transfer
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.learning.prepare import prepare, videos_of
from fsamt_engine.learning.published_import import bring_in
from fsamt_engine.learning.published_model import PublishedCrop, PublishedOptions
from fsamt_engine.learning.store import load_model, read_description
from fsamt_engine.library import Library
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.runs.requests import TransferRequest

transformers = pytest.importorskip("transformers", reason="the extra `transformers` is optional")

WHOLE = PublishedOptions(PublishedCrop.FRAME, step=2)
TINY = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def videomae(*, with_classifier: bool, **more: object):
    """A VideoMAE of a few thousand weights, as published with a classifier or without."""
    config = transformers.VideoMAEConfig(
        image_size=32,
        patch_size=16,
        num_frames=4,
        intermediate_size=16,
        decoder_hidden_size=8,
        decoder_num_hidden_layers=1,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=8,
        num_labels=5,
        **TINY,
        **more,
    )
    kind = "ForVideoClassification" if with_classifier else "ForPreTraining"
    torch.manual_seed(0)
    return getattr(transformers, f"VideoMAE{kind}")(config).eval()


def vjepa2(*, with_classifier: bool):
    """A V-JEPA 2 of a few thousand weights, as published with a classifier or without."""
    config = transformers.VJEPA2Config(
        crop_size=32,
        patch_size=16,
        frames_per_clip=4,
        pred_hidden_size=8,
        pred_num_hidden_layers=1,
        pred_num_attention_heads=2,
        num_pooler_layers=1,
        num_labels=5,
        **TINY,
    )
    torch.manual_seed(0)
    kind = (
        transformers.VJEPA2ForVideoClassification if with_classifier else transformers.VJEPA2Model
    )
    return kind(config).eval()


def saved(model: torch.nn.Module, folder: Path) -> Path:
    model.save_pretrained(folder)
    said = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}
    (folder / "preprocessor_config.json").write_text(json.dumps(said))
    return folder


@pytest.fixture
def empty(tmp_path: Path):
    with Library.create(tmp_path / "empty") as library:
        yield library


CLIPS = torch.randn(2, 3, 4, 32, 32, generator=torch.Generator().manual_seed(1))
CPU = choose_device("cpu")


@pytest.mark.parametrize("with_classifier", [True, False])
@pytest.mark.parametrize("make", [videomae, vjepa2])
def test_a_folder_becomes_a_teacher_that_answers_as_published(
    empty: Library, tmp_path: Path, make, with_classifier: bool
) -> None:
    published = make(with_classifier=with_classifier)
    (model,) = bring_in(empty, saved(published, tmp_path / "their"), options=WHOLE)
    loaded = load_model(empty, model, CPU)
    frames = CLIPS.transpose(1, 2)
    with torch.no_grad():
        if with_classifier:
            theirs, ours = published(frames).logits, loaded.network(CLIPS)
        elif make is vjepa2:
            theirs, ours = (
                published.get_vision_features(frames).mean(1),
                loaded.network.embed(CLIPS),
            )
        else:
            theirs = published.videomae(frames).last_hidden_state.mean(1)
            ours = loaded.network.embed(CLIPS)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    assert (model.network, model.embedding_dim) == (make.__name__, 16)
    assert len(model.actions) == (5 if with_classifier else 0)


def test_the_configuration_and_the_convention_are_kept(empty: Library, tmp_path: Path) -> None:
    folder = saved(vjepa2(with_classifier=False), tmp_path / "their")
    (model,) = bring_in(empty, folder)
    assert read_description(empty, model)["network_config"]["pred_hidden_size"] == 8
    loaded = load_model(empty, model, CPU)
    assert loaded.normalisation.mean == (0.5, 0.4, 0.3)
    assert loaded.shape == ClipShape(n_frames=4, step=16, size=32)
    assert model.id.startswith("teacher-")
    assert bring_in(empty, folder) == (model,)


def test_it_goes_on_to_another_library(empty: Library, tmp_path: Path) -> None:
    (model,) = bring_in(empty, saved(videomae(with_classifier=True), tmp_path / "their"))
    with Library.create(tmp_path / "other") as other:
        assert import_model(other, empty.absolute(model.path))[0].id == model.id


def test_a_depth_student_learns_from_its_kept_embeddings(
    square_library: Library, tmp_path: Path
) -> None:
    folder = saved(vjepa2(with_classifier=False), tmp_path / "their")
    (teacher,) = bring_in(square_library, folder, options=WHOLE)
    takes = take_ids_with_pairs(square_library, ["P1"])[:4]
    settings = TransferSettings(
        fit=FitSettings(epochs=1, batch_size=4), shape=ClipShape(4, 2, 16), window_stride=8
    )
    student = transfer(square_library, teacher, takes, settings, device="cpu")
    assert student.parent_id == teacher.id
    loaded = load_model(square_library, teacher, CPU)
    videos = videos_of(square_library, takes, settings.max_video_s)
    assert embeddings_kept(square_library, loaded, videos, 8, True)


@pytest.mark.parametrize("make", [videomae, vjepa2])
def test_what_a_transfer_from_it_takes_is_estimated_without_chance(
    square_library: Library, tmp_path: Path, make
) -> None:
    folder = saved(make(with_classifier=True), tmp_path / "their")
    (teacher,) = bring_in(square_library, folder, options=WHOLE)
    takes = take_ids_with_pairs(square_library, ["P1"])[:2]
    request = TransferRequest(teacher.id, tuple(takes), "clip", "r3d_tiny", 2, device="cpu")
    before = torch.get_rng_state()
    found = estimate_transfer(square_library, request)
    assert found.embeddings_s > 0
    assert torch.equal(torch.get_rng_state(), before)


def test_embeddings_are_of_the_frames_and_not_all_alike(
    square_library: Library, tmp_path: Path
) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "their")
    (teacher,) = bring_in(square_library, folder, options=WHOLE)
    loaded = load_model(square_library, teacher, CPU)
    takes = take_ids_with_pairs(square_library, ["P1"])[:2]
    videos = videos_of(square_library, takes, 10.0)
    prepare(square_library, takes, (Modality.RGB,), loaded.preparation, None, None)
    first, second = teacher_embeddings(square_library, loaded, videos, 8, False, CPU)
    assert first.video.shape == (2, 16)
    assert np.abs(first.video - second.video).max() > 1e-4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: config.update(model_type="bert"), 'of the kind "bert"'),
        (lambda config: config.update(hidden_size=17), "cannot be"),
        (lambda config: config.clear(), 'of the kind "None"'),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    empty: Library, tmp_path: Path, change, said: str
) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "their")
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(FsamtError, match=said):
        bring_in(empty, folder)
    assert list_models(empty) == []


def test_weights_of_another_depth_are_refused_by_what_is_missing(
    empty: Library, tmp_path: Path
) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "their")
    config = json.loads((folder / "config.json").read_text()) | {"num_hidden_layers": 2}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(FsamtError, match=r"encoder\.layer\.1\..* is missing"):
        bring_in(empty, folder)


def test_weights_that_are_cut_short_or_not_safe_are_refused(empty: Library, tmp_path: Path) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "their")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(FsamtError, match="cannot be loaded"):
        bring_in(empty, folder)
    weights.rename(folder / "pytorch_model.bin")
    with pytest.raises(FsamtError, match="no weights as"):
        bring_in(empty, folder)


def test_clips_that_the_network_has_no_place_for_are_refused(
    empty: Library, tmp_path: Path
) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "mae")
    with pytest.raises(FsamtError, match="takes clips of 4 frames, not of 8"):
        bring_in(empty, folder, options=PublishedOptions(n_frames=8))
    folder = saved(vjepa2(with_classifier=False), tmp_path / "jepa")
    with pytest.raises(FsamtError, match="a multiple of 2 frames, not of 7"):
        bring_in(empty, folder, options=PublishedOptions(n_frames=7))


def test_without_the_library_it_says_how_to_install_it(
    empty: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(videomae(with_classifier=True), tmp_path / "their")
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(FsamtError, match="not installed") as caught:
        bring_in(empty, folder)
    assert "fsamt-studio[transformers]" in caught.value.hint
