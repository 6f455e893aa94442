"""What depth, infrared and colour files have in common when they are read."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.media.failures import damaged, unreadable
from fsamt_engine.media.index import index_frames, open_video
from fsamt_engine.media.places import Place

_N_PROVED = 16  # So many frames must come as a file's times tell, before it is sought in.


class FrameReader(ABC):
    """Gives the frames of a stream by number, in any order; reading on is quickest.

    For one thread at a time. Rotation marks are ignored: frames come as they are stored.

    Attributes:
        path: The file.
        width: Pixels.
        height: Pixels.
        rate_hz: Nominal frames a second as the file tells, 0 where it does not.
        n_frames: Frames that can be asked for, up to the last whole one.
        n_missing: Frames that should be there and are not: cut off (`expected_frames` or the
            file's own header tells), or lost in the middle. Asking for a lost one raises.
    """

    path: Path
    width: int
    height: int
    rate_hz: float
    n_frames: int
    n_missing: int

    @abstractmethod
    def frame(self, number: int) -> npt.NDArray[Any]:
        """The frame of this number, 0 to `n_frames` - 1.

        Raises:
            FsamtError: It is lost or damaged.
        """

    @abstractmethod
    def close(self) -> None:
        """Lets go of the file. Closing twice is fine."""

    def __len__(self) -> int:
        return self.n_frames

    def __getitem__(self, number: int) -> npt.NDArray[Any]:
        """The frame of this number; negative numbers count from the end.

        Raises:
            IndexError: There is no such frame.
            FsamtError: It is lost or damaged.
        """
        if not -self.n_frames <= number < self.n_frames:
            raise IndexError(f"frame {number} of {self.n_frames} in {self.path.name}")
        return self.frame(number % self.n_frames)

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        for number in range(self.n_frames):
            yield self[number]

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Frames `start` to `stop` - 1 as one array, (T, H, W) or (T, H, W, 3).

        Raises:
            IndexError: They are not all there.
            FsamtError: One is lost or damaged.
        """
        if not 0 <= start < stop <= self.n_frames:
            raise IndexError(f"frames {start} to {stop} of {self.n_frames} in {self.path.name}")
        first = self[start]
        frames = np.empty((stop - start, *first.shape), first.dtype)
        frames[0] = first
        for number in range(start + 1, stop):
            frames[number - start] = self[number]
        return frames

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class VideoReader(FrameReader):
    """Reads a video file.

    Reading on from the last frame never seeks. In a file of ours any frame is found at once. In a
    foreign file the frame's number is its place among those that the decoder gives. Another frame
    is decoded from the last key frame before it, as far as the file's times can be trusted: the
    first frames must come as they tell, and so must every later one. Otherwise (frames without
    times that are decoded out of order) going back means decoding from the start.

    Args:
        path: The file.
        expected_frames: How many it should have, where that is known from elsewhere.
        place: Where it lies, if it is not simply the file `path`: inside a zip, say.

    Raises:
        FsamtError: No such file, not a video, or without a single whole frame.
    """

    def __init__(
        self, path: Path, expected_frames: int | None = None, place: Place | None = None
    ) -> None:
        self.path = Path(path)
        self._place = place or Place(self.path)
        container, stream = open_video(self._place)
        with container:
            index = index_frames(container, stream)
        if index is None:
            raise unreadable(self.path, "its header is damaged")
        if index.n_frames == 0:
            raise unreadable(self.path, "there is not one whole frame in it")
        self._ticks = index.ticks
        self._keys = index.keys
        self._n_proved = 0
        self.n_frames = index.n_frames
        should_be = index.n_declared if expected_frames is None else expected_frames
        self.n_missing = max(0, should_be - index.n_frames) + index.n_lost
        self._open()
        self.width: int = self._stream.codec_context.width
        self.height: int = self._stream.codec_context.height
        self.rate_hz = float(self._stream.average_rate or 0)

    def _open(self) -> None:
        self._container, self._stream = open_video(self._place)
        self._stream.codec_context.thread_count = self._n_threads()
        self._frames = self._decode()
        self._next = 0
        self._is_counted = True

    def frame(self, number: int) -> npt.NDArray[Any]:
        """The frame of this number.

        Raises:
            FsamtError: It is lost or damaged.
        """
        try:
            if number != self._next:
                self._go_to(number)
            frame = self._next_frame()
            return self._to_array(frame)
        except FsamtError:
            self._next = self.n_frames + 1  # Wherever the decoder is now, it is not trusted.
            raise

    def close(self) -> None:
        """Lets go of the file. Closing twice is fine."""
        self._container.close()

    def _go_to(self, number: int) -> None:
        if self._ticks is not None:
            self._seek(number)
            return
        key = self._key_before(number)
        if key and not key <= self._next <= number:
            self._begin_at(key)
        elif number < self._next:
            self._restart()
        while self._next < number:
            self._next_frame()

    def _key_before(self, number: int) -> int:
        """Number of the key frame from which to decode; 0, the beginning, where there is none."""
        key = self._keys.before(number) if self._keys else 0
        if key and self._n_proved < min(_N_PROVED, self.n_frames):
            if self._next != self._n_proved:
                self._restart()
            try:
                while self._keys and self._next < min(_N_PROVED, self.n_frames):
                    self._next_frame()
            except FsamtError:
                self._keys = None
                self._restart()
        return key if self._keys else 0

    def _begin_at(self, key: int) -> None:
        """Goes to a key frame; in a file that does not give it there, to the beginning."""
        assert self._keys is not None
        try:
            self._container.seek(int(self._keys.times[key]), stream=self._stream)
            frames = self._decode(key)
            place, frame = next(frames)
            while self._keys.is_shown_order and place is not None and place < key:
                place, frame = next(frames)  # Shown before the key frame, decoded after it.
        except (FsamtError, StopIteration, av.error.FFmpegError):
            place = None
        if place != key:
            self._keys = None
            self._restart()
            return
        self._frames = chain([(place, frame)], frames)
        self._next, self._is_counted = key, False

    def _seek(self, number: int) -> None:
        assert self._ticks is not None
        if self._ticks[number] < 0:
            raise damaged(self.path, number)
        try:
            self._container.seek(int(self._ticks[number]), stream=self._stream)
        except av.error.FFmpegError as error:
            raise damaged(self.path, number) from error
        self._frames = self._decode()
        self._next = number

    def _restart(self) -> None:
        self.close()
        self._open()

    def _next_frame(self) -> av.VideoFrame:
        number = self._next
        try:
            told, frame = next(self._frames)
        except (StopIteration, av.error.FFmpegError) as error:
            raise damaged(self.path, number) from error
        if self._ticks is not None and told != self._ticks[number]:
            raise damaged(self.path, number)
        if self._keys is not None and not self._keys.allow(told, number):
            self._keys = None  # Its times are not to be trusted: from now on frames are counted.
            if not self._is_counted:
                self._restart()
                self._go_to(number)
                return self._next_frame()
        if frame.is_corrupt or (frame.width, frame.height) != (self.width, self.height):
            raise damaged(self.path, number)
        self._next += 1
        if self._is_counted:
            self._n_proved = max(self._n_proved, self._next)
        return frame

    def _decode(self, key: int | None = None) -> Iterator[tuple[int | None, av.VideoFrame]]:
        """Frames from where the file is, or from a key frame after it, with what tells them apart.

        That is a time in a file of ours, the packet's place among the times of a foreign one.
        """
        for packet in self._container.demux(self._stream):
            if packet.size and not self._is_sound(packet):
                raise damaged(self.path, self._next)
            if packet.size and self._keys is not None:
                packet.pts = self._keys.number_of(packet)
                if key not in (None, packet.pts):
                    continue
                key = None
            for frame in packet.decode():
                yield frame.pts if self._ticks is None else packet.pts, frame

    def _is_sound(self, packet: "av.Packet[av.VideoStream]") -> bool:
        """Whether a packet is what was written, as far as the format lets one know."""
        return True

    def _n_threads(self) -> int:
        return 1

    @abstractmethod
    def _to_array(self, frame: av.VideoFrame) -> npt.NDArray[Any]:
        """The frame's pixels in an array of their own."""


class StoredReader(FrameReader):
    """Reads a stream of a take, whether its frames lie in the library or elsewhere.

    Args:
        path: Of the stream's file.
        expected_frames: How many it should have, where that is known from elsewhere.

    Raises:
        FsamtError: No such file, not one of its kind, or without a single whole frame; frames that
            lie elsewhere are not there.
    """

    def __init__(self, path: Path, expected_frames: int | None = None) -> None:
        self.path = Path(path)
        self._inner = self._open_frames(self.path, expected_frames)
        self.width, self.height = self._inner.width, self._inner.height
        self.rate_hz = self._inner.rate_hz
        self.n_frames, self.n_missing = self._inner.n_frames, self._inner.n_missing

    def frame(self, number: int) -> npt.NDArray[Any]:
        """The frame of this number.

        Raises:
            FsamtError: It is lost or damaged.
        """
        return self._inner.frame(number)

    def close(self) -> None:
        """Lets go of the file. Closing twice is fine."""
        self._inner.close()

    @abstractmethod
    def _open_frames(self, path: Path, expected_frames: int | None) -> FrameReader:
        """What reads the frames."""


def pixel_rows(frame: av.VideoFrame, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """The only plane of a frame, (H, values a row with FFmpeg's padding), without copying."""
    rows: npt.NDArray[Any] = np.frombuffer(memoryview(frame.planes[0]), dtype)
    return rows.reshape(frame.height, -1)
