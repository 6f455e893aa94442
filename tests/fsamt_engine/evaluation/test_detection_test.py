from pathlib import Path

import pytest

from fsamt_engine.evaluation.detection_test import (
    DetectionTest,
    KnownAfter,
    TestedTake,
    keep_detection_test,
    kept_detection_test,
)
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem

ACTIONS = ("wave", "bow")


def detector(actions: tuple[str, ...] = ACTIONS) -> ModelRecord:
    return ModelRecord(
        id="m1",
        key="k",
        kind=ModelKind.RECOGNISER,
        name="a detector",
        network="r3d_tiny",
        modality="depth",
        embedding_dim=4,
        actions=actions,
        path="models/m1",
        method="finetune",
        created_at_us=0,
    )


def a_test() -> DetectionTest:
    found = (
        Detection("t1", "P1", "wave", 12.5, 40.25, 0.9),
        Detection("t2", "P2", "bow", 1.0, 20.0, 0.4),
    )
    return DetectionTest(
        model_id="m1",
        actions=ACTIONS,
        truth=(SnapshotItem("t1", "P1", 10, 42, "wave"),),
        takes=(TestedTake("t1", "P1", 300, 30.0), TestedTake("t2", "P2", 200, 15.0)),
        found=found,
        settings={"nms": {"overlap": 0.4}, "least_score": 0.01},
        device="cpu",
        known=(KnownAfter(found[0], 55.0),),
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library")


def test_what_was_kept_is_read_again_as_it_was(library: Library) -> None:
    keep_detection_test(library, detector(), a_test())
    assert kept_detection_test(library, detector()) == a_test()


def test_there_is_none_before_it_was_tested_or_after_the_file_was_damaged(library: Library) -> None:
    assert kept_detection_test(library, detector()) is None
    keep_detection_test(library, detector(), a_test())
    file = library.absolute("models/m1") / "detection_test.json"
    file.write_text(file.read_text()[:-10])
    assert kept_detection_test(library, detector()) is None


def test_a_test_of_other_actions_is_none_of_this_detector(library: Library) -> None:
    keep_detection_test(library, detector(), a_test())
    assert kept_detection_test(library, detector(("wave",))) is None
