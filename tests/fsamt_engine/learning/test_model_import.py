"""Models that come from another library: whole, with what they have seen, or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.learning import FitSettings, TeacherSettings, TransferSettings
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.learning.store import load_model
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.organising import assign_takes, rename_participant
from fsamt_engine.library.snapshots import make_snapshot, snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def teacher(square_library: Library) -> ModelRecord:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    settings = TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=FitSettings(epochs=1))
    taught = make_snapshot("test", ("across", "down"), items)
    return train_teacher(square_library, taught, settings, device="cpu")


@pytest.fixture
def student(square_library: Library, teacher: ModelRecord) -> ModelRecord:
    settings = TransferSettings(fit=FitSettings(epochs=1))
    takes = take_ids_with_pairs(square_library, ["P2"])
    return transfer(square_library, teacher, takes, settings, device="cpu")


@pytest.fixture
def empty(tmp_path: Path):
    with Library.create(tmp_path / "empty") as library:
        yield library


def test_a_teacher_comes_in_with_the_list_of_what_it_has_seen(
    square_library: Library, teacher: ModelRecord, empty: Library
) -> None:
    (brought,) = import_model(empty, square_library.root)
    assert (brought.id, brought.key, brought.name) == (teacher.id, teacher.key, teacher.name)
    assert snapshot(empty, str(brought.snapshot_id)).train
    load_model(empty, brought, choose_device("cpu"))
    with pytest.raises(FsamtError, match="has seen P1"):
        refuse_seen(empty, brought, [SnapshotItem("elsewhere", "P1", 0, 9, "down")])
    refuse_seen(empty, brought, [SnapshotItem("elsewhere", "P9", 0, 9, "down")])


def test_a_student_brings_its_teacher(
    square_library: Library, student: ModelRecord, empty: Library
) -> None:
    (brought,) = import_model(empty, square_library.absolute(student.path))
    assert brought.id == student.id
    assert {one.id for one in list_models(empty)} == {student.id, student.parent_id}
    with pytest.raises(FsamtError, match="has seen P1"):
        refuse_seen(empty, brought, [SnapshotItem("elsewhere", "P1", 0, 9, "down")])


def test_twice_is_once(square_library: Library, teacher: ModelRecord, empty: Library) -> None:
    import_model(empty, square_library.root)
    assert import_model(empty, square_library.root, teacher.id)[0].id == teacher.id
    assert len(list_models(empty)) == 1


def test_a_copied_folder_needs_no_library(
    square_library: Library, teacher: ModelRecord, empty: Library, tmp_path: Path
) -> None:
    alone = tmp_path / "from a colleague"
    shutil.copytree(square_library.absolute(teacher.path), alone)
    (brought,) = import_model(empty, alone / "weights.safetensors")
    assert snapshot(empty, str(brought.snapshot_id)).id == teacher.snapshot_id


def test_a_student_without_its_teacher_is_refused(
    square_library: Library, student: ModelRecord, empty: Library, tmp_path: Path
) -> None:
    alone = tmp_path / "alone" / student.id
    shutil.copytree(square_library.absolute(student.path), alone)
    with pytest.raises(FsamtError, match="not beside it"):
        import_model(empty, alone)
    assert list_models(empty) == []


@pytest.mark.parametrize("name", ["weights.pth", "model.ckpt"])
def test_a_checkpoint_of_another_program_is_refused_in_words(
    empty: Library, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(FsamtError, match="no model of this program") as refused:
        import_model(empty, tmp_path / name)
    assert "model.json and weights.safetensors" in refused.value.hint


def test_a_mistyped_path_is_said_to_lead_nowhere(empty: Library, tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match=r"There is nothing at .*weigths\.pth"):
        import_model(empty, tmp_path / "weigths.pth")


def altered(folder: Path, **fields: object) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": 99}, "newer"),
        ({"id": "../../elsewhere"}, "damaged"),
        ({"network": "r3d_18"}, "weights"),
        (
            {
                "snapshot": {
                    "description": "",
                    "actions": [],
                    "train": [],
                    "validation": [],
                    "test": [],
                }
            },
            "damaged",
        ),
    ],
)
def test_a_folder_that_was_altered_is_refused_and_nothing_comes_in(
    square_library: Library,
    teacher: ModelRecord,
    empty: Library,
    tmp_path: Path,
    fields: dict[str, object],
    words: str,
) -> None:
    folder = tmp_path / teacher.id
    shutil.copytree(square_library.absolute(teacher.path), folder)
    altered(folder, **fields)
    with pytest.raises(FsamtError, match=words):
        import_model(empty, folder)
    assert list_models(empty) == []
    assert not any(empty.models_folder.iterdir())


def test_somebody_who_was_renamed_there_has_still_been_seen_here(
    square_library: Library, teacher: ModelRecord, empty: Library
) -> None:
    rename_participant(square_library, "P1", "Ada")
    (brought,) = import_model(empty, square_library.root)
    with pytest.raises(FsamtError, match="has seen Ada"):
        refuse_seen(empty, brought, [SnapshotItem("elsewhere", "Ada", 0, 9, "down")])


def test_a_model_that_names_itself_as_its_origin_is_refused(
    square_library: Library, teacher: ModelRecord, empty: Library, tmp_path: Path
) -> None:
    folder = tmp_path / teacher.id
    shutil.copytree(square_library.absolute(teacher.path), folder)
    altered(folder, parent_id=teacher.id)
    with pytest.raises(FsamtError, match="names itself"):
        import_model(empty, folder)


def test_somebody_to_whom_takes_were_assigned_there_has_been_seen_here(
    square_library: Library, teacher: ModelRecord, empty: Library
) -> None:
    seen = snapshot(square_library, str(teacher.snapshot_id)).train
    assign_takes(square_library, [seen[0].take_id], "Grace")
    rename_participant(square_library, "Grace", "Ada")
    (brought,) = import_model(empty, square_library.root)
    for who in ("P1", "Grace", "Ada"):
        with pytest.raises(FsamtError, match=f"has seen {who}"):
            refuse_seen(empty, brought, [SnapshotItem("elsewhere", who, 0, 9, "down")])
    refuse_seen(empty, brought, [SnapshotItem("elsewhere", "P9", 0, 9, "down")])
