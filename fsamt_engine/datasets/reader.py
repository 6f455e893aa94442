"""What a data set has to tell, so that it can be imported: one small module a data set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Calibration
from fsamt_engine.media.places import Place

N_EXAMPLES = 5
"""How many takes `Missing` names."""


@dataclass(frozen=True)
class SourceTake:
    """A take as it lies in a data set, not opened yet.

    Attributes:
        key: Unique in the data set, the same wherever the files lie ("a1_s1_t1").
        files: Where its files, or folders of pictures, lie, by what they hold, as the reader names
            them.
        participant: As `LoadedTake.participant`, so that takes can be chosen before any is opened.
        actions: What is done in it, as far as that is known without opening it.
    """

    key: str
    files: Mapping[str, Place]
    participant: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class FrameSource:
    """A depth, infrared or colour stream that is being read.

    Attributes:
        file: Where it comes from, named where it turns out to be broken.
        frames: One array a timestamp: (H, W) uint16 depth, (H, W) uint8 or uint16 infrared, or
            (H, W, 3) uint8 RGB, in the size of `width` and `height`. Going through them raises
            FsamtError where the file is broken.
        timestamps_us: (T,) int64.
        rate_hz: Nominal frames a second.
        unit_m: Metres a step of depth; None for the others.
        timestamp_domain: "device", "host" or "nominal".
        place: A video, or a folder of pictures, whose frames are exactly `frames` but for their
            size, so that an import may leave it where it is; None where there is no such thing.
        pictures: Names of the files in the folder `place`, one a frame, in order.
    """

    file: Path
    frames: Iterable[npt.NDArray[Any]]
    width: int
    height: int
    timestamps_us: npt.NDArray[np.int64]
    rate_hz: float
    unit_m: float | None = None
    timestamp_domain: str = "nominal"
    place: Place | None = None
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadedTake:
    """What the library is to know of a take: at least one stream.

    Frames are those of the main stream: depth, or where there is none the first of infrared, colour
    and skeleton (`Take.main`).

    Attributes:
        depth: None for a take without depth; likewise `colour` and `infrared`.
        skeleton: (T, B, J, 3) float32 metres, x right, y down, z away from the depth camera, NaN =
            not tracked. None where there is none.
        skeleton_rate_hz: Nominal frames a second of the skeleton.
        skeleton_us: (T,) int64 times of its frames, by the clock of the other streams; None where
            they follow from the rate.
        pairs: (n, 3) int64: depth frame, colour frame, skew in microseconds.
        segments: Action, first main frame, end (not included).
        started_at_us: Microseconds since 1970 UTC; 0 where the data set does not tell.
    """

    session: str
    participant: str
    depth: FrameSource | None = None
    colour: FrameSource | None = None
    infrared: FrameSource | None = None
    skeleton: npt.NDArray[np.float32] | None = None
    skeleton_rate_hz: float = 30.0
    skeleton_us: npt.NDArray[np.int64] | None = None
    pairs: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 3), np.int64))
    segments: tuple[tuple[str, int, int], ...] = ()
    calibration: Calibration = field(default_factory=Calibration)
    started_at_us: int = 0


@dataclass(frozen=True)
class Missing:
    """Something that a copy of a data set lacks.

    Attributes:
        what: In words ("no depth", "no skeleton, as the data set's list says").
        n: How many takes.
        examples: Keys of the first few.
        counts: What is counted, where that is not takes ("zip").
    """

    what: str
    n: int
    examples: tuple[str, ...] = ()
    counts: str = "take"

    def __str__(self) -> str:
        counted = f"1 {self.counts}" if self.n == 1 else f"{self.n:,} {self.counts}s"
        shown = f" ({', '.join(self.examples)}{', …' if self.n > len(self.examples) else ''})"
        return f"{counted}: {self.what}{shown if self.examples else ''}"


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

    def find(self, source: Path) -> Sequence[SourceTake]:
        """The takes in a folder, in an order that depends on their names only.

        No file of a take is opened. The sequence may make its takes when they are asked for, so
        that a hundred thousand of them need no memory: go through it rather than copy it.

        Raises:
            FsamtError: There is no such folder, or nothing of the data set in it.
        """
        ...

    def missing(self, source: Path) -> Sequence[Missing]:
        """What this copy of the data set lacks, by kind; nothing where it is complete.

        Raises:
            FsamtError: As for `find`.
        """
        ...

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a take; frames may be read later.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing.
        """
        ...
