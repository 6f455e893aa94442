import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_result import detection_result, remarks
from fsamt_engine.evaluation.detection_test import DetectionTest, TestedTake, keep_detection_test
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.models import NEEDED_FILES, add_model
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot

ACTIONS = ("wave", "bow")
SETTINGS: dict[str, Any] = {"head": "anchor-free", "fit": {"epochs": 3, "seed": 0}, "adapt": None}


def take_of(library: Library, participant: str) -> str:
    query = "SELECT id FROM takes WHERE participant = ? ORDER BY id"
    return str(library.rows(query, [participant])[0][0])


def add_detector(library: Library, name: str, **differs: Any) -> ModelRecord:
    train = [
        SnapshotItem(take_of(library, "P1"), "P1", start, start + 4, action)
        for start, action in ((0, "wave"), (5, "wave"), (10, "bow"), (14, "background"))
    ]
    snapshot = make_snapshot("test", ACTIONS, train)
    save_snapshot(library, snapshot)
    record = ModelRecord(
        id=name,
        key=f"key of {name}",
        kind=ModelKind.DETECTOR,
        name=name,
        network="r3d_tiny",
        modality="depth",
        embedding_dim=4,
        actions=ACTIONS,
        path=f"models/{name}",
        method="finetune",
        created_at_us=0,
        settings=SETTINGS,
        snapshot_id=snapshot.id,
    )
    record = replace(record, **differs)
    folder = library.absolute(record.path)
    folder.mkdir(parents=True)
    for file in NEEDED_FILES:
        (folder / file).write_text("{}")
    return add_model(library, record)


def full_test(
    library: Library, participants: tuple[str, ...] = ("P2", "P3"), n_each: int = 20
) -> DetectionTest:
    """A test in which everything is found."""
    takes = tuple(TestedTake(take_of(library, who), who, 1000, 30.0) for who in participants)
    truth = tuple(
        SnapshotItem(take.take_id, take.participant, start, start + 8, action)
        for take in takes
        for number in range(n_each)
        for start, action in ((20 * number, "wave"), (20 * number + 10, "bow"))
    )
    found = tuple(
        Detection(item.take_id, item.participant, str(item.action), item.start, item.end, 0.9)
        for item in truth
    )
    return DetectionTest("m", ACTIONS, truth, takes, found, {}, "cpu")


def test_a_detector_is_found_with_its_test_and_the_one_from_scratch(
    square_library: Library,
) -> None:
    add_detector(square_library, "teacher", kind=ModelKind.STUDENT)
    model = add_detector(square_library, "m", parent_id="teacher")
    scratch = add_detector(square_library, "s")
    add_detector(square_library, "other head", settings={**SETTINGS, "head": "r-c3d"})
    add_detector(square_library, "other seed", settings={**SETTINGS, "fit": {"seed": 1}})
    test = full_test(square_library)
    keep_detection_test(square_library, model, test)
    keep_detection_test(square_library, scratch, replace(test, found=()))

    result = detection_result(square_library, "m")
    assert result.model == model
    assert result.test == test
    assert result.scores.map_at(0.5) == 1
    assert result.scratch == scratch
    assert result.scratch_scores is not None
    assert result.scratch_scores.map_at(0.5) == 0
    assert result.n_labels == {"wave": 2, "bow": 1}
    assert (result.trained_on, result.tested_on) == (("P1",), ("P2", "P3"))
    assert result.remarks == ()


def test_a_scratch_that_was_tested_on_something_else_is_not_compared(
    square_library: Library,
) -> None:
    add_detector(square_library, "teacher", kind=ModelKind.STUDENT)
    model = add_detector(square_library, "m", parent_id="teacher")
    scratch = add_detector(square_library, "s")
    keep_detection_test(square_library, model, full_test(square_library))
    assert detection_result(square_library, "m").scratch_test is None
    keep_detection_test(square_library, scratch, full_test(square_library, ("P2",)))
    result = detection_result(square_library, "m")
    assert result.scratch == scratch
    assert result.scratch_test is None


def test_a_detector_that_was_not_tested_and_what_is_none_are_refused(
    square_library: Library,
) -> None:
    add_detector(square_library, "m")
    add_detector(square_library, "recogniser", kind=ModelKind.RECOGNISER)
    with pytest.raises(FsamtError, match="not tested yet"):
        detection_result(square_library, "m")
    with pytest.raises(FsamtError, match="not a detector"):
        detection_result(square_library, "recogniser")


def test_one_person_and_few_segments_are_said(square_library: Library) -> None:
    said = remarks(full_test(square_library, ("P2",), n_each=2), {"wave": 2, "bow": 2})
    assert [one.split(":")[0] for one in said] == [
        "One person was tested",
        "The test has only 4 labelled segments",
        "The mAP may well be anything from 51 to 100 % (95 %, over 4 segments of one take)",
    ]


def test_an_interval_that_is_wide_is_said(square_library: Library) -> None:
    test = full_test(square_library)
    half = replace(test, found=test.found[:40])  # All of one person, nothing of the other.
    (said,) = remarks(half, {"wave": 2, "bow": 2})
    assert said.startswith("The mAP may well be anything from 0 to 100 % (95 %, over 2 part")


def test_actions_without_and_with_few_segments_are_said(square_library: Library) -> None:
    test = replace(full_test(square_library), actions=("wave", "bow", "sit"))
    assert any('No tested take shows "sit"' in one for one in remarks(test, {"wave": 2, "bow": 2}))
    bows = [item for item in test.truth if item.action == "bow"][:3]
    waves = [item for item in test.truth if item.action == "wave"]
    few = replace(full_test(square_library), truth=(*waves, *bows))
    said = remarks(few, {"wave": 2, "bow": 2})
    assert said[-1].startswith('"bow" has fewer than 5 segments in the test')


def test_unequal_labels_are_said(square_library: Library) -> None:
    (said,) = remarks(full_test(square_library), {"wave": 10, "bow": 3})
    assert said.startswith('"bow" had less than half as many labels as others (3 against 10)')


def test_takes_that_do_not_say_who_is_seen_are_said(square_library: Library) -> None:
    model = add_detector(square_library, "m")
    test = full_test(square_library, ("P2",))
    keep_detection_test(square_library, model, test)

    def came_from_pku_mmd(database: Database) -> None:
        database.table("takes").update(test.takes[0].take_id, {"source": "pku-mmd"})

    square_library.write(came_from_pku_mmd)
    (said,) = detection_result(square_library, "m").remarks
    assert said.startswith("PKU-MMD does not say who is seen")


def test_pages_read_it_without_pytorch_and_readers_of_data_sets() -> None:
    slow = "{'torch', 'fsamt_engine.datasets', 'scipy', 'av', 'cv2'}"
    code = f"import sys, fsamt_engine.evaluation.detection_result; print({slow} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
