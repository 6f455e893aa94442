"""Teachers that a table is given: what they were taught, and what a paper would call them."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import ancestry
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.compositions import compositions
from fsamt_engine.library.lineage import seen_before
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.library.snapshots import snapshot

_N_KINETICS = 400


def given_teacher(library: Library, name: str) -> ModelRecord:
    """A model of the library that is to serve as teacher.

    Raises:
        FsamtError: There is none of this name, or it is no teacher.
    """
    record = find_model(library, name)
    if record.kind is not ModelKind.TEACHER:
        raise FsamtError(f"{record.id} is a {record.kind}, not a teacher.", "Choose a teacher.")
    return record


def names_of(library: Library, given: Sequence[ModelRecord]) -> Mapping[str, str]:
    """What lines call teachers, by id: "Kinetics-400, flow"; with the id where two are alike."""
    names = {record.id: f"{_source(library, record)}, {record.modality}" for record in given}
    alike = Counter(names.values())
    return {
        model_id: f"{name}, {model_id}" if alike[name] > 1 else name
        for model_id, name in names.items()
    }


def refuse_taught(
    library: Library, teacher: ModelRecord, actions: Collection[str], tested: Sequence[SnapshotItem]
) -> None:
    """A teacher that learned the target actions from the table's data brings their labels with it.

    Takes of another data set may show actions of the same name, as published weights may.

    Args:
        actions: The target actions.
        tested: What the table tests on; its data sets are the table's.

    Raises:
        FsamtError: It was taught some of them.
    """
    learned = _labelled_as(library, teacher, actions)
    known = [*learned, *tested]
    sources = _sources(library, {item.take_id for item in known})
    own = {sources[item.take_id] for item in tested} | _joined_of(library, tested)
    # A take that is not here came with a model of another library: of which data set is not known.
    taught = {item.action for item in learned if sources.get(item.take_id) in {*own, None}}
    if both := [action for action in actions if action in taught]:
        raise FsamtError(
            f"{teacher.id} was taught {', '.join(both)}, which this table recognises from few"
            " labels.",
            "The teacher must not know the actions that the student is tested on: name another"
            " one, or choose other target actions.",
        )


def shared_names(teacher: ModelRecord, called: str, actions: Sequence[str]) -> str:
    """What is to be said of a teacher that was not taught here, and names target actions.

    Returns:
        A sentence; "" where they share no name.
    """
    known = {action.casefold() for action in teacher.actions}
    both = [action for action in actions if action.casefold() in known]
    if not both:
        return ""
    verb = "is an action" if len(both) == 1 else "are actions"
    return (
        f"{', '.join(both)} {verb} that the teacher ({called}) learned by the same name from other"
        " data; it has seen no label of this table's."
    )


def _labelled_as(
    library: Library, teacher: ModelRecord, actions: Collection[str]
) -> list[SnapshotItem]:
    """What a teacher, and what it was made from, learned as one of these actions."""
    lists = []
    for one in ancestry(library, teacher):
        if one.snapshot_id is not None:
            lists.append(snapshot(library, one.snapshot_id))
        lists += seen_before(library, one)
    items = (item for one in lists for item in (*one.train, *one.validation))
    return [item for item in items if item.action in actions]


def _source(library: Library, teacher: ModelRecord) -> str:
    if teacher.method == PUBLISHED_WEIGHTS:
        if len(teacher.actions) == _N_KINETICS:
            return "Kinetics-400"
        return str(teacher.settings.get("source") or teacher.name)
    if teacher.snapshot_id is None:
        return teacher.name
    trained = snapshot(library, teacher.snapshot_id).train
    sources = sorted(set(_sources(library, {item.take_id for item in trained}).values()))
    n = len(teacher.actions)
    actions = f"{n} action{'' if n == 1 else 's'}"
    return f"{actions} of {' and '.join(sources)}" if sources else teacher.name


def _joined_of(library: Library, tested: Sequence[SnapshotItem]) -> set[str]:
    """The data sets that composed takes of a test show again."""
    found = compositions(library, list({item.take_id for item in tested}))
    return {piece.source_key.partition("/")[0] for pieces in found.values() for piece in pieces}


def _sources(library: Library, take_ids: Collection[str]) -> dict[str, str]:
    """The data sets of takes; those that are not in the library are left out."""
    wanted = json.dumps(sorted(take_ids))
    return dict(
        library.rows(
            "SELECT id, source FROM takes WHERE id IN (SELECT value FROM json_each(?))", [wanted]
        )
    )
