"""What a table consists of: its methods, and its lists of takes and labels.

Everything that can be refused is refused here, before the first training.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.settings import DetectorSettings, usual_settings
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import refuse_seen
from fsamt_engine.experiments.given_teachers import (
    given_teacher,
    names_of,
    refuse_taught,
    shared_names,
)
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.methods import Lines, Method, TeacherRole, TransferRole, lines_of
from fsamt_engine.experiments.names import resolve_actions
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.sides import Sides
from fsamt_engine.learning import FinetuneSettings, TeacherSettings, TransferSettings
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.fitting_network import clips_of, fitting_network
from fsamt_engine.learning.store import model_with
from fsamt_engine.learning.student_shape import shape_for, student_shape
from fsamt_engine.library import Library, ModelRecord, Segment, Snapshot, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import build, spec

_SKELETON_NETWORKS = ("stgcn", "2s_agcn")


@dataclass(frozen=True)
class Plan:
    """An experiment whose lists are fixed.

    Attributes:
        settings: With actions and participants by their full names.
        lines: The methods, and what the table lacks.
        source: What the teachers are trained on; None where all were given.
        source_test: Source actions of the test participants, where they were recorded with colour:
            what the teachers are tested on.
        same_actions: What teachers of the target actions are trained on; None where there are none.
        pairs: Takes whose pairs serve the transfer.
        labels: By labels an action and seed.
        remarks: What is to be said of the given teachers, in sentences.
    """

    settings: ExperimentSettings
    lines: Lines
    source: Snapshot | None
    source_test: tuple[SnapshotItem, ...]
    same_actions: Snapshot | None
    pairs: tuple[str, ...]
    labels: dict[tuple[int, int], Snapshot]
    remarks: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[Method, ...]:
        """The table's lines."""
        return self.lines.methods

    @property
    def target(self) -> Modality:
        """What students and recognisers receive."""
        return Modality(self.settings.target_modality)

    @property
    def test(self) -> tuple[SnapshotItem, ...]:
        """What every recogniser or detector is tested on, background included."""
        return next(iter(self.labels.values())).test

    @property
    def tested(self) -> tuple[SnapshotItem, ...]:
        """What there is to be recognised or found in it."""
        actions = self.settings.target_actions
        return tuple(item for item in self.test if item.action in actions)

    @cached_property
    def teachers(self) -> tuple[TeacherRole, ...]:
        """The teachers that the methods need."""
        return _teachers(self.methods)

    @cached_property
    def transfers(self) -> tuple[tuple[TransferRole, int], ...]:
        """The transfers that the methods need, with their seeds."""
        roles = dict.fromkeys(method.transfer for method in self.methods if method.transfer)
        return tuple((role, seed) for role in roles for seed in range(self.settings.transfer_seeds))

    @cached_property
    def takes(self) -> dict[Modality, tuple[str, ...]]:
        """Which takes have to be prepared for which modality, for what is trained here.

        Depth comes first where the recognisers see it, and is needed of all: what is seen of colour
        follows what was found in depth.
        """
        taught = [one for one in (self.source, self.same_actions) if one is not None]
        colour = [item.take_id for one in taught for item in one.train]
        colour += [item.take_id for item in self.source_test]
        colour += self.pairs
        own = [item.take_id for one in self.labels.values() for item in one.train + one.test]
        trained = [role.modality for role in self.teachers if not role.model_id]
        first = colour if self.target is Modality.DEPTH else list(self.pairs)
        by_modality = {self.target: first + own} | dict.fromkeys(trained, colour)
        return {modality: tuple(dict.fromkeys(ids)) for modality, ids in by_modality.items()}

    def lists(self) -> dict[str, str]:
        """Ids of the snapshots of the labels, by labels an action and seed."""
        return {f"{n} labels, seed {seed}": one.id for (n, seed), one in self.labels.items()}

    def taught(self, role: TeacherRole) -> Snapshot:
        """What a teacher that is trained here learns."""
        snapshot = self.same_actions if role.knows_target else self.source
        if snapshot is None:
            raise ValueError(f"{role.name} is not trained here")
        return snapshot

    def teacher_settings(self, role: TeacherRole) -> TeacherSettings:
        """Of a teacher that is trained here."""
        own = self.settings
        return TeacherSettings(
            modality=str(role.modality),
            network=role.network,
            shape=own.shape,
            preparation=own.preparation,
            fit=own.teacher,
        )

    def transfer_settings(self, role: TransferRole, seed: int) -> TransferSettings:
        """Of a transfer."""
        own = self.settings
        return TransferSettings(
            modality=own.target_modality,
            network=role.network,
            granularity=role.granularity,
            fit=replace(own.transfer, seed=own.transfer.seed + seed),
            loss=role.loss,
        )

    def detector_settings(self, head: DetectionHead, seed: int, network: str) -> DetectorSettings:
        """Of one detector: the same for every method of a head."""
        own = self.settings
        usual = usual_settings(head, own.finetune.seed + seed)
        asked = {} if own.finetune_steps else {"epochs": own.finetune.epochs}
        return replace(
            usual,
            modality=own.target_modality,
            network=network,
            shape=shape_for(network, own.shape),
            preparation=own.preparation,
            fit=replace(usual.fit, **asked),
            adapt=usual.adapt and replace(usual.adapt, **asked),
        )

    def finetune_settings(
        self, snapshot: Snapshot, seed: int, network: str | None = None
    ) -> FinetuneSettings:
        """Of one finetuning: the same for every method of a network."""
        own = self.settings
        per_epoch = steps_per_epoch(len(snapshot.train), own.finetune.batch_size)
        epochs = -(-own.finetune_steps // per_epoch) or own.finetune.epochs
        used = network or own.network
        return FinetuneSettings(
            modality=own.target_modality,
            network=used,
            shape=shape_for(used, own.shape),
            preparation=own.preparation,
            fit=replace(own.finetune, epochs=epochs, seed=own.finetune.seed + seed),
        )


def make_plan(library: Library, settings: ExperimentSettings) -> Plan:
    """Fix the lists of an experiment.

    Raises:
        FsamtError: An action or participant is not there or on both sides, there are too few
            labels, no pairs, a given teacher has seen people of the test or was taught actions of
            it, or the table has not what the settings ask for.
    """
    given = [given_teacher(library, name) for name in settings.teachers]
    sides = Sides(library, settings)
    settings = _completed(library, settings, given, sides)
    labelled = sides.labelled(settings)
    networks = _networks(library, settings, labelled)
    called = names_of(library, given)
    lines = lines_of(settings, networks, given, called)
    labels = {
        (n_labels, seed): sides.few(settings, labelled, n_labels, seed)
        for n_labels in settings.labels_per_action
        for seed in range(settings.n_seeds)
    }
    test = next(iter(labels.values())).test
    if all(item.action not in settings.target_actions for item in test):
        raise FsamtError(
            "The test participants have no labelled segment of the target actions.",
            "Choose test participants who performed them.",
        )
    for record in given:
        refuse_seen(library, record, test, settings.protocol)
        refuse_taught(library, record, settings.target_actions, test)
    pairs = sides.pairs(settings, labelled)
    coloured = set(take_ids_with(library, kinds_of(Modality.RGB)))
    roles = [role for role in _teachers(lines.methods) if not role.model_id]
    source = same_actions = None
    if any(not role.knows_target for role in roles):
        known = segments(library, composed=False)
        source = sides.all(settings, known, settings.source_actions, tested=True)
        _refuse_without_colour(source, coloured)
    if any(role.knows_target for role in roles):
        with_colour = [one for one in labelled if one.take_id in coloured]
        same_actions = sides.all(settings, with_colour, settings.target_actions)
    of_test = source.test if source else ()
    shared = (shared_names(one, called[one.id], settings.target_actions) for one in given)
    return Plan(
        settings,
        lines,
        source,
        tuple(item for item in of_test if item.take_id in coloured),
        same_actions,
        pairs,
        labels,
        tuple(sentence for sentence in shared if sentence),
    )


def _completed(
    library: Library, settings: ExperimentSettings, given: Sequence[ModelRecord], sides: Sides
) -> ExperimentSettings:
    """The settings with names in full, and with the clips that students of a given teacher see."""
    trained, tested = sides.people(settings)
    known = replace(
        settings,
        source_actions=resolve_actions(library, settings.source_actions),
        target_actions=resolve_actions(library, settings.target_actions),
        train_participants=trained,
        test_participants=tested,
        teachers=tuple(record.id for record in given),
    )
    spec(known.network)
    _refuse_both_sides(known, sides.share_people)
    if given:
        teacher = model_with(library, given[0], build)
        network = known.student_network or known.network
        shape = student_shape(teacher, network, None)
        known = replace(known, shape=shape, preparation=teacher.preparation)
    return replace(known, preparation=known.preparation.with_size(known.shape.size))


def _networks(
    library: Library, settings: ExperimentSettings, labelled: Sequence[Segment]
) -> tuple[str, ...]:
    """Of the recognisers; for skeletons those for the joints that the takes have."""
    target = Modality(settings.target_modality)
    wanted: tuple[str, ...] = (settings.student_network or settings.network,)
    if settings.student_network is None and clips_of(target) == "skeleton":
        compared = settings.kind is ExperimentKind.SKELETON
        wanted = _SKELETON_NETWORKS if compared else _SKELETON_NETWORKS[:1]
    takes = [one.take_id for one in labelled if one.action in settings.target_actions]
    return tuple(fitting_network(library, target, name, takes) for name in wanted)


def _teachers(methods: Sequence[Method]) -> tuple[TeacherRole, ...]:
    return tuple(dict.fromkeys(method.teacher for method in methods if method.teacher))


def _refuse_both_sides(settings: ExperimentSettings, share_people: bool) -> None:
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
        if what == "participant" and share_people:
            continue
        if both := [name for name in one if name in other]:
            sides = "source and target" if what == "action" else "training and test"
            raise FsamtError(f"{sides.capitalize()} share the {what} {', '.join(both)}.", hint)


def _refuse_without_colour(source: Snapshot, coloured: Collection[str]) -> None:
    lacking = [item.take_id for item in source.train if item.take_id not in coloured]
    if lacking:
        raise FsamtError(
            f"{len(lacking)} of {len(source.train)} takes of the source actions have no colour"
            f" that a teacher could learn from (the first is {lacking[0]}).",
            "Record or import takes with colour for these participants.",
        )
