"""Infrared files: FFV1, 8-bit grey, as the sensor gives it."""

from typing import Any, ClassVar

import numpy as np

from fsamt_engine.media.ffv1 import FFV1_CODEC, Ffv1Reader, Ffv1Writer

INFRARED_CODEC = FFV1_CODEC
_PIXEL_FORMAT = "gray"
_STORED_TYPE: np.dtype[Any] = np.dtype("u1")


class InfraredWriter(Ffv1Writer):
    """Writes infrared: (H, W) uint8 frames."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE


class InfraredReader(Ffv1Reader):
    """Reads what InfraredWriter wrote: (H, W) uint8 frames, identical to the bit."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE
    shown: ClassVar[str] = "infrared"
