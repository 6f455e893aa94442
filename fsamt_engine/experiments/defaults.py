"""What to fill a table in with where a person has not chosen yet."""

from collections import Counter

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import left_for_test
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality

_LABELS = (2, 5, 10, 20, 50, 100)
_N_COLUMNS = 2


def experiment_defaults(
    library: Library, kind: ExperimentKind | str, target_modality: str = "depth"
) -> ExperimentSettings:
    """Settings of a table that this library can fill in.

    Every other action, by name, is a source action; participants are left for the test as
    everywhere in the program; the numbers of labels are the largest that the actions have.

    Raises:
        FsamtError: The library cannot fill in this table; the sentence says what is missing.
    """
    kind = ExperimentKind(kind)
    seen_as = Modality.SKELETON if kind is ExperimentKind.SKELETON else Modality(target_modality)
    seen = set(take_ids_with(library, kinds_of(seen_as)))
    labelled = [one for one in segments(library) if one.take_id in seen]
    people = sorted({one.participant for one in labelled})
    tested = left_for_test(people)
    if not tested:
        raise FsamtError(
            "A table needs labels of at least three participants on takes with "
            f"{' and '.join(kinds_of(seen_as))}; there are {len(people)}.",
            "Record or import more people, or assign takes to their participants.",
        )
    trained = tuple(who for who in people if who not in tested)
    paired = set(take_ids_with(library, kinds_of(Modality.RGB), trained))
    with_colour = Counter(one.action for one in labelled if one.take_id in paired)
    of_trained = Counter(one.action for one in labelled if one.participant in trained)
    usable = sorted(with_colour)
    if len(usable) < 4:
        raise FsamtError(
            f"A table needs at least four actions with colour; there are {len(usable)}.",
            "Two for the teacher and two to be recognised: label takes that have colour.",
        )
    target = tuple(usable[::2])
    fewest = min(of_trained[action] for action in target)
    labels = tuple(n for n in _LABELS if n <= fewest)[-_N_COLUMNS:] or (fewest,)
    return ExperimentSettings(
        kind=kind,
        target_modality=str(seen_as),
        source_actions=tuple(usable[1::2]),
        target_actions=target,
        train_participants=trained,
        test_participants=tested,
        labels_per_action=labels,
    )
