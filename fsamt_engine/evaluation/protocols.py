"""Who trains and who is tested, and which few labels are used: the same lists on every machine."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Segment, Snapshot, SnapshotItem
from fsamt_engine.library.snapshots import make_snapshot

if TYPE_CHECKING:  # Readers of data sets take a second to import, and pages import this.
    from fsamt_engine.datasets.protocols import Split

_FEWEST_TO_DIVIDE = 3


def few_labels(
    segments: Iterable[Segment],
    actions: Sequence[str],
    labels_per_action: int,
    seed: int,
    train_participants: Sequence[str],
    test_participants: Sequence[str] = (),
) -> Snapshot:
    """A few labelled segments of each action to train on, and all of the test participants'.

    The lists follow from the seed and the data alone, not from the order of anything, the machine
    or the other actions. For each action, participants are ordered by the SHA-256 of the JSON text
    of [seed, action, participant], and a participant's segments by that of [seed, action,
    participant, take id, start, end]; then each participant in turn gives the next segment. So
    labels are spread over participants as evenly as they can be, and 2 labels an action are the
    first 2 of 5. A take's id follows from its source, so the same data gives the same lists in any
    library.

    Args:
        segments: Of any action and participant; those that the protocol does not name are left out.
        actions: To recognise, in the order of the classifier.
        labels_per_action: Segments of each action to train on.
        seed: Publish it with the result.
        train_participants: May be labelled.
        test_participants: None of them may be among the train participants.

    Returns:
        train: action by action, in the order in which labels are drawn; test: by take id and start.

    Raises:
        FsamtError: A participant is on both sides, an action or participant is not in the data, or
            an action has too few labels.
    """
    if labels_per_action < 1:
        raise FsamtError(
            f"{labels_per_action} labels an action cannot be trained on.", "Ask for 1 or more."
        )
    items = _items(segments, actions, (train_participants, test_participants))
    train: list[SnapshotItem] = []
    for action in actions:
        drawn = _drawn(action, _of(items, train_participants, action), seed)
        if len(drawn) < labels_per_action:
            raise FsamtError(
                f'The action "{action}" has {_count(len(drawn), "label")} of the train '
                f"participants ({', '.join(train_participants)}), and {labels_per_action} are "
                "asked for.",
                "Label more segments, ask for fewer labels, or leave the action out.",
            )
        train += drawn[:labels_per_action]
    return make_snapshot(
        f"{_count(labels_per_action, 'label')} an action, seed {seed}; "
        + _sides(train=train_participants, test=test_participants),
        tuple(actions),
        tuple(train),
        test=_of(items, test_participants),
    )


def fewer_labels(snapshot: Snapshot, labels_per_action: int, seed: int) -> Snapshot:
    """At most so many of the training labels of each action, drawn as `few_labels` draws them.

    An action that has fewer gives all of its labels. Test and actions stay as they are.
    """
    train = [
        item
        for action in snapshot.actions
        for item in _drawn(action, [i for i in snapshot.train if i.action == action], seed)[
            :labels_per_action
        ]
    ]
    return make_snapshot(
        f"at most {_count(labels_per_action, 'label')} an action, seed {seed}, of {snapshot.id}",
        snapshot.actions,
        train,
        test=snapshot.test,
        protocol=snapshot.protocol,
    )


def labels_of_split(
    segments: Iterable[Segment],
    split: "Split",
    actions: Sequence[str] = (),
    labels_per_action: int | None = None,
    seed: int = 0,
) -> Snapshot:
    """Labels of an official split's training side, and all of its test.

    They are drawn as `few_labels` draws them; but where the split shares people between its sides,
    so does the snapshot, which says by its protocol that this is meant.

    Args:
        segments: Of any take; those of takes that the split leaves out are left out.
        split: Of `datasets.protocols.split`.
        actions: To recognise, in the order of the classifier; all of the split's by default.
        labels_per_action: Segments of each action to train on; None for all.
        seed: Publish it with the result.

    Raises:
        FsamtError: An action has no label on the training side, or too few.
    """
    chosen = tuple(actions) or split.actions
    train_takes, test_takes = frozenset(split.train), frozenset(split.test)
    known = tuple(segments)
    people = tuple(dict.fromkeys(one.participant for one in known))
    items = _items(known, chosen, (people,))
    on_train = [item for item in items if item.take_id in train_takes]
    by_action: dict[str, list[SnapshotItem]] = {action: [] for action in chosen}
    for item in on_train:
        by_action[str(item.action)].append(item)
    if labels_per_action is not None:
        on_train = [
            item
            for action, own in by_action.items()
            for item in _drawn(action, own, seed)[:labels_per_action]
        ]
    for action, own in by_action.items():
        n_labels = len(own)
        if n_labels < (labels_per_action or 1):
            raise FsamtError(
                f'The action "{action}" has {_count(n_labels, "label")} on the training side of '
                f"{split.protocol}, and {labels_per_action or 1} are asked for.",
                "Import more of the data set, ask for fewer labels, or leave the action out.",
            )
    few = "all labels"
    if labels_per_action is not None:
        few = f"{_count(labels_per_action, 'label')} an action, seed {seed}"
    return make_snapshot(
        f"{few}; {split.words}",
        chosen,
        on_train,
        test=[item for item in items if item.take_id in test_takes],
        protocol=split.protocol,
    )


def split_by_participant(
    segments: Iterable[Segment],
    actions: Sequence[str],
    train_participants: Sequence[str],
    test_participants: Sequence[str] = (),
    validation_participants: Sequence[str] = (),
) -> Snapshot:
    """All segments of some actions, divided so that nobody is on two sides.

    Args:
        segments: Of any action and participant; those that the split does not name are left out.
        actions: To recognise, in the order of the classifier.
        train_participants: To train on; every action must have a segment of theirs.
        test_participants: To test on.
        validation_participants: To choose the best weights on.

    Raises:
        FsamtError: A participant is on two sides, an action or participant is not in the data, or
            an action has no segment to train on.
    """
    sides = (train_participants, validation_participants, test_participants)
    items = _items(segments, actions, sides)
    train = _of(items, train_participants)
    trained = {item.action for item in train}
    for action in actions:
        if action not in trained:
            raise FsamtError(
                f'The action "{action}" has no label of the train participants '
                f"({', '.join(train_participants)}).",
                "Train on more participants, or leave the action out.",
            )
    return make_snapshot(
        "all labels; "
        + _sides(
            train=train_participants, validation=validation_participants, test=test_participants
        ),
        tuple(actions),
        train,
        validation=_of(items, validation_participants),
        test=_of(items, test_participants),
    )


def left_for_test(participants: Sequence[str], seen: Collection[str] = ()) -> tuple[str, ...]:
    """Whom a teacher's training or a transfer had better leave out, so that a test stays possible.

    A quarter of the participants, at least one, of those that no network has seen yet: the last by
    name. Nobody where there are fewer than three, or where everybody was seen.

    Args:
        participants: All there are.
        seen: By a network that what is made now comes from.
    """
    if len(participants) < _FEWEST_TO_DIVIDE:
        return ()
    unseen = [who for who in sorted(participants) if who not in seen]
    return tuple(unseen[-max(1, round(len(participants) / 4)) :])


def leave_one_participant_out(
    segments: Iterable[Segment], actions: Sequence[str], participants: Sequence[str]
) -> dict[str, Snapshot]:
    """For each participant a split that trains on the others and validates on this one.

    For choosing settings with training participants alone, so that no test is touched.

    Returns:
        Snapshots by the participant left out, in the order of `participants`.

    Raises:
        FsamtError: There are fewer than two participants, or a split cannot be made.
    """
    if len(participants) < 2:
        raise FsamtError(
            "Leaving one participant out needs at least two of them.",
            "Add training participants, or validate on something else.",
        )
    known = tuple(segments)
    return {
        one: split_by_participant(
            known,
            actions,
            train_participants=[other for other in participants if other != one],
            validation_participants=[one],
        )
        for one in participants
    }


def _items(
    segments: Iterable[Segment], actions: Sequence[str], sides: Sequence[Sequence[str]]
) -> list[SnapshotItem]:
    """The segments of these actions and participants, each once, in a fixed order; or a refusal."""
    known = tuple(segments)
    named = list(chain.from_iterable(sides))
    _refuse_repeated(actions, "The action", "is named twice", "Name every action once.")
    _refuse_repeated(
        named,
        "Participant",
        "is named twice, or both to train and to test",
        "Give everybody one side only: a network must be tested on people that it has never seen.",
    )
    if not actions or not sides[0]:
        raise FsamtError(
            "There are no actions or no train participants.", "Name at least one of each."
        )
    _refuse_unknown(actions, {segment.action for segment in known}, "The action")
    _refuse_unknown(named, {segment.participant for segment in known}, "Participant")
    wanted, people = frozenset(actions), frozenset(named)
    items = {
        SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
        for one in known
        if one.action in wanted and one.participant in people
    }
    return sorted(items, key=lambda item: (item.take_id, item.start, item.end, item.action or ""))


def _refuse_repeated(names: Sequence[str], what: str, problem: str, hint: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise FsamtError(f'{what} "{name}" {problem}.', hint)


def _refuse_unknown(names: Iterable[str], known: set[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise FsamtError(
                f'{what} "{name}" has no labelled segment here.',
                f"There are: {', '.join(sorted(known))}." if known else "Label some takes first.",
            )


def _of(
    items: Iterable[SnapshotItem], participants: Sequence[str], action: str | None = None
) -> tuple[SnapshotItem, ...]:
    return tuple(
        item for item in items if item.participant in participants and action in (None, item.action)
    )


def _drawn(action: str, items: Sequence[SnapshotItem], seed: int) -> list[SnapshotItem]:
    """All segments of one action in the order in which labels are drawn from them."""

    def of_participant(name: str) -> str:
        return _hash(seed, action, name)

    def of_item(item: SnapshotItem) -> str:
        return _hash(seed, action, item.participant, item.take_id, item.start, item.end)

    names = sorted({item.participant for item in items}, key=of_participant)
    queues = [sorted(_of(items, [name]), key=of_item) for name in names]
    return [item for turn in zip_longest(*queues) for item in turn if item is not None]


def _hash(*parts: int | str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _sides(**sides: Sequence[str]) -> str:
    return "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items() if names)
