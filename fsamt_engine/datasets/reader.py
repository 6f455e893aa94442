"""What a data set has to tell, so that it can be imported: one small module a data set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Calibration


@dataclass(frozen=True)
class SourceTake:
    """A take as it lies in a data set, not opened yet.

    Attributes:
        key: Unique in the data set, the same wherever the files lie ("a1_s1_t1").
        files: Its files by what they hold, as the reader names them.
    """

    key: str
    files: Mapping[str, Path]


@dataclass(frozen=True)
class FrameSource:
    """A depth or colour stream that is being read.

    Attributes:
        file: Where it comes from, named where it turns out to be broken.
        frames: One array a timestamp: (H, W) uint16 depth or (H, W, 3) uint8 RGB. Going through
            them raises FsamtError where the file is broken.
        timestamps_us: (T,) int64.
        rate_hz: Nominal frames a second.
        unit_m: Metres a step of depth; None for colour.
        timestamp_domain: "device", "host" or "nominal".
    """

    file: Path
    frames: Iterable[npt.NDArray[Any]]
    width: int
    height: int
    timestamps_us: npt.NDArray[np.int64]
    rate_hz: float
    unit_m: float | None = None
    timestamp_domain: str = "nominal"


@dataclass(frozen=True)
class LoadedTake:
    """What the library is to know of a take.

    Attributes:
        depth: Always there: nothing can be learnt from a take without it.
        colour: None for a depth-only take.
        skeleton: (T, B, J, 3) float32 metres, x right, y down, z away from the depth camera, NaN =
            not tracked; at depth's rate. None where there is none.
        pairs: (n, 3) int64: depth frame, colour frame, skew in microseconds.
        segments: Action, first depth frame, end (not included).
        started_at_us: Microseconds since 1970 UTC; 0 where the data set does not tell.
    """

    session: str
    participant: str
    depth: FrameSource
    colour: FrameSource | None = None
    skeleton: npt.NDArray[np.float32] | None = None
    pairs: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 3), np.int64))
    segments: tuple[tuple[str, int, int], ...] = ()
    calibration: Calibration = field(default_factory=Calibration)
    started_at_us: int = 0


class BrokenFileError(Exception):
    """A file of a data set cannot be used.

    Args:
        file: Which.
        reason: One sentence for the user.
    """

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason


class DataSetReader(Protocol):
    """A data set's layout. Several threads may call `load` at the same time."""

    @property
    def name(self) -> str:
        """As the library and the command line call it ("utd-mhad")."""
        ...

    @property
    def actions(self) -> Mapping[str, str]:
        """Descriptions of the data set's actions by name."""
        ...

    def find(self, source: Path) -> list[SourceTake]:
        """The takes in a folder, in an order that depends on their names only.

        Raises:
            FsamtError: There is no such folder, or nothing of the data set in it.
        """
        ...

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a take; frames may be read later.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing.
        """
        ...
