import json
from dataclasses import replace

import pytest

from fsamt_engine.datasets.composing import CompositionSettings, compose
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import refuse_seen, seen_participants
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.bin import bin_take, empty_bin
from fsamt_engine.library.compositions import composition_of
from fsamt_engine.library.models import add_model, list_models, remove_model
from fsamt_engine.library.organising import assign_takes, rename_participant
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import list_takes, participants


def item(who: str) -> SnapshotItem:
    return SnapshotItem(f"take of {who}", who, 0, 10, "wave")


def add(
    library: Library,
    name: str,
    trained: str,
    validated: str = "",
    parent: str | None = None,
    take_id: str | None = None,
) -> ModelRecord:
    """A model that was trained on one take of somebody, and validated on one of somebody else."""
    validation = [item(validated)] if validated else []
    one = item(trained) if take_id is None else replace(item(trained), take_id=take_id)
    kept = make_snapshot("", ["wave"], [one], validation, [item("P9")])
    save_snapshot(library, kept)
    folder = library.models_folder / name
    folder.mkdir()
    for file in ("weights.safetensors", "model.json"):
        (folder / file).write_bytes(name.encode())
    record = ModelRecord(
        *(name, f"key of {name}", ModelKind.RECOGNISER, name, "r3d_tiny", "depth", 8, ("wave",)),
        *(f"models/{name}", "ours", 0),
        snapshot_id=kept.id,
        parent_id=parent,
    )
    return add_model(library, record)


def test_the_whole_line_has_seen_its_people_and_not_those_of_a_test(square_library: Library):
    add(square_library, "teacher", "P1")
    add(square_library, "student", "P2", validated="P3", parent="teacher")
    recogniser = add(square_library, "recogniser", "P4", parent="student")
    seen = seen_participants(square_library, recogniser)
    assert seen == {"P1", "P2", "P3", "P4"}
    for who in seen:
        with pytest.raises(FsamtError, match=f"has seen {who}"):
            refuse_seen(square_library, recogniser, [item(who)])
    refuse_seen(square_library, recogniser, [item("P9")])


def test_line_with_a_gap_is_not_guessed_at(square_library: Library):
    add(square_library, "teacher", "P1")
    student = add(square_library, "student", "P2", parent="teacher")
    remove_model(square_library, "teacher")
    with pytest.raises(FsamtError, match="no longer in the library"):
        seen_participants(square_library, student)


def test_gap_is_found_in_the_files_where_the_rows_forget_it(square_library: Library):
    add(square_library, "teacher", "P1")
    student = add(square_library, "student", "P2", parent="teacher")
    description = square_library.absolute(student.path) / "model.json"
    description.write_text(json.dumps({"parent_id": "teacher"}))
    remove_model(square_library, "teacher")
    (again,) = list_models(square_library)
    assert again.parent_id is None
    with pytest.raises(FsamtError, match="no longer in the library"):
        refuse_seen(square_library, again, [item("P9")])


def test_new_name_does_not_make_a_new_person(square_library: Library):
    recogniser = add(square_library, "recogniser", "P1")
    rename_participant(square_library, "P1", "Anna")
    assert {"P1", "Anna"} <= seen_participants(square_library, recogniser)
    with pytest.raises(FsamtError, match="has seen Anna"):
        refuse_seen(square_library, recogniser, [SnapshotItem("another take", "Anna", 0, 10)])


def test_take_that_turned_out_to_be_of_somebody_else_counts_for_them(square_library: Library):
    row = list_takes(square_library, limit=1)[0]
    other = next(name for name in participants(square_library) if name != row.participant)
    recogniser = add(square_library, "recogniser", row.participant, take_id=row.id)
    test = [SnapshotItem("another take", other, 0, 10)]
    refuse_seen(square_library, recogniser, test)
    assign_takes(square_library, [row.id], other)
    with pytest.raises(FsamtError, match=f"has seen {other}"):
        refuse_seen(square_library, recogniser, test)
    bin_take(square_library, row.id)
    assert other in seen_participants(square_library, recogniser)
    empty_bin(square_library)
    assert other in seen_participants(square_library, recogniser), "the take is gone for good"


@pytest.mark.parametrize("is_source_gone", [False, True])
def test_composed_copies_of_a_test_that_shares_people_cannot_be_trained_on(
    square_library: Library, is_source_gone: bool
):
    for row in list_takes(square_library):
        camera = 3 if row.participant == "P1" else 1
        square_library.write(
            lambda db, key=f"nw-ucla/v{camera}_{row.id}", take_id=row.id: db.conn.execute(
                "UPDATE takes SET source = 'nw-ucla', source_key = ? WHERE id = ?", [key, take_id]
            )
        )
    (of_test,) = compose(square_library, CompositionSettings(("across",), ("P1",)))
    (of_training,) = compose(square_library, CompositionSettings(("across",), ("P2",)))
    tested = [row for row in list_takes(square_library) if row.participant == "P1"]
    items = [SnapshotItem(row.id, "P1", 0, 10) for row in tested if not row.is_composed]
    if is_source_gone:
        pieces = {piece.take_id for piece in composition_of(square_library, of_test)}
        items = [one for one in items if one.take_id not in pieces]
        for take_id in pieces:
            bin_take(square_library, take_id)
        empty_bin(square_library)
    fair = add(square_library, "fair", "P2", take_id=of_training)
    refuse_seen(square_library, fair, items, "nw-ucla-cross-view")
    unfair = add(square_library, "unfair", "P1", take_id=of_test)
    with pytest.raises(FsamtError, match=f"seen take {of_test}, .* nw-ucla-cross-view tests"):
        refuse_seen(square_library, unfair, items, "nw-ucla-cross-view")
