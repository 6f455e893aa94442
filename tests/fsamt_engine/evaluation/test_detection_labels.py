"""What a detector is trained and tested on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_labels import (
    background_of,
    detection_labels,
    ignored_of,
    truth_of,
)
from fsamt_engine.library import Library, Snapshot, StreamKind
from fsamt_engine.library.compositions import Piece
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder

N_FRAMES = 600
Labels = Sequence[tuple[str, int, int]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty one."""
    with Library.create(tmp_path / "library") as made:
        yield made


def add(
    library: Library,
    key: str,
    participant: str,
    labels: Labels,
    source: str = "test",
    pieces: Sequence[Piece] = (),
) -> str:
    """A take of 20 s, whose file nobody looks into; returns its id."""
    with staging_folder(library) as staging:
        path = staging / "depth.mkv"
        path.write_bytes(key.encode())
        times = np.arange(N_FRAMES) * 33_333
        depth = StreamDraft(StreamKind.DEPTH, path, 64, 48, N_FRAMES, 30.0, "ffv1", times, 0.001)
        draft = TakeDraft(
            f"visit of {participant}", participant, source, f"{source}/{key}", 0, [depth],
            segments=labels, composition=pieces,
        )  # fmt: skip
        return add_take(library, staging, draft).id


def covered(snapshot: Snapshot, take_id: str) -> list[tuple[int, int]]:
    return sorted((i.start, i.end) for i in snapshot.test if i.take_id == take_id)


def test_what_no_chosen_action_covers_is_background(library: Library) -> None:
    take_id = add(library, "a", "P1", [("wave", 60, 120), ("walk", 200, 300), ("clap", 300, 380)])
    made = detection_labels(library, ["wave", "clap"], ["P1"])
    assert made.actions == ("wave", "clap")
    assert [(i.action, i.start, i.end) for i in truth_of(made, take_id)] == [
        ("wave", 60, 120),
        ("clap", 300, 380),
    ]
    assert background_of(made, take_id) == [(0, 60), (120, 300), (380, 600)]
    assert ignored_of(made, take_id, N_FRAMES) == []


def test_what_was_not_drawn_is_ignored_and_other_takes_are_left_alone(library: Library) -> None:
    for key in ("a", "b"):
        add(library, key, "P1", [("wave", 60, 120), ("clap", 200, 300), ("wave", 400, 450)])
    made = detection_labels(library, ["wave"], ["P1"], labels_per_action=1)
    (drawn,) = [item for item in made.train if item.action == "wave"]
    assert {item.take_id for item in made.train} == {drawn.take_id}
    other = (400, 450) if drawn.start == 60 else (60, 120)
    assert ignored_of(made, drawn.take_id, N_FRAMES) == [other]
    assert background_of(made, drawn.take_id) == [(0, 60), (120, 400), (450, 600)]


def test_two_labels_are_the_first_two_of_three(library: Library) -> None:
    for key in "abc":
        add(library, key, "P1", [("wave", 60, 120), ("clap", 200, 300)])
        add(library, f"{key}2", "P2", [("wave", 90, 120), ("clap", 200, 320)])
    two, three = (
        [i for i in detection_labels(library, ["wave", "clap"], ["P1", "P2"], (), n, 7).train
         if i.action == "clap"]
        for n in (2, 3)
    )  # fmt: skip
    assert three[:2] == two
    assert {item.participant for item in two} == {"P1", "P2"}


def test_stretches_shorter_than_half_a_second_train_nothing_but_are_tested(
    library: Library,
) -> None:
    labels = [("wave", 0, 100), ("clap", 114, 200), ("wave", 200, 300), ("clap", 315, 400)]
    trained, tested = (add(library, who, who, labels) for who in ("P1", "P2"))
    made = detection_labels(library, ["wave", "clap"], ["P1"], ["P2"])
    assert background_of(made, trained) == [(300, 315), (400, 600)]
    assert ignored_of(made, trained, N_FRAMES) == [(100, 114)]
    assert background_of(made, tested) == [(100, 114), (300, 315), (400, 600)]


def test_a_test_take_is_covered_whole_by_overlapping_and_touching_segments(
    library: Library,
) -> None:
    add(library, "train", "P1", [("wave", 0, 100), ("clap", 300, 400)])
    tested = add(library, "test", "P2", [("wave", 50, 150), ("clap", 100, 200), ("wave", 200, 250)])
    made = detection_labels(library, ["wave", "clap"], ["P1"], ["P2"])
    assert covered(made, tested) == [(0, 50), (50, 150), (100, 200), (200, 250), (250, 600)]


def test_takes_wholly_labelled_by_touching_segments_have_no_background(library: Library) -> None:
    take_id = add(library, "a", "P1", [("wave", 0, 300), ("clap", 300, 600)])
    made = detection_labels(library, ["wave", "clap"], ["P1"])
    assert background_of(made, take_id) == []
    assert len(made.train) == 2


def test_trimmed_takes_give_no_labels(library: Library) -> None:
    add(library, "trimmed", "P1", [("wave", 0, N_FRAMES)])
    with pytest.raises(FsamtError, match="no untrimmed take") as caught:
        detection_labels(library, ["wave"], ["P1"])
    assert "fsamt compose" in caught.value.hint
    long = add(library, "long", "P1", [("wave", 60, 120)])
    made = detection_labels(library, ["wave"], ["P1"])
    assert {item.take_id for item in made.train} == {long}


def test_what_was_labelled_background_is_background(library: Library) -> None:
    take_id = add(library, "a", "P1", [("wave", 60, 120), ("background", 100, 600)])
    made = detection_labels(library, ["background", "wave"], ["P1"])
    assert made.actions == ("wave",)
    assert background_of(made, take_id) == [(0, 60), (120, 600)]


def test_one_clip_shown_twice_by_composed_takes_is_one_label(library: Library) -> None:
    def piece(start: int, source: str) -> Piece:
        return Piece(start, start + 60, "wave", True, source, f"test/{source}", 0)

    for key in ("a", "b"):
        add(
            library, key, "P1", [("wave", 60, 120), ("wave", 300, 360)], "composed",
            [piece(60, "one"), piece(300, "two" if key == "a" else "one")],
        )  # fmt: skip
    made = detection_labels(library, ["wave"], ["P1"], labels_per_action=2)
    assert Counter(item.action for item in made.train)["wave"] == 2
    with pytest.raises(FsamtError, match="2 labels"):
        detection_labels(library, ["wave"], ["P1"], labels_per_action=3)
    everything = detection_labels(library, ["wave"], ["P1"])
    assert Counter(item.action for item in everything.train)["wave"] == 4


def test_a_chosen_action_that_was_joined_in_without_a_label_is_no_background(
    library: Library,
) -> None:
    def pieces(other: str) -> list[Piece]:
        return [
            Piece(60, 120, "wave", True, "one", "test/one", 0),
            Piece(300, 360, other, False, "two", "test/two", 0),
        ]

    moving = add(library, "a", "P1", [("wave", 60, 120)], "composed", pieces("clap"))
    add(library, "b", "P1", [("clap", 60, 120)], "composed")
    made = detection_labels(library, ["wave", "clap"], ["P1"])
    assert background_of(made, moving) == [(0, 60), (120, 300), (360, 600)]
    assert ignored_of(made, moving, N_FRAMES) == [(300, 360)]
    alone = detection_labels(library, ["wave"], ["P1"])
    assert background_of(alone, moving) == [(0, 60), (120, 600)]


def test_an_official_split_divides_recordings_of_pku_mmd(library: Library) -> None:
    trained = add(library, "0002-M", "0002", [("bow", 60, 120), ("clapping", 300, 360)], "pku-mmd")
    tested = add(library, "0291-M", "0291", [("bow", 10, 90)], "pku-mmd")
    made = detection_labels(library, (), (), protocol="pku-mmd-cross-subject")
    assert made.protocol == "pku-mmd-cross-subject"
    assert {item.take_id for item in made.train} == {trained}
    assert covered(made, tested) == [(0, 10), (10, 90), (90, 600)]
    few = detection_labels(library, ["bow"], (), (), 1, 0, "pku-mmd-cross-subject")
    assert [i.action for i in few.train] == ["bow", "background", "background"]


@pytest.mark.parametrize(
    ("actions", "people", "n", "words"),
    [
        (["background"], ["P1"], None, "no action to detect"),
        (["wave", "jump"], ["P1"], None, '"jump" has no segment in an untrimmed take'),
        (["wave"], ["P9"], None, '"P9" has no untrimmed take'),
        (["wave"], ["P1"], 5, "1 label of the train participants"),
        (["wave"], ["P1", "P2"], None, "both to train and to test"),
        (["wave", "wave"], ["P1"], None, "named twice"),
        (["wave"], [], None, "no actions or no train participants"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    library: Library, actions: list[str], people: list[str], n: int | None, words: str
) -> None:
    add(library, "a", "P1", [("wave", 60, 120)])
    add(library, "b", "P2", [("wave", 60, 120)])
    with pytest.raises(FsamtError, match=words):
        detection_labels(library, actions, people, ["P2"], n)


def test_a_protocol_of_trimmed_takes_is_refused(library: Library) -> None:
    add(library, "long", "P1", [("wave", 60, 120)])
    add(library, "a1_s1_t1", "1", [("wave", 0, N_FRAMES)], "utd-mhad")
    with pytest.raises(FsamtError, match="utd-mhad-odd-even to train on are not untrimmed"):
        detection_labels(library, ["wave"], (), protocol="utd-mhad-odd-even")
