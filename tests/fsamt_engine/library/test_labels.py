from collections.abc import Callable

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, takes
from fsamt_engine.library.labels import (
    actions,
    add_action,
    add_segment,
    remove_segment,
    segments,
)

MakeTake = Callable[..., Take]


def shown_actions(library: Library, take: Take) -> tuple[str, ...]:
    return next(row.actions for row in takes.list_takes(library) if row.id == take.id)


def counts(library: Library) -> dict[str, int]:
    return {action.name: action.n_segments for action in actions(library)}


def test_actions_are_sorted_and_counted(library: Library, make_take: MakeTake) -> None:
    make_take("1", segments=[("wave", 0, 2), ("clap", 2, 4), ("wave", 4, 6)])
    make_take("2", segments=[("wave", 0, 2)])
    add_action(library, "sit")
    assert list(counts(library).items()) == [("clap", 1), ("sit", 0), ("wave", 3)]


def test_adding_an_action_again_keeps_its_segments_and_its_description(
    library: Library, make_take: MakeTake
) -> None:
    make_take(segments=[("wave", 0, 2)])
    assert add_action(library, "wave", "one hand").n_segments == 1
    assert add_action(library, "wave").description == "one hand"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "\ud800"])
def test_action_that_nobody_could_read_is_refused(library: Library, name: str) -> None:
    with pytest.raises(FsamtError, match="name"):
        add_action(library, name)


def test_segment_is_added_and_removed_and_the_lists_follow(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take(segments=[("wave", 0, 2)])
    add_action(library, "clap")
    added = add_segment(library, take.id, "clap", 3, 10)
    assert added in segments(library)
    assert added.participant == take.participant
    assert shown_actions(library, take) == ("clap", "wave")
    assert counts(library) == {"clap": 1, "wave": 1}
    remove_segment(library, added.id)
    assert shown_actions(library, take) == ("wave",)
    assert counts(library) == {"clap": 0, "wave": 1}
    with pytest.raises(FsamtError, match="no segment"):
        remove_segment(library, added.id)


def test_removing_one_of_two_segments_keeps_the_action_on_the_take(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take(segments=[("wave", 0, 2), ("wave", 4, 6)])
    remove_segment(library, segments(library)[0].id)
    assert shown_actions(library, take) == ("wave",)


def test_renamed_action_and_moved_segment_reach_the_lists(
    library: Library, make_take: MakeTake
) -> None:
    one, two = make_take("1", segments=[("wave", 0, 2)]), make_take("2", segments=[])
    library.write(lambda db: db.execute("UPDATE actions SET name = 'greet'"))
    assert shown_actions(library, one) == ("greet",)
    library.write(lambda db: db.execute("UPDATE segments SET take_id = ?", [two.id]))
    assert shown_actions(library, one) == ()
    assert shown_actions(library, two) == ("greet",)
    assert counts(library) == {"greet": 1}


@pytest.mark.parametrize(
    ("action", "start", "end", "words"),
    [
        ("wave", -1, 3, "not within"),
        ("wave", 3, 3, "not within"),
        ("wave", 3, 11, "not within"),
        ("unheard of", 0, 3, "no action"),
    ],
)
def test_impossible_segment_is_refused(
    library: Library, make_take: MakeTake, action: str, start: int, end: int, words: str
) -> None:
    take = make_take()
    with pytest.raises(FsamtError, match=words):
        add_segment(library, take.id, action, start, end)
    assert len(segments(library)) == 2


def test_segment_of_an_unknown_take_is_refused(library: Library) -> None:
    add_action(library, "wave")
    with pytest.raises(FsamtError, match="no take"):
        add_segment(library, "xyz", "wave", 0, 1)


def test_segments_are_chosen_by_action_participant_and_take(
    library: Library, make_take: MakeTake
) -> None:
    one, two = make_take("1", participant="P1"), make_take("2", participant="P2")
    assert {s.take_id for s in segments(library, participants=["P2"])} == {two.id}
    assert {s.take_id for s in segments(library, take_ids=[one.id])} == {one.id}
    assert {s.action for s in segments(library, actions=["wave"])} == {"wave"}
    assert segments(library, actions=["wave"], participants=["P1"], take_ids=[two.id]) == []
    assert segments(library, actions=[]) == []
    assert len(segments(library, take_ids=[one.id, two.id] * 50_000)) == 4


def test_segments_are_in_the_same_order_whatever_the_order_they_came_in(
    library: Library, make_take: MakeTake
) -> None:
    for key in "321":
        make_take(key, segments=[("wave", 4, 6), ("clap", 0, 2)])
    found = [(s.take_id, s.start) for s in segments(library)]
    assert found == sorted(found)
