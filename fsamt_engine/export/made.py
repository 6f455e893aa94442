"""What was made in the workshop of an export, checked."""

from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.export.settings import DetectionParity, Parity, Speed


@dataclass(frozen=True)
class Made:
    """A file or folder that can be handed over."""

    path: Path
    parity: Parity | DetectionParity
    card: str
    speeds: tuple[Speed, ...] = ()
