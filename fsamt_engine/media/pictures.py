"""Pictures, one file a frame: PNG and JPEG, in a folder or inside a zip, read where they lie."""

import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from fsamt_engine.errors import FsamtError
from fsamt_engine.media.failures import damaged, unreadable
from fsamt_engine.media.places import Place
from fsamt_engine.media.reading import FrameReader, pixel_rows
from fsamt_engine.media.zips import ZipIndex

_CODECS = {".png": "png", ".jpg": "mjpeg", ".jpeg": "mjpeg"}
PICTURES = tuple(_CODECS)
"""Endings of picture files."""
_STRICT = {"err_detect": "crccheck+explode"}
"""FFmpeg's decoder shows damaged pictures as well as it can otherwise."""
_GREY: dict[str, np.dtype[Any]] = {
    "gray16be": np.dtype(">u2"),
    "gray16le": np.dtype("<u2"),
    "gray": np.dtype("u1"),
}

Convert = Callable[[av.VideoFrame], npt.NDArray[Any]]
"""What makes an array of a decoded frame; ValueError where it holds something else."""


class PictureReader(FrameReader):
    """Reads pictures as the frames of a stream.

    Args:
        path: What stands for them in the library; sentences name the pictures themselves.
        folder: Where they lie.
        names: Of the files in the folder, one a frame, in order.
        size: Width and height.
        rate_hz: Nominal frames a second.
        convert: Makes an array of a decoded picture.

    Raises:
        FsamtError: The folder or the zip is not there.
    """

    def __init__(
        self,
        path: Path,
        folder: Place,
        names: Sequence[str],
        size: tuple[int, int],
        rate_hz: float,
        convert: Convert,
    ) -> None:
        self.path = path
        self.width, self.height = size
        self.rate_hz = rate_hz
        self.n_frames = len(names)
        self._folder, self._names, self._convert = folder, names, convert
        self._open = ExitStack()
        self._zip = self._open.enter_context(ZipIndex(folder.path)) if folder.member else None
        there = set(folder.names() if self._zip is None else self._zip.names_in(folder.member))
        self.n_missing = sum(name not in there for name in names)

    def frame(self, number: int) -> npt.NDArray[Any]:
        """The frame of this number.

        Raises:
            FsamtError: Its picture is gone, damaged, or of another kind or size than the rest.
        """
        place = self._folder / self._names[number]
        data = self._zip.read(place.member) if self._zip is not None else place.read()
        decoded = decode_picture(place, data)
        try:
            pixels = self._convert(decoded)
        except ValueError as error:
            raise unreadable(place.shown, str(error)) from error
        if (decoded.width, decoded.height) != (self.width, self.height):
            raise damaged(place.shown, number)
        return pixels

    def close(self) -> None:
        """Lets go of the zip. Closing twice is fine."""
        self._open.close()


def decode_picture(place: Place, data: bytes) -> av.VideoFrame:
    """Decodes one picture.

    Args:
        place: Where it lies; its ending says what it is.
        data: The content of the file.

    Raises:
        FsamtError: It is no such picture, cut off or damaged.
    """
    codec = _CODECS.get(PurePosixPath(place.name).suffix.lower())
    if codec is None:
        raise unreadable(place.shown, "it is neither a PNG nor a JPEG picture")
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, av.VideoCodecContext)
    context.thread_count = 1
    context.options = _STRICT
    try:
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    except (av.error.FFmpegError, ValueError, zlib.error) as error:
        raise unreadable(place.shown, "it is cut off or damaged") from error
    if not frames:
        raise unreadable(place.shown, "there is no picture in it")
    return frames[0]


def grey16(frame: av.VideoFrame) -> npt.NDArray[np.uint16]:
    """(H, W) uint16 of a 16-bit grey picture.

    Raises:
        ValueError: It is of another kind, as one that was saved with 8 bits.
    """
    if _GREY.get(frame.format.name, np.dtype("u1")).itemsize != 2:
        raise ValueError(f"it is no 16-bit grey picture ({frame.format.name})")
    return grey(frame)


def grey(frame: av.VideoFrame) -> npt.NDArray[Any]:
    """(H, W) uint8 or uint16, as stored; of a colour video its brightness.

    Raises:
        ValueError: It has no brightness of its own to take.
    """
    if frame.format.name in _GREY:
        stored = _GREY[frame.format.name]
        return pixel_rows(frame, stored)[:, : frame.width].astype(stored.newbyteorder("="))
    plain = VideoReformatter().reformat(frame, format="gray", threads=1)
    return pixel_rows(plain, np.uint8)[:, : frame.width].copy()


class RgbConversion:
    """Makes (H, W, 3) uint8 of any decoded frame, of many frames quicker than of one each."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
        """The pixels of a frame in an array of their own."""
        plain = self._reformatter.reformat(frame, format="rgb24", threads=1)
        rows = pixel_rows(plain, np.uint8)[:, : 3 * frame.width]
        return rows.reshape(frame.height, frame.width, 3).copy()


def rgb(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8 of one picture."""
    return RgbConversion()(frame)


def picture_size(place: Place) -> tuple[int, int]:
    """Width and height of one picture.

    Raises:
        FsamtError: It cannot be read.
    """
    frame = decode_picture(place, place.read())
    if min(frame.width, frame.height) < 2:
        raise FsamtError(f"{place} is too small for a picture.", "Leave the take out.")
    return frame.width, frame.height
