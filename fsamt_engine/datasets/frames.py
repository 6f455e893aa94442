"""Videos and folders of pictures of a data set, as sources of frames."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps, pair_by_time
from fsamt_engine.datasets.reader import BrokenFileError, FrameSource
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.foreign import ForeignVideo
from fsamt_engine.media.index import open_video
from fsamt_engine.media.pictures import (
    Convert,
    PictureReader,
    RgbConversion,
    grey,
    grey16,
    picture_size,
)
from fsamt_engine.media.places import Place
from fsamt_engine.media.reading import FrameReader

_DEEP = ("gray16le", "gray16be")
_NUMBER = re.compile(r"(\d+)\D*$")


def colour_video(place: Place, rate_hz: float | None = None) -> FrameSource:
    """A colour video; its own rate where `rate_hz` is None, and 30 Hz where it tells none.

    Raises:
        BrokenFileError: It is missing, cut off or no video.
    """
    return _video(place, RgbConversion, rate_hz)


def infrared_video(place: Place, rate_hz: float | None = None) -> FrameSource:
    """An infrared video: its brightness, (H, W) uint8, or uint16 where it has more than 8 bits.

    Raises:
        BrokenFileError: It is missing, cut off or no video.
    """
    return _video(place, lambda: grey, rate_hz)


def depth_video(place: Place, rate_hz: float) -> FrameSource | None:
    """Depth in a lossless grey video of 16 bits; None for one of fewer, which holds no distances.

    Raises:
        BrokenFileError: It is missing, cut off or no video.
    """
    try:
        container, stream = open_video(place)
        with container:
            is_deep = (stream.codec_context.pix_fmt or "") in _DEEP
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    return _video(place, lambda: grey16, rate_hz) if is_deep else None


def depth_pictures(folder: Place, rate_hz: float, pattern: re.Pattern[str]) -> FrameSource:
    """Depth in pictures of 16 bits, in millimetres; 8 bits are refused when they are read.

    Raises:
        BrokenFileError: There are none, or some of those between the first and the last are gone.
    """
    return replace(_numbered(folder, rate_hz, pattern, grey16), unit_m=0.001)


def infrared_pictures(folder: Place, rate_hz: float, pattern: re.Pattern[str]) -> FrameSource:
    """Infrared in pictures of 8 or 16 bits.

    Raises:
        BrokenFileError: As for `depth_pictures`.
    """
    return _numbered(folder, rate_hz, pattern, grey)


def colour_pictures(folder: Place, rate_hz: float, pattern: re.Pattern[str]) -> FrameSource:
    """Colour in pictures.

    Raises:
        BrokenFileError: As for `depth_pictures`.
    """
    return _numbered(folder, rate_hz, pattern, RgbConversion())


def pictures(
    folder: Place,
    names: Sequence[str],
    convert: Convert,
    times_us: npt.NDArray[np.int64],
    rate_hz: float,
    domain: str,
) -> FrameSource:
    """Pictures whose names and times are known.

    Raises:
        BrokenFileError: The first of them cannot be read.
    """
    try:
        width, height = picture_size(folder / names[0])
    except FsamtError as error:
        raise BrokenFileError((folder / names[0]).shown, error.message) from error

    def frames() -> Iterator[npt.NDArray[Any]]:
        size = (width, height)
        yield from _each(PictureReader(folder.shown, folder, names, size, rate_hz, convert))

    return FrameSource(
        folder.shown,
        frames(),
        width,
        height,
        times_us,
        rate_hz,
        timestamp_domain=domain,
        place=folder,
        pictures=tuple(names),
    )


def pairs_of(
    depth: FrameSource | None, colour: FrameSource | None, rate_hz: float
) -> npt.NDArray[np.int64]:
    """Depth with colour within half a frame, as `LoadedTake.pairs`; none where one lacks."""
    if depth is None or colour is None:
        return np.empty((0, 3), np.int64)
    return pair_by_time(depth.timestamps_us, colour.timestamps_us, 0.5e6 / rate_hz)


def numbered(folder: Place, pattern: re.Pattern[str]) -> list[str]:
    """Names of the pictures in a folder by the last number in them, from whichever it begins.

    Raises:
        BrokenFileError: There are none, or some of those between the first and the last are gone.
    """
    try:
        found = [name for name in folder.names() if pattern.fullmatch(name)]
    except FsamtError as error:
        raise BrokenFileError(folder.shown, error.message) from error
    if not found:
        raise BrokenFileError(folder.shown, "There is no picture in it.")
    by_number = {_number(name): name for name in found}
    n_expected = max(by_number) - min(by_number) + 1
    if n_expected > len(by_number):
        n_gone = n_expected - len(by_number)
        raise BrokenFileError(folder.shown, f"{n_gone} of its {n_expected} pictures are missing.")
    return [by_number[number] for number in sorted(by_number)]


def _video(place: Place, make_convert: Callable[[], Convert], rate_hz: float | None) -> FrameSource:
    try:
        with ForeignVideo(place, None, make_convert()) as reader:
            n_frames, n_missing = reader.n_frames, reader.n_missing
            width, height, own_rate_hz = reader.width, reader.height, reader.rate_hz
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    if n_missing:
        raise BrokenFileError(place.shown, f"It is cut off: {n_missing} of its frames are missing.")

    def frames() -> Iterator[npt.NDArray[Any]]:
        yield from _each(ForeignVideo(place, None, make_convert()))

    rate = rate_hz or own_rate_hz or 30.0
    times_us = nominal_timestamps(n_frames, rate)
    return FrameSource(place.shown, frames(), width, height, times_us, rate, place=place)


def _numbered(
    folder: Place, rate_hz: float, pattern: re.Pattern[str], convert: Convert
) -> FrameSource:
    names = numbered(folder, pattern)
    times_us = nominal_timestamps(len(names), rate_hz)
    return pictures(folder, names, convert, times_us, rate_hz, "nominal")


def _each(reader: FrameReader) -> Iterator[npt.NDArray[Any]]:
    with reader:
        yield from reader


def _number(name: str) -> int:
    match = _NUMBER.search(name.rpartition(".")[0])
    return int(match[1]) if match else 0
