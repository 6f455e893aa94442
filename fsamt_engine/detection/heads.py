"""What a head has to offer, and where each is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from fsamt_engine.detection.detector import Detector
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.loop import FitResult, OnEpoch
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library, Snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Preparation
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.progress import OnProgress, ShouldStop, Stop


@dataclass(frozen=True)
class HeadJob:
    """A training that is asked of a head. The takes are prepared already.

    Attributes:
        start: A student or a teacher whose weights the backbone begins with.
        settings: With the modality and the network that are really trained.
        preparation: At the size of the student's clips.
        shape: The student's clips.
        normalisation: Of the start model, where it holds for this modality.
        checkpoint: Of the stage that is trained last; `stage_checkpoint` names those of others.
    """

    library: Library
    start: LoadedModel | None
    snapshot: Snapshot
    settings: DetectorSettings
    preparation: Preparation
    shape: ClipShape
    normalisation: Normalisation | None
    device: Device
    checkpoint: Path
    on_progress: OnProgress | None = None
    on_epoch: OnEpoch | None = None
    should_stop: ShouldStop | None = None

    def stage_checkpoint(self, stage: str) -> Path:
        """Of an earlier stage; removed with `checkpoint`."""
        return self.checkpoint.with_name(f"{self.checkpoint.stem}-{stage}.pt")

    def stop_other_stage(self) -> Stop | None:
        """The caller's wish while another stage than the last one trains.

        To keep the best weights is for the last stage alone: before it there are none, and after it
        they are kept already.
        """
        asked = self.should_stop() if self.should_stop else None
        return None if asked is Stop.KEEP_BEST else asked


@dataclass(frozen=True)
class FittedHead:
    """What a training gave.

    Attributes:
        detector: In eval mode, on the job's device.
        shape: The detector's.
        metrics: Further results by name; the last loss is noted anyway.
    """

    detector: Detector
    result: FitResult
    shape: ClipShape
    preparation: Preparation
    normalisation: Normalisation
    metrics: Mapping[str, float] = field(default_factory=dict)


class Head(Protocol):
    """How one kind of detector is trained and built."""

    def fit(self, job: HeadJob) -> FittedHead:
        """Train a detector, through `learning.loop.fit`; goes on from the job's checkpoint.

        Raises:
            Cancelled: Paused or cancelled.
            FsamtError: A network that the head cannot use, too few labels, a full disk.
        """

    def restore(self, description: Mapping[str, Any]) -> Detector:
        """The detector of a model.json, without its weights, on the CPU.

        Args:
            description: `description["detector"]["config"]` is what `Detector.config` gave.

        Raises:
            KeyError, TypeError, ValueError: It is of another head, or damaged.
            FsamtError: There is no such network.
        """


_MODULES = {
    DetectionHead.R_C3D: "fsamt_engine.detection.r_c3d",
    DetectionHead.ANCHOR_FREE: "fsamt_engine.detection.anchor_free",
}
"""Each holds its head as `HEAD`; imported when it is needed."""


def head(kind: DetectionHead) -> Head:
    """The head of this kind."""
    return cast(Head, import_module(_MODULES[kind]).HEAD)
