from collections.abc import Callable

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, takes
from fsamt_engine.library.history import undo
from fsamt_engine.library.labels import (
    actions,
    add_action,
    add_segment,
    change_action,
    change_segment,
    label_counts,
    label_interval,
    label_takes,
    merge_actions,
    remove_action,
    remove_segment,
    segments,
    unlabel_takes,
)
from fsamt_engine.library.marks import COLOURS, GREY

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


def spans(library: Library) -> list[tuple[str, int, int]]:
    return [(s.action, s.start, s.end) for s in segments(library)]


def test_new_actions_get_the_next_free_colour_and_key(library: Library) -> None:
    made = [add_action(library, name) for name in ("wave", "clap", "background")]
    assert [(one.colour, one.key) for one in made] == [
        ("#E69F00", "1"),
        ("#56B4E9", "2"),
        (GREY, "0"),
    ]
    change_action(library, "wave", colour="#56b4e9", key="x")
    assert (add_action(library, "sit").colour, add_action(library, "run").key) == ("#E69F00", "3")
    assert add_action(library, "jump", colour="#123456", key="J").key == "j"
    many = [add_action(library, f"action {i}") for i in range(40)]
    keys = [one.key for one in actions(library) if one.key]
    assert len(set(keys)) == len(keys) == 36
    assert many[-1].key == ""
    assert {one.colour for one in many} == set(COLOURS)


def test_actions_of_imported_takes_get_colours_and_keys(
    library: Library, make_take: MakeTake
) -> None:
    make_take(segments=[("wave", 0, 2), ("background", 2, 4)])
    assert {one.name: (one.colour, one.key) for one in actions(library)} == {
        "wave": ("#E69F00", "1"),
        "background": (GREY, "0"),
    }


@pytest.mark.parametrize("mark", [{"colour": "red"}, {"colour": "#12345"}, {"key": "ab"}])
@pytest.mark.parametrize("change", [add_action, change_action])
def test_colours_and_keys_that_are_none_are_refused(
    library: Library, mark: dict[str, str], change: Callable[..., object]
) -> None:
    add_action(library, "wave")
    with pytest.raises(FsamtError, match=r"not a colour|cannot be the key"):
        change(library, "wave", **mark)


def test_key_of_another_action_is_refused(library: Library) -> None:
    add_action(library, "wave", key="w")
    add_action(library, "clap")
    with pytest.raises(FsamtError, match='The key "w" belongs to wave'):
        change_action(library, "clap", key="W")
    assert change_action(library, "wave", key="w", description="one hand").key == "w"
    assert change_action(library, "wave", key="").key == ""
    assert change_action(library, "clap", key="w").key == "w"


def test_renamed_action_keeps_its_labels(library: Library, make_take: MakeTake) -> None:
    take = make_take(segments=[("wave", 0, 2)])
    renamed = change_action(library, "wave", new_name="greet", description="one hand")
    assert (renamed.n_segments, renamed.description) == (1, "one hand")
    assert shown_actions(library, take) == ("greet",)
    add_action(library, "clap")
    with pytest.raises(FsamtError, match="an action clap already"):
        change_action(library, "greet", new_name="clap")
    with pytest.raises(FsamtError, match="no action wave"):
        change_action(library, "wave", description="gone")


def test_overlapping_labels_of_merged_actions_become_one(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take(segments=[("hi", 0, 6), ("wave", 4, 8), ("wave", 8, 10)])
    before = segments(library, take_ids=[take.id])
    merge_actions(library, ["hi"], "wave")
    merged = [(s.action, s.start, s.end) for s in segments(library, take_ids=[take.id])]
    assert merged == [("wave", 0, 8), ("wave", 8, 10)]
    undo(library)
    assert segments(library, take_ids=[take.id]) == before


def test_merged_actions_are_one(library: Library, make_take: MakeTake) -> None:
    one = make_take("1", segments=[("wave", 0, 2), ("hello", 0, 2), ("hi", 4, 6)])
    make_take("2", segments=[("hi", 1, 3)])
    assert merge_actions(library, ["hello", "hi", "wave"], "wave").n_segments == 3
    assert shown_actions(library, one) == ("wave",)
    assert counts(library) == {"wave": 3}
    with pytest.raises(FsamtError, match="nothing to merge"):
        merge_actions(library, ["wave"], "wave")
    with pytest.raises(FsamtError, match="no action hi"):
        merge_actions(library, ["hi"], "wave")


def test_removed_action_takes_its_labels_along(library: Library, make_take: MakeTake) -> None:
    take = make_take(segments=[("wave", 0, 2), ("clap", 2, 4)])
    assert remove_action(library, "wave") == 1
    assert shown_actions(library, take) == ("clap",)
    assert counts(library) == {"clap": 1}


@pytest.mark.parametrize(
    ("there", "new", "expected"),
    [
        ([], ("wave", 2, 5), [("wave", 2, 5)]),
        ([("clap", 0, 10)], ("wave", 2, 5), [("clap", 0, 2), ("wave", 2, 5), ("clap", 5, 10)]),
        ([("clap", 0, 4), ("sit", 4, 9)], ("wave", 2, 6),
         [("clap", 0, 2), ("wave", 2, 6), ("sit", 6, 9)]),
        ([("clap", 3, 4)], ("wave", 2, 5), [("wave", 2, 5)]),
        ([("wave", 0, 2), ("wave", 5, 7)], ("wave", 2, 5), [("wave", 0, 7)]),
        ([("wave", 0, 4), ("clap", 4, 8)], ("wave", 3, 6), [("wave", 0, 6), ("clap", 6, 8)]),
        ([("wave", 0, 1), ("wave", 8, 9)], ("wave", 2, 5),
         [("wave", 0, 1), ("wave", 2, 5), ("wave", 8, 9)]),
        ([("wave", 0, 10)], ("wave", 2, 5), [("wave", 0, 10)]),
    ],
)  # fmt: skip
def test_labelled_interval_is_this_action_and_nothing_else(
    library: Library,
    make_take: MakeTake,
    there: list[tuple[str, int, int]],
    new: tuple[str, int, int],
    expected: list[tuple[str, int, int]],
) -> None:
    for name in ("wave", "clap", "sit"):
        add_action(library, name)
    take = make_take(segments=there)
    label = label_interval(library, take.id, *new)
    assert spans(library) == expected
    assert label in segments(library)
    undo(library)
    assert spans(library) == sorted(there, key=lambda span: span[1:])


def test_whole_takes_are_labelled_and_unlabelled(library: Library, make_take: MakeTake) -> None:
    one, two = make_take("1"), make_take("2", n_frames=6, segments=[])
    made = label_takes(library, [one.id, two.id, one.id], "clap")
    assert [(s.take_id, s.start, s.end) for s in made] == [(one.id, 0, 10), (two.id, 0, 6)]
    assert sorted(segments(library), key=lambda s: s.id) == sorted(made, key=lambda s: s.id)
    assert unlabel_takes(library, [one.id]) == 1
    assert shown_actions(library, one) == ()
    with pytest.raises(FsamtError, match="no take xyz"):
        label_takes(library, [one.id, "xyz"], "clap")
    assert shown_actions(library, one) == ()


def test_moved_edge_cuts_back_what_it_newly_lies_over(
    library: Library, make_take: MakeTake
) -> None:
    make_take(segments=[("wave", 0, 4), ("sit", 1, 2), ("clap", 4, 6), ("wave", 6, 9)])
    wave = next(s for s in segments(library) if s.action == "wave")
    changed = change_segment(library, wave.id, end=7)
    assert (changed.id, changed.start, changed.end) == (wave.id, 0, 7)
    assert spans(library) == [("wave", 0, 7), ("sit", 1, 2), ("wave", 7, 9)]
    change_segment(library, wave.id, start=2, end=5)
    assert spans(library) == [("sit", 1, 2), ("wave", 2, 5), ("wave", 7, 9)]
    assert change_segment(library, wave.id, action="clap").action == "clap"
    for start, end in ((5, 5), (-1, 3), (4, 11)):
        with pytest.raises(FsamtError, match="not within"):
            change_segment(library, wave.id, start=start, end=end)
    with pytest.raises(FsamtError, match="no segment"):
        change_segment(library, 99, start=1)


def test_labels_are_counted_by_action_and_participant(
    library: Library, make_take: MakeTake
) -> None:
    make_take("1", participant="P2", segments=[("wave", 0, 2), ("wave", 4, 6)])
    make_take("2", participant="P1", segments=[("wave", 0, 2), ("clap", 2, 3)])
    add_action(library, "sit")
    assert label_counts(library) == {"clap": {"P1": 1}, "sit": {}, "wave": {"P1": 1, "P2": 2}}
