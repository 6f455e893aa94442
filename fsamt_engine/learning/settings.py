"""What a training is told: frozen, JSON-able, stored with every model that comes of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Preparation


class Granularity(StrEnum):
    """Which teacher embedding a student's clip has to match (Thoker and Snoek, ICPR 2020)."""

    CLIP = "clip"
    """The embedding of the same clip."""
    VIDEO = "video"
    """The mean embedding of the whole video that the clip is from."""
    VIDEO_CLIP = "video+clip"
    """Both."""


class TransferLoss(StrEnum):
    """How a student is made to agree with its teacher; `matching` holds one class for each."""

    COSINE = "cosine"
    """The cosine distance between embeddings (Thoker and Snoek, ICPR 2020)."""
    MSE = "mse"
    """The mean squared difference of embeddings (MARS: Crasto et al., CVPR 2019)."""
    INFONCE = "infonce"
    """Find the own teacher embedding among those of the batch (van den Oord et al. 2018)."""
    INFONCE_COSINE = "infonce+cosine"
    """The sum of the two."""
    RELATIONAL = "relational"
    """Distances and angles between the clips of a batch (Park et al., CVPR 2019)."""
    SOFT_TARGETS = "soft targets"
    """The teacher's softened answers (Hinton et al. 2015)."""
    HARD_LABELS = "hard labels"
    """The teacher's answer, learned by two students that teach each other (Thoker and Gall, ICIP
    2019)."""

    @property
    def matches_embeddings(self) -> bool:
        """Whether the student's embeddings come to lie where the teacher's do."""
        others = TransferLoss.RELATIONAL, TransferLoss.SOFT_TARGETS, TransferLoss.HARD_LABELS
        return self not in others


@dataclass(frozen=True)
class FitSettings:
    """How a network is trained; the same loop serves teachers, transfer and finetuning.

    Attributes:
        epochs: Passes over the training data.
        batch_size: Clips a step. It is kept when memory runs out: a step is then made of smaller
            micro-batches.
        learning_rate: At the top of the schedule (linear warm-up, then a cosine down to 0).
        weight_decay: AdamW's; not applied to biases and normalisation.
        warmup_share: Share of all steps.
        gradient_clip: Largest norm of a step's gradient.
        patience: Epochs without a better validation score before stopping early, None for never.
        seed: Of the order, the windows, the augmentation, the dropout and the first weights.
    """

    epochs: int = 40
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_share: float = 0.15
    gradient_clip: float = 5.0
    patience: int | None = None
    seed: int = 0


TEACHER_FIT = FitSettings(epochs=80, learning_rate=3e-3)
TRANSFER_FIT = FitSettings(epochs=80, learning_rate=3e-3)
FINETUNE_FIT = FitSettings(epochs=100, learning_rate=4e-3)
"""Defaults; `docs/method.md` says what they were chosen on."""


@dataclass(frozen=True)
class Augmentation:
    """How training clips are varied.

    Attributes:
        flip: Mirror every other clip; teacher and student see the same mirroring.
        shift: Largest displacement, as a share of the side.
        scale: Largest relative change of size.
    """

    flip: bool = True
    shift: float = 0.1
    scale: float = 0.1


@dataclass(frozen=True)
class TeacherSettings:
    """Training a teacher on labelled source actions.

    Attributes:
        modality: "rgb" or "flow".
        validation_share: Share of the takes of each action that is held out to choose the best
            weights; 0 keeps the last ones.
    """

    modality: str = "flow"
    network: str = "r3d_tiny"
    shape: ClipShape = field(default_factory=ClipShape)
    preparation: Preparation = field(default_factory=Preparation)
    fit: FitSettings = TEACHER_FIT
    augmentation: Augmentation = field(default_factory=Augmentation)
    label_smoothing: float = 0.1
    dropout: float = 0.3
    validation_share: float = 0.15


@dataclass(frozen=True)
class TransferSettings:
    """Transfer from a teacher to a student of another modality on unlabelled pairs.

    The preparation is the teacher's, at the size of the student's clips.

    Attributes:
        modality: What the student receives.
        network: The student's network.
        shape: The student's clips; None for those that `student_shape` finds.
        granularity: See `Granularity`.
        start_from_teacher: Start the student from the teacher's weights, where both have the same
            network, instead of random ones.
        window_stride: Frames between the starts of the windows for which teacher embeddings are
            kept.
        max_video_s: A longer take counts as several videos of at most this length.
        validation_share: Share of the videos held out to choose the best weights.
        loss: See `TransferLoss`.
        temperature: Of a loss that has one; None for the loss's own.
    """

    modality: str = "depth"
    network: str = "r3d_tiny"
    granularity: Granularity = Granularity.VIDEO_CLIP
    start_from_teacher: bool = True
    fit: FitSettings = TRANSFER_FIT
    augmentation: Augmentation = field(default_factory=Augmentation)
    window_stride: int = 4
    max_video_s: float = 10.0
    validation_share: float = 0.1
    loss: TransferLoss = TransferLoss.COSINE
    temperature: float | None = None
    shape: ClipShape | None = None


class Start(StrEnum):
    """Which weights a depth network has before it is finetuned."""

    SCRATCH = "from scratch"
    FLOW_PRETRAINING = "flow pretraining"
    TRANSFER = "ours"


@dataclass(frozen=True)
class FinetuneSettings:
    """Finetuning on a few labelled clips an action.

    Attributes:
        modality: What the network receives; a transferred student brings its own.
        network: Taken from the start model where there is one.
        validation_share: Share of the labels that chooses the best weights. 0, the default with few
            labels, keeps the last ones.
    """

    modality: str = "depth"
    network: str = "r3d_tiny"
    shape: ClipShape = field(default_factory=ClipShape)
    preparation: Preparation = field(default_factory=Preparation)
    fit: FitSettings = FINETUNE_FIT
    augmentation: Augmentation = field(default_factory=Augmentation)
    label_smoothing: float = 0.1
    dropout: float = 0.3
    validation_share: float = 0.0
