"""A recogniser of a library, from its files to its first answers on a take."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning import FinetuneSettings, FitSettings, finetune
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.inference import run_windows
from fsamt_engine.learning.store import load_model
from fsamt_engine.library import ModelKind, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.recognition.live_model import open_live_model
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.sources import open_source
from tests.fsamt_engine.capture.puppet import no_thread_left
from tests.fsamt_engine.recognition.watching import Says, live_model

SHAPE = ClipShape(n_frames=8, step=2, size=16)
WHOLE_FRAME = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def record(square_library):
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    settings = FinetuneSettings(shape=SHAPE, preparation=WHOLE_FRAME, fit=FitSettings(epochs=1))
    taught = make_snapshot("test", ("across", "down"), items)
    return finetune(square_library, None, taught, settings, device="cpu")


def test_live_answers_are_those_of_training_s_own_code(square_library, record):
    model = open_live_model(square_library, record, "cpu")
    assert model.actions == ("across", "down")
    assert (model.rate_hz, model.shape) == (30.0, SHAPE)
    assert model.preparation == WHOLE_FRAME.depth
    assert [one.chosen for one in model.measured].count(True) == 1
    assert {one.name.split(",")[0] for one in model.measured} == {"PyTorch", "ONNX Runtime"}
    assert all(one.ms is not None and one.ms > 0 for one in model.measured)
    assert next(one.name for one in model.measured if one.chosen) == model.backend.name

    take_id = segments(square_library, actions=["down"], participants=["P2"])[0].take_id
    answers = []
    with (
        no_thread_left(),
        open_source(square_library, f"take:{take_id}", real_time=False) as feed,
    ):
        recogniser = Recogniser(feed, model, RecognitionSettings(), on_answer=answers.append)
        assert recogniser.wait_until_over(20)
        recogniser.close()
        assert recogniser.state().failure is None
    assert [answer.frame_number for answer in answers] == list(range(20))

    loaded = load_model(square_library, record, choose_device("cpu"))
    reader = ClipReader(square_library, loaded.modality, loaded.preparation, SHAPE)
    windows = [Window(take_id, max(0, n + 1 - SHAPE.span), n + 1) for n in range(20)]
    logits = run_windows(loaded.network, loaded.network, reader, windows, choose_device("cpu"))
    powers = np.exp(logits)
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose([a.probabilities for a in answers], expected, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": ModelKind.TEACHER, "modality": "rgb"}, "sees rgb; live, only depth is opened"),
        ({"kind": ModelKind.RECOGNISER, "modality": "flow"}, "sees flow"),
        ({"kind": ModelKind.STUDENT, "actions": ()}, "knows no actions yet"),
    ],
)
def test_what_cannot_recognise_from_depth_is_refused(square_library, changes, message):
    record = replace(live_model(Says()).record, **changes)
    with pytest.raises(FsamtError, match=message) as refused:
        open_live_model(square_library, record)
    assert refused.value.hint


def test_a_computer_without_onnx_runtime_answers_with_pytorch(square_library, record, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    model = open_live_model(square_library, record, "cpu")
    assert model.backend.name.startswith("PyTorch, CPU")
    assert model.measured[-1].reason == "It is not installed."
