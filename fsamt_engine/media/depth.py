"""Depth files: FFV1, 16-bit grey, in the sensor's unit, 0 = no reading."""

from typing import Any, ClassVar

import numpy as np

from fsamt_engine.media.ffv1 import FFV1_CODEC, Ffv1Reader, Ffv1Writer

DEPTH_CODEC = FFV1_CODEC
_PIXEL_FORMAT = "gray16le"
_STORED_TYPE: np.dtype[Any] = np.dtype("<u2")


class DepthWriter(Ffv1Writer):
    """Writes depth: (H, W) uint16 frames in sensor units, 0 = no reading."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE


class DepthReader(Ffv1Reader):
    """Reads what DepthWriter wrote: (H, W) uint16 frames, identical to the bit."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE
    shown: ClassVar[str] = "depth"
