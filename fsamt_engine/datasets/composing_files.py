"""The files that a composed take is joined of: few open at a time, their frames by main frame."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Stream, StreamKind
from fsamt_engine.library.takes import pairs, take, timestamps
from fsamt_engine.media import ColourReader, DepthReader, InfraredReader, read_skeleton
from fsamt_engine.media.reading import FrameReader

Frames = npt.NDArray[np.int64]

_READERS: Mapping[StreamKind, Callable[[Path, int], FrameReader]] = {
    StreamKind.DEPTH: DepthReader,
    StreamKind.INFRARED: InfraredReader,
    StreamKind.COLOUR: ColourReader,
}
_N_OPEN = 4


class SourceFiles:
    """The takes that pieces are of, with their files.

    Args:
        library: Where they are.
        take_ids: Of the takes.

    Attributes:
        takes: By id.

    Raises:
        FsamtError: A take is not there any more.
    """

    def __init__(self, library: Library, take_ids: Sequence[str]) -> None:
        self._library = library
        self._open: OrderedDict[tuple[str, StreamKind], FrameReader] = OrderedDict()
        self._matches: dict[tuple[str, StreamKind], Frames] = {}
        self.takes = {take_id: take(library, take_id) for take_id in take_ids}

    def frame(self, take_id: str, kind: StreamKind, number: int) -> npt.NDArray[Any]:
        """A frame of a stream, by its number there.

        Raises:
            BrokenFileError: It cannot be read.
        """
        stream = self._stream(take_id, kind)
        path = self._library.absolute(stream.path)
        try:
            reader = self._open.pop((take_id, kind), None)
            if reader is None:
                while len(self._open) >= _N_OPEN:
                    self._open.popitem(last=False)[1].close()
                reader = _READERS[kind](path, stream.n_frames)
            self._open[take_id, kind] = reader
            return reader[number]
        except FsamtError as error:
            raise BrokenFileError(path, error.message) from error
        except IndexError as error:
            raise BrokenFileError(path, "It is cut off.") from error

    def joints(self, take_id: str) -> npt.NDArray[np.float32]:
        """The skeleton of a take at each main frame: (T, B, J, 3) float32 metres.

        Raises:
            BrokenFileError: It cannot be read.
        """
        path = self._library.absolute(self._stream(take_id, StreamKind.SKELETON).path)
        try:
            joints = read_skeleton(path)
        except FsamtError as error:
            raise BrokenFileError(path, error.message) from error
        return joints[self.matching(take_id, StreamKind.SKELETON)]

    def matching(self, take_id: str, kind: StreamKind) -> Frames:
        """The frame of a stream for each main frame of a take, (main frames,) int64.

        Of colour beside depth it is that of the frame's pair, or of the nearest earlier frame with
        one; of everything else that which is nearest in time.
        """
        key = take_id, kind
        if key not in self._matches:
            self._matches[key] = self._match(take_id, kind)
        return self._matches[key]

    def pairs(self, take_id: str) -> npt.NDArray[np.int64]:
        """As `takes.pairs`."""
        return pairs(self._library, take_id)

    def is_alike(self, kind: StreamKind) -> bool:
        """Whether every take has such a stream, with frames of one size and type.

        Raises:
            BrokenFileError: A first frame cannot be read.
        """
        streams = [one.stream(kind) for one in self.takes.values()]
        if None in streams:
            return False
        if kind is StreamKind.SKELETON:
            return len({stream.width for stream in streams if stream is not None}) == 1
        firsts = (self.frame(take_id, kind, 0) for take_id in self.takes)
        return len({(frame.shape, str(frame.dtype)) for frame in firsts}) == 1

    def close(self) -> None:
        """Lets go of all files."""
        while self._open:
            self._open.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _stream(self, take_id: str, kind: StreamKind) -> Stream:
        stream = self.takes[take_id].stream(kind)
        assert stream is not None
        return stream

    def _match(self, take_id: str, kind: StreamKind) -> Frames:
        main, stream = self.takes[take_id].main, self._stream(take_id, kind)
        if kind is main.kind:
            return np.arange(main.n_frames)
        if kind is StreamKind.COLOUR and main.kind is StreamKind.DEPTH:
            own = self.pairs(take_id)
            before = np.searchsorted(own[:, 0], np.arange(main.n_frames), side="right") - 1
            partners: Frames = own[np.maximum(before, 0), 1]
            return partners
        main_us = timestamps(self._library, take_id, main.kind)
        own_us = timestamps(self._library, take_id, kind)
        if stream.timestamp_domain != main.timestamp_domain:  # Both are taken to begin at once.
            main_us, own_us = main_us - main_us[0], own_us - own_us[0]
        return _nearest(main_us, own_us)


def _nearest(wanted_us: Frames, given_us: Frames) -> Frames:
    """For each time the number of the nearest given one; by number where a clock was set back."""
    last = len(given_us) - 1
    if (np.diff(given_us) < 0).any():
        return np.minimum(np.arange(len(wanted_us)), last)
    after = np.clip(np.searchsorted(given_us, wanted_us), 0, last)
    before = np.maximum(after - 1, 0)
    is_before = wanted_us - given_us[before] <= given_us[after] - wanted_us
    return np.where(is_before, before, after)
