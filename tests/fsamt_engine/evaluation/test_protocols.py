import dataclasses
import random
from collections import Counter

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation import few_labels, leave_one_participant_out, split_by_participant
from fsamt_engine.evaluation.protocols import left_for_test
from fsamt_engine.library.records import Segment, SnapshotItem

ACTIONS = ("wave", "clap", "throw")
TRAIN = ("1", "3", "5")
PUBLISHED = ["wave-5-0", "wave-1-1", "clap-1-0", "clap-3-2", "throw-3-0", "throw-1-0"]
"""Two labels an action from seed 0, worked out apart from the program from its description."""


def _segments(
    participants: tuple[str, ...] = ("1", "3", "5", "7"),
    actions: tuple[str, ...] = ACTIONS,
    trials: int = 4,
) -> list[Segment]:
    return [
        Segment(id, f"{action}-{who}-{trial}", who, action, 0, 60)
        for id, (action, who, trial) in enumerate(
            (action, who, trial)
            for action in actions
            for who in participants
            for trial in range(trials)
        )
    ]


def _train(labels: int, seed: int = 0, **changes: object) -> tuple[SnapshotItem, ...]:
    arguments = {
        "segments": _segments(),
        "actions": ACTIONS,
        "train_participants": TRAIN,
        "test_participants": ("7",),
    } | changes
    return few_labels(labels_per_action=labels, seed=seed, **arguments).train


def _of(items: tuple[SnapshotItem, ...], action: str) -> list[SnapshotItem]:
    return [item for item in items if item.action == action]


def test_every_action_has_its_labels_and_the_test_is_the_test_participants_alone() -> None:
    snapshot = few_labels(_segments(), ACTIONS, 2, 0, TRAIN, ("7",))
    assert snapshot.actions == ACTIONS
    assert Counter(item.action for item in snapshot.train) == dict.fromkeys(ACTIONS, 2)
    assert {item.participant for item in snapshot.train} <= set(TRAIN)
    assert {item.participant for item in snapshot.test} == {"7"}
    assert len(snapshot.test) == 3 * 4
    assert snapshot.validation == ()
    assert "2 labels an action, seed 0" in snapshot.description


def test_published_list_of_seed_0_never_changes() -> None:
    assert [item.take_id for item in _train(2)] == PUBLISHED


def test_lists_do_not_follow_the_order_of_anything() -> None:
    shuffled = _segments()
    random.Random(1).shuffle(shuffled)
    renumbered = [dataclasses.replace(s, id=1000 - i) for i, s in enumerate(shuffled)]
    assert _train(5) == _train(5, segments=renumbered, train_participants=("5", "1", "3"))
    given = few_labels(_segments(), ACTIONS, 5, 0, TRAIN, ("7",))
    again = few_labels(renumbered, ACTIONS, 5, 0, TRAIN, ("7",))
    assert given == again


def test_lists_of_an_action_do_not_depend_on_other_actions_or_test_participants() -> None:
    alone = _train(3, actions=("clap",), test_participants=())
    assert list(alone) == _of(_train(3), "clap")
    more = _segments(actions=("jump", *ACTIONS))
    assert list(alone) == _of(_train(3, segments=more, actions=("jump", *ACTIONS)), "clap")


def test_fewer_labels_are_the_first_of_more() -> None:
    for seed in range(5):
        for action in ACTIONS:
            drawn = {n: _of(_train(n, seed), action) for n in (1, 2, 5, 12)}
            assert drawn[12][:5] == drawn[5]
            assert drawn[5][:2] == drawn[2]
            assert drawn[2][:1] == drawn[1]


def test_labels_are_spread_over_participants_as_evenly_as_can_be() -> None:
    for seed in range(10):
        for labels in range(1, 13):
            for action in ACTIONS:
                counts = Counter(item.participant for item in _of(_train(labels, seed), action))
                shares = [counts[who] for who in TRAIN]
                assert max(shares) - min(shares) <= 1


def test_participant_with_few_takes_gives_what_they_have() -> None:
    segments = [s for s in _segments() if s.participant != "3" or s.take_id.endswith("-0")]
    counts = Counter(item.participant for item in _of(_train(5, segments=segments), "wave"))
    assert counts == {"1": 2, "3": 1, "5": 2}


def test_seeds_and_actions_draw_differently() -> None:
    assert len({_train(2, seed) for seed in range(10)}) == 10
    first = {
        tuple((item.participant, item.take_id[-1]) for item in _of(_train(3, seed), action))
        for action in ACTIONS
        for seed in range(4)
    }
    assert len(first) > 6


def test_segment_labelled_twice_alike_is_one_label() -> None:
    doubled = _segments() + [dataclasses.replace(s, id=s.id + 500) for s in _segments()]
    assert _train(5, segments=doubled) == _train(5)
    with pytest.raises(FsamtError, match="has 12 labels"):
        _train(13, segments=doubled)


def test_participant_on_both_sides_is_refused() -> None:
    with pytest.raises(FsamtError, match='"5" is named twice, or both to train and to test'):
        _train(2, test_participants=("7", "5"))
    with pytest.raises(FsamtError, match='"1" is named twice'):
        split_by_participant(_segments(), ACTIONS, ("1",), ("7",), ("1",))


def test_too_few_labels_say_which_action_and_how_many_there_are() -> None:
    segments = [s for s in _segments() if s.action != "clap" or s.take_id == "clap-3-0"]
    with pytest.raises(FsamtError, match=r'"clap" has 1 label .*\(1, 3, 5\), and 2 are asked for'):
        _train(2, segments=segments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions": ("wave", "swim")}, r'"swim" has no labelled segment.*clap, throw, wave'),
        ({"actions": ("wave", "wave")}, r'"wave" is named twice'),
        ({"actions": ()}, "no actions"),
        (
            {"train_participants": ("1", "9")},
            r'Participant "9" has no labelled segment.*1, 3, 5, 7',
        ),
        ({"train_participants": ()}, "no train participants"),
        ({"segments": []}, "Label some takes first"),
    ],
)
def test_what_is_not_in_the_data_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(FsamtError, match=message):
        _train(2, **changes)


def test_no_labels_at_all_are_refused() -> None:
    with pytest.raises(FsamtError, match="0 labels an action"):
        _train(0)


def test_split_uses_every_segment_once_and_nobody_on_two_sides() -> None:
    snapshot = split_by_participant(_segments(), ACTIONS, ("1", "3"), ("7",), ("5",))
    sides = [snapshot.train, snapshot.validation, snapshot.test]
    assert [{item.participant for item in side} for side in sides] == [{"1", "3"}, {"5"}, {"7"}]
    assert sum(map(len, sides)) == len(_segments()) == len({*sides[0], *sides[1], *sides[2]})


def test_split_leaves_out_who_and_what_is_not_named() -> None:
    snapshot = split_by_participant(_segments(), ("clap",), ("3",))
    assert {(item.participant, item.action) for item in snapshot.train} == {("3", "clap")}
    assert snapshot.test == ()


def test_split_without_training_data_for_an_action_is_refused() -> None:
    segments = [s for s in _segments() if s.action != "clap" or s.participant == "7"]
    with pytest.raises(FsamtError, match=r'"clap" has no label of the train participants \(1, 3\)'):
        split_by_participant(segments, ACTIONS, ("1", "3"), ("7",))


def test_each_participant_is_left_out_once() -> None:
    folds = leave_one_participant_out(_segments(), ACTIONS, TRAIN)
    assert tuple(folds) == TRAIN
    for one, snapshot in folds.items():
        assert {item.participant for item in snapshot.validation} == {one}
        assert {item.participant for item in snapshot.train} == set(TRAIN) - {one}
        assert snapshot.test == ()


def test_leaving_the_only_participant_out_is_refused() -> None:
    with pytest.raises(FsamtError, match="at least two"):
        leave_one_participant_out(_segments(), ACTIONS, ("1",))


@pytest.mark.parametrize(
    ("participants", "seen", "left"),
    [
        (["P1", "P2"], [], ()),
        (["P3", "P1", "P2"], [], ("P3",)),
        ([f"P{n}" for n in range(1, 9)], ["P7", "P8"], ("P5", "P6")),
        (["P1", "P2", "P3"], ["P1", "P2", "P3"], ()),
    ],
)
def test_some_people_are_left_for_the_test(
    participants: list[str], seen: list[str], left: tuple[str, ...]
) -> None:
    assert left_for_test(participants, seen) == left
