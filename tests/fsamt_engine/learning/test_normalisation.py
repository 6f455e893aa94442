"""A model's own normalisation is kept with it, and used wherever its clips are read."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.learning import FinetuneSettings, FitSettings
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.finetune import finetune
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.portable import prepared_network
from fsamt_engine.learning.store import load_model
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    Modality,
    Preparation,
)
from fsamt_engine.modalities.tensors import NORMALISATIONS, Normalisation
from fsamt_engine.networks import build

from .fresh import recogniser

CPU = choose_device("cpu")
OWN = Normalisation((0.5,), (2.0,))
SHAPE = ClipShape(4, 2, 16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def labelled(square_library: Library) -> Snapshot:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1", "P2"])
    ]
    train = [item for item in items if item.participant == "P1"]
    test = [item for item in items if item.participant == "P2"]
    return make_snapshot("test", ("across", "down"), train, test=test)


@pytest.fixture
def model(square_library: Library, labelled: Snapshot) -> ModelRecord:
    settings = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1))
    return finetune(square_library, None, labelled, settings, device="cpu")


def restate(library: Library, model: ModelRecord, stated: object) -> None:
    path = library.absolute(model.path) / "model.json"
    description = json.loads(path.read_text("utf-8"))
    description.pop("normalisation")
    if stated is not None:
        description["normalisation"] = stated
    path.write_text(json.dumps(description), "utf-8")


def test_a_model_that_states_none_has_that_of_its_modality(
    square_library: Library, model: ModelRecord
) -> None:
    usual = NORMALISATIONS[Modality.DEPTH]
    assert load_model(square_library, model, CPU).normalisation == usual
    restate(square_library, model, None)
    assert load_model(square_library, model, CPU).normalisation == usual, "made before it was kept"


def test_what_a_model_states_is_used_in_tests_embeddings_and_finetuning(
    square_library: Library, model: ModelRecord, labelled: Snapshot
) -> None:
    before = evaluate(square_library, model, labelled.test, device="cpu")
    loaded = load_model(square_library, model, CPU)
    videos = [replace(item, action=None) for item in labelled.test]
    usual = teacher_embeddings(square_library, loaded, videos, 4, False, CPU)
    shutil.rmtree(square_library.cache_folder)

    restate(square_library, model, {"mean": [0.5], "std": [2.0]})
    restated = load_model(square_library, model, CPU)
    assert restated.normalisation == OWN
    own = teacher_embeddings(square_library, restated, videos, 4, False, CPU)
    assert not np.allclose(usual[0].clips, own[0].clips, atol=1e-4)
    after = evaluate(square_library, model, labelled.test, device="cpu")
    assert before.predictions[0].probabilities != after.predictions[0].probabilities
    settings = FinetuneSettings(fit=FitSettings(epochs=1, seed=1))
    again = finetune(square_library, model, labelled, settings, device="cpu")
    assert load_model(square_library, again, CPU).normalisation == OWN


@pytest.mark.parametrize(
    "stated", [{"mean": [0, 0], "std": [1, 1]}, {"mean": [0], "std": [0]}, {"mean": [0]}, "none"]
)
def test_a_normalisation_that_does_not_fit_is_refused(
    square_library: Library, model: ModelRecord, stated: object
) -> None:
    restate(square_library, model, stated)
    with pytest.raises(FsamtError, match=r"model\.json"):
        load_model(square_library, model, CPU)


def test_a_clip_is_normalised_as_its_reader_was_told(
    square_library: Library, labelled: Snapshot
) -> None:
    window = Window(labelled.train[0].take_id, 0, 20)
    plain, told = (
        ClipReader(square_library, Modality.DEPTH, PREPARATION, SHAPE, given).tensor([window])
        for given in (Normalisation((0.0,), (1.0,)), OWN)
    )
    assert torch.allclose(told, (plain - 0.5) / 2.0, atol=1e-6)


def test_what_is_exported_normalises_as_the_model_says() -> None:
    loaded = replace(recogniser(DepthPreparation(size=16), SHAPE), normalisation=OWN)
    clips = torch.rand(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = loaded.network((clips[:, None] - 0.5) / 2.0).softmax(1)
        assert torch.allclose(prepared_network(loaded)(clips), expected, atol=1e-5)


def test_training_normalises_as_its_reader_was_told(
    square_library: Library, labelled: Snapshot
) -> None:
    reader = ClipReader(square_library, Modality.DEPTH, PREPARATION, SHAPE, OWN)
    module = NamingModule(build("r3d_tiny", 1, 2, seed=0), dropout=0.0, with_norm=True)
    settings = FinetuneSettings(label_smoothing=0.0)
    lesson = NamingLesson(
        module,
        reader,
        labelled.train,
        (),
        labelled.actions,
        FitSettings(batch_size=4),
        settings.augmentation,
        settings.label_smoothing,
        CPU,
    )
    clips, truth = lesson.batch(0)
    with torch.no_grad():
        logits = module((clips.float()[:, None] - 0.5) / 2.0)
        expected = torch.nn.functional.cross_entropy(logits, truth)
        assert lesson.loss((clips, truth)) == pytest.approx(expected.item(), abs=1e-5)
