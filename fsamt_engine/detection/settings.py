"""What the training of a detector is told: frozen, JSON-able, stored with every detector.

Pages take `DetectionHead` and `SearchSettings` from `options`, which PyTorch is not imported for.
"""

from dataclasses import dataclass, field, replace

from fsamt_engine.detection.options import DetectionHead, SearchSettings, usual_search
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Preparation

__all__ = [
    "ADAPT_FIT",
    "ANCHOR_FREE_FIT",
    "R_C3D_FIT",
    "DetectionHead",
    "DetectorSettings",
    "SearchSettings",
    "usual_search",
    "usual_settings",
]

R_C3D_FIT = FitSettings(epochs=40, batch_size=4, learning_rate=5e-3)
ANCHOR_FREE_FIT = FitSettings(epochs=20, batch_size=8, learning_rate=2e-3)
ADAPT_FIT = FitSettings(epochs=30, batch_size=16, learning_rate=4e-3)
"""Defaults of the heads; `docs/method.md` says what they were chosen on."""


@dataclass(frozen=True)
class DetectorSettings:
    """Training a detector on labelled segments.

    Attributes:
        modality: What the network receives; a transferred student brings its own.
        network: The backbone; taken from the start model where there is one.
        shape: The student's clips; a head may read longer windows at the same step.
        fit: Of the head; with R-C3D of head and backbone together.
        adapt: How the backbone is finetuned as a recogniser before its embeddings are taken; None
            where the head needs no such stage.
    """

    head: DetectionHead = DetectionHead.ANCHOR_FREE
    modality: str = "depth"
    network: str = "r3d_tiny"
    shape: ClipShape = field(default_factory=ClipShape)
    preparation: Preparation = field(default_factory=Preparation)
    fit: FitSettings = ANCHOR_FREE_FIT
    adapt: FitSettings | None = ADAPT_FIT
    augmentation: Augmentation = field(default_factory=Augmentation)


def usual_settings(head: DetectionHead, seed: int = 0) -> DetectorSettings:
    """How a detector with this head is trained where nothing else is asked for."""
    if head is DetectionHead.R_C3D:
        return DetectorSettings(head=head, fit=replace(R_C3D_FIT, seed=seed), adapt=None)
    return DetectorSettings(
        head=head, fit=replace(ANCHOR_FREE_FIT, seed=seed), adapt=replace(ADAPT_FIT, seed=seed)
    )
