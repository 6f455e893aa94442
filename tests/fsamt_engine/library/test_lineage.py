import dataclasses
import json

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.lineage import lineage
from fsamt_engine.library.models import add_model, model, remove_model, set_model_name
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot

HISTORY = [
    {"epoch": 1, "step": 4, "loss": 0.9, "metrics": {"loss": 0.95}},
    {"epoch": 2, "step": 8, "loss": 0.5, "metrics": {}},
]


def make(
    library: Library,
    model_id: str,
    kind: ModelKind,
    parent_id: str | None = None,
    *,
    train: tuple[SnapshotItem, ...] = (),
    test: tuple[SnapshotItem, ...] = (),
    description: str | None = None,
) -> ModelRecord:
    """Enter a model as a training leaves it, without its weights."""
    seen = make_snapshot(model_id, [], train, (), test)
    save_snapshot(library, seen)
    folder = library.models_folder / model_id
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(model_id.encode())
    training = {
        "ended": "finished",
        "best_epoch": 2,
        "seconds": 12.5,
        "device": "CPU",
        "precision": "float32",
        "history": HISTORY,
    }
    content = {"parent_id": parent_id, "training": training, "versions": {"torch": "2"}}
    (folder / "model.json").write_text(description or json.dumps(content))
    record = ModelRecord(
        model_id,
        f"key of {model_id}",
        kind,
        f"a {kind}",
        "r3d_tiny",
        "depth",
        256,
        (),
        f"models/{model_id}",
        "ours",
        1_000 + len(list(library.models_folder.iterdir())),
        snapshot_id=seen.id,
        parent_id=parent_id,
    )
    return add_model(library, record)


def item(take_id: str, participant: str, action: str | None = None) -> SnapshotItem:
    return SnapshotItem(take_id, participant, 0, 15, action)


@pytest.fixture
def line(library: Library) -> tuple[str, str, str]:
    """A teacher, its student, and a recogniser of that; their ids."""
    make(library, "teacher-1", ModelKind.TEACHER, train=(item("gone1", "P1", "wave"),))
    make(library, "student-1", ModelKind.STUDENT, "teacher-1", train=(item("gone2", "P2"),))
    make(
        library,
        "recogniser-1",
        ModelKind.RECOGNISER,
        "student-1",
        train=(item("gone3", "P3", "clap"), item("gone3", "P3", "wave")),
        test=(item("gone4", "P4", "clap"),),
    )
    return "teacher-1", "student-1", "recogniser-1"


def test_line_goes_from_the_teacher_to_the_model(
    library: Library, line: tuple[str, str, str]
) -> None:
    found = lineage(library, "recogniser-1")
    assert tuple(one.model.id for one in found.line) == line
    assert found.removed_id == ""
    last = found.line[-1]
    assert found.model == last.model
    assert last.trained_on.by_participant == {"P3": 2}
    assert last.trained_on.by_action == {"clap": 1, "wave": 1}
    assert last.tested_on.n_items == 1
    assert found.line[1].trained_on.by_action == {}
    assert [(one.step, one.validation) for one in last.training.epochs] == [(4, 0.95), (8, None)]


def test_descendants_come_children_first(library: Library, line: tuple[str, str, str]) -> None:
    make(library, "recogniser-0", ModelKind.RECOGNISER, "teacher-1")
    found = lineage(library, "teacher-1")
    assert [one.id for one in found.descendants] == ["student-1", "recogniser-0", "recogniser-1"]
    assert lineage(library, "recogniser-1").descendants == ()


def test_removed_parent_is_still_named_and_found_again_when_made_again(
    library: Library, line: tuple[str, str, str]
) -> None:
    remove_model(library, "student-1")
    assert model(library, "recogniser-1").parent_id is None
    found = lineage(library, "recogniser-1")
    assert [one.model.id for one in found.line] == ["recogniser-1"]
    assert found.removed_id == "student-1"
    assert "student-1, which was removed" in found.missing[0]
    make(library, "student-1", ModelKind.STUDENT, "teacher-1")
    again = lineage(library, "recogniser-1")
    assert tuple(one.model.id for one in again.line) == line
    assert again.removed_id == ""


def test_takes_that_are_gone_are_counted(library: Library, line: tuple[str, str, str]) -> None:
    found = lineage(library, "recogniser-1")
    assert (found.line[-1].trained_on.n_takes, found.line[-1].trained_on.n_missing) == (1, 1)
    assert found.line[-1].trained_on.seconds == 0
    assert any("2 takes that recogniser-1" in sentence for sentence in found.missing)


@pytest.mark.parametrize("text", ["", "[]", '{"training": {"history": 3}}'])
def test_damaged_description_is_said_and_hides_nothing_else(library: Library, text: str) -> None:
    make(library, "teacher-1", ModelKind.TEACHER, description=text or "no JSON")
    found = lineage(library, "teacher-1")
    assert found.line[0].training is None
    assert found.missing == ("How the training of teacher-1 went is not written down.",)


def test_new_name_changes_neither_id_nor_files(
    library: Library, line: tuple[str, str, str]
) -> None:
    before = model(library, "student-1")
    set_model_name(library, "student-1", "  the good  one ")
    assert model(library, "student-1") == dataclasses.replace(before, name="the good one")
    assert lineage(library, "recogniser-1").line[1].model.name == "the good one"
    for name, model_id in ((" ", "student-1"), ("x", "nobody")):
        with pytest.raises(FsamtError):
            set_model_name(library, model_id, name)
