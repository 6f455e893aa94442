"""A recogniser's network as ONNX Runtime runs it, against the one that was trained."""

import copy
import dataclasses
import os
import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning import portable
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import DepthPreparation, Modality
from fsamt_engine.modalities.tensors import to_tensor
from fsamt_engine.networks import build
from tests.fsamt_engine.learning.fresh import recogniser

SHAPE = ClipShape(n_frames=8, step=1, size=16)


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    fresh = recogniser(DepthPreparation(size=16), SHAPE)
    assert fresh.network.classifier is not None
    # As they start, all actions are equally likely.
    generator = torch.Generator().manual_seed(3)
    torch.nn.init.normal_(fresh.network.classifier.weight, generator=generator)
    return fresh


@pytest.fixture(scope="module")
def exported(loaded: LoadedModel) -> onnx.ModelProto:
    return portable.to_onnx(loaded)


@pytest.fixture
def library(tmp_path: Path):
    with Library.create(tmp_path / "library") as library:
        yield library


def clips(n: int) -> np.ndarray:
    return np.random.default_rng(n).random((n, 8, 16, 16)).astype(np.float16)


def trained_answer(loaded: LoadedModel, batch: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return loaded.network(to_tensor(batch, Modality.DEPTH)).softmax(1).numpy()


def test_prepared_depth_as_it_is_stored_gives_what_evaluation_gives(loaded):
    batch = clips(4)
    with torch.no_grad():
        given = portable.prepared_network(loaded)(torch.from_numpy(batch))
    assert given.dtype == torch.float32
    np.testing.assert_allclose(given.numpy(), trained_answer(loaded, batch), atol=1e-6)
    assert np.ptp(given.numpy(), axis=0).max() > 0.01


@pytest.mark.parametrize("n", [1, 3])
def test_onnx_runtime_gives_what_torch_gives_for_any_batch(loaded, exported, n):
    session = onnxruntime.InferenceSession(exported.SerializeToString())
    batch = clips(n)
    (given,) = session.run(["probabilities"], {"clips": batch.astype(np.float32)})
    assert given.shape == (n, 3)
    np.testing.assert_allclose(given, trained_answer(loaded, batch), atol=1e-5)


def test_exporting_leaves_the_model_as_it_was(loaded, exported):
    assert next(loaded.network.parameters()).requires_grad
    assert not loaded.network.training
    assert loaded.network.conv1.weight.is_contiguous(memory_format=torch.channels_last_3d)


def test_nothing_of_the_machine_is_in_the_file(exported):
    content = exported.SerializeToString()
    for place in (Path(portable.__file__).parent, Path(torch.__file__).parent, Path.home()):
        assert str(place).encode() not in content


def test_exporting_says_nothing(loaded, capfd):
    portable.to_onnx(loaded)
    written = capfd.readouterr()
    assert (written.out, written.err) == ("", "")


def test_the_file_is_made_once_and_again_for_other_actions(loaded, exported, library, monkeypatch):
    made = []

    def to_onnx(model: LoadedModel) -> onnx.ModelProto:
        made.append(model)
        return exported

    monkeypatch.setattr(portable, "to_onnx", to_onnx)
    path = portable.onnx_file(library, loaded)
    assert path == portable.onnx_file(library, loaded)
    assert path.is_relative_to(library.cache_folder)
    assert onnx.load(path) == exported
    assert len(made) == 1
    other = dataclasses.replace(loaded.record, actions=("clap", "wave", "up"))
    assert portable.onnx_file(library, dataclasses.replace(loaded, record=other)) != path
    monkeypatch.setattr(torch, "__version__", "another")
    assert portable.onnx_file(library, loaded) != path


def test_a_model_of_the_same_key_with_other_weights_has_a_file_of_its_own(
    loaded, exported, library, monkeypatch
):
    monkeypatch.setattr(portable, "to_onnx", lambda model: exported)
    path = portable.onnx_file(library, loaded)
    network = copy.deepcopy(loaded.network)
    assert portable.onnx_file(library, dataclasses.replace(loaded, network=network)) == path
    torch.nn.init.ones_(network.bn1.running_mean)
    assert portable.onnx_file(library, dataclasses.replace(loaded, network=network)) != path


def test_a_full_disk_leaves_no_half_file(loaded, exported, library, monkeypatch):
    monkeypatch.setattr(portable, "to_onnx", lambda model: exported)

    def full(self: Path, content: bytes) -> int:
        self.open("wb").close()
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FsamtError, match="disk is full"):
        portable.onnx_file(library, loaded)
    assert not list((library.cache_folder / "onnx").iterdir())


def test_two_threads_that_ask_at_once_get_the_same_file(loaded, exported, library, monkeypatch):
    together = threading.Barrier(2)

    def to_onnx(model: LoadedModel) -> onnx.ModelProto:
        together.wait(10)
        return exported

    monkeypatch.setattr(portable, "to_onnx", to_onnx)
    paths: list[Path] = []
    threads = [
        threading.Thread(target=lambda: paths.append(portable.onnx_file(library, loaded)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(paths) == 2
    assert len(set(paths)) == 1
    assert [p.name for p in paths[0].parent.iterdir()] == [paths[0].name]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"modality": Modality.RGB}, "sees rgb, not depth"),
        ({"network": build("r3d_tiny", 1)}, "recognises no actions"),
    ],
)
def test_what_is_no_recogniser_is_refused(loaded, changed, words):
    with pytest.raises(FsamtError, match=words):
        portable.prepared_network(dataclasses.replace(loaded, **changed))
