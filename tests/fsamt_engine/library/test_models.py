import dataclasses
import math

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import (
    add_model,
    find_model,
    list_models,
    model,
    remove_model,
    set_metrics,
)
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot


def record(library: Library, model_id: str, **changes: object) -> ModelRecord:
    folder = library.models_folder / model_id
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"weights of " + model_id.encode())
    (folder / "model.json").write_text("{}")
    made = ModelRecord(
        model_id,
        f"key of {model_id}",
        ModelKind.STUDENT,
        "ours",
        "r3d_tiny",
        "depth",
        256,
        ("wave", "clap"),
        f"models/{model_id}",
        "finetune",
        len(list_models(library)),
        {"epochs": 3, "flow": {"bound_px": 20.0}},
        {"accuracy": 0.75},
    )
    return dataclasses.replace(made, **changes)


def test_model_is_read_back_whole(library: Library) -> None:
    snapshot = make_snapshot("one", ["wave"], [])
    save_snapshot(library, snapshot)
    teacher = add_model(library, record(library, "teacher1", kind=ModelKind.TEACHER))
    student = record(library, "student1", snapshot_id=snapshot.id, parent_id=teacher.id)
    assert add_model(library, student) == student
    assert model(library, "student1") == student
    assert find_model(library, student.key) == student
    assert find_model(library, "another key") is None
    assert list_models(library) == [student, teacher]
    assert list_models(library, ModelKind.TEACHER) == [teacher]


def test_same_key_replaces_nothing(library: Library) -> None:
    first = add_model(library, record(library, "one"))
    second = record(library, "two", key=first.key)
    assert add_model(library, second) == first
    assert list_models(library) == [first]


@pytest.mark.parametrize("missing", ["weights.safetensors", "model.json"])
def test_model_without_its_files_is_refused(library: Library, missing: str) -> None:
    incomplete = record(library, "one")
    (library.models_folder / "one" / missing).unlink()
    with pytest.raises(FsamtError, match=missing):
        add_model(library, incomplete)
    assert list_models(library) == []


def test_model_is_found_by_id_name_or_beginning(library: Library) -> None:
    one = add_model(library, record(library, "abc1", name="flow teacher"))
    two = add_model(library, record(library, "abd2", name="abc"))
    assert model(library, "abc1") == one
    assert model(library, "flow teacher") == one
    assert model(library, "abd") == two
    assert model(library, "abc") == two  # a whole name goes before the beginning of an id


def test_model_that_is_not_meant_for_sure_is_a_sentence_with_the_choice(library: Library) -> None:
    with pytest.raises(FsamtError, match="no models yet"):
        model(library, "a")
    add_model(library, record(library, "abc1"))
    add_model(library, record(library, "abc2"))
    for name, words in [("abc", "More than one"), ("ours", "More than one"), ("x", "no model x")]:
        with pytest.raises(FsamtError, match=words) as caught:
            model(library, name)
        assert "abc1" in caught.value.hint
        assert "abc2" in caught.value.hint
    with pytest.raises(FsamtError, match="no model"):
        model(library, "")


def test_metrics_are_added_over_older_ones(library: Library) -> None:
    add_model(library, record(library, "one"))
    set_metrics(library, "one", {"macro F1": 0.5, "accuracy": math.nan})
    metrics = model(library, "one").metrics
    assert metrics["macro F1"] == 0.5
    assert math.isnan(metrics["accuracy"])
    with pytest.raises(FsamtError, match="no model"):
        set_metrics(library, "two", {})


def test_removed_model_is_gone_and_those_made_from_it_stay(library: Library) -> None:
    teacher = add_model(library, record(library, "teacher"))
    add_model(library, record(library, "student", parent_id=teacher.id))
    remove_model(library, "teacher")
    assert not (library.models_folder / "teacher").exists()
    assert [(m.id, m.parent_id) for m in list_models(library)] == [("student", None)]
    with pytest.raises(FsamtError, match="no model"):
        remove_model(library, "teacher")
