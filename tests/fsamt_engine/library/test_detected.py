"""Found segments become labels as one step, and what is said before is what happens then."""

import random
from dataclasses import dataclass

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord, TakeFilter
from fsamt_engine.library.detected import (
    Acceptance,
    accept_found,
    preview,
    suggest_found,
    whole_frames,
)
from fsamt_engine.library.history import redo, undo, undoable
from fsamt_engine.library.labels import actions, add_segment, remove_segment, segments
from fsamt_engine.library.suggestions import Suggestion, add_suggestion, list_suggestions
from fsamt_engine.library.takes import list_takes


@dataclass(frozen=True)
class Found:
    take_id: str
    participant: str
    action: str
    start: float
    end: float
    score: float


@pytest.fixture
def takes(square_library: Library) -> list[str]:
    for segment in segments(square_library):
        remove_segment(square_library, segment.id)
    return [row.id for row in list_takes(square_library, TakeFilter(participants=("P1",)))][:2]


def labels(library: Library) -> list[tuple[str, str, int, int]]:
    return [(one.take_id, one.action, one.start, one.end) for one in segments(library)]


def test_many_are_accepted_as_one_step(square_library: Library, takes: list[str]) -> None:
    found = [
        Found(takes[0], "P1", "across", 0.4, 7.6, 0.9),
        Found(takes[0], "P1", "down", 10.2, 15.0, 0.5),
        Found(takes[1], "P1", "down", 3.0, 9.0, 0.7),
    ]
    made = accept_found(square_library, found)
    wanted = [(takes[0], "across", 0, 8), (takes[0], "down", 10, 15), (takes[1], "down", 3, 9)]
    assert len(made) == 3
    assert labels(square_library) == sorted(wanted)
    change = undoable(square_library)
    assert change is not None
    assert change.words == "accept 3 found segments"
    undo(square_library)
    assert labels(square_library) == []
    redo(square_library)
    assert labels(square_library) == sorted(wanted)


def test_moments_in_common_belong_to_the_surer_one(
    square_library: Library, takes: list[str]
) -> None:
    sure = Found(takes[0], "P1", "across", 4, 10, 0.9)
    doubtful = Found(takes[0], "P1", "down", 8, 14, 0.3)
    accept_found(square_library, [sure, doubtful])
    assert labels(square_library) == [(takes[0], "across", 4, 10), (takes[0], "down", 10, 14)]


def test_action_that_is_not_there_comes_with_them_and_goes_with_the_step(
    square_library: Library, takes: list[str]
) -> None:
    found = [Found(takes[0], "P1", "jump", 2, 9, 0.8)]
    assert preview(square_library, found).new_actions == ("jump",)
    accept_found(square_library, found)
    assert "jump" in {action.name for action in actions(square_library)}
    undo(square_library)
    assert "jump" not in {action.name for action in actions(square_library)}


def test_nothing_is_labelled_where_a_take_is_gone(
    square_library: Library, takes: list[str]
) -> None:
    found = [Found(takes[0], "P1", "across", 0, 5, 0.2), Found("gone", "P1", "down", 0, 5, 0.9)]
    for act in (accept_found, preview):
        with pytest.raises(FsamtError):
            act(square_library, found)
    assert labels(square_library) == []
    with pytest.raises(FsamtError, match="No found segment"):
        accept_found(square_library, [])


def test_preview_counts_what_is_replaced(square_library: Library, takes: list[str]) -> None:
    add_segment(square_library, takes[0], "down", 2, 5)
    add_segment(square_library, takes[0], "still", 8, 14)
    add_segment(square_library, takes[0], "across", 18, 20)
    found = [Found(takes[0], "P1", "across", 1, 10, 0.9)]
    assert preview(square_library, found) == Acceptance(1, 1, n_new=1, n_changed=1, n_gone=1)
    same = [Found(takes[0], "P1", "across", 18.3, 19.8, 0.9)]
    assert preview(square_library, same) == Acceptance(1, 1, 0, 0, 0)


def test_preview_says_what_happens_then_whatever_lies_where(
    square_library: Library, takes: list[str]
) -> None:
    rng = random.Random(5)
    names = ["across", "down", "still"]
    for _ in range(40):
        for take_id in takes:
            for _ in range(rng.randrange(4)):
                start = rng.randrange(18)
                end = rng.randint(start + 1, 20)
                add_segment(square_library, take_id, rng.choice(names), start, end)
        found = [
            Found(
                rng.choice(takes), "P1", rng.choice(names), start, start + 5 * rng.random(), score
            )
            for start, score in ((19 * rng.random(), rng.random()) for _ in range(4))
        ]
        before = {one.id: (one.start, one.end) for one in segments(square_library)}
        said = preview(square_library, found)
        accept_found(square_library, found)
        after = {one.id: (one.start, one.end) for one in segments(square_library)}
        assert said.n_new == len(after.keys() - before.keys())
        assert said.n_gone == len(before.keys() - after.keys())
        assert said.n_changed == sum(
            before[label_id] != after[label_id] for label_id in before.keys() & after.keys()
        )
        for segment in segments(square_library):
            remove_segment(square_library, segment.id)


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [(-3.0, 4.4, (0, 4)), (7.2, 7.3, (7, 8)), (18.0, 25.0, (18, 20)), (30.0, 40.0, (19, 20))],
)
def test_frames_are_whole_and_within_the_take(
    start: float, end: float, frames: tuple[int, int]
) -> None:
    assert whole_frames(Found("t", "P1", "across", start, end, 0.5), 20) == frames


def test_found_segments_become_suggestions_the_surest_first(
    square_library: Library, takes: list[str]
) -> None:
    kept = add_suggestion(
        square_library, Suggestion(0, takes[1], "P1", 10, 12, None, 0.5, "Kept.", None, "")
    )
    add_segment(square_library, takes[0], "still", 0, 6)
    found = [
        Found(takes[0], "P1", "across", 0.0, 6.0, 0.9),
        Found(takes[0], "P1", "down", 10.2, 15.0, 0.5),
        Found(takes[1], "P1", "across", 3.0, 9.0, 0.75),
        Found(takes[1], "P1", "down", 14.0, 19.0, 0.1),
    ]
    model = ModelRecord(
        *("detector-1", "key", ModelKind.DETECTOR, "my detector", "r3d_tiny", "depth", 8),
        *(("across", "down"), "models/detector-1", "ours", 0),
    )
    for _ in range(2):
        suggest_found(square_library, found, model, 2)
    first, *others = list_suggestions(square_library)
    assert first.reason == kept.reason
    assert [(one.take_id, one.action, one.start, one.end) for one in others] == [
        (takes[1], "across", 3, 9),
        (takes[0], "down", 10, 15),
    ]
    assert others[0].reason == "my detector finds across here, with a score of 0.75."
    assert others[0].model_id == "detector-1"
