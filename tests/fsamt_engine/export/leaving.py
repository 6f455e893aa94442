"""What tests of exports share: a house with a recogniser, and how it leaves."""

from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.export.export import export_model
from fsamt_engine.export.settings import Exported, ExportFormat, ExportSettings
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation

SHAPE = ClipShape(n_frames=8, step=2, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)
LICENCE = "For research in our two labs only."


@dataclass(frozen=True)
class House:
    """A library, and its models."""

    library: Library
    teacher: ModelRecord
    student: ModelRecord
    recogniser: ModelRecord

    def export(self, out: Path, format: ExportFormat, **settings: object) -> Exported:
        """Export the recogniser."""
        return export_model(self.library, self.recogniser, out, format, ExportSettings(**settings))
