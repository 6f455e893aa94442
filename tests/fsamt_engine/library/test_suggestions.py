"""Suggestions: no label until a person accepts them, and each step of that person can be undone."""

import sqlite3

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.history import redo, undo, undoable
from fsamt_engine.library.labels import add_action, label_interval, remove_segment, segments
from fsamt_engine.library.suggestions import (
    Suggestion,
    accept,
    add_suggestion,
    dismiss,
    list_suggestions,
    save_suggestions,
)
from fsamt_engine.library.takes import list_takes


@pytest.fixture
def takes(square_library: Library) -> list[str]:
    for segment in segments(square_library):
        remove_segment(square_library, segment.id)
    return [row.id for row in list_takes(square_library, TakeFilter(participants=("P1",)))][:2]


def suggested(take_id: str, start: int, end: int, action: str | None = None) -> Suggestion:
    return Suggestion(0, take_id, "P1", start, end, action, 0.5, "Why not.", 1, "student-1")


@pytest.fixture
def both(square_library: Library, takes: list[str]) -> tuple[Suggestion, ...]:
    return save_suggestions(
        square_library, [suggested(takes[1], 0, 8, "down"), suggested(takes[0], 4, 12)]
    )


def test_they_come_back_in_the_order_in_which_they_were_saved(
    square_library: Library, both: tuple[Suggestion, ...], takes: list[str]
) -> None:
    assert list_suggestions(square_library) == both
    assert [one.take_id for one in both] == [takes[1], takes[0]]
    assert list_suggestions(square_library, takes[0]) == both[1:]
    assert both[0].participant == "P1"


def test_one_more_stands_behind_those_that_there_are(
    square_library: Library, both: tuple[Suggestion, ...], takes: list[str]
) -> None:
    one = add_suggestion(square_library, suggested(takes[0], 12, 16, "across"))
    assert list_suggestions(square_library) == (*both, one)
    assert (one.start, one.end, one.action) == (12, 16, "across")


def test_one_of_a_take_that_is_gone_is_refused(
    square_library: Library, both: tuple[Suggestion, ...]
) -> None:
    with pytest.raises(FsamtError):
        add_suggestion(square_library, suggested("gone", 0, 8))
    assert list_suggestions(square_library) == both


def test_new_ones_take_the_place_of_old_ones_and_ids_are_never_used_again(
    square_library: Library, both: tuple[Suggestion, ...], takes: list[str]
) -> None:
    (new,) = save_suggestions(square_library, [suggested(takes[0], 0, 3)])
    assert list_suggestions(square_library) == (new,)
    assert new.id > max(one.id for one in both)


def test_accepting_labels_with_the_guess_and_one_undo_takes_it_all_back(
    square_library: Library, both: tuple[Suggestion, ...]
) -> None:
    made = accept(square_library, [both[0].id])
    assert [(s.action, s.start, s.end) for s in made] == [("down", 0, 8)]
    assert list_suggestions(square_library) == both[1:]
    undo(square_library)
    assert segments(square_library) == []
    assert list_suggestions(square_library) == both
    redo(square_library)
    assert list_suggestions(square_library) == both[1:]


def test_several_are_named_in_one_step(
    square_library: Library, both: tuple[Suggestion, ...]
) -> None:
    accept(square_library, [one.id for one in both], "across")
    assert {s.action for s in segments(square_library)} == {"across"}
    change = undoable(square_library)
    assert change is not None
    assert change.words == "label across on 2 suggestions"
    undo(square_library)
    assert list_suggestions(square_library) == both


def test_without_a_guess_an_action_is_asked_for_and_nothing_is_labelled(
    square_library: Library, both: tuple[Suggestion, ...]
) -> None:
    with pytest.raises(FsamtError, match="needs an action"):
        accept(square_library, [one.id for one in both])
    assert segments(square_library) == []
    assert list_suggestions(square_library) == both


def test_dismissing_can_be_undone(square_library: Library, both: tuple[Suggestion, ...]) -> None:
    dismiss(square_library, [both[0].id])
    assert list_suggestions(square_library) == both[1:]
    with pytest.raises(FsamtError, match="not there any more"):
        dismiss(square_library, [both[0].id])
    undo(square_library)
    assert list_suggestions(square_library) == both


def test_one_that_is_labelled_otherwise_is_no_longer_open(
    square_library: Library, both: tuple[Suggestion, ...]
) -> None:
    add_action(square_library, "jump")
    label_interval(square_library, both[1].take_id, "jump", 0, 20)
    assert list_suggestions(square_library) == both[:1]
    undo(square_library)
    assert list_suggestions(square_library) == both


def test_a_transfer_cannot_read_them(square_library: Library, both: tuple[Suggestion, ...]) -> None:
    with square_library.labels_hidden(), pytest.raises((FsamtError, sqlite3.DatabaseError)):
        list_suggestions(square_library)
