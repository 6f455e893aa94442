"""What can be asked for: frozen, JSON-able, complete, so that a run can go on after a restart."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from fsamt_engine.errors import FsamtError

RECOGNITION, DETECTION = "recognition", "detection"
"""Tasks of a finetuning."""


@dataclass(frozen=True)
class TeacherRequest:
    """A teacher: what it sees, which actions it learns, from whom.

    Attributes:
        modality: "flow" or "rgb".
        actions: Source actions; labels on takes with colour are used.
        device: "auto", "cpu", "cuda", "cuda:1".
    """

    kind: ClassVar[str] = "teacher"

    modality: str
    actions: tuple[str, ...]
    participants: tuple[str, ...]
    network: str
    epochs: int
    seed: int = 0
    device: str = "auto"

    @property
    def title(self) -> str:
        """In words, for a list of runs."""
        return f"Teacher: {self.modality}, {_count(self.actions, 'action')}"


@dataclass(frozen=True)
class TransferRequest:
    """A transfer from a teacher to a student; the health of the student follows.

    Attributes:
        take_ids: Takes whose pairs are used.
        granularity: "clip", "video" or "video+clip".
        modality: What the student receives: "depth", "infrared" or "skeleton".
        loss: A `TransferLoss`.
        temperature: Of a loss that has one; None for the loss's own.
    """

    kind: ClassVar[str] = "transfer"

    teacher_id: str
    take_ids: tuple[str, ...]
    granularity: str
    network: str
    epochs: int
    seed: int = 0
    device: str = "auto"
    start_from_teacher: bool = True
    modality: str = "depth"
    loss: str = "cosine"
    temperature: float | None = None

    @property
    def title(self) -> str:
        """In words, for a list of runs."""
        return f"Transfer: {self.teacher_id}, {_count(self.take_ids, 'take')}"


@dataclass(frozen=True)
class FinetuneRequest:
    """A recogniser on labels, tested on other people, beside one from scratch, with its curve.

    With the task "detection" a detector on labelled segments of untrimmed takes, without a curve.

    Attributes:
        start_id: A student, or a teacher whose weights are the start; None for from scratch.
        test_participants: None of them may be trained on; nobody for no test at all.
        labels_per_action: None for all labels of the train participants.
        network: Of a recogniser from scratch; a start model brings its own.
        modality: Of a recogniser from scratch or from a teacher; a student brings its own.
        protocol: An official split that divides the takes, instead of participants, who are none
            then; "" for none.
        with_scratch: Train a second recogniser from scratch on the same labels, and test it.
        with_curve: Find the accuracy with fewer labels.
        learning_rate: None for the default; likewise `batch_size`.
        epochs: Of the finetuning; of a detector, those of its head.
        task: "recognition" or "detection".
        head: Of a detector (`DetectionHead`); "" for the default one.
    """

    kind: ClassVar[str] = "finetune"

    start_id: str | None
    actions: tuple[str, ...]
    train_participants: tuple[str, ...]
    test_participants: tuple[str, ...]
    labels_per_action: int | None
    network: str
    epochs: int
    seed: int = 0
    device: str = "auto"
    with_scratch: bool = True
    with_curve: bool = True
    learning_rate: float | None = None
    batch_size: int | None = None
    modality: str = "depth"
    protocol: str = ""
    task: str = RECOGNITION
    head: str = ""

    @property
    def title(self) -> str:
        """In words, for a list of runs."""
        start = self.start_id or "from scratch"
        task = "Finetune" if self.task == RECOGNITION else "Finetune for detection"
        return f"{task}: {start}, {_count(self.actions, 'action')}"


@dataclass(frozen=True)
class HealthRequest:
    """The health of a student's transfer."""

    kind: ClassVar[str] = "health"

    student_id: str
    device: str = "auto"

    @property
    def title(self) -> str:
        """In words, for a list of runs."""
        return f"Transfer health: {self.student_id}"


@dataclass(frozen=True)
class ExperimentRequest:
    """A table of the paper, filled in on this library's data.

    Attributes:
        settings: Of the experiment, as JSON has them (`ExperimentSettings.to_dict`).
    """

    kind: ClassVar[str] = "experiment"

    settings: Mapping[str, Any] = field(hash=False)
    device: str = "auto"

    @property
    def title(self) -> str:
        """In words, for a list of runs."""
        actions = tuple(self.settings["target_actions"])
        return f"Experiment: {self.settings['kind']}, {_count(actions, 'action')}"


Request = TeacherRequest | TransferRequest | FinetuneRequest | HealthRequest | ExperimentRequest

_KINDS: dict[str, type[Request]] = {
    kind.kind: kind
    for kind in (
        TeacherRequest,
        TransferRequest,
        FinetuneRequest,
        HealthRequest,
        ExperimentRequest,
    )
}


def to_json(request: Request) -> str:
    """A request as text; its kind is kept apart."""
    return json.dumps(asdict(request))


def from_json(kind: str, text: str) -> Request:
    """The reverse of `to_json`.

    Raises:
        FsamtError: The text is not that of a request of this kind.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        values = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.items()
        }
        make: Any = _KINDS[kind]
        request: Request = make(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FsamtError(
            f"A run in the queue cannot be read ({kind}).",
            "A newer program may have put it there: update FSAMT Studio, or remove the run.",
        ) from error
    return request


def _count(things: tuple[str, ...], name: str) -> str:
    return f"{len(things):,} {name}" if len(things) == 1 else f"{len(things):,} {name}s"
