"""The lines of every table: what each recogniser is finetuned from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.learning import Granularity, Start, TransferLoss
from fsamt_engine.library import ModelRecord
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import ActionNetwork, build


@dataclass(frozen=True)
class TeacherRole:
    """A teacher that a table needs.

    Attributes:
        network: That it has.
        knows_target: Taught the target actions with every label of the training participants,
            instead of the source actions. That is what distillation as published asks for, and
            more labels than any line of the table gets.
        model_id: A model of the library that serves; None for one that is trained for the table.
    """

    modality: Modality
    network: str
    knows_target: bool = False
    model_id: str | None = None

    @property
    def name(self) -> str:
        """For people."""
        if self.model_id:
            return self.model_id
        return f"{self.modality} teacher{' of the target actions' if self.knows_target else ''}"


@dataclass(frozen=True)
class TransferRole:
    """A transfer that a table needs, but for its seed."""

    teacher: TeacherRole
    granularity: Granularity
    loss: TransferLoss
    network: str

    @property
    def name(self) -> str:
        """Of the student, for people."""
        loss = "" if self.loss is TransferLoss.COSINE else f", {self.loss}"
        return f"{self.network} student of the {self.teacher.name}, {self.granularity}{loss}"


@dataclass(frozen=True)
class Method:
    """A line of the table.

    Attributes:
        name: As in the table.
        network: Of the recogniser.
        start: What the recogniser is finetuned from.
        teacher: None from scratch.
        transfer: None without one.
        head: Of a detector; None for a recogniser.
    """

    name: str
    network: str
    start: Start
    teacher: TeacherRole | None = None
    transfer: TransferRole | None = None
    head: DetectionHead | None = None


@dataclass(frozen=True)
class Lines:
    """The lines of a table, and which of the usual ones it lacks and why, in sentences."""

    methods: tuple[Method, ...]
    left_out: tuple[str, ...] = ()


RIVALS = (
    ("soft targets, same actions", TransferLoss.SOFT_TARGETS, True),
    ("soft targets, source actions", TransferLoss.SOFT_TARGETS, False),
    ("hard labels + mutual learning, same actions", TransferLoss.HARD_LABELS, True),
)
_EMBEDDING_LOSSES = (
    ("mean squared (MARS)", TransferLoss.MSE),
    ("InfoNCE", TransferLoss.INFONCE),
    ("InfoNCE + cosine", TransferLoss.INFONCE_COSINE),
    ("relational", TransferLoss.RELATIONAL),
)
OURS = str(Start.TRANSFER)
HEAD_NAMES = {DetectionHead.R_C3D: "R-C3D", DetectionHead.ANCHOR_FREE: "anchor-free"}


def lines_of(
    settings: ExperimentSettings,
    networks: Sequence[str],
    given: Sequence[ModelRecord],
    called: Mapping[str, str],
) -> Lines:
    """The table's lines, in the paper's order, ours at the end.

    Args:
        networks: Of the recognisers; several only where the table compares them.
        given: Teachers that were named, in place of training some.
        called: What lines call them, by id.

    Raises:
        FsamtError: The settings choose a line that the table does not have, or need teachers.
    """
    maker = _Maker(settings, given, called)
    found = tuple(maker.lines(networks))
    if settings.methods:
        names = [method.name for method in found]
        if unknown := [name for name in settings.methods if name not in names]:
            raise FsamtError(
                f'This table has no line "{unknown[0]}".',
                f"Its lines are: {'; '.join(names)}.",
            )
        found = tuple(method for method in found if method.name in settings.methods)
    return Lines(found, tuple(dict.fromkeys(maker.left_out)))


class _Maker:
    def __init__(
        self,
        settings: ExperimentSettings,
        given: Sequence[ModelRecord],
        called: Mapping[str, str],
    ) -> None:
        self.left_out: list[str] = []
        self._called = called
        self._settings = settings
        self._given = given

    def lines(self, networks: Sequence[str]) -> Iterator[Method]:
        for network in networks:
            yield from self._of_kind(network, f", {network}" if len(networks) > 1 else "")

    def _of_kind(self, network: str, which: str) -> Iterator[Method]:
        flow = self._role(Modality.FLOW)
        match self._settings.kind:
            case ExperimentKind.SOURCE_MODALITY:
                for modality in (Modality.RGB, Modality.FLOW):
                    role = self._role(modality)
                    yield self._transfer(f"{modality} teacher", network, role, Granularity.VIDEO)
            case ExperimentKind.GRANULARITY:
                for granularity in Granularity:
                    yield _transfer(str(granularity), network, flow, granularity)
            case ExperimentKind.CLASSIFICATION:
                yield _scratch(network)
                yield from self._pretraining(network, flow)
                yield from self._rivals(network, flow)
                yield self._ours(network, flow)
            case ExperimentKind.SKELETON:
                yield _scratch(network, which)
                for modality in (Modality.RGB, Modality.FLOW):
                    role = self._role(modality)
                    yield self._transfer(f"{OURS} {modality}{which}", network, role)
            case ExperimentKind.TARGET_LABELS:
                yield _scratch(network)
                yield from self._pretraining(network, flow)
                yield self._ours(network, flow)
            case ExperimentKind.LOSSES:
                yield from self._embedding_losses(network, flow)
                yield self._ours(network, flow)
            case ExperimentKind.DETECTION:
                for head in self._heads(network):
                    of_head = f", {HEAD_NAMES[head]}"
                    starts = (
                        _scratch(network, of_head),
                        *self._pretraining(network, flow, of_head),
                        self._transfer(f"{OURS}{of_head}", network, flow),
                    )
                    yield from (replace(method, head=head) for method in starts)
            case ExperimentKind.NTU_TO_NTU | ExperimentKind.KINETICS_TO_NTU:
                yield _scratch(network)
                yield from self._of_given(network)

    def _heads(self, network: str) -> Iterator[DetectionHead]:
        """Those that were asked for, as far as the network can have them."""
        heads = [DetectionHead(name) for name in self._settings.heads] or list(DetectionHead)
        if DetectionHead.R_C3D in heads and not _has_maps(network):
            heads.remove(DetectionHead.R_C3D)
            said = f"a {network} has no feature maps over time that it could search."
            if not heads:
                raise FsamtError(
                    f"There can be no R-C3D: {said}",
                    "Choose a convolutional network (r3d_tiny, r3d_18), or the anchor-free head.",
                )
            self.left_out.append(f"There is no R-C3D: {said}")
        yield from heads

    def _role(self, modality: Modality) -> TeacherRole:
        """The given teacher of this modality, or one that is trained for the table."""
        for record in self._given:
            if record.modality == modality:
                return _given_role(record)
        return TeacherRole(modality, self._settings.network)

    def _transfer(
        self,
        name: str,
        network: str,
        teacher: TeacherRole,
        usual: Granularity = Granularity.VIDEO_CLIP,
        loss: TransferLoss = TransferLoss.COSINE,
    ) -> Method:
        return _transfer(name, network, teacher, self._settings.granularity or usual, loss)

    def _ours(self, network: str, teacher: TeacherRole) -> Method:
        return self._transfer(OURS, network, teacher)

    def _pretraining(self, network: str, teacher: TeacherRole, which: str = "") -> Iterator[Method]:
        """The student's network with a teacher's weights; a teacher of its kind is trained."""
        name = f"{teacher.modality} pretraining{which}"
        if self._settings.target_modality == Modality.SKELETON:
            self.left_out.append(
                f"There is no {name}: a network for skeletons cannot take weights for video."
            )
            return
        if teacher.network != network:
            if teacher.model_id:
                self.left_out.append(
                    f"There is no {name}: {teacher.model_id} is a {teacher.network}, and the "
                    f"recognisers are {network}."
                )
                return
            teacher = TeacherRole(teacher.modality, network)
        yield Method(name, network, Start.FLOW_PRETRAINING, teacher)

    def _rivals(self, network: str, source: TeacherRole) -> Iterator[Method]:
        same = TeacherRole(source.modality, self._settings.network, knows_target=True)
        for name, loss, knows_target in RIVALS:
            if knows_target or self._names_actions(source, name):
                yield self._transfer(name, network, same if knows_target else source, loss=loss)
        yield from self._embedding_losses(network, source)

    def _embedding_losses(self, network: str, teacher: TeacherRole) -> Iterator[Method]:
        for name, loss in _EMBEDDING_LOSSES:
            yield self._transfer(name, network, teacher, loss=loss)

    def _names_actions(self, teacher: TeacherRole, line: str) -> bool:
        record = next((one for one in self._given if one.id == teacher.model_id), None)
        if record is None or record.actions:
            return True
        self.left_out.append(f"There is no {line}: {record.id} only embeds, and names no actions.")
        return False

    def _of_given(self, network: str) -> Iterator[Method]:
        if not self._given:
            raise FsamtError(
                "This table compares teachers that were pretrained before.",
                "Name them: bring in published weights, or train teachers on NTU or Kinetics.",
            )
        roles = {f" ({self._called[one.id]})": _given_role(one) for one in self._given}
        for which, role in roles.items():
            yield from self._pretraining(network, role, which)
        for which, role in roles.items():
            yield self._transfer(f"{OURS}{which}", network, role)


def _has_maps(network: str) -> bool:
    with torch.device("meta"):  # Built without its weights.
        return type(build(network, 3)).maps is not ActionNetwork.maps


def _given_role(record: ModelRecord) -> TeacherRole:
    return TeacherRole(Modality(record.modality), record.network, model_id=record.id)


def _scratch(network: str, which: str = "") -> Method:
    return Method(f"{Start.SCRATCH}{which}", network, Start.SCRATCH)


def _transfer(
    name: str,
    network: str,
    teacher: TeacherRole,
    granularity: Granularity,
    loss: TransferLoss = TransferLoss.COSINE,
) -> Method:
    transfer = TransferRole(teacher, granularity, loss, network)
    return Method(name, network, Start.TRANSFER, teacher, transfer)
