"""Where the prepared arrays of a take are kept, and under which names."""

import hashlib
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Stream, StreamKind, Take
from fsamt_engine.modalities.arrays import ArrayWriter, map_array
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.skeleton import N_BODIES

VIEWS = "views"
"""What was seen of each depth frame, kept beside the modalities: other streams are cut by it."""

_SKELETON_RULE = 1
"""Raised when `skeleton.py` gives other arrays than before."""


class KeptTake:
    """The prepared arrays of one take under one preparation.

    Args:
        library: Where the take is.
        take: The take.
        preparation: The settings.
    """

    def __init__(self, library: Library, take: Take, preparation: Preparation) -> None:
        self.library = library
        self.take = take
        self.preparation = preparation

    @property
    def has_depth(self) -> bool:
        """Whether there is depth, by which the person is found."""
        return self.take.main.kind is StreamKind.DEPTH

    def stream(self, kind: StreamKind) -> Stream:
        """The take's stream of this kind.

        Raises:
            FsamtError: It has none.
        """
        stream = self.take.stream(kind)
        if stream is None:
            raise FsamtError(
                f"Take {self.take.id} has no {kind}.",
                "Choose takes that have what the network receives.",
            )
        return stream

    def read(self, what: str) -> npt.NDArray[Any] | None:
        """Maps the array of a modality (or of the views); None where it has to be made."""
        return map_array(self._path(what), *self._layout(what))

    def writer(self, what: str) -> ArrayWriter:
        """Writes the array of a modality (or of the views), frame by frame."""
        return ArrayWriter(self._path(what), *self._layout(what))

    def _layout(self, what: str) -> tuple[tuple[int, ...], str]:
        n_frames, size = self.take.main.n_frames, self.preparation.size
        if what == Modality.SKELETON:
            n_joints = self.stream(StreamKind.SKELETON).width
            return (n_frames, N_BODIES, n_joints, 3), "float32"
        return {
            Modality.DEPTH: ((n_frames, size, size), "float16"),
            Modality.INFRARED: ((n_frames, size, size), "uint8"),
            Modality.RGB: ((n_frames, size, size, 3), "uint8"),
            Modality.FLOW: ((n_frames, size, size, 2), "uint8"),
            VIEWS: ((n_frames, 9), "float64"),
        }[what]

    def _path(self, what: str) -> Path:
        name = f"{what}-{self.digest(what)}.npy"
        return self.library.cache_folder / "clips" / self.take.id / name

    def digest(self, what: str) -> str:
        """Names everything that an array depends on, so that nothing stale is ever found."""
        modality = Modality.DEPTH if what == VIEWS else Modality(what)
        main = self.take.main.kind
        kinds = [main, *(kind for kind in kinds_of(modality) if kind is not main)]
        parts = [self.stream(kind).sha256 for kind in kinds]
        if modality is Modality.SKELETON:
            parts.append(f"rule {_SKELETON_RULE}")
            return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
        parts += [repr(self.take.calibration), self.preparation.key(modality)]
        if self.take.region is not None:
            parts.append(f"region {self.take.region}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
