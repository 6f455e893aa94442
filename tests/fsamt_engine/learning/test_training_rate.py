from dataclasses import replace

import pytest

from fsamt_engine.learning.training_rate import training_rate_hz
from fsamt_engine.library import ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import take_ids_with_pairs

RECORD = ModelRecord(
    "recogniser-1",
    "k",
    ModelKind.RECOGNISER,
    "r",
    "r3d_tiny",
    "depth",
    256,
    ("a",),
    "models/r",
    "ours",
    0,
)


def trained_on(library, take_ids):
    seen = make_snapshot("test", ("a",), [SnapshotItem(i, "P1", 0, 5, "a") for i in take_ids])
    save_snapshot(library, seen)
    return replace(RECORD, snapshot_id=seen.id)


def set_rate(library, take_id, rate_hz):
    library.write(
        lambda db: db.conn.execute(
            "UPDATE streams SET rate_hz = ? WHERE take_id = ?", [rate_hz, take_id]
        )
    )


def test_it_is_the_median_of_the_takes_that_are_still_there(square_library):
    ids = take_ids_with_pairs(square_library, ["P1"])[:3]
    for take_id, rate_hz in zip(ids, (15.0, 60.0, 15.0), strict=True):
        set_rate(square_library, take_id, rate_hz)
    assert training_rate_hz(square_library, trained_on(square_library, ids)) == 15
    gone = trained_on(square_library, [ids[1], "gone"])
    assert training_rate_hz(square_library, gone) == 60


def describe(library, text):
    folder = library.absolute(RECORD.path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(text)


def test_an_imported_model_brings_it_along(square_library):
    describe(square_library, '{"rate_hz": 15.0}')
    elsewhere = replace(RECORD, snapshot_id="elsewhere")
    assert training_rate_hz(square_library, elsewhere) == 15
    ids = take_ids_with_pairs(square_library, ["P1"])[:1]
    assert training_rate_hz(square_library, trained_on(square_library, ids)) == 30


@pytest.mark.parametrize("said", ['"fast"', "-3", "0", "1e9", "NaN", "null"])
def test_what_is_no_rate_is_not_believed(square_library, said):
    describe(square_library, f'{{"rate_hz": {said}}}')
    assert training_rate_hz(square_library, RECORD) == 30


def test_it_is_30_where_nothing_is_known(square_library):
    assert training_rate_hz(square_library, RECORD) == 30
    assert training_rate_hz(square_library, trained_on(square_library, ["gone"])) == 30
    assert training_rate_hz(square_library, replace(RECORD, snapshot_id="elsewhere")) == 30
