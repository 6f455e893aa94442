"""Who trains and what is tested in a table: by participants, or by an official split."""

from collections.abc import Sequence
from functools import cached_property

from fsamt_engine.datasets.protocols import Split, split
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_labels import detection_labels
from fsamt_engine.evaluation.protocols import few_labels, labels_of_split, split_by_participant
from fsamt_engine.experiments.names import resolve_participants
from fsamt_engine.experiments.settings import ExperimentSettings, PairChoice
from fsamt_engine.learning.transfer import MIN_VIDEOS
from fsamt_engine.library import Library, Segment, Snapshot
from fsamt_engine.library.compositions import composed_take_ids
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality


class Sides:
    """The two sides of a table.

    The settings that its methods get have actions and participants by their full names.

    Raises:
        FsamtError: There is no such protocol, or no take of it.
    """

    def __init__(self, library: Library, settings: ExperimentSettings) -> None:
        self._library = library
        self._split: Split | None = None
        if settings.protocol:
            self._split = split(library, settings.protocol)

    @property
    def share_people(self) -> bool:
        """Whether people of the test also train, since the protocol is about something else."""
        return self._split is not None and self._split.shares_people

    @cached_property
    def _train_takes(self) -> frozenset[str]:
        return frozenset(self._split.train if self._split else ())

    def people(self, settings: ExperimentSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who trains, and who is tested.

        Raises:
            FsamtError: A participant is not in the library.
        """
        if self._split is None:
            trained = resolve_participants(self._library, settings.train_participants)
            return trained, resolve_participants(self._library, settings.test_participants)
        test = frozenset(self._split.test)
        labelled = segments(self._library, composed=False)
        trained = tuple(sorted({s.participant for s in labelled if s.take_id in self._train_takes}))
        return trained, tuple(sorted({s.participant for s in labelled if s.take_id in test}))

    def labelled(self, settings: ExperimentSettings) -> list[Segment]:
        """What is labelled of takes that students can see; of composed takes nothing.

        Those show clips of other takes a second time.

        Raises:
            FsamtError: A participant has nothing of the kind.
        """
        kinds = kinds_of(Modality(settings.target_modality))
        seen = set(take_ids_with(self._library, kinds))
        known = segments(self._library, composed=False)
        found = [one for one in known if one.take_id in seen]
        people = {one.participant for one in found}
        wanted = (*settings.train_participants, *settings.test_participants)
        if self._split is None and (lacking := [who for who in wanted if who not in people]):
            streams = " and ".join(kinds)
            raise FsamtError(
                f"{', '.join(lacking)} have no labelled take with {streams}.",
                f"Choose participants who were recorded with {streams}, or another modality.",
            )
        return found

    def few(
        self, settings: ExperimentSettings, labelled: Sequence[Segment], n_labels: int, seed: int
    ) -> Snapshot:
        """A few labels of the target actions, and all of the test.

        Of a detection table they are those of untrimmed takes, composed ones too, each with the
        background around it.

        Raises:
            FsamtError: There are too few.
        """
        actions = settings.target_actions
        if settings.is_of_detection:
            return detection_labels(
                self._library,
                actions,
                settings.train_participants,
                settings.test_participants,
                n_labels,
                seed,
                settings.protocol,
            )
        if self._split is not None:
            return labels_of_split(labelled, self._split, actions, n_labels, seed)
        return few_labels(
            labelled,
            actions,
            n_labels,
            seed,
            settings.train_participants,
            settings.test_participants,
        )

    def all(
        self,
        settings: ExperimentSettings,
        labelled: Sequence[Segment],
        actions: tuple[str, ...],
        *,
        tested: bool = False,
    ) -> Snapshot:
        """All labels of some actions that the training side has.

        Args:
            tested: With those of the test, too.

        Raises:
            FsamtError: No action was named, or one has no label.
        """
        if not actions:
            raise FsamtError(
                "This table needs a teacher that is not among those that were named.",
                "Name source actions, so that it can be trained, or a teacher of each modality.",
            )
        if self._split is not None:
            return labels_of_split(labelled, self._split, actions)
        test = settings.test_participants if tested else ()
        return split_by_participant(labelled, actions, settings.train_participants, test)

    def pairs(self, settings: ExperimentSettings, labelled: Sequence[Segment]) -> tuple[str, ...]:
        """Takes of the training side that both a teacher and its student can see.

        Never composed ones: they would count the pairs of other takes twice.

        Raises:
            FsamtError: There are not enough.
        """
        target = Modality(settings.target_modality)
        kinds = (*kinds_of(Modality.RGB), *kinds_of(target))
        composed = composed_take_ids(self._library)
        found = [
            take_id
            for take_id in take_ids_with(self._library, kinds, settings.train_participants)
            if take_id not in composed
        ]
        if self._split is not None:
            found = [take_id for take_id in found if take_id in self._train_takes]
        if settings.pairs is PairChoice.TARGET:
            wanted = {one.take_id for one in labelled if one.action in settings.target_actions}
            found = [take_id for take_id in found if take_id in wanted]
        if len(found) < MIN_VIDEOS:
            who = settings.protocol or ", ".join(settings.train_participants)
            raise FsamtError(
                f"The training participants ({who}) have no pairs of colour and {target} to "
                "transfer on.",
                f"Record or import takes with colour and {target} for these participants.",
            )
        return tuple(found)
