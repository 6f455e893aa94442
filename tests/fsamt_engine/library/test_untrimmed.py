"""Which takes are untrimmed, and what composed ones are joined of."""

from collections.abc import Sequence

import pytest

from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.bin import bin_take, restore_take
from fsamt_engine.library.compositions import (
    Piece,
    composed_take_ids,
    composition_of,
    compositions,
)
from fsamt_engine.library.labels import label_counts, segments
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.library.untrimmed import uncovered, untrimmed_takes

Labels = Sequence[tuple[str, int, int]]
WHOLE: Labels = (("wave", 0, 300),)


def add(
    library: Library,
    key: str,
    labels: Labels,
    *,
    participant: str = "P1",
    source: str = "test",
    pieces: Sequence[Piece] = (),
) -> str:
    """A take of 300 frames at 30 Hz, whose file nobody looks into; returns its id."""
    with staging_folder(library) as staging:
        path = staging / "depth.mkv"
        path.write_bytes(key.encode())
        times = [round(frame * 1e6 / 30) for frame in range(300)]
        depth = StreamDraft(StreamKind.DEPTH, path, 64, 48, 300, 30.0, "ffv1", times, 0.001)  # type: ignore[arg-type]
        draft = TakeDraft(
            "visit", participant, source, f"{source}/{key}", 0, [depth], segments=labels,
            composition=pieces,
        )  # fmt: skip
        return add_take(library, staging, draft).id


@pytest.mark.parametrize(
    ("labels", "is_untrimmed"),
    [
        ((), False),
        (WHOLE, False),
        ((("wave", 0, 300), ("clap", 0, 300)), False),
        ((("wave", 0, 270),), True),
        ((("wave", 0, 271),), False),
        ((("wave", 0, 150), ("clap", 150, 300)), True),
        ((("wave", 10, 160), ("clap", 100, 290)), True),
        ((("background", 0, 300),), False),
        ((("wave", 0, 100), ("background", 100, 300)), True),
    ],
)
def test_a_take_is_untrimmed_where_actions_begin_or_end_in_it(
    library: Library, labels: Labels, is_untrimmed: bool
) -> None:
    take_id = add(library, "one", labels)
    assert untrimmed_takes(library) == ([take_id] if is_untrimmed else [])


def test_untrimmed_takes_are_those_of_the_participants_asked_for(library: Library) -> None:
    first = add(library, "one", (("wave", 0, 50),))
    second = add(library, "two", (("wave", 0, 50),), participant="P2")
    assert untrimmed_takes(library) == sorted([first, second])
    assert untrimmed_takes(library, ["P2"]) == [second]
    assert untrimmed_takes(library, []) == []


def test_what_is_uncovered_bears_overlapping_and_touching_intervals() -> None:
    assert uncovered([], 10) == [(0, 10)]
    assert uncovered([(4, 6), (2, 5), (6, 7)], 10) == [(0, 2), (7, 10)]
    assert uncovered([(0, 10)], 10) == []
    assert uncovered([(0, 8), (2, 3)], 10) == [(8, 10)]


PIECES = (
    Piece(30, 90, "wave", True, "a" * 12, "test/gone", 5),
    Piece(120, 150, "walk", False, "b" * 12, "test/other", 0),
)


@pytest.fixture
def composed(library: Library) -> str:
    """Id of a take that says what it is joined of, beside one of the same label."""
    add(library, "one", WHOLE)
    return add(library, "long", (("wave", 30, 90),), source="composed", pieces=PIECES)


def test_a_composed_take_knows_its_pieces_in_the_bin_and_back(
    library: Library, composed: str
) -> None:
    assert composition_of(library, composed) == PIECES
    assert PIECES[0].source_end == 65
    assert compositions(library, [composed, "none"]) == {composed: PIECES}
    assert composed_take_ids(library) == {composed}
    bin_take(library, composed)
    assert composition_of(library, composed) == ()
    restore_take(library, composed)
    assert composition_of(library, composed) == PIECES


def test_labels_of_composed_takes_count_only_where_they_are_asked_for(
    library: Library, composed: str
) -> None:
    assert len(segments(library)) == 2
    assert [one.take_id == composed for one in segments(library, composed=False)] == [False]
    assert label_counts(library) == {"wave": {"P1": 1}}
    bin_take(library, next(iter({s.take_id for s in segments(library)} - {composed})))
    assert label_counts(library) == {"wave": {}}


def test_pieces_are_labels_and_hidden_with_them(library: Library, composed: str) -> None:
    with library.labels_hidden():
        assert composed_take_ids(library) == {composed}
        with pytest.raises(Exception, match="prohibited"):
            composition_of(library, composed)
