"""Official splits whose two sides have the same people: cameras or places differ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.datasets.protocols import SHARED, Split, split
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.evaluation.protocols import fewer_labels, labels_of_split
from fsamt_engine.evaluation.result import finetune_result, keep_test
from fsamt_engine.evaluation.seen import protocol_of, refuse_seen
from fsamt_engine.learning import FinetuneSettings, finetune
from fsamt_engine.library import Library, ModelRecord, Segment, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import (
    make_snapshot,
    save_snapshot,
    snapshot,
    snapshot_from_dict,
    snapshot_to_dict,
)
from tests.fsamt_engine.datasets.layouts import write_ntu
from tests.fsamt_engine.evaluation.test_evaluate import ACTIONS, FIT, PREPARATION, SHAPE
from tests.fsamt_engine.evaluation.test_seen import add

VIEW = "ntu60-cross-view"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Two people do two actions, twice, before three cameras."""
    for camera in (1, 2, 3):
        for person in (1, 3):
            for one in range(4):
                action, again = one % 2 + 1, one // 2 + 1
                name = f"S001C{camera:03d}P{person:03d}R{again:03d}A{action:03d}"
                write_ntu(tmp_path / "ntu", name, ["skeleton"], bodies=[["7201"]])
    with Library.create(tmp_path / "library") as library:
        import_data_set(library, DATA_SETS["ntu"], tmp_path / "ntu")
        yield library


def labelled(library: Library) -> tuple[list[Segment], Split]:
    return segments(library), split(library, VIEW)


def model_of(library: Library, made: Snapshot, name: str = "recogniser") -> ModelRecord:
    """A model that was trained on the train side of a snapshot."""
    save_snapshot(library, made)
    first = made.train[0]
    record = add(library, name, first.participant, take_id=first.take_id)
    library.write(
        lambda db: db.conn.execute(
            "UPDATE models SET snapshot_id = ? WHERE id = ?", [made.id, record.id]
        )
    )
    return next(one for one in list_models(library) if one.id == record.id)


def test_labels_of_a_split_keep_its_sides(library: Library) -> None:
    known, by_view = labelled(library)
    made = labels_of_split(known, by_view)
    assert (len(made.train), len(made.test), made.protocol) == (16, 8, VIEW)
    assert {item.take_id for item in made.train} == set(by_view.train)
    few = labels_of_split(known, by_view, ["eat meal/snack"], 2, seed=1)
    assert few.actions == ("eat meal/snack",)
    assert {item.participant for item in few.train} == {"P001", "P003"}
    assert {item.action for item in (*few.train, *few.test)} == {"eat meal/snack"}
    four = labels_of_split(known, by_view, ["eat meal/snack"], 4, seed=1)
    assert set(few.train) < set(four.train)
    assert fewer_labels(four, 2, 1).protocol == VIEW
    with pytest.raises(FsamtError, match='"drink water" has 8 labels on the training side'):
        labels_of_split(known, by_view, labels_per_action=9)


def test_protocol_is_part_of_a_snapshot_and_of_its_id(library: Library) -> None:
    made = labels_of_split(*labelled(library))
    save_snapshot(library, made)
    assert snapshot(library, made.id) == made
    assert snapshot_from_dict(snapshot_to_dict(made)) == made
    plain = make_snapshot("", made.actions, made.train, test=made.test)
    assert plain.id != made.id
    known = make_snapshot("", ["wave"], [SnapshotItem("t", "P1", 0, 10, "wave")])
    assert known.id == "914bdd58f80e3e38"  # As before there were protocols.
    assert "protocol" not in snapshot_to_dict(plain)


def test_the_same_people_may_be_tested_where_the_protocol_says_so(library: Library) -> None:
    made = labels_of_split(*labelled(library))
    recogniser = model_of(library, made)
    assert protocol_of(library, recogniser) == VIEW
    refuse_seen(library, recogniser, made.test, VIEW)
    with pytest.raises(FsamtError, match="has seen P001, P003"):
        refuse_seen(library, recogniser, made.test)


def test_takes_of_the_test_must_not_train_and_no_others_be_tested(library: Library) -> None:
    made = labels_of_split(*labelled(library))
    recogniser = model_of(library, made)
    with pytest.raises(FsamtError, match=f"is not of the test of {VIEW}"):
        refuse_seen(library, recogniser, [*made.test, made.train[0]], VIEW)
    leaky = make_snapshot("", made.actions, [*made.train, made.test[0]], protocol=VIEW)
    with pytest.raises(FsamtError, match=f"which {VIEW} tests"):
        refuse_seen(library, model_of(library, leaky, "leaky"), made.test[1:], VIEW)


def test_protocol_between_people_makes_no_exception(library: Library) -> None:
    known, _ = labelled(library)
    made = labels_of_split(known, split(library, "ntu60-cross-subject"))
    recogniser = model_of(library, made)
    refuse_seen(library, recogniser, made.test, made.protocol)
    with pytest.raises(FsamtError, match="has seen P001"):
        refuse_seen(library, recogniser, made.train[:1], made.protocol)


def test_recogniser_is_tested_by_the_protocol_it_was_made_by(square_library: Library) -> None:
    """Squares as samples of NTU RGB+D: one take of each action by camera 2, the other by 1."""
    rows = square_library.rows(
        "SELECT takes.id, participant FROM takes JOIN segments ON take_id = takes.id"
        " JOIN actions ON actions.id = action_id WHERE actions.name IN ('diagonal', 'still')"
        " ORDER BY actions.name, participant, source_key"
    )
    for number, (take_id, participant) in enumerate(rows):
        camera, key = 2 - number % 2, f"P00{participant[1:]}R{number:03d}A001"
        square_library.write(
            lambda db, take_id=take_id, key=f"ntu/S001C00{camera}{key}": db.conn.execute(
                "UPDATE takes SET source = 'ntu', source_key = ? WHERE id = ?", [key, take_id]
            )
        )
    made = labels_of_split(segments(square_library), split(square_library, VIEW), ACTIONS)
    assert {item.participant for item in made.train} == {item.participant for item in made.test}
    settings = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FIT)
    recogniser = finetune(square_library, None, made, settings, device="cpu")
    found = evaluate(square_library, recogniser, made.test, device="cpu")
    keep_test(square_library, recogniser, found)
    assert found.scores.n == 6
    assert finetune_result(square_library, recogniser.id).remarks[0] == SHARED
    with pytest.raises(FsamtError, match="is not of the test"):
        evaluate(square_library, recogniser, made.train, device="cpu")
