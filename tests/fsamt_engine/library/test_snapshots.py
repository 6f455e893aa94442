import dataclasses
import hashlib

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot, snapshot

ITEM = SnapshotItem("abc", "P1", 0, 16, "wave")
UNLABELLED = SnapshotItem("abd", "P2", 0, 16)


def test_snapshot_is_read_back_whole(library: Library) -> None:
    made = make_snapshot("two", ["wave", "clap"], [ITEM], [UNLABELLED], [ITEM, UNLABELLED])
    save_snapshot(library, made)
    assert snapshot(library, made.id) == made


def test_id_is_that_of_the_lists_and_not_of_the_description() -> None:
    made = make_snapshot("one", ["wave"], [ITEM])
    assert make_snapshot("another", ["wave"], [ITEM]).id == made.id
    others = [
        make_snapshot("one", ["clap"], [ITEM]),
        make_snapshot("one", ["wave"], [UNLABELLED]),
        make_snapshot("one", ["wave"], [], [ITEM]),
        make_snapshot("one", ["wave"], [], test=[ITEM]),
        make_snapshot("one", ["wave"], [ITEM, ITEM]),
        make_snapshot("one", ["wave"], [dataclasses.replace(ITEM, end=17)]),
    ]
    assert len({made.id, *(other.id for other in others)}) == 7


def test_saved_snapshot_stays_as_it_is(library: Library) -> None:
    save_snapshot(library, make_snapshot("first", ["wave"], [ITEM]))
    again = make_snapshot("second", ["wave"], [ITEM])
    save_snapshot(library, again)
    assert snapshot(library, again.id).description == "first"


def test_snapshot_changed_after_it_was_made_is_refused(library: Library) -> None:
    made = make_snapshot("one", ["wave"], [ITEM])
    with pytest.raises(FsamtError, match="changed"):
        save_snapshot(library, dataclasses.replace(made, test=(ITEM,)))


def test_unknown_snapshot_is_a_sentence(library: Library) -> None:
    with pytest.raises(FsamtError, match="no snapshot"):
        snapshot(library, "0" * 16)


def test_id_is_part_of_published_results_and_must_not_change() -> None:
    content = (
        '{"actions":["wave"],"train":[["abc","P1",0,16,"wave"]],'
        '"validation":[["abd","P2",0,16,null]],"test":[]}'
    )
    made = make_snapshot("", ["wave"], [ITEM], [UNLABELLED])
    assert made.id == hashlib.sha256(content.encode()).hexdigest()[:16] == "6dc7f1a98555e78d"
