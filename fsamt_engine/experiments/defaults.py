"""What to fill a table in with where a person has not chosen yet."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from fsamt_engine.datasets.protocols import split
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import left_for_test
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.names import resolve_actions, resolve_participants
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.library import Library, ModelRecord, Segment
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.library.untrimmed import untrimmed_takes
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality

_LABELS = (2, 5, 10, 20, 50, 100)
_N_COLUMNS = 2
_FEWEST_SOURCES = 2
_Names = tuple[str, ...]


def experiment_defaults(
    library: Library,
    kind: ExperimentKind | str,
    target_modality: str = "depth",
    *,
    chosen: Mapping[str, Sequence[str]] | None = None,
    protocol: str = "",
    teachers: _Names = (),
) -> ExperimentSettings:
    """Settings of a table that this library can fill in.

    Every other action, by name, is a source action; where teachers are given, all are target
    actions that a protocol has, or that no teacher has learned. Participants are left for the test
    as everywhere in the program; the numbers of labels are the largest that the actions have. What
    was chosen stays, and the other side is what is left.

    A detection table finds the actions of untrimmed takes, from the smallest numbers of labels;
    teachers learn actions that are labelled in other takes alone, where there are enough.

    Args:
        library: Which.
        kind: Of the table.
        target_modality: What recognisers receive.
        chosen: Actions and participants by their field of the settings, by name or number.
        protocol: Of an official split, which has its own actions and participants.
        teachers: Models of the library that serve as teachers.

    Raises:
        FsamtError: The library cannot fill in this table; the sentence says what is missing.
    """
    kind = ExperimentKind(kind)
    seen_as = Modality.SKELETON if kind is ExperimentKind.SKELETON else Modality(target_modality)
    wanted = {name: tuple(values) for name, values in (chosen or {}).items()}
    of_detection = kind is ExperimentKind.DETECTION
    labelled = _labelled(library, seen_as, protocol, of_detection=of_detection)
    trained: _Names = ()
    tested: _Names = ()
    taught = labelled
    if not protocol:
        trained, tested = _people(library, labelled, seen_as, wanted)
        taught = [one for one in labelled if one.participant in trained]
    known = (
        set() if protocol else {one for name in teachers for one in _taught(model(library, name))}
    )
    # A table of given teachers says so itself where none is given, however few actions there are.
    trains_teachers = kind not in (ExperimentKind.NTU_TO_NTU, ExperimentKind.KINETICS_TO_NTU)
    n_least = 4 if trains_teachers else 2
    if of_detection:
        wanted = _sides_of_detection(library, taught, trained, wanted, known if teachers else None)
    source, target = _actions(library, taught, wanted, known if teachers else None, n_least)
    counts = Counter(one.action for one in taught)
    fewest = max(1, min(counts[action] for action in target))
    possible = tuple(n for n in _LABELS if n <= fewest) or (fewest,)
    return ExperimentSettings(
        kind=kind,
        target_modality=str(seen_as),
        source_actions=source,
        target_actions=target,
        train_participants=trained,
        test_participants=tested,
        labels_per_action=possible[:_N_COLUMNS] if of_detection else possible[-_N_COLUMNS:],
        teachers=teachers,
        protocol=protocol,
    )


def _labelled(
    library: Library, seen_as: Modality, protocol: str, *, of_detection: bool
) -> list[Segment]:
    """Labels of takes that recognisers or detectors see; of a protocol, those that train."""
    seen = set(take_ids_with(library, kinds_of(seen_as)))
    if of_detection:
        seen &= set(untrimmed_takes(library))
        if not seen:
            raise FsamtError(
                "This table looks for actions in untrimmed takes, and the library has none with "
                f"labels and {' and '.join(kinds_of(seen_as))}.",
                "Label where actions start and end in long takes, import PKU-MMD, or join takes "
                "into long ones with `fsamt compose`.",
            )
    if protocol:
        seen &= set(split(library, protocol).train)
    known = [one for one in segments(library, composed=of_detection) if one.take_id in seen]
    return [one for one in known if one.action != BACKGROUND] if of_detection else known


def _sides_of_detection(
    library: Library,
    labelled: Sequence[Segment],
    trained: _Names,
    chosen: Mapping[str, _Names],
    known: Collection[str] | None,
) -> dict[str, _Names]:
    """Target actions are those of untrimmed takes; source actions those that are only elsewhere.

    Where all actions are in untrimmed takes, as in PKU-MMD, they are divided as everywhere.

    Args:
        labelled: In untrimmed takes.
        known: As of `_actions`.
    """
    source = resolve_actions(library, chosen.get("source_actions", ()))
    target = resolve_actions(library, chosen.get("target_actions", ()))
    here = sorted({one.action for one in labelled})
    wanted = target or _without(here, (*source, *(known or ())))
    if known is None and not source:
        coloured = set(take_ids_with(library, kinds_of(Modality.RGB)))
        everywhere = segments(library, participants=trained or None, composed=False)
        usable = sorted({one.action for one in everywhere if one.take_id in coloured})
        source = _without(usable, (*wanted, BACKGROUND))
        if len(source) < _FEWEST_SOURCES and not target:
            return dict(chosen)
    return {**chosen, "source_actions": source, "target_actions": wanted}


def _taught(teacher: ModelRecord) -> _Names:
    """Published weights have learned nothing here, whatever they call their actions."""
    return () if teacher.method == PUBLISHED_WEIGHTS else teacher.actions


def _people(
    library: Library,
    labelled: Sequence[Segment],
    seen_as: Modality,
    chosen: Mapping[str, _Names],
) -> tuple[_Names, _Names]:
    """Who trains, and who is tested."""
    people = sorted({one.participant for one in labelled})
    trained = resolve_participants(library, chosen.get("train_participants", ()))
    tested = resolve_participants(library, chosen.get("test_participants", ()))
    if not tested:
        tested = _without(people, trained) if trained else tuple(left_for_test(people))
    if not trained:
        trained = _without(people, tested)
    if not tested or not trained:
        raise FsamtError(
            "A table needs labels of at least three participants on takes with "
            f"{' and '.join(kinds_of(seen_as))}; there are {len(people)}.",
            "Record or import more people, or assign takes to their participants.",
        )
    return trained, tested


def _actions(
    library: Library,
    taught: Sequence[Segment],
    chosen: Mapping[str, _Names],
    known: Collection[str] | None,
    n_least: int,
) -> tuple[_Names, _Names]:
    """What teachers learn, and what is recognised.

    Args:
        known: What the given teachers have learned; None where teachers are trained.
        n_least: Actions that have to be there to be shared out.
    """
    source = resolve_actions(library, chosen.get("source_actions", ()))
    target = resolve_actions(library, chosen.get("target_actions", ()))
    coloured = set(take_ids_with(library, kinds_of(Modality.RGB)))
    usable = sorted({one.action for one in taught if one.take_id in coloured})
    if known is not None:
        target = target or _without(usable, (*known, *source))
        if not target:
            raise FsamtError(
                "The teachers know all actions that have colour.",
                "Choose teachers of other actions, or label takes of other actions.",
            )
        return source, target
    if source or target:
        source, target = source or _without(usable, target), target or _without(usable, source)
    elif len(usable) >= n_least:
        source, target = tuple(usable[1::2]), tuple(usable[::2])
    if not source or not target:
        raise FsamtError(
            f"A table needs at least four actions with colour; there are {len(usable)}.",
            "Two for the teacher and two to be recognised: label takes that have colour.",
        )
    return source, target


def _without(names: Sequence[str], others: Sequence[str]) -> _Names:
    return tuple(name for name in names if name not in others)
