"""Depth as colours: turbo from near (warm) to far (cold), nothing where there was no reading."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_READING = 0
"""Index of the transparent entry; 1..255 run from near to far."""

SMALLEST_RANGE_M = 0.1
"""Warm and cold are at least this far apart."""

_TURBO = (
    (0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943),
    (0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604),
    (0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973),
)
"""Polynomials of red, green and blue by Ruofei Du for Anton Mikhailov's turbo (Google, 2019)."""


@dataclass(frozen=True)
class DepthRange:
    """The distances that get the warmest and the coldest colour, in metres."""

    near_m: float
    far_m: float

    @classmethod
    def of(cls, frames: NDArray[np.uint16], unit_m: float) -> "DepthRange":
        """The range that shows `frames` well: without the 1 % of readings at either end.

        Args:
            frames: (..., H, W) uint16, sensor units, 0 = no reading.
            unit_m: Metres of one unit.
        """
        readings = frames[frames > 0]
        if readings.size == 0:
            return cls(0.0, 1.0)
        near, far = np.percentile(readings, (1, 99)) * unit_m
        near_m = float(np.floor(near * 10) / 10)
        return cls(near_m, float(max(np.ceil(far * 10) / 10, near_m + SMALLEST_RANGE_M)))


def turbo_table() -> NDArray[np.uint8]:
    """Colours of the indices 0..255 as (256, 4) uint8 RGBA; entry 0 is transparent."""
    warm = np.linspace(1.0, 0.0, 255)
    table = np.zeros((256, 4), np.uint8)
    for channel, coefficients in enumerate(_TURBO):
        share = np.polynomial.polynomial.polyval(warm, coefficients)
        table[1:, channel] = np.round(np.clip(share, 0, 1) * 255)
    table[1:, 3] = 255
    return table


def depth_indices(frame: NDArray[np.uint16], unit_m: float, shown: DepthRange) -> NDArray[np.uint8]:
    """Colour indices of a depth frame.

    Args:
        frame: (H, W) uint16, sensor units, 0 = no reading.
        unit_m: Metres of one unit.
        shown: Readings outside of it take the colour of the nearer end.

    Returns:
        (H, W) uint8: 0 where there is no reading, else 1 (near) to 255 (far).
    """
    scale = 254.0 * unit_m / (shown.far_m - shown.near_m)
    indices = frame.astype(np.float32)
    indices *= np.float32(scale)
    indices += np.float32(1.5 - 254.0 * shown.near_m / (shown.far_m - shown.near_m))
    np.clip(indices, 1, 255, out=indices)
    coloured = indices.astype(np.uint8)
    coloured[frame == 0] = NO_READING
    return coloured
