"""What detectors are trained and tested on: labelled segments of untrimmed takes, and what is left.

A snapshot of a detector has two kinds of items. Segments of the chosen actions are what is to be
found. Items of the action `background` are stretches that certainly show none of them: what no
segment of a chosen action covers, whatever else is done there. What is in no item of a training
take is to be ignored, since a chosen action is seen there whose label was not drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import few_labels, labels_of_split, split_by_participant
from fsamt_engine.library.compositions import compositions
from fsamt_engine.library.labels import segments
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import BACKGROUND, Segment, Snapshot, SnapshotItem
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take
from fsamt_engine.library.untrimmed import Interval, uncovered, untrimmed_takes

_SHORTEST_STRETCH_S = 0.5
"""Shorter ones are not trained on as background: so exactly nobody labels the edges beside them."""
_WHERE_FROM = (
    "Label where actions start and end in longer takes, import PKU-MMD, or join takes into longer"
    " ones with `fsamt compose`."
)


@dataclass(frozen=True)
class _Sides:
    """Who or what trains and is tested, and how few labels are drawn."""

    train: Sequence[str]
    test: Sequence[str]
    labels_per_action: int | None
    seed: int


def detection_labels(
    library: Library,
    actions: Sequence[str],
    train_participants: Sequence[str],
    test_participants: Sequence[str] = (),
    labels_per_action: int | None = None,
    seed: int = 0,
    protocol: str = "",
) -> Snapshot:
    """Labelled segments of untrimmed takes to train on, and whole takes to test on.

    Few labels are drawn by the rule of `few_labels`, from untrimmed takes alone. Where composed
    takes show one clip several times, it is one label, and the first by take id and start is it.

    Args:
        library: Where the takes are.
        actions: To detect, in the order of the classifier. `background` is left out of them.
        train_participants: Whose takes train; with a protocol nobody need be named.
        test_participants: Whose takes are tested: all with a segment of these actions.
        labels_per_action: Segments of each action to train on; None for all.
        seed: Publish it with the result.
        protocol: An official split (`datasets.protocols`) that says which takes train and test; its
            own actions where none are given.

    Returns:
        train: the drawn segments, then the background of their takes in stretches of half a second
        or more; test: segments and background that together cover every take, by take and start.

    Raises:
        FsamtError: There is no such take, action or participant, somebody is on both sides, or an
            action has too few labels.
    """
    sides = _Sides(train_participants, test_participants, labels_per_action, seed)
    untrimmed = untrimmed_takes(library)
    if not untrimmed:
        raise FsamtError("There is no untrimmed take with labels in this library.", _WHERE_FROM)
    if protocol:
        drawn, labelled, tested = _by_protocol(library, actions, untrimmed, sides, protocol)
    else:
        drawn, labelled, tested = _by_participant(library, actions, untrimmed, sides)
    trained = {item.take_id for item in drawn.train}
    return make_snapshot(
        drawn.description,
        drawn.actions,
        (
            *drawn.train,
            *_background(
                library,
                [one for one in labelled if one.take_id in trained],
                _SHORTEST_STRETCH_S,
                _unlabelled_pieces(library, labelled),
            ),
        ),
        test=whole_takes(library, [one for one in labelled if one.take_id in tested]),
        protocol=drawn.protocol,
    )


def whole_takes(library: Library, labelled: Sequence[Segment]) -> list[SnapshotItem]:
    """Takes to test on, whole: these segments, and the background that they leave.

    Args:
        labelled: All segments of the actions in these takes.

    Returns:
        By take and start.
    """
    items = {_item(one) for one in labelled} | {*_background(library, labelled, 0.0)}
    return sorted(items, key=lambda i: (i.take_id, i.start, i.end, i.action or ""))


def truth_of(snapshot: Snapshot, take_id: str) -> list[SnapshotItem]:
    """The segments of a take that are to be found, by start."""
    return sorted(
        (item for item in _of_take(snapshot, take_id) if item.action != BACKGROUND),
        key=lambda item: (item.start, item.end, item.action or ""),
    )


def background_of(snapshot: Snapshot, take_id: str) -> list[Interval]:
    """The stretches of a take that certainly show none of the actions, by start."""
    items = _of_take(snapshot, take_id)
    return sorted((item.start, item.end) for item in items if item.action == BACKGROUND)


def ignored_of(snapshot: Snapshot, take_id: str, n_frames: int) -> list[Interval]:
    """The stretches of a take of `n_frames` that nothing is said of, by start."""
    return uncovered(((i.start, i.end) for i in _of_take(snapshot, take_id)), n_frames)


def _by_participant(
    library: Library, actions: Sequence[str], untrimmed: Sequence[str], sides: _Sides
) -> tuple[Snapshot, list[Segment], frozenset[str]]:
    """The drawn labels, all segments of the actions, and the takes that are tested."""
    chosen = _without_background(actions)
    labelled = segments(library, actions=chosen, take_ids=untrimmed)
    known = {one.action for one in labelled}
    for action in chosen:
        if action not in known:
            raise FsamtError(
                f'The action "{action}" has no segment in an untrimmed take.', _WHERE_FROM
            )
    people = sorted({one.participant for one in labelled})
    for name in (*sides.train, *sides.test):
        if name not in people:
            raise FsamtError(
                f'Participant "{name}" has no untrimmed take with a segment of these actions.',
                f"There are such takes of: {', '.join(people)}.",
            )
    if sides.labels_per_action is None:
        drawn = split_by_participant(labelled, chosen, sides.train, sides.test)
    else:
        once = _once(library, labelled)
        n_labels = sides.labels_per_action
        drawn = few_labels(once, chosen, n_labels, sides.seed, sides.train, sides.test)
    return drawn, labelled, frozenset(s.take_id for s in labelled if s.participant in sides.test)


def _by_protocol(
    library: Library,
    actions: Sequence[str],
    untrimmed: Sequence[str],
    sides: _Sides,
    protocol: str,
) -> tuple[Snapshot, list[Segment], frozenset[str]]:
    """As `_by_participant`, of an official split."""
    from fsamt_engine.datasets.protocols import split  # Readers take a second to import.

    official = split(library, protocol)
    if frozenset(official.train).isdisjoint(untrimmed):
        raise FsamtError(f"The takes of {protocol} to train on are not untrimmed.", _WHERE_FROM)
    chosen = _without_background(actions or official.actions)
    labelled = segments(library, actions=chosen, take_ids=untrimmed)
    drawn = labels_of_split(labelled, official, chosen, sides.labels_per_action, sides.seed)
    return drawn, labelled, frozenset(official.test)


def _without_background(actions: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(name for name in actions if name != BACKGROUND)
    if not chosen:
        raise FsamtError(
            "There is no action to detect.",
            f"Choose at least one; {BACKGROUND} is what is left of a take.",
        )
    return chosen


def _once(library: Library, labelled: Sequence[Segment]) -> list[Segment]:
    """Of segments that show one and the same clip only the first."""
    pieces = {
        (take_id, piece.start, piece.end): (piece.take_id, piece.source_start, piece.source_end)
        for take_id, of_take in compositions(library, [s.take_id for s in labelled]).items()
        for piece in of_take
    }
    first: dict[tuple[tuple[str, int, int], str], Segment] = {}
    for one in labelled:
        place = (one.take_id, one.start, one.end)
        first.setdefault((pieces.get(place, place), one.action), one)
    return list(first.values())


def _unlabelled_pieces(library: Library, labelled: Sequence[Segment]) -> dict[str, list[Interval]]:
    """Where composed takes show one of these actions as something that only moves, by take."""
    actions = {one.action for one in labelled}
    found = compositions(library, list({one.take_id for one in labelled}))
    return {
        take_id: [(p.start, p.end) for p in pieces if p.action in actions and not p.is_labelled]
        for take_id, pieces in found.items()
    }


def _background(
    library: Library,
    labelled: Sequence[Segment],
    least_s: float,
    besides: Mapping[str, Sequence[Interval]] = MappingProxyType({}),
) -> list[SnapshotItem]:
    """What these segments, all of the actions in their takes, leave uncovered there.

    Args:
        besides: By take, what is no background although no segment covers it.
    """
    by_take: dict[tuple[str, str], list[Interval]] = {}
    for one in labelled:
        by_take.setdefault((one.take_id, one.participant), []).append((one.start, one.end))
    items = []
    for (take_id, participant), covered in sorted(by_take.items()):
        main = take(library, take_id).main
        items += [
            SnapshotItem(take_id, participant, start, end, BACKGROUND)
            for start, end in uncovered([*covered, *besides.get(take_id, ())], main.n_frames)
            if end - start >= least_s * main.rate_hz
        ]
    return items


def _item(one: Segment) -> SnapshotItem:
    return SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)


def _of_take(snapshot: Snapshot, take_id: str) -> list[SnapshotItem]:
    sides = (snapshot.train, snapshot.validation, snapshot.test)
    return [item for side in sides for item in side if item.take_id == take_id]
