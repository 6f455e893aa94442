"""Colour files: written as Motion JPEG, read from any video."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from fsamt_engine.media.elsewhere import is_elsewhere
from fsamt_engine.media.foreign import ForeignVideo, open_elsewhere
from fsamt_engine.media.pictures import RgbConversion
from fsamt_engine.media.places import Place
from fsamt_engine.media.reading import FrameReader, StoredReader
from fsamt_engine.media.writing import FrameWriter

COLOUR_CODEC = "mjpeg"
_PIXEL_FORMAT = "yuvj422p"
_QUANTISER = "3"


class ColourWriter(FrameWriter):
    """Writes colour frames as Motion JPEG, every frame a key frame.

    Full range, BT.601, as every JPEG. 4:2:2, because that is what the sensors of depth cameras
    deliver: 4:4:4 would store chroma that never was (at half the decoding speed), 4:2:0 would throw
    half of it away to save 8 % of the bytes.

    Args:
        path: File to write.
        width: Pixels.
        height: Pixels.
        rate_hz: Nominal frames a second.
    """

    def __init__(self, path: Path, width: int, height: int, rate_hz: float) -> None:
        super().__init__(
            path,
            COLOUR_CODEC,
            _PIXEL_FORMAT,
            width,
            height,
            rate_hz,
            {"qmin": _QUANTISER, "qmax": _QUANTISER, "color_range": "pc"},
        )
        self._reformatter = VideoReformatter()

    def write(self, frame: npt.NDArray[np.uint8]) -> None:
        """Appends a frame.

        Args:
            frame: (H, W, 3) uint8 RGB. Not kept.

        Raises:
            FsamtError: The disk is full.
            ValueError: Wrong shape or type; nothing was written.
        """
        if frame.shape != (self.height, self.width, 3) or frame.dtype != np.uint8:
            raise ValueError(
                f"a {self.width}x{self.height} RGB uint8 frame was expected, not {frame.shape} "
                f"{frame.dtype}"
            )
        rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
        self._encode(
            self._reformatter.reformat(
                rgb,
                format=_PIXEL_FORMAT,
                dst_colorspace=Colorspace.ITU601,
                dst_color_range=ColorRange.JPEG,
                threads=1,
            )
        )


class ColourReader(StoredReader):
    """Reads colour, what ColourWriter wrote and any video that FFmpeg decodes: (H, W, 3) uint8 RGB.

    The range and the colour matrix that the file names are followed; where it names none, limited
    range and BT.601 (FFmpeg's default) are assumed. A damaged picture that still can be decoded is
    not noticed here, since JPEG has no checksum: the library's `verify` notices it.
    """

    def _open_frames(self, path: Path, expected_frames: int | None) -> FrameReader:
        if is_elsewhere(path):
            return open_elsewhere(path, expected_frames, RgbConversion())
        return ForeignVideo(Place(path), expected_frames, RgbConversion())
