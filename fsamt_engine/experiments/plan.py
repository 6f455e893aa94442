"""What a table consists of: its methods, and its lists of takes and labels.

Everything that can be refused is refused here, before the first training.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from functools import cached_property

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation import few_labels, split_by_participant
from fsamt_engine.experiments.names import resolve_actions, resolve_participants
from fsamt_engine.experiments.settings import ExperimentKind, ExperimentSettings, PairChoice
from fsamt_engine.learning import (
    FinetuneSettings,
    Granularity,
    Start,
    TeacherSettings,
    TransferSettings,
)
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.transfer import MIN_VIDEOS
from fsamt_engine.library import Library, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import spec


@dataclass(frozen=True)
class Method:
    """A line of the table.

    Attributes:
        name: As in the table.
        start: What the recogniser is finetuned from.
        teacher: Modality of the teacher, None from scratch.
        granularity: Of the transfer, None without one.
    """

    name: str
    start: Start
    teacher: Modality | None = None
    granularity: Granularity | None = None


def methods(settings: ExperimentSettings) -> tuple[Method, ...]:
    """The table's lines, in the paper's order."""
    given = settings.granularity
    flow, transfer = Modality.FLOW, Start.TRANSFER
    match settings.kind:
        case ExperimentKind.SOURCE_MODALITY:
            granularity = given or Granularity.VIDEO
            return (
                Method("rgb teacher", transfer, Modality.RGB, granularity),
                Method("flow teacher", transfer, flow, granularity),
            )
        case ExperimentKind.GRANULARITY:
            return tuple(Method(str(one), transfer, flow, one) for one in Granularity)
        case ExperimentKind.CLASSIFICATION:
            return (
                Method(str(Start.SCRATCH), Start.SCRATCH),
                Method(str(Start.FLOW_PRETRAINING), Start.FLOW_PRETRAINING, flow),
                Method(str(transfer), transfer, flow, given or Granularity.VIDEO_CLIP),
            )


@dataclass(frozen=True)
class Plan:
    """An experiment whose lists are fixed.

    Attributes:
        settings: With actions and participants by their full names.
        source: What the teachers are trained on.
        source_test: Source actions of the test participants, where they were recorded with colour:
            what the teachers are tested on.
        pairs: Takes whose pairs serve the transfer.
        labels: By labels an action and seed.
    """

    settings: ExperimentSettings
    methods: tuple[Method, ...]
    source: Snapshot
    source_test: tuple[SnapshotItem, ...]
    pairs: tuple[str, ...]
    labels: dict[tuple[int, int], Snapshot]

    @property
    def test(self) -> tuple[SnapshotItem, ...]:
        """What every recogniser is tested on."""
        return next(iter(self.labels.values())).test

    @cached_property
    def teachers(self) -> tuple[Modality, ...]:
        """Modalities of the teachers that the methods need."""
        named = [method.teacher for method in self.methods if method.teacher]
        return tuple(dict.fromkeys(named))

    @cached_property
    def transfers(self) -> tuple[tuple[Modality, Granularity, int], ...]:
        """Teacher, granularity and seed of the transfers that the methods need."""
        return tuple(
            (method.teacher, method.granularity, seed)
            for method in self.methods
            if method.teacher and method.granularity
            for seed in range(self.settings.transfer_seeds)
        )

    @cached_property
    def takes(self) -> dict[Modality, tuple[str, ...]]:
        """Which takes have to be prepared for which modality.

        Depth comes first, and is needed of all: what is seen of colour follows what was found in
        depth.
        """
        colour = [item.take_id for item in self.source.train + self.source_test]
        colour += self.pairs
        depth = [item.take_id for one in self.labels.values() for item in one.train + one.test]
        by_modality = {Modality.DEPTH: colour + depth} | dict.fromkeys(self.teachers, colour)
        return {modality: tuple(dict.fromkeys(ids)) for modality, ids in by_modality.items()}

    def teacher_settings(self, modality: Modality) -> TeacherSettings:
        """Of the teacher of one modality."""
        own = self.settings
        return TeacherSettings(
            modality=str(modality),
            network=own.network,
            shape=own.shape,
            preparation=own.preparation,
            fit=own.teacher,
        )

    def transfer_settings(self, granularity: Granularity, seed: int) -> TransferSettings:
        """Of a transfer."""
        own = self.settings
        fit = replace(own.transfer, seed=own.transfer.seed + seed)
        return TransferSettings(network=own.network, granularity=granularity, fit=fit)

    def finetune_settings(self, snapshot: Snapshot, seed: int) -> FinetuneSettings:
        """Of one finetuning: the same for every method."""
        own = self.settings
        per_epoch = steps_per_epoch(len(snapshot.train), own.finetune.batch_size)
        epochs = -(-own.finetune_steps // per_epoch) or own.finetune.epochs
        return FinetuneSettings(
            network=own.network,
            shape=own.shape,
            preparation=own.preparation,
            fit=replace(own.finetune, epochs=epochs, seed=own.finetune.seed + seed),
        )


def make_plan(library: Library, settings: ExperimentSettings) -> Plan:
    """Fix the lists of an experiment.

    Raises:
        FsamtError: An action or participant is not there or on both sides, there are too few
            labels, or no pairs.
    """
    known = replace(
        settings,
        source_actions=resolve_actions(library, settings.source_actions),
        target_actions=resolve_actions(library, settings.target_actions),
        train_participants=resolve_participants(library, settings.train_participants),
        test_participants=resolve_participants(library, settings.test_participants),
        preparation=settings.preparation.with_size(settings.shape.size),
    )
    spec(known.network)
    _refuse_both_sides(known)
    labelled = segments(library)
    source = split_by_participant(
        labelled, known.source_actions, known.train_participants, known.test_participants
    )
    labels = {
        (n_labels, seed): few_labels(
            labelled,
            known.target_actions,
            n_labels,
            seed,
            known.train_participants,
            known.test_participants,
        )
        for n_labels in known.labels_per_action
        for seed in range(known.n_seeds)
    }
    paired = set(take_ids_with_pairs(library))
    source_test = tuple(item for item in source.test if item.take_id in paired)
    target_takes = {one.take_id for one in labelled if one.action in known.target_actions}
    pairs = _pairs(library, known, target_takes)
    plan = Plan(known, methods(known), source, source_test, pairs, labels)
    if not plan.test:
        raise FsamtError(
            "The test participants have no labelled segment of the target actions.",
            "Choose test participants who performed them.",
        )
    _refuse_without_pairs(plan, paired)
    return plan


def _refuse_both_sides(settings: ExperimentSettings) -> None:
    for what, one, other, hint in (
        (
            "action",
            settings.source_actions,
            settings.target_actions,
            "The teacher must not know the actions that the student is tested on.",
        ),
        (
            "participant",
            settings.train_participants,
            settings.test_participants,
            "A network must be tested on people that it has never seen.",
        ),
    ):
        if both := [name for name in one if name in other]:
            sides = "source and target" if what == "action" else "training and test"
            raise FsamtError(f"{sides.capitalize()} share the {what} {', '.join(both)}.", hint)


def _pairs(
    library: Library, settings: ExperimentSettings, target_takes: Container[str]
) -> tuple[str, ...]:
    found = take_ids_with_pairs(library, settings.train_participants)
    if settings.pairs is PairChoice.ALL:
        return tuple(found)
    return tuple(take_id for take_id in found if take_id in target_takes)


def _refuse_without_pairs(plan: Plan, paired: Container[str]) -> None:
    who = ", ".join(plan.settings.train_participants)
    hint = "Record or import takes with colour and depth for these participants."
    if len(plan.pairs) < MIN_VIDEOS:
        raise FsamtError(
            f"The training participants ({who}) have no pairs of colour and depth to transfer on.",
            hint,
        )
    lacking = [item.take_id for item in plan.source.train if item.take_id not in paired]
    if lacking:
        raise FsamtError(
            f"{len(lacking)} of {len(plan.source.train)} takes of the source actions have no colour"
            f" that a teacher could learn from (the first is {lacking[0]}).",
            hint,
        )
