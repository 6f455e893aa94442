"""What a teacher is pretrained on: a source set by name, without what the target has."""

from collections.abc import Sequence

from fsamt_engine.datasets.protocols import people_tested_by, protocol, split
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import labels_of_split, split_by_participant
from fsamt_engine.library import Library, Snapshot, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take_ids_with

NOBODY = "none"
"""For `apart_from`: leave nobody out."""


def source_snapshot(
    library: Library,
    source: str | None = None,
    *,
    actions: Sequence[str] | None = None,
    participants: Sequence[str] | None = None,
    exclude_actions: Sequence[str] = (),
    exclude_participants: Sequence[str] = (),
    apart_from: str | None = None,
) -> Snapshot:
    """The labels on takes with colour that a teacher is trained on, with depth or without.

    Args:
        library: Where the takes are.
        source: A protocol whose training side is meant ("ntu120-minus-60", "kinetics400"); None
            for all takes.
        actions: Only these; None for all there are. The classifier has their order.
        participants: Only these; None for all there are.
        exclude_actions: None of these: those that are to be recognised later.
        exclude_participants: Nobody of these: those who are to be tested later.
        apart_from: A protocol whose test people are left out too, since a test of people whom the
            teacher has seen is refused. None for the one that the source set is made for, if there
            is one; `NOBODY` for nobody.

    Raises:
        FsamtError: There is no such protocol, or nothing is left to train on.
    """
    if apart_from is None:
        apart_from = protocol(source).target if source else ""
    left_out = set(exclude_participants)
    if apart_from and apart_from != NOBODY:
        left_out.update(people_tested_by(library, apart_from))
    with_colour = set(take_ids_with(library, (StreamKind.COLOUR,)))
    known = [
        one
        for one in segments(library, actions=actions, participants=participants, composed=False)
        if one.take_id in with_colour
        and one.action not in exclude_actions
        and one.participant not in left_out
    ]
    if not known:
        raise FsamtError(
            "Nothing is left to train a teacher on: no label on a take with colour.",
            "Leave out fewer actions and participants, or import the source set with its colour.",
        )
    here = {one.action for one in known}
    if source is None:
        people = sorted({one.participant for one in known})
        chosen = list(actions) if actions is not None else sorted(here)
        return split_by_participant(
            known,
            [one for one in chosen if one not in exclude_actions],
            people
            if participants is None
            else [one for one in participants if one not in left_out],
        )
    divided = split(library, source, without_participants=sorted(left_out))
    trained = set(divided.train)
    here = {one.action for one in known if one.take_id in trained}
    wanted = actions if actions is not None else divided.actions
    made = labels_of_split(known, divided, [one for one in wanted if one in here])
    # A teacher is not tested, and its snapshot stands for no test by the protocol.
    return make_snapshot(made.description, made.actions, made.train)
