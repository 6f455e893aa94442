"""Depth files: FFV1, 16-bit grey, in the sensor's unit, 0 = no reading."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from fsamt_engine.media.elsewhere import is_elsewhere
from fsamt_engine.media.ffv1 import FFV1_CODEC, Ffv1Reader, Ffv1Writer
from fsamt_engine.media.foreign import open_elsewhere
from fsamt_engine.media.pictures import grey16
from fsamt_engine.media.reading import FrameReader, StoredReader

DEPTH_CODEC = FFV1_CODEC
_PIXEL_FORMAT = "gray16le"
_STORED_TYPE: np.dtype[Any] = np.dtype("<u2")


class DepthWriter(Ffv1Writer):
    """Writes depth: (H, W) uint16 frames in sensor units, 0 = no reading."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE


class _DepthVideo(Ffv1Reader):
    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE
    shown: ClassVar[str] = "depth"


class DepthReader(StoredReader):
    """Reads depth, to the bit: what DepthWriter wrote, or 16-bit pictures that lie elsewhere.

    Frames are (H, W) uint16 in the unit that is stored with the stream.
    """

    def _open_frames(self, path: Path, expected_frames: int | None) -> FrameReader:
        if is_elsewhere(path):
            return open_elsewhere(path, expected_frames, grey16)
        return _DepthVideo(path, expected_frames)
