"""What an experiment is told: frozen, JSON-able, stored with its result."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import EvaluationSettings
from fsamt_engine.evaluation.detection_scores import USUAL_OVERLAPS
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.learning import FitSettings, Granularity
from fsamt_engine.learning.keys import without_later_defaults
from fsamt_engine.learning.settings import FINETUNE_FIT, TEACHER_FIT, TRANSFER_FIT
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation

_T = TypeVar("_T")


_TARGETS = (Modality.DEPTH, Modality.INFRARED, Modality.SKELETON)


class PairChoice(StrEnum):
    """Which takes with pairs of the training participants serve the transfer, without labels."""

    TARGET = "target"
    """Those of the target actions, as in the paper: a lab records what it wants to recognise."""
    ALL = "all"
    """Every one."""


@dataclass(frozen=True)
class ExperimentSettings:
    """One table.

    Attributes:
        source_actions: The teacher's actions, by name or as their data set numbers them; none are
            needed where all teachers are given.
        target_actions: To be recognised from few labels; none of them is a source action.
        train_participants: Give teacher, pairs and labels.
        test_participants: Give the test; none of them trains.
        labels_per_action: Numbers of labels to finetune on, a row each for every method.
        n_seeds: Label subsets and finetunings a row, seeds 0, 1, ...
        transfer_seeds: Transfers (and so students) that the seeds take turns with. With 1 the
            spread over seeds leaves out how much two transfers differ.
        network: Of the teachers that are trained for the table, and of student and recogniser
            where `student_network` is None.
        shape: Clips of all of them.
        granularity: Of the transfer; None for the table's own: video-to-clip in the source-modality
            table (the paper's flow row there equals its video-to-clip row), both in the
            classification table. The granularity table has all three.
        finetune_steps: Optimiser steps of every finetuning, whatever the number of labels, so that
            a row with more labels is not a row with more training. Rounded up to whole epochs.
            Detectors are trained as their heads are everywhere, unless it is 0.
        finetune: Its `epochs` are used where `finetune_steps` is 0.
        target_modality: What students and recognisers receive: "depth", "infrared",
            "skeleton"; of the skeleton table always that.
        student_network: Theirs, where it differs from `network`. The skeleton table has ST-GCN and
            2s-AGCN where it is None.
        teachers: Ids of models of the library that serve as teachers of their modality, instead of
            training some: published weights, or teachers of another data set. The tables between
            data sets have lines for each of them.
        methods: Names of the lines to fill in; all of the table where it is empty.
        protocol: Name of an official split (see `datasets.protocols`) that says who trains and what
            is tested; participants need not be given then. "" for none.
        heads: Of the detectors of a detection table (`DetectionHead`), a line each for every start;
            all that there are where it is empty.
        overlap: Temporal intersection over union from which a detection of that table is right: its
            figure is the mAP there. One of `USUAL_OVERLAPS`.
    """

    kind: ExperimentKind
    source_actions: tuple[str, ...]
    target_actions: tuple[str, ...]
    train_participants: tuple[str, ...]
    test_participants: tuple[str, ...]
    labels_per_action: tuple[int, ...] = (2, 5)
    n_seeds: int = 3
    transfer_seeds: int = 1
    network: str = "r3d_tiny"
    shape: ClipShape = field(default_factory=ClipShape)
    preparation: Preparation = field(default_factory=Preparation)
    pairs: PairChoice = PairChoice.TARGET
    granularity: Granularity | None = None
    teacher: FitSettings = TEACHER_FIT
    transfer: FitSettings = TRANSFER_FIT
    finetune: FitSettings = FINETUNE_FIT
    finetune_steps: int = 1000
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    target_modality: str = "depth"
    student_network: str | None = None
    teachers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    protocol: str = ""
    heads: tuple[str, ...] = ()
    overlap: float = 0.5

    def __post_init__(self) -> None:
        if self.kind is ExperimentKind.SKELETON:
            object.__setattr__(self, "target_modality", str(Modality.SKELETON))
        if self.target_modality not in _TARGETS:
            raise FsamtError(
                f"Students cannot receive {self.target_modality}.",
                f"Choose one of {', '.join(_TARGETS)}.",
            )
        heads = [str(head) for head in DetectionHead]
        if unknown := [name for name in self.heads if name not in heads]:
            raise FsamtError(
                f'There is no head "{unknown[0]}" for detectors.', f"Choose of {', '.join(heads)}."
            )
        if self.overlap not in USUAL_OVERLAPS:
            raise FsamtError(
                f"Detectors are not scored at an overlap of {self.overlap:g}.",
                f"Choose one of {', '.join(f'{one:g}' for one in USUAL_OVERLAPS)}.",
            )
        if not self.labels_per_action or min(self.labels_per_action) < 1:
            raise FsamtError(
                "The numbers of labels an action have to be 1 or more.", "Ask for 2,5, say."
            )
        if self.n_seeds < 1 or self.transfer_seeds < 1:
            raise FsamtError("An experiment needs at least 1 seed.", "Ask for 3 or more.")
        if self.transfer_seeds > self.n_seeds:
            raise FsamtError(
                f"{self.transfer_seeds} transfers cannot be spread over {self.n_seeds} seeds.",
                "Ask for as many seeds as transfers, or more.",
            )
        if min(self.teacher.epochs, self.transfer.epochs) < 1 or (
            self.finetune_steps < 0 or (self.finetune_steps == 0 and self.finetune.epochs < 1)
        ):
            raise FsamtError("A training needs at least 1 epoch.", "Ask for more.")
        # Given teachers know their actions; the plan asks for some where one is to be trained.
        for name, values in (
            ("source action", self.source_actions or self.teachers),
            ("target action", self.target_actions),
            ("training participant", self.train_participants or self.protocol),
            ("test participant", self.test_participants or self.protocol),
        ):
            if not values:
                raise FsamtError(f"No {name} was given.", f"Name at least one {name}.")

    @property
    def is_of_detection(self) -> bool:
        """Whether its cells are detectors."""
        return self.kind is ExperimentKind.DETECTION

    @property
    def told_overlap(self) -> float | None:
        """At which the table tells the mAP of detectors; None where it tells an accuracy."""
        return self.overlap if self.is_of_detection else None

    @property
    def key(self) -> str:
        """SHA-256, hex; the same table has the same key."""
        described = without_later_defaults(self.to_dict())
        return hashlib.sha256(json.dumps(["experiment", described]).encode()).hexdigest()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ExperimentSettings":
        """The reverse of `to_dict`; what is not named keeps its default.

        Raises:
            FsamtError: Something else, or of a newer program.
        """
        content = dict(values)
        try:
            if "preparation" in content:
                content["preparation"] = Preparation.from_dict(content["preparation"]).to_dict()
                del content["preparation"]["version"]
            return from_dict(cls, content)
        except (KeyError, TypeError, ValueError) as error:
            raise FsamtError(
                f"The settings of this experiment cannot be read ({error}).",
                "A newer program may have made it: update FSAMT Studio, or set it up anew.",
            ) from error

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain | {"preparation": self.preparation.to_dict()}


def from_dict(kind: type[_T], values: Mapping[str, Any], default: _T | None = None) -> _T:
    """A settings dataclass from what JSON holds of it; what is not named keeps its default.

    Args:
        kind: The dataclass.
        values: By field; inner dataclasses as mappings.
        default: What keeps its default keeps that of this one.

    Raises:
        KeyError: `values` names something that the dataclass does not have.
    """
    types = get_type_hints(kind)
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    if unknown := values.keys() - known.keys():
        raise KeyError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    parsed = {name: _value(types[name], value, known[name]) for name, value in values.items()}
    return kind(**parsed) if default is None else replace(default, **parsed)  # type: ignore[type-var]


def _value(kind: Any, value: Any, of: Field[Any]) -> Any:
    if isinstance(kind, UnionType):
        if value is None:
            return None
        kind = next(one for one in get_args(kind) if one is not type(None))
    if isinstance(kind, type) and is_dataclass(kind):
        default = of.default if of.default is not MISSING else None
        if of.default_factory is not MISSING:
            default = of.default_factory()
        return from_dict(kind, value, default)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return tuple(value) if isinstance(value, list) else value
