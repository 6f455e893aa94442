"""Opens frames that lie elsewhere: videos and pictures of a data set."""

from pathlib import Path
from typing import Any

import av
import numpy.typing as npt

from fsamt_engine.media.elsewhere import check_video, find_place, read_reference
from fsamt_engine.media.failures import damaged
from fsamt_engine.media.pictures import Convert, PictureReader
from fsamt_engine.media.places import Place
from fsamt_engine.media.reading import FrameReader, VideoReader


class ForeignVideo(VideoReader):
    """Reads a video of whoever made it.

    Args:
        place: Where it lies.
        expected_frames: How many it should have.
        convert: Makes an array of a decoded frame.
    """

    def __init__(self, place: Place, expected_frames: int | None, convert: Convert) -> None:
        self._convert = convert
        super().__init__(place.shown, expected_frames, place)

    def _to_array(self, frame: av.VideoFrame) -> npt.NDArray[Any]:
        try:
            return self._convert(frame)
        except ValueError as error:
            raise damaged(self.path, self._next - 1) from error


def open_elsewhere(path: Path, expected_frames: int | None, convert: Convert) -> FrameReader:
    """Opens the frames that a file of the library refers to.

    Args:
        path: Of the file, which ends with `elsewhere.ENDING`.
        expected_frames: How many there should be, where that is known.
        convert: Makes an array of a decoded frame.

    Raises:
        FsamtError: They are not there, cannot be read, or are those of another video.
    """
    reference = read_reference(path)
    place = find_place(path, reference)
    if not reference.pictures:
        check_video(place, reference)
        return ForeignVideo(place, expected_frames, convert)
    size = (reference.width, reference.height)
    return PictureReader(path, place, reference.pictures, size, reference.rate_hz, convert)
