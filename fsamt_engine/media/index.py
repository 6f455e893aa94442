"""Where the frames of a video file are."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from fsamt_engine.media.failures import unreadable
from fsamt_engine.media.key_frames import KeyFrames, PacketFacts, find_key_frames
from fsamt_engine.media.places import Place
from fsamt_engine.media.writing import TAG

_TIME_BASE = Fraction(1, 1000)
_RATE_TOLERANCE = Fraction(1, 10_000)
_FAR = 2**40
_LOST = -1

_INDEX_BYTES = 1 << 30
"""FFmpeg's limit for the index that it keeps in memory, 24 bytes a frame. With its own of 1 MiB it
drops every other frame of a file of more than 43,690 (24 minutes), which is then not found."""


@dataclass(frozen=True)
class FrameIndex:
    """What a file says of its frames, after a look at it.

    Attributes:
        n_frames: Frames up to the last one that is there.
        n_lost: Frames before it that are not.
        n_declared: How many the file says it has; 0 where it says nothing.
        ticks: (n_frames,) int64 time of every frame in the stream's time base, -1 for a lost one;
            None for a file that is not ours.
        keys: Of a file that is not ours; None where it can only be decoded in sequence.
    """

    n_frames: int
    n_lost: int
    n_declared: int
    ticks: npt.NDArray[np.int64] | None = None
    keys: KeyFrames | None = None


def open_video(place: Place) -> tuple[av.container.InputContainer, av.VideoStream]:
    """Opens a video and its first stream of pictures.

    Raises:
        FsamtError: It does not exist, is no video or holds no picture.
    """
    path = place.shown
    if not place.path.is_file():
        raise unreadable(path, "there is no such file")
    source = place.open() if place.member else str(path)
    try:
        # A last packet that was cut through is marked corrupt by some demuxers instead of dropped.
        options = {"fflags": "+discardcorrupt", "indexmem": str(_INDEX_BYTES)}
        container = av.open(source, "r", options=options)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise unreadable(path, "it is not a video, or it lacks its beginning") from error
    stream = next(iter(container.streams.video), None)
    # A codec that FFmpeg does not know leaves the stream without a context.
    if stream is None or not getattr(stream.codec_context, "width", 0):
        container.close()
        raise unreadable(path, "there is no picture in it")
    return container, stream


def index_frames(
    container: av.container.InputContainer, stream: av.VideoStream
) -> FrameIndex | None:
    """Finds the frames of a file. Moves the reading position: open the file again to read it.

    A file of ours that was closed properly carries an index of all its frames, and only that is
    read. Any other file is walked through once, without decoding. None for a damaged header.
    """
    tag = container.metadata.get(TAG)
    if tag is None:
        facts = [PacketFacts.of(packet) for packet in _walk(container, stream)]
        return FrameIndex(len(facts), 0, stream.frames, keys=find_key_frames(facts))
    rate = _rate(tag, stream)
    if rate is None:
        return None
    ticks_a_frame = 1 / (rate * _TIME_BASE)
    n_declared = _declared(container, rate)
    if n_declared:
        index = _index_by_number(_stored_ticks(container, stream), ticks_a_frame, n_declared)
        if index.n_frames == n_declared and not index.n_lost:
            return index
    ticks = [
        place if packet.pts is None else packet.pts
        for place, packet in enumerate(_walk(container, stream))
    ]
    return _index_by_number(ticks, ticks_a_frame, n_declared)


def _rate(tag: str, stream: av.VideoStream) -> Fraction | None:
    """The rate, or None where tag and header do not tell the same: one of them is damaged."""
    size, _, rate_text = tag.partition("@")
    try:
        rate = Fraction(rate_text)
    except (ValueError, ZeroDivisionError):
        return None
    if size != f"{stream.codec_context.width}x{stream.codec_context.height}":
        return None
    if stream.time_base != _TIME_BASE or stream.average_rate is None or rate <= 0:
        return None
    return rate if abs(stream.average_rate / rate - 1) < _RATE_TOLERANCE else None


def _declared(container: av.container.InputContainer, rate: Fraction) -> int:
    """Frames that the length in the header stands for: it is written when a file is closed."""
    return round(container.duration * rate / av.time_base) if container.duration else 0


def _stored_ticks(container: av.container.InputContainer, stream: av.VideoStream) -> list[int]:
    try:
        container.seek(_FAR, stream=stream)
    except av.error.FFmpegError:
        return []
    return [entry.timestamp for entry in stream.index_entries]


def _walk(
    container: av.container.InputContainer, stream: av.VideoStream
) -> Iterator["av.Packet[av.VideoStream]"]:
    """All whole packets that can be reached."""
    # Not every demuxer can seek; then nothing was read before and this is the start anyway.
    with suppress(av.error.FFmpegError):
        container.seek(0, stream=stream)
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            if packet.size:
                yield packet


def _index_by_number(ticks: list[int], ticks_a_frame: Fraction, n_declared: int) -> FrameIndex:
    """Puts rounded times back to frame numbers. A time between two frames is damage."""
    limit = n_declared or 2 * len(ticks) + 1000
    by_number: dict[int, int] = {}
    for tick in ticks:
        number = round(tick / ticks_a_frame)
        if 0 <= number < limit and abs(number * ticks_a_frame - tick) <= 1:
            by_number[number] = tick
    n_frames = max(by_number, default=-1) + 1
    all_ticks = np.full(n_frames, _LOST, np.int64)
    all_ticks[list(by_number)] = list(by_number.values())
    return FrameIndex(n_frames, n_frames - len(by_number), n_declared, all_ticks)
