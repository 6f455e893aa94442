"""Who took part in making a model: nobody of them can be tested with it.

Reads the library's snapshots only, so that a page can ask before anything is trained.
"""

import re
from collections.abc import Sequence

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library import models as library_models
from fsamt_engine.library.compositions import compositions
from fsamt_engine.library.lineage import parent_of, seen_before
from fsamt_engine.library.organising import known_as, participants_of
from fsamt_engine.library.snapshots import snapshot

_NUMBER = re.compile(r"person \d+ of [a-z]+-[0-9a-f]{8}")
"""Who stands for somebody in a model that left its library without names."""


def seen_participants(library: Library, model: ModelRecord) -> frozenset[str]:
    """The participants whom a model, what it was made from, or their teacher has seen in training.

    Returns:
        Every name that they have or ever had.

    Raises:
        FsamtError: It is no longer known who took part.
    """
    trained = {
        who
        for ancestor in ancestry(library, model)
        for who in _participants(library, _trained_on(library, ancestor))
    }
    return frozenset().union(*(known_as(library, who) for who in trained))


def unknown_whom(library: Library, model: ModelRecord) -> str:
    """What is to be said of a test where nobody can tell whether it is of strangers.

    A model that came without names lists those whom its training has seen by numbers. They are
    somebody only in a library that has one of their takes.

    Returns:
        A sentence; "" where everybody is known.

    Raises:
        FsamtError: It is no longer known who took part.
    """
    takes: dict[str, set[str]] = {}
    for ancestor in ancestry(library, model):
        for item in _trained_on(library, ancestor):
            takes.setdefault(item.participant, set()).add(item.take_id)
    for who, their in takes.items():
        if _NUMBER.fullmatch(who) and not participants_of(library, their):
            return (
                f"{model.id} came without the names of those whom its training has seen: whether it"
                " has seen people of this library is not known."
            )
    return ""


def protocol_of(library: Library, model: ModelRecord) -> str:
    """The official split by which a model was trained and is to be tested; "" for none."""
    if model.snapshot_id is None:
        return ""
    return snapshot(library, model.snapshot_id).protocol


def refuse_seen(
    library: Library, model: ModelRecord, items: Sequence[SnapshotItem], protocol: str = ""
) -> None:
    """Refuse to test a model on people that it, its student, or its teacher was trained on.

    Those whom a model without names knows by numbers only pass; `unknown_whom` says so. An official
    split that shares people (between cameras, say) is another question, asked by its name: then
    nothing may have been trained on a take of its test, nor on one composed of such, and all of the
    test has to be of it.

    Args:
        protocol: The official split that the test is of.

    Raises:
        FsamtError: Someone, or with a protocol that shares people a take, is on both sides, or it
            is no longer known who took part in training.
    """
    if shared_people(protocol):
        _refuse_seen_takes(library, model, items, protocol)
        return
    tested = {item.participant: known_as(library, item.participant) for item in items}
    takes = {item.take_id for item in items}
    for ancestor in ancestry(library, model):
        seen = _trained_on(library, ancestor)
        trained = _participants(library, seen)
        both = sorted(who for who, names in tested.items() if names & trained)
        if both or takes & {item.take_id for item in seen}:
            who = ", ".join(both) or "a take of the test"
            part = "" if ancestor.id == model.id else f" (which {model.id} was made from)"
            raise FsamtError(
                f"The training of {ancestor.id}{part} has seen {who}, so a test on it would prove"
                " nothing.",
                "Test on other participants, or train without those.",
            )


def shared_people(protocol: str) -> str:
    """What is to be said of a test by a protocol that shares people.

    Returns:
        A sentence; "" for a protocol between people, and for none.
    """
    if not protocol:
        return ""
    # Readers of data sets take a second to import, and pages import this module.
    from fsamt_engine.datasets.protocols import SHARED
    from fsamt_engine.datasets.protocols import protocol as find_protocol

    return SHARED if find_protocol(protocol).shares_people else ""


def _refuse_seen_takes(
    library: Library, model: ModelRecord, items: Sequence[SnapshotItem], protocol: str
) -> None:
    from fsamt_engine.datasets.protocols import TEST, split
    from fsamt_engine.datasets.protocols import protocol as find_protocol

    side_of = find_protocol(protocol).side_of
    of_test = frozenset(split(library, protocol).test)
    if stray := {item.take_id for item in items} - of_test:
        raise FsamtError(
            f"Take {min(stray)} is not of the test of {protocol}.",
            "Test on the takes that the protocol tests, or on other people without a protocol.",
        )
    for ancestor in ancestry(library, model):
        seen = {item.take_id for item in _trained_on(library, ancestor)}
        if both := seen & of_test:
            raise FsamtError(
                f"The training of {ancestor.id} has seen take {min(both)}, which {protocol} tests, "
                "so a test on it would prove nothing.",
                "Train on the training side of the protocol only.",
            )
        for take_id, pieces in compositions(library, list(seen)).items():
            if any(one.take_id in of_test or side_of(one.source_key) == TEST for one in pieces):
                raise FsamtError(
                    f"The training of {ancestor.id} has seen take {take_id}, composed of takes"
                    f" which {protocol} tests, so a test on it would prove nothing.",
                    "Train on the training side of the protocol only, also in composed takes.",
                )


def ancestry(library: Library, model: ModelRecord) -> list[ModelRecord]:
    """The model, what it was made from, and so on up to the teacher.

    One that came in a bundle ends the line: it brings the list of what those before it have seen.

    Raises:
        FsamtError: One of them was removed.
    """
    line = [model]
    while parent_id := parent_of(library, line[-1]):
        try:
            line.append(library_models.model(library, parent_id))
        except FsamtError as error:
            if seen_before(library, line[-1]):
                break
            raise FsamtError(
                f"{line[-1].id} was made from {parent_id}, which is no longer in the"
                " library, so it is not known who it was trained on.",
                "Train it again.",
            ) from error
    return line


def _participants(library: Library, seen: Sequence[SnapshotItem]) -> frozenset[str]:
    """As the snapshot says, and as the library says now: a take may have been assigned anew."""
    now = participants_of(library, {item.take_id for item in seen})
    return now | {item.participant for item in seen}


def _trained_on(library: Library, model: ModelRecord) -> tuple[SnapshotItem, ...]:
    """What this model itself saw, to train and to choose the best weights.

    Of one that came in a bundle, also what those saw that it was made from.
    """
    if model.snapshot_id is None:
        raise FsamtError(
            f"It is not known who {model.id} was trained on, so a test could be unfair.",
            "Train it again in this library.",
        )
    trained = (snapshot(library, model.snapshot_id), *seen_before(library, model))
    return tuple(item for one in trained for item in (*one.train, *one.validation))
