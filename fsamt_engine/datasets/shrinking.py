"""Colour made smaller on its way in: networks look at no more than about 256 pixels of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy.typing as npt

from fsamt_engine.datasets.reader import LoadedTake

SHORT_SIDE = 256
"""Pixels that large colour keeps by default: about what published teachers were trained on."""
LARGE = 480
"""Colour with a longer short side is reduced by default; what a depth camera gives is kept."""


@dataclass(frozen=True)
class _Smaller:
    """Frames, each reduced as it is asked for."""

    frames: Iterable[npt.NDArray[Any]]
    size: tuple[int, int]

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        for frame in self.frames:
            yield cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA)


def default_short_side(loaded: LoadedTake) -> int:
    """What colour of this take is reduced to where nobody says anything else; 0 keeps it."""
    colour = loaded.colour
    is_large = colour is not None and min(colour.width, colour.height) > LARGE
    return SHORT_SIDE if is_large else 0


def shrunk(loaded: LoadedTake, short_side: int) -> LoadedTake:
    """The take with colour, and its calibration, at most so large; measurements stay as they are.

    Args:
        loaded: Its frames are not read yet.
        short_side: Pixels; the long side follows, rounded to an even number.
    """
    colour = loaded.colour
    if colour is None or min(colour.width, colour.height) <= short_side:
        return loaded
    scale = short_side / min(colour.width, colour.height)
    width, height = (2 * round(scale * side / 2) for side in (colour.width, colour.height))
    frames = _Smaller(colour.frames, (width, height))
    smaller = replace(colour, frames=frames, width=width, height=height)
    intrinsics = loaded.calibration.colour
    if intrinsics is None:
        return replace(loaded, colour=smaller)
    calibration = replace(loaded.calibration, colour=intrinsics.scaled(width, height))
    return replace(loaded, colour=smaller, calibration=calibration)
