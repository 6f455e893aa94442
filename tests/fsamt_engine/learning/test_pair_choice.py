"""Which takes a transfer can use, and why others are left out."""

from datetime import date
from pathlib import Path

import pytest

from fsamt_engine.learning.pair_choice import WhyLeftOut, look_at_pairs
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.consent import Consent, note_consent
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.preparation import Modality
from tests.fsamt_engine.conftest import add_square_take
from tests.fsamt_engine.sides import add_take_of_sides

SHAPE = {"n_frames": 8, "step": 2, "size": 16}


def teacher_of(library: Library, items: list[SnapshotItem]) -> ModelRecord:
    seen = make_snapshot("test", ("down",), items)
    save_snapshot(library, seen)
    return ModelRecord(
        "teacher-00000000",
        "key",
        ModelKind.TEACHER,
        "flow teacher",
        "r3d_tiny",
        "flow",
        256,
        ("down",),
        "models/teacher-00000000",
        "teacher",
        0,
        {"shape": SHAPE},
        snapshot_id=seen.id,
    )


@pytest.fixture
def teacher(square_library: Library) -> ModelRecord:
    """A teacher of the whole of one take, and of a quarter of another."""
    whole, part = take_ids_with_pairs(square_library, ["P1"])[:2]
    items = [SnapshotItem(whole, "P1", 0, 20, "down"), SnapshotItem(part, "P1", 0, 5, "down")]
    return teacher_of(square_library, items)


def reasons(library: Library, teacher: ModelRecord | None = None) -> dict[WhyLeftOut, int]:
    return {
        one.reason: len(one.take_ids) for one in look_at_pairs(library, teacher=teacher).left_out
    }


def test_takes_with_pairs_are_counted_by_participant(
    square_library: Library, teacher: ModelRecord
) -> None:
    overview = look_at_pairs(square_library, ["P2", "P3"], teacher)
    assert not overview.left_out
    assert [(p.participant, p.n_takes, p.n_pairs) for p in overview.by_participant] == [
        ("P2", 8, 160),
        ("P3", 8, 160),
    ]
    assert overview.by_participant[0].seconds == pytest.approx(8 * 20 / 30, abs=0.5)


def test_what_a_teacher_was_mostly_trained_on_is_left_out_unless_wanted(
    square_library: Library, teacher: ModelRecord
) -> None:
    assert reasons(square_library, teacher) == {WhyLeftOut.TEACHER: 1}
    assert not look_at_pairs(square_library, teacher=teacher, with_own=True).left_out


def test_no_label_of_a_take_is_read(square_library: Library, teacher: ModelRecord) -> None:
    with square_library.labels_hidden():
        assert reasons(square_library, teacher) == {WhyLeftOut.TEACHER: 1}


def test_a_take_without_colour_is_left_out(square_library: Library, teacher: ModelRecord) -> None:
    add_square_take(square_library, "P3", "down", 7, with_colour=False)
    assert reasons(square_library, teacher)[WhyLeftOut.NO_COLOUR] == 1


def test_colour_that_was_not_allowed_is_left_out(
    square_library: Library, teacher: ModelRecord
) -> None:
    note_consent(square_library, "visit of P2", "P2", Consent(colour_may_be_kept=False))
    note_consent(square_library, "visit of P3", "P3", Consent(True, until=date(2001, 1, 1)))
    note_consent(square_library, "visit of P1", "P1", Consent(True, until=date(2999, 1, 1)))
    assert reasons(square_library, teacher)[WhyLeftOut.CONSENT] == 16


def test_a_take_much_shorter_than_a_clip_is_left_out(square_library: Library) -> None:
    # The usual clip spans 61 frames; these takes have 20.
    assert reasons(square_library) == {WhyLeftOut.SHORT: 24}


def test_a_take_that_lost_too_much_and_one_without_pairs_are_left_out(
    square_library: Library, teacher: ModelRecord
) -> None:
    bad, alone = take_ids_with_pairs(square_library, ["P2"])[:2]

    def change(db):
        db.conn.execute("UPDATE takes SET level = 'bad' WHERE id = ?", [bad])
        db.conn.execute("UPDATE takes SET n_pairs = 0 WHERE id = ?", [alone])

    square_library.write(change)
    found = reasons(square_library, teacher)
    assert (found[WhyLeftOut.BAD], found[WhyLeftOut.NO_PAIRS]) == (1, 1)


def test_a_student_of_infrared_or_skeletons_needs_no_depth(tmp_path: Path) -> None:
    with Library.create(tmp_path / "library") as library:
        made = [add_take_of_sides(library, "down", n, with_depth=n == 0) for n in range(3)]
        teacher = teacher_of(library, [SnapshotItem("elsewhere", "P1", 0, 9, "down")])
        of_depth = look_at_pairs(library, teacher=teacher)
        assert [take.take_id for take in of_depth.used] == made[:1]
        assert [(one.reason, len(one.take_ids)) for one in of_depth.left_out] == [
            (WhyLeftOut.UNSEEN, 2)
        ]
        assert of_depth.targets == (Modality.DEPTH, Modality.INFRARED, Modality.SKELETON)
        found = look_at_pairs(library, teacher=teacher, target=Modality.SKELETON)
        assert not found.left_out
        assert [take.n_pairs for take in found.used] == [12, 12, 12]
        assert [take.n_joints for take in found.used] == [20, 20, 20]
        assert of_depth.used[0].n_joints is None, "depth is of one kind"
