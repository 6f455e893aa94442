"""What a person decides before a recogniser leaves: what for, what goes along, where to."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from fsamt_engine.export.settings import ExportFormat, ExportSettings

translate = QCoreApplication.translate


class Purpose(StrEnum):
    """What the file is for; the first kind of file that serves it."""

    COLLEAGUE = "bundle"
    SOFTWARE = "onnx"
    PYTORCH = "pt2"
    WEIGHTS = "safetensors"

    @property
    def ending(self) -> str:
        """Of the file, with its dot."""
        return {Purpose.SOFTWARE: ".onnx", Purpose.PYTORCH: ".pt2"}.get(self, ".zip")


class Precision(StrEnum):
    """How exactly the numbers of the network are kept; the ending of the format's name."""

    AS_TRAINED = ""
    HALF = "-fp16"
    BYTE = "-int8"


@dataclass(frozen=True)
class ExportChoice:
    """An export as it was asked for."""

    purpose: Purpose
    precision: Precision
    out: Path
    settings: ExportSettings

    @property
    def format(self) -> ExportFormat:
        """As the engine names it."""
        return ExportFormat(f"{self.purpose}{self.precision}")


def purpose_name(purpose: Purpose) -> str:
    """In two or three words."""
    return {
        Purpose.COLLEAGUE: translate("Export", "For a colleague"),
        Purpose.SOFTWARE: translate("Export", "For software of your own"),
        Purpose.PYTORCH: translate("Export", "For PyTorch"),
        Purpose.WEIGHTS: translate("Export", "The weights alone"),
    }[purpose]


def file_name(purpose: Purpose) -> str:
    """What kind of file it is."""
    return {
        Purpose.COLLEAGUE: translate("Export", "a bundle (.zip)"),
        Purpose.SOFTWARE: translate("Export", "an ONNX file (.onnx)"),
        Purpose.PYTORCH: translate("Export", "a PyTorch program (.pt2)"),
        Purpose.WEIGHTS: translate("Export", "weights and model.json (.zip)"),
    }[purpose]


def precision_name(precision: Precision) -> str:
    """As it stands on its button."""
    return {
        Precision.AS_TRAINED: translate("Export", "32 bits, as trained"),
        Precision.HALF: translate("Export", "16 bits"),
        Precision.BYTE: translate("Export", "8 bits"),
    }[precision]
