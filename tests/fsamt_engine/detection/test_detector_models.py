"""A detector among the models of a library: moved and removed like the others, or refused."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from fsamt_engine.detection.detector import load_detector
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.compare import common_test
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.labelling.embedding import clip_embeddings
from fsamt_engine.learning import FinetuneSettings, FitSettings, finetune
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.lineage import lineage
from fsamt_engine.library.models import list_models, remove_model
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.untrimmed import untrimmed_takes
from fsamt_engine.networks import load_weights, save_weights

CPU = choose_device("cpu")


def test_detector_of_another_library_comes_in_whole_with_what_it_has_seen(
    untrimmed_library: Library, detector: ModelRecord, tmp_path: Path
) -> None:
    with Library.create(tmp_path / "empty") as empty:
        (brought,) = import_model(empty, untrimmed_library.root, detector.id)
        assert (brought.id, brought.kind) == (detector.id, ModelKind.DETECTOR)
        own = load_detector(untrimmed_library, detector, CPU)
        other = load_detector(empty, brought, CPU)
        assert other.threshold == own.threshold
        for name, value in own.detector.state_dict().items():
            assert torch.equal(value, other.detector.state_dict()[name])
        with pytest.raises(FsamtError, match="has seen P1"):
            refuse_seen(empty, brought, [SnapshotItem("elsewhere", "P1", 0, 9, "down")])


@pytest.mark.parametrize("what", ["head", "network", "actions"])
def test_detector_that_could_not_be_used_is_refused(
    untrimmed_library: Library, detector: ModelRecord, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / detector.id
    shutil.copytree(untrimmed_library.absolute(detector.path), folder)
    weights = load_weights(folder / "weights.safetensors")
    if what == "network":
        save_weights(folder / "weights.safetensors", {"head.weight": torch.zeros(3)})
    elif what == "head":
        save_weights(folder / "weights.safetensors", weights | {"head.weight": torch.zeros(3)})
    else:
        path = folder / "model.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"actions": []}))
    with Library.create(tmp_path / "empty") as empty:
        if what == "head":  # Heads are known to those who load them.
            (brought,) = import_model(empty, folder)
            with pytest.raises(FsamtError, match="cannot be read"):
                load_detector(empty, brought, CPU)
            return
        with pytest.raises(FsamtError):
            import_model(empty, folder)
        assert list_models(empty) == []


def test_lineage_says_whom_a_detector_has_seen(
    untrimmed_library: Library, detector: ModelRecord
) -> None:
    (only,) = lineage(untrimmed_library, detector.id).line
    assert set(only.trained_on.by_participant) == {"P1", "P2"}
    assert set(only.tested_on.by_participant) == {"P3"}
    assert only.training is not None
    assert only.missing == ()


def test_removed_detector_leaves_nothing(untrimmed_library: Library, detector: ModelRecord) -> None:
    remove_model(untrimmed_library, detector.id)
    assert list_models(untrimmed_library) == []
    assert not untrimmed_library.absolute(detector.path).exists()


def test_detector_is_refused_where_clips_are_named(
    untrimmed_library: Library, detector: ModelRecord, labels: Snapshot
) -> None:
    n_runs = len(list_runs(untrimmed_library))
    settings = FinetuneSettings(fit=FitSettings(epochs=1))
    with pytest.raises(FsamtError, match="is a detector"):
        finetune(untrimmed_library, detector, labels, settings, device="cpu")
    with pytest.raises(FsamtError, match="is a detector"):
        evaluate(untrimmed_library, detector, labels.test, device="cpu")
    with pytest.raises(FsamtError, match="is a detector"):
        common_test(untrimmed_library, [detector])
    with pytest.raises(FsamtError, match="is a detector"):
        clip_embeddings(untrimmed_library, detector, untrimmed_takes(untrimmed_library))
    assert len(list_runs(untrimmed_library)) == n_runs
