"""A network that says where actions start and end: what all heads have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.settings import DetectionHead
from fsamt_engine.detection.streaming import DetectionStream
from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.store import normalisation_of, read_description
from fsamt_engine.learning.training_rate import training_rate_hz
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.networks.weights import load_weights
from fsamt_engine.progress import OnProgress, ShouldStop


@dataclass(frozen=True)
class TakeSpan:
    """A whole take that is searched: its main frames from 0 to `n_frames`, not included."""

    take_id: str
    participant: str
    n_frames: int
    rate_hz: float


class Detector(nn.Module, ABC):
    """A backbone and a head.

    Attributes:
        backbone: The student.
        n_actions: Actions that it tells apart; background is not one of them.
        shape: What is read at once.
        longest: Main frames of the longest action that it was taught; windows overlap by more.
    """

    def __init__(
        self, backbone: ActionNetwork, n_actions: int, shape: ClipShape, longest: float
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.n_actions = n_actions
        self.shape = shape
        self.longest = longest

    @property
    def in_channels(self) -> int:
        """Channels of a clip."""
        return self.backbone.in_channels

    @property
    def embedding_dim(self) -> int:
        """Length of the backbone's embeddings."""
        return self.backbone.embedding_dim

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What `Head.restore` builds the same detector from, as JSON holds it: its `longest`, too.

        `shape`, network and actions are in model.json already.
        """

    @property
    @abstractmethod
    def reach(self) -> int:
        """Main frames around a moment on which what is found there may depend."""

    @abstractmethod
    def search(
        self,
        reader: ClipReader,
        take: TakeSpan,
        device: Device,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Candidates]:
        """What may be actions in a take, window by window, before any suppression across windows.

        A window gives a bounded number of candidates, so that nothing grows with the take but the
        answers. Called in eval mode, on the device, without gradients.

        Raises:
            Cancelled: `should_stop`, asked at least with every batch, asked for it.
        """

    @abstractmethod
    def stream(
        self, modality: Modality, normalisation: Normalisation, device: Device
    ) -> DetectionStream:
        """The same, one clip at a time as they come live; nothing of the future is known there."""


@dataclass(frozen=True)
class LoadedDetector:
    """A detector ready for use, in eval mode, and how its input is made.

    Attributes:
        head: What it consists of besides its backbone.
        threshold: The score from which a detection is told live, where nobody asked for another;
            it was chosen on the detector's own training takes.
        rate_hz: Of the takes that it was trained on; frames of another pace are other seconds.
    """

    record: ModelRecord
    detector: Detector
    head: DetectionHead
    actions: tuple[str, ...]
    modality: Modality
    preparation: Preparation
    shape: ClipShape
    normalisation: Normalisation
    threshold: float
    rate_hz: float

    def reader(self, library: Library) -> ClipReader:
        """Reads what the detector sees."""
        return ClipReader(library, self.modality, self.preparation, self.shape, self.normalisation)


def load_detector(library: Library, record: ModelRecord, device: Device) -> LoadedDetector:
    """Build a detector, with its weights, on a device.

    Raises:
        FsamtError: The model is no detector; or a file is missing, broken, newer than the program.
    """
    from fsamt_engine.detection.heads import head

    if record.kind is not ModelKind.DETECTOR:
        raise FsamtError(
            f"{record.id} is a {record.kind}: it does not say when an action starts and ends.",
            "Finetune it for detection first, or choose a detector.",
        )
    description = read_description(library, record)
    weights = load_weights(library.absolute(record.path) / "weights.safetensors")
    try:
        own = description["detector"]
        modality = Modality(description["modality"])
        kind = DetectionHead(own["head"])
        detector = head(kind).restore(description)
        detector.load_state_dict(weights)
        loaded = LoadedDetector(
            record,
            detector,
            kind,
            tuple(description["actions"]),
            modality,
            Preparation.from_dict(description["preparation"]),
            ClipShape(**description["shape"]),
            normalisation_of(description, modality),
            float(own["threshold"]),
            training_rate_hz(library, record),
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise FsamtError(
            f"The detector {record.id} has a model.json that cannot be read ({first}).",
            "Train it again, or restore its folder from a copy.",
        ) from error
    detector.to(device.torch_device).eval()
    return loaded
