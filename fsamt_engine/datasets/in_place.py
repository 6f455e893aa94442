"""Streams of a data set that stay where they are; see `media.elsewhere`."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fsamt_engine.datasets.reader import BrokenFileError, FrameSource
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import ELSEWHERE, StreamKind
from fsamt_engine.library.takes import StreamDraft
from fsamt_engine.media.elsewhere import Reference, extent_of, write_reference
from fsamt_engine.media.index import open_video
from fsamt_engine.media.pictures import PICTURES, picture_size
from fsamt_engine.media.places import Place


@dataclass(frozen=True)
class Folder:
    """The folder of a data set, and the number by which the library knows it."""

    number: str
    path: Path


def can_stay(frames: FrameSource) -> bool:
    """Whether frames can be read where they lie."""
    names = frames.pictures
    return frames.place is not None and all(
        PurePosixPath(name).suffix.lower() in PICTURES for name in names
    )


def refer_to(frames: FrameSource, kind: StreamKind, staging: Path, folder: Folder) -> StreamDraft:
    """Writes what stands for a stream whose frames stay where they are.

    Args:
        frames: They lie in a place of `folder`; none is decoded but the first, for its size.
        kind: Of the stream.
        staging: Folder of the take to come.
        folder: Of the data set.

    Raises:
        BrokenFileError: They are not there, or not what they should be.
        FsamtError: The disk is full.
    """
    place = frames.place
    assert place is not None
    try:
        width, height, codec = _look_at(place, frames.pictures)
        extent = extent_of(place, frames.pictures)
    except FsamtError as error:
        raise BrokenFileError(frames.file, error.message) from error
    reference = Reference(
        folder.number,
        place.path.relative_to(folder.path).as_posix(),
        place.member,
        frames.pictures,
        width,
        height,
        frames.rate_hz,
        extent,
    )
    path = staging / f"{kind}{ELSEWHERE}"
    write_reference(path, reference)
    return StreamDraft(
        kind,
        path,
        width,
        height,
        len(frames.timestamps_us),
        frames.rate_hz,
        codec,
        frames.timestamps_us,
        frames.unit_m,
        timestamp_domain=frames.timestamp_domain,
    )


def _look_at(place: Place, pictures: tuple[str, ...]) -> tuple[int, int, str]:
    """Width, height and codec."""
    if pictures:
        ending = PurePosixPath(pictures[0]).suffix.lower().lstrip(".")
        return *picture_size(place / pictures[0]), ending
    container, stream = open_video(place)
    with container:
        context = stream.codec_context
        return context.width, context.height, context.name
