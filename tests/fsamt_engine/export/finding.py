"""What tests of exported detectors share: untrimmed takes, and detectors of both heads."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fsamt_engine.detection.detector import LoadedDetector, load_detector
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings
from fsamt_engine.detection.train import train_detector
from fsamt_engine.evaluation.detection_labels import detection_labels
from fsamt_engine.export.export import export_model
from fsamt_engine.export.settings import Exported, ExportFormat, ExportSettings
from fsamt_engine.export.takes import RealTake, choose_takes
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.library import Library, ModelRecord
from tests.fsamt_engine.detection.tiny import PREPARATION, SHAPE, add_untrimmed_take

ACTIONS = ("across", "down")
LICENCE = "For research in our two labs only."


@dataclass(frozen=True)
class Search:
    """A library whose P1 and P2 have taught a detector; P3 is left for tests."""

    library: Library
    detector: ModelRecord

    @property
    def loaded(self) -> LoadedDetector:
        """On the CPU."""
        return load_detector(self.library, self.detector, choose_device("cpu"))

    @property
    def take(self) -> RealTake:
        """An untrimmed take of P3."""
        return choose_takes(self.library, self.detector).takes[0]

    def export(
        self, out: Path, format: ExportFormat = ExportFormat.BUNDLE, **settings: object
    ) -> Exported:
        """Export the detector."""
        return export_model(self.library, self.detector, out, format, ExportSettings(**settings))


def trained(root: Path, head: DetectionHead) -> Search:
    """A new library with a detector of this head, hardly trained."""
    library = Library.create(root)
    for participant in ("P1", "P2", "P3"):
        for number in range(2):
            add_untrimmed_take(library, participant, ACTIONS, number)
    is_r_c3d = head is DetectionHead.R_C3D
    settings = DetectorSettings(
        head=head,
        shape=SHAPE,
        preparation=PREPARATION,
        fit=FitSettings(epochs=2, batch_size=4),
        adapt=None if is_r_c3d else FitSettings(epochs=2, batch_size=4),
        augmentation=Augmentation(flip=False),
    )
    labels = detection_labels(library, ACTIONS, ("P1", "P2"), ("P3",))
    return Search(library, train_detector(library, None, labels, settings, device="cpu"))


def saved(path: Path, one: RealTake, at_us: np.ndarray | None = None) -> Path:
    """A take as a file that the runner reads."""
    frames = np.stack(list(one.frames()))
    times = {} if at_us is None else {"at_us": at_us}
    np.savez(path, depth=frames, unit_m=one.unit_m, **times)
    return path
