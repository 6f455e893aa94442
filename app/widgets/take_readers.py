"""The open files of one take, for the thread that decodes it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.depth_colours import DepthRange
from app.widgets.sensor_pictures import (
    SkeletonFigures,
    brightest_of,
    depth_picture,
    infrared_picture,
)
from app.widgets.take_frames import OpenedTake, TakeFiles
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import StreamKind
from fsamt_engine.media import ColourReader, DepthReader, InfraredReader, read_skeleton
from fsamt_engine.media.elsewhere import place_of, read_reference
from fsamt_engine.media.reading import FrameReader

_SAMPLES = 5
_READERS: Mapping[StreamKind, Callable[[Path, int], FrameReader]] = {
    StreamKind.DEPTH: DepthReader,
    StreamKind.INFRARED: InfraredReader,
    StreamKind.COLOUR: ColourReader,
}


class TakeReaders:
    """Reads the streams of a take. One that is gone is left out, unless it is the main one.

    Attributes:
        n_moments: Moments that can be shown.
        n_missing: Frames that cannot, since a file is gone, cut short or damaged.
        range: What depth's colours stand for where nobody says.

    Raises:
        FsamtError: The main stream cannot be read.
    """

    def __init__(self, files: TakeFiles) -> None:
        self._files = files
        self._open = ExitStack()
        self._readers: dict[StreamKind, FrameReader] = {}
        self._figures: SkeletonFigures | None = None
        self.n_missing = 0
        self.range = DepthRange(0.0, 1.0)
        self._brightest: float | None = None
        try:
            for stream in files.take.streams:
                self._open_stream(stream.kind, stream.n_frames)
            self._look_at_a_few()
        except BaseException:
            self.close()
            raise
        main = self._readers.get(files.take.main.kind)
        self.n_moments = min(len(files.timeline), main.n_frames if main else len(files.timeline))

    def opened(self) -> OpenedTake:
        """What the files turned out to hold."""
        return OpenedTake(self.n_moments, self.n_missing, self.range, tuple(self._elsewhere()))

    def sensor(self, kind: StreamKind, index: int, shown: DepthRange) -> QImage | None:
        """Depth, infrared or the skeleton of one moment, as far as it is there and whole."""
        files = self._files
        if kind is StreamKind.SKELETON:
            number = int(files.skeleton_frames[index])
            return self._figures.picture(number) if self._figures and number >= 0 else None
        number = index if kind is StreamKind.DEPTH else int(files.infrared_frames[index])
        frame = self._whole(kind, number)
        if frame is None:
            return None
        if kind is StreamKind.DEPTH:
            return depth_picture(frame, files.unit_m, shown)
        return infrared_picture(frame, self._brightest)

    def colour(self, index: int) -> NDArray[np.uint8] | None:
        """Colour of one moment, (H, W, 3), as far as it is there and whole."""
        return self._whole(StreamKind.COLOUR, int(self._files.timeline.colour_frames[index]))

    def close(self) -> None:
        """Let go of all files."""
        self._open.close()

    def __enter__(self) -> "TakeReaders":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_stream(self, kind: StreamKind, n_frames: int) -> None:
        path = self._files.path_of(kind)
        assert path is not None
        try:
            if kind is StreamKind.SKELETON:
                if kind in self._files.sensors:
                    self._figures = SkeletonFigures(read_skeleton(path))
                return
            reader = self._open.enter_context(_READERS[kind](path, n_frames))
        except FsamtError:
            if kind is self._files.take.main.kind:
                raise
            self.n_missing = max(self.n_missing, n_frames)
            return
        self._readers[kind] = reader
        self.n_missing = max(self.n_missing, reader.n_missing)

    def _look_at_a_few(self) -> None:
        """Find colours for the whole take. A stream that is damaged throughout is shown as gone."""
        for kind in (StreamKind.DEPTH, StreamKind.INFRARED):
            reader = self._readers.get(kind)
            if reader is None:
                continue
            try:
                frames = _sampled(reader)
            except FsamtError:
                if kind is self._files.take.main.kind:
                    raise
                del self._readers[kind]
                self.n_missing = max(self.n_missing, reader.n_frames)
                continue
            if kind is StreamKind.DEPTH:
                self.range = DepthRange.of(frames, self._files.unit_m)
            else:
                self._brightest = brightest_of(frames)

    def _elsewhere(self) -> Iterator[tuple[StreamKind, str, int]]:
        for stream in self._files.take.streams:
            path = self._files.path_of(stream.kind)
            if stream.is_elsewhere and path is not None:
                with suppress(FsamtError):
                    reference = read_reference(path)
                    place = place_of(path, reference)
                    yield stream.kind, str(place), reference.extent.n_bytes

    def _whole(self, kind: StreamKind, number: int) -> NDArray[Any] | None:
        """A frame, or None where there is none or its data are damaged."""
        reader = self._readers.get(kind)
        if reader is None or not 0 <= number < reader.n_frames:
            return None
        try:
            return reader[number]
        except FsamtError:
            return None


def _sampled(reader: FrameReader) -> NDArray[Any]:
    """Every second pixel of a few whole frames from the beginning to the end.

    Raises:
        FsamtError: None of them is whole.
    """
    chosen = np.linspace(0, reader.n_frames - 1, _SAMPLES).astype(int)
    frames, failed = [], None
    for index in np.unique(chosen).tolist():
        try:
            frames.append(reader[index][::2, ::2])
        except FsamtError as error:
            failed = error
    if not frames and failed is not None:
        raise failed
    return np.stack(frames)
