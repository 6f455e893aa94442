import os
import random
import signal
from collections.abc import Callable

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, labels, takes
from fsamt_engine.library.bin import (
    bin_take,
    bin_takes,
    empty_bin,
    list_bin,
    restore_take,
    restore_takes,
)
from fsamt_engine.library.history import (
    N_KEPT,
    Edit,
    edit,
    history,
    redo,
    redoable,
    undo,
    undoable,
)
from fsamt_engine.library.organising import (
    assign_takes,
    rename_participant,
    rename_session,
    set_region,
    set_tags,
    set_title,
)
from fsamt_engine.library.verify import verify

MakeTake = Callable[..., Take]


def state(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """All that a person can change."""
    tables = {
        "actions": "id, name, description, n_segments, colour, key",
        "segments": "*",
        "label_counts": "*",
        "takes": "id, session, participant, number, actions, search, title, tags, region",
        "suggestions": "*",
        "bin": "take_id, session, participant, number",
    }
    return {
        table: library.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2")
        for table, columns in tables.items()
    }


def label_counts_from_scratch(library: Library) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {action.name: {} for action in labels.actions(library)}
    for one in labels.segments(library):
        of_action = counts[one.action]
        of_action[one.participant] = of_action.get(one.participant, 0) + 1
    return counts


def random_step(library: Library, draw: random.Random) -> None:
    """Something that a person does; nothing where it makes no sense."""
    rows = takes.list_takes(library)
    some = [row.id for row in draw.sample(rows, min(len(rows), draw.randint(1, 2)))]
    segments, actions = labels.segments(library), labels.actions(library)
    names = [action.name for action in actions]
    start = draw.randint(0, 8)
    end = draw.randint(start + 1, 10)
    name = f"new {draw.randint(0, 9)}"
    choices: list[Callable[[], object]] = [
        lambda: labels.label_interval(library, some[0], draw.choice(names), start, end),
        lambda: labels.label_takes(library, some, draw.choice(names)),
        lambda: labels.unlabel_takes(library, some),
        lambda: labels.change_segment(library, draw.choice(segments).id, start=start, end=end),
        lambda: labels.change_segment(library, draw.choice(segments).id, action=names[0]),
        lambda: labels.remove_segment(library, draw.choice(segments).id),
        lambda: labels.add_action(library, name),
        lambda: labels.change_action(library, draw.choice(names), new_name=name, key=""),
        lambda: labels.merge_actions(library, draw.sample(names, 2), names[0]),
        lambda: labels.remove_action(library, draw.choice(names)),
        lambda: bin_takes(library, some),
        lambda: restore_take(library, draw.choice(list_bin(library)).id),
        lambda: set_tags(library, some, add=[name], remove=["new 1"]),
        lambda: set_title(library, some[0], name),
        lambda: set_region(library, some, (0.25, 0, 0.75, 1)),
        lambda: assign_takes(library, some, draw.choice(["P1", "P2", "P3"])),
        lambda: rename_participant(library, rows[0].participant, name),
        lambda: rename_session(library, rows[0].session, name),
    ]
    try:
        draw.choice(choices)()
    except (FsamtError, IndexError, ValueError):
        return


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_can_be_undone_and_done_again(
    library: Library, make_take: MakeTake, seed: int
) -> None:
    draw = random.Random(seed)
    for key in "1234":
        make_take(key, participant=f"P{draw.randint(1, 2)}", session=f"visit {key}")
    states = [state(library)]
    while len(states) < 26:
        before = undoable(library)
        random_step(library, draw)
        if undoable(library) != before:
            states.append(state(library))
        assert labels.label_counts(library) == label_counts_from_scratch(library)
    for _ in range(2):
        for expected in reversed(states[:-1]):
            assert undo(library) is not None
            assert state(library) == expected
        assert undo(library) is None
        for expected in states[1:]:
            assert redo(library) is not None
            assert state(library) == expected
        assert redo(library) is None
    assert labels.label_counts(library) == label_counts_from_scratch(library)
    assert verify(library).problems == ()


def test_step_says_what_was_done_and_on_which_takes(library: Library, make_take: MakeTake) -> None:
    made = [make_take(key).id for key in "123"]
    assert (undoable(library), redoable(library)) == (None, None)
    labels.label_takes(library, made, "wave")
    step = undoable(library)
    assert step is not None
    assert (step.words, step.take_ids) == ("label wave on 3 takes", tuple(sorted(made)))
    labels.change_action(library, "wave", new_name="greet")
    assert [step.words for step in history(library)] == [
        "rename action wave to greet",
        "label wave on 3 takes",
    ]
    assert len(history(library, 1)) == 1
    undone = undo(library)
    assert undone is not None
    assert (undone.words, undone.is_undone) == ("rename action wave to greet", True)
    assert redoable(library) == undone
    assert undoable(library) == step


def test_new_step_drops_what_could_be_redone(library: Library) -> None:
    labels.add_action(library, "wave")
    undo(library)
    labels.add_action(library, "clap")
    assert redo(library) is None
    assert [action.name for action in labels.actions(library)] == ["clap"]


def test_step_that_changes_nothing_is_none(library: Library, make_take: MakeTake) -> None:
    take = make_take(segments=[("wave", 0, 10)])
    labels.label_takes(library, [take.id], "wave")
    labels.change_action(library, "wave", description="")
    set_tags(library, [take.id], remove=["never there"])
    assert history(library) == []


def test_refused_change_leaves_no_step_and_keeps_what_can_be_redone(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take()
    labels.remove_segment(library, labels.segments(library)[0].id)
    undo(library)
    with pytest.raises(FsamtError):
        labels.label_takes(library, [take.id, "xyz"], "wave")
    assert redo(library) is not None


def test_steps_within_a_step_are_one(library: Library, make_take: MakeTake) -> None:
    take = make_take()

    def change(_: Edit) -> None:
        labels.add_action(library, "sit")
        labels.label_takes(library, [take.id], "sit")
        bin_take(library, take.id)

    before = state(library)
    edit(library, "sit and go", change)
    assert [step.words for step in history(library)] == ["sit and go"]
    assert not (library.takes_folder / take.id).exists()
    undo(library)
    assert state(library) == before
    assert (library.takes_folder / take.id / "depth.mkv").exists()


def test_history_survives_a_restart(library: Library, make_take: MakeTake) -> None:
    take = make_take()
    before = state(library)
    labels.label_takes(library, [take.id], "clap")
    library.close()
    with Library.open(library.root) as opened:
        undo(opened)
        assert state(opened) == before
    with Library.open(library.root) as opened:
        redo(opened)
        assert [s.action for s in labels.segments(opened)] == ["clap"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_label_is_on_the_disk_when_its_call_returns(library: Library, make_take: MakeTake) -> None:
    take = make_take()
    library.close()
    child = os.fork()
    if child == 0:
        child_library = Library.open(library.root)
        labels.label_interval(child_library, take.id, "clap", 0, 10)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with Library.open(library.root) as opened:
        assert [(s.action, s.start, s.end) for s in labels.segments(opened)] == [("clap", 0, 10)]
        assert undo(opened) is not None
        assert len(labels.segments(opened)) == 2


def test_step_that_no_longer_fits_is_refused_whole_and_taken_off(
    library: Library, make_take: MakeTake
) -> None:
    one, two = make_take("1"), make_take("2")
    labels.add_action(library, "sit")
    labels.label_takes(library, [one.id, two.id], "wave")
    library.write(
        lambda db: db.execute('UPDATE segments SET "end" = 5 WHERE take_id = ?', [one.id])
    )
    before = state(library)
    with pytest.raises(FsamtError, match='"label wave on 2 takes" can no longer be undone'):
        undo(library)
    assert state(library) == before
    step = undo(library)
    assert step is not None
    assert step.words == "add action sit"


def test_redo_that_no_longer_fits_takes_the_later_ones_off_too(library: Library) -> None:
    for name in ("sit", "stand"):
        labels.add_action(library, name)
    undo(library)
    undo(library)
    labels.enter_action(library, "sit", "came with data")
    with pytest.raises(FsamtError, match="can no longer be done again"):
        redo(library)
    assert redoable(library) is None


def test_undoing_an_action_that_has_labels_meanwhile_is_refused(
    library: Library, make_take: MakeTake
) -> None:
    labels.add_action(library, "sit")
    make_take(segments=[("sit", 0, 5)])
    with pytest.raises(FsamtError, match="can no longer be undone"):
        undo(library)
    assert "sit" in [action.name for action in labels.actions(library)]


def test_emptied_bin_is_no_step_to_undo(library: Library, make_take: MakeTake) -> None:
    one, two, three = (make_take(key) for key in "123")
    labels.label_takes(library, [one.id], "wave")
    labels.label_takes(library, [two.id, three.id], "wave")
    bin_takes(library, [two.id])
    empty_bin(library)
    step = undoable(library)
    assert step is not None
    assert step.take_ids == (one.id,)


def test_take_added_anew_makes_throwing_it_away_no_longer_undoable(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take()
    bin_take(library, take.id)
    make_take()
    with pytest.raises(FsamtError, match="was added anew"):
        undo(library)
    assert undoable(library) is None
    assert takes.count_takes(library) == 1


def test_many_takes_go_and_come_back_in_one_step(library: Library, make_take: MakeTake) -> None:
    made = [make_take(key).id for key in "123"]
    before = state(library)
    bin_takes(library, [*made, made[0]])
    assert takes.count_takes(library) == 0
    assert sorted(path.name for path in library.bin_folder.iterdir()) == sorted(made)
    undo(library)
    assert state(library) == before
    redo(library)
    assert sorted(path.name for path in library.bin_folder.iterdir()) == sorted(made)
    restore_takes(library, made)
    assert state(library) == before
    with pytest.raises(FsamtError, match="no take xyz"):
        bin_takes(library, [made[0], "xyz"])
    assert state(library) == before


def test_labels_of_a_removed_action_come_back_with_their_take(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take(segments=[("wave", 0, 4)])
    wave = labels.change_action(library, "wave", description="one hand")
    before = state(library)
    bin_take(library, take.id)
    labels.remove_action(library, "wave")
    labels.add_action(library, "point", key=wave.key)
    restore_take(library, take.id)
    (back,) = [action for action in labels.actions(library) if action.name == "wave"]
    assert (back.description, back.n_segments, back.key) == ("one hand", 1, "")
    assert [s.action for s in labels.segments(library)] == ["wave"]
    for _ in range(4):
        undo(library)
    assert state(library) == before


def test_only_the_last_steps_are_kept(library: Library) -> None:
    labels.add_action(library, "wave")

    def change(step: Edit) -> None:
        for number in range(N_KEPT + 5):
            step.db.execute("INSERT INTO history VALUES (?, '', 0, 0, '[]', '[]')", [number + 10])

    library.write(lambda db: change(Edit(library, db)))
    labels.add_action(library, "clap")
    assert len(history(library, 2 * N_KEPT)) == N_KEPT


def test_history_is_hidden_with_the_labels(library: Library) -> None:
    labels.add_action(library, "wave")
    with library.labels_hidden(), pytest.raises(Exception, match="prohibited"):
        library.rows("SELECT words FROM history")
