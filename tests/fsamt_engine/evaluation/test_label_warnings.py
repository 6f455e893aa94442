import pytest

from fsamt_engine.evaluation.label_warnings import (
    ENOUGH_OF_AN_ACTION,
    ENOUGH_TO_TEST,
    LabelWarning,
    Seen,
    label_warnings,
    library_warnings,
    newest_student_has_seen,
)
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.library import Library, ModelKind, ModelRecord, QualityLevel, SnapshotItem
from fsamt_engine.library.models import add_model, list_models
from fsamt_engine.library.organising import rename_participant
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot

PLENTY = {
    "wave": {"P1": 20, "P2": 20, "P3": 20},
    "kick": {"P1": 20, "P2": 20, "P3": 20},
}


def codes(warnings: tuple[LabelWarning, ...]) -> list[str]:
    return [warning.code for warning in warnings]


def only(warnings: tuple[LabelWarning, ...]) -> LabelWarning:
    assert len(warnings) == 1, warnings
    return warnings[0]


def test_plenty_of_labels_of_several_people_give_no_warning():
    assert label_warnings(PLENTY) == ()


def test_no_label_gives_no_warning():
    assert label_warnings({}) == ()
    assert label_warnings({"wave": {"P1": 0}}) == ()


def test_one_action_cannot_be_recognised():
    warning = only(label_warnings({"wave": {"P1": 40, "P2": 40}}))
    assert (warning.code, warning.level) == ("one action", QualityLevel.BAD)
    assert "“wave”" in warning.message


def test_one_participant_leaves_nobody_to_test():
    warning = only(label_warnings({"wave": {"P1": 40}, "kick": {"P1": 40}}))
    assert (warning.code, warning.level) == ("one participant", QualityLevel.BAD)
    assert "P1" in warning.message


def test_people_that_the_student_has_seen_cannot_be_tested():
    seen = Seen("student-1", frozenset({"P1", "P2", "P3"}))
    warning = only(label_warnings(PLENTY, seen))
    assert (warning.code, warning.level) == ("all seen", QualityLevel.BAD)
    assert "student-1" in warning.message
    assert "P1, P2 and P3" in warning.message


def test_action_of_one_participant_only_is_named():
    counts = {**PLENTY, "clap": {"P2": 20}}
    warning = only(label_warnings(counts))
    assert (warning.code, warning.level) == ("untestable action", QualityLevel.CAUTION)
    assert "“clap”" in warning.message
    assert "P2" in warning.message


def test_action_without_labels_of_those_who_may_be_tested_is_named():
    counts = {**PLENTY, "clap": {"P1": 20, "P2": 20}}
    counts["wave"] = counts["kick"] = {"P1": 20, "P2": 20, "P3": 20}
    warning = only(label_warnings(counts, Seen("student-1", frozenset({"P1", "P2"}))))
    assert (warning.code, warning.level) == ("leaking action", QualityLevel.CAUTION)
    assert "student-1" in warning.message
    assert "P3" in warning.hint


def test_small_test_says_the_interval_that_its_clips_give():
    counts = {"wave": {"P1": 6, "P2": 5}, "kick": {"P1": 6, "P2": 5}}
    warning = only(label_warnings(counts))
    assert warning.code == "small test"
    assert "P1 has 12 clips: 9 right" in warning.message
    low, high = wilson_interval(9, 12)
    assert f"from {low * 100:.1f} % to {high * 100:.1f} %" in warning.message


def test_everybody_whom_the_student_has_not_seen_is_tested_together():
    counts = {"wave": {"P1": 9, "P2": 8, "P3": 8}, "kick": {"P1": 9, "P2": 8, "P3": 8}}
    assert codes(label_warnings(counts)) == ["small test"]
    assert label_warnings(counts, Seen("student-1", frozenset({"P1"}))) == ()


def test_labels_that_nobody_else_has_do_not_make_a_test_larger():
    counts = {"wave": {"P1": 5, "P2": 5}, "kick": {"P1": 5, "P2": 5}, "clap": {"P1": 90}}
    assert "has 10 clips" in label_warnings(counts)[1].message


def test_few_labels_of_an_action_are_counted():
    counts = {**PLENTY, "clap": {"P1": 2, "P2": 1}}
    warning = only(label_warnings(counts))
    assert warning.code == "few labels"
    assert "“clap” 3" in warning.message


def test_grave_warnings_come_first():
    found = label_warnings({"wave": {"P1": 2}})
    assert codes(found) == ["one action", "one participant", "few labels"]


def test_thresholds_are_what_their_reasons_say():
    n_right = round(0.75 * ENOUGH_TO_TEST)
    low, high = wilson_interval(n_right, ENOUGH_TO_TEST)
    assert high - low == pytest.approx(0.30, abs=0.01)
    n = ENOUGH_OF_AN_ACTION - 1
    assert wilson_interval(n, n)[0] == pytest.approx(0.51, abs=0.005)


def add(
    library: Library,
    name: str,
    kind: ModelKind,
    who: str,
    parent: str | None = None,
    *,
    snapshot_is_known: bool = True,
) -> None:
    """A model that was trained on one take of somebody."""
    snapshot = make_snapshot("", [], [SnapshotItem(f"take of {who}", who, 0, 10)])
    save_snapshot(library, snapshot)
    folder = library.models_folder / name
    folder.mkdir()
    for file in ("weights.safetensors", "model.json"):
        (folder / file).write_bytes(name.encode())
    add_model(
        library,
        ModelRecord(
            *(name, f"key of {name}", kind, name, "r3d_tiny", "depth", 8, ()),
            *(f"models/{name}", "transfer", len(list_models(library))),
            snapshot_id=snapshot.id if snapshot_is_known else None,
            parent_id=parent,
        ),
    )


def test_library_without_a_student_has_seen_nobody(square_library: Library):
    assert newest_student_has_seen(square_library) == Seen()


def test_newest_student_has_seen_whom_its_teacher_saw(square_library: Library):
    add(square_library, "teacher", ModelKind.TEACHER, "P1")
    add(square_library, "older", ModelKind.STUDENT, "P3", "teacher")
    add(square_library, "newer", ModelKind.STUDENT, "P2", "teacher")
    assert newest_student_has_seen(square_library) == Seen("newer", frozenset({"P1", "P2"}))


def test_person_who_was_renamed_has_still_been_seen(square_library: Library):
    add(square_library, "student", ModelKind.STUDENT, "P1")
    rename_participant(square_library, "P1", "Ada")
    assert "Ada" in newest_student_has_seen(square_library).participants


def test_student_of_whom_it_is_not_known_whom_it_saw_is_said(square_library: Library):
    add(square_library, "student", ModelKind.STUDENT, "P1", snapshot_is_known=False)
    warning = only(library_warnings(square_library, PLENTY))
    assert warning.level is QualityLevel.CAUTION
    assert "not known who student was trained on" in warning.message
