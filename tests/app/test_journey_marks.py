from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.journey import Mark, Standing
from app.pages.start.next_step import NextStep, Step
from app.pages.start.sayings import said
from app.widgets.journey_cards import JourneyCards
from fsamt_engine.evaluation.health_record import AdviceCode
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.labels import remove_segment, segments
from fsamt_engine.library.models import remove_model
from tests.app.conftest import add_square_take
from tests.app.modelling import add, add_health, add_test


def step_of(library: Library) -> NextStep:
    return NextStep.of(library, Standing.of(library))


def unlabel(library: Library, participants: tuple[str, ...] = ()) -> None:
    for one in segments(library, participants=participants or None):
        remove_segment(library, one.id)


def add_line(library: Library, taught: tuple[str, ...] = ("bow",)) -> ModelRecord:
    """A teacher of other actions, and its student, both of P1."""
    add(library, "teacher-00000001", "teacher", None, "P1", actions=taught)
    return add(library, "student-00000002", "transfer", "teacher-00000001", "P1")


def test_empty_library_wants_takes(tmp_path: Path):
    with Library.create(tmp_path / "empty") as library:
        assert step_of(library) == NextStep(Step.TAKES)
        marks = Standing.of(library).marks()
    assert marks["capture"] is Mark.NEXT
    assert Mark.DONE not in marks.values()


def test_takes_of_depth_alone_want_pairs(tmp_path: Path):
    with Library.create(tmp_path / "depth") as library:
        add_square_take(library, "P1", "across", 0, with_colour=False)
        assert step_of(library).step is Step.PAIRS


def test_pairs_want_a_teacher_and_that_wants_labels(library: Library):
    assert step_of(library).step is Step.TEACHER
    unlabel(library)
    assert step_of(library).step is Step.SOURCE_LABELS
    assert Standing.of(library).rail_marks()["transfer"] is Mark.NEXT


def test_teacher_wants_a_transfer(library: Library):
    add(library, "teacher-00000001", "teacher", None, "P1")
    assert step_of(library).step is Step.TRANSFER


@pytest.mark.parametrize(
    ("code", "step"),
    [
        (AdviceCode.MORE_PAIRS, Step.MORE_PAIRS),
        (AdviceCode.MORE_EPOCHS, Step.MORE_EPOCHS),
        (AdviceCode.CHECK_TAKES, Step.CHECK_TAKES),
    ],
)
def test_health_of_a_student_is_followed_in_its_own_words(
    library: Library, code: AdviceCode, step: Step
):
    student = add_line(library)
    add_health(library, student, code)
    found = step_of(library)
    assert (found.step, found.model) == (step, student)
    assert found.reason == f"The advice is: {code}."


def test_healthy_student_wants_labels_of_other_actions_than_the_teachers(library: Library):
    student = add_line(library, taught=("across", "down"))
    add_health(library, student, AdviceCode.LABEL)
    assert step_of(library).step is Step.LABELS
    assert Standing.of(library).marks()["label"] is Mark.NEXT


def test_labels_of_one_person_alone_are_not_enough(library: Library):
    add_line(library)
    unlabel(library, ("P2",))
    found = step_of(library)
    assert found.step is Step.OTHER_LABELS
    assert "nobody is left to test on" in found.reason


def test_labels_of_two_people_want_a_finetuning(library: Library):
    add_line(library)
    found = step_of(library)
    assert found.step is Step.FINETUNE
    assert found.reason


def test_untested_recogniser_wants_a_test(library: Library):
    add_line(library)
    recogniser = add(library, "recogniser-00000003", "ours", "student-00000002", "P1")
    assert step_of(library) == NextStep(Step.TEST, model=recogniser)
    assert Standing.of(library).marks()["finetune"] is Mark.DONE


def test_with_a_recogniser_live_comes_next_on_the_rail(library: Library):
    add_line(library)
    assert "live" not in Standing.of(library).rail_marks()
    add(library, "recogniser-00000003", "ours", "student-00000002", "P1")
    assert Standing.of(library).rail_marks()["live"] is Mark.NEXT


def test_detector_alone_is_a_finetuning_and_wants_a_test(library: Library):
    add_line(library)
    detector = add(library, "detector-00000003", "ours", "student-00000002", "P1")
    standing = Standing.of(library)
    assert standing.marks()["finetune"] is Mark.DONE
    assert standing.rail_marks()["live"] is Mark.NEXT
    assert step_of(library) == NextStep(Step.TEST_DETECTOR, model=detector)


def test_tested_detector_is_looked_at_with_its_precision(library: Library):
    add_line(library)
    figures = {"test_map_50": 0.615, "test_n": 6.0}
    detector = add(library, "detector-00000003", "ours", "student-00000002", "P1", **figures)
    found = step_of(library)
    assert found == NextStep(Step.DETECTOR, model=detector)
    words = said(found, Standing.of(library))
    assert "The newest detector was tested: mAP 61.5 % at 0.5" in words.why
    assert words.page == "", "it leads to the detector's result"


def test_journey_counts_recognisers_and_detectors(qtbot: QtBot, library: Library):
    cards = JourneyCards()
    qtbot.addWidget(cards)
    add_line(library)
    add(library, "detector-00000003", "ours", "student-00000002", "P1")
    cards.show_standing(Standing.of(library))
    assert cards.cards["finetune"].fact.text() == "1 detector"
    add(library, "recogniser-00000004", "ours", "student-00000002", "P1")
    cards.show_standing(Standing.of(library))
    assert cards.cards["finetune"].fact.text() == "1 recogniser, 1 detector"


def after_test(library: Library, n_right_of_few: int | None) -> NextStep:
    add_line(library)
    recogniser = add(
        library,
        "recogniser-00000003",
        "ours",
        "student-00000002",
        "P1",
        "P2",
        test_accuracy=1.0,
        test_n=6,
    )
    add(library, "recogniser-00000004", "from scratch", None, "P1")
    add_test(library, recogniser, n_right_of_few)
    found = step_of(library)
    assert found.model == recogniser
    return found


def test_tested_recogniser_without_a_curve_says_so(library: Library):
    assert after_test(library, None).step is Step.CURVE


def test_rising_curve_wants_more_labels(library: Library):
    found = after_test(library, 0)
    assert found.step is Step.MORE_LABELS
    assert "more labels would help" in found.reason


def test_curve_that_cannot_tell_wants_a_larger_test(library: Library):
    assert after_test(library, 5).step is Step.LARGER_TEST


def test_student_whose_teacher_was_removed_still_says_what_is_next(library: Library):
    add_line(library)
    remove_model(library, "teacher-00000001")
    assert step_of(library).step is Step.FINETUNE
