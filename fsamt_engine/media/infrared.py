"""Infrared files: FFV1, grey of 8 or 16 bits, as the sensor gives it."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from fsamt_engine.media.elsewhere import is_elsewhere
from fsamt_engine.media.ffv1 import FFV1_CODEC, Ffv1Reader, Ffv1Writer, format_and_title
from fsamt_engine.media.foreign import open_elsewhere
from fsamt_engine.media.pictures import grey
from fsamt_engine.media.reading import FrameReader, StoredReader

INFRARED_CODEC = FFV1_CODEC
_PIXEL_FORMAT, _DEEP_FORMAT = "gray", "gray16le"
_STORED_TYPE: np.dtype[Any] = np.dtype("u1")
_DEEP_TITLE = "infrared"
"""Tells it from depth, which has the same pixels."""
_DEEP_TYPE: np.dtype[Any] = np.dtype("<u2")


class InfraredWriter(Ffv1Writer):
    """Writes infrared: (H, W) uint8 frames."""

    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE


class DeepInfraredWriter(Ffv1Writer):
    """Writes infrared: (H, W) uint16 frames, as the Kinect v2 gives them."""

    pixel_format: ClassVar[str] = _DEEP_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _DEEP_TYPE
    title: ClassVar[str] = _DEEP_TITLE


class _InfraredVideo(Ffv1Reader):
    pixel_format: ClassVar[str] = _PIXEL_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _STORED_TYPE
    shown: ClassVar[str] = "infrared"


class _DeepInfraredVideo(_InfraredVideo):
    pixel_format: ClassVar[str] = _DEEP_FORMAT
    stored_type: ClassVar[np.dtype[Any]] = _DEEP_TYPE


class InfraredReader(StoredReader):
    """Reads infrared: what a writer wrote, to the bit, or a video or pictures that lie elsewhere.

    Frames are (H, W) uint8, or uint16 where the sensor gave more than 8 bits.
    """

    def _open_frames(self, path: Path, expected_frames: int | None) -> FrameReader:
        if is_elsewhere(path):
            return open_elsewhere(path, expected_frames, grey)
        is_deep = format_and_title(path) == (_DEEP_FORMAT, _DEEP_TITLE)
        return (_DeepInfraredVideo if is_deep else _InfraredVideo)(path, expected_frames)
