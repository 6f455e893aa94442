"""The frames of one take, decoded in the background into pictures that are ready to paint."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from app.tasks import Problem
from app.widgets.depth_colours import DepthRange, depth_indices
from app.widgets.frame_view import turbo_colours
from app.widgets.pictures import image_of
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind, Take
from fsamt_engine.library.takes import pairs, timestamps

if TYPE_CHECKING:
    from fsamt_engine.media import ColourReader, DepthReader

CACHE_BYTES = 192 * 1024 * 1024
READ_AHEAD = 24
_WIDEST_PX = 1280
_RANGE_SAMPLES = 5


_importing = threading.Lock()


def load_codecs() -> None:
    """Bring the codecs in, for a background thread that needs them.

    PyAV's modules import each other in circles: two threads that do it at once both fail.
    """
    with _importing:
        import fsamt_engine.media  # noqa: F401 - what counts is that it is loaded


@dataclass(frozen=True)
class Timeline:
    """When what was recorded: one moment for each depth frame (colour frame, where no depth is).

    Attributes:
        times_us: (n,) int64, from 0 at the first moment.
        colour_frames: (n,) int64, -1 where a moment has no colour frame.
        skews_us: (n,) int64, depth minus colour; meaningless where there is no colour frame.
    """

    times_us: NDArray[np.int64]
    colour_frames: NDArray[np.int64]
    skews_us: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times_us)

    def at(self, time_us: float) -> int:
        """The moment that is on screen at a time."""
        return max(0, int(np.searchsorted(self.times_us, time_us, side="right")) - 1)

    @property
    def duration_us(self) -> int:
        """Up to the end of the last moment."""
        if len(self) < 2:
            return 0
        last = int(self.times_us[-1])
        return last + max(1, round(last / (len(self) - 1)))

    def ends_us(self, index: int) -> int:
        """When the next moment follows a moment."""
        return self.duration_us if index + 1 >= len(self) else int(self.times_us[index + 1])


@dataclass(frozen=True)
class TakeFiles:
    """What is needed to play a take; read from the library in Qt's thread, once.

    Attributes:
        first_us: When its first moment was taken, in the take's time.
    """

    library: Library
    take: Take
    timeline: Timeline
    depth_path: Path | None
    colour_path: Path | None
    unit_m: float
    first_us: int = 0

    @classmethod
    def of(cls, library: Library, take: Take) -> "TakeFiles":
        """The files and times of a take.

        Raises:
            FsamtError: The library cannot be read.
        """
        depth, colour = take.stream(StreamKind.DEPTH), take.stream(StreamKind.COLOUR)
        master = depth or colour
        if master is None:
            empty = np.zeros(0, np.int64)
            return cls(library, take, Timeline(empty, empty, empty), None, None, 0.001)
        times_us = timestamps(library, take.id, master.kind)
        colour_frames = np.full(len(times_us), -1, np.int64)
        skews_us = np.zeros(len(times_us), np.int64)
        if depth is None:
            colour_frames[:] = np.arange(len(times_us))
        elif colour is not None:
            paired = pairs(library, take.id)
            colour_frames[paired[:, 0]] = paired[:, 1]
            skews_us[paired[:, 0]] = paired[:, 2]
        return cls(
            library,
            take,
            # A camera's clock can jump backwards; moments on the screen never do.
            Timeline(
                np.append(0, np.maximum(np.diff(times_us), 0).cumsum()), colour_frames, skews_us
            ),
            library.absolute(depth.path) if depth else None,
            library.absolute(colour.path) if colour else None,
            (depth.unit_m if depth else None) or 0.001,
            int(times_us[0]) if len(times_us) else 0,
        )


@dataclass(frozen=True)
class Moment:
    """Depth and colour of the same moment, ready to paint; None where there is no such frame."""

    index: int
    depth: QImage | None
    colour: QImage | None
    range: DepthRange
    n_bytes: int


@dataclass(frozen=True)
class OpenedTake:
    """What the files of a take turned out to hold.

    Attributes:
        n_moments: Moments that can be shown.
        n_missing: Frames that cannot, since a file is gone, cut short or damaged.
        range: What depth's colours stand for, unless a range was asked for.
    """

    n_moments: int
    n_missing: int
    range: DepthRange


@dataclass
class _Wish:
    """What the window wants to see next; guarded by the condition of its owner."""

    index: int = 0
    ahead: int = 0
    range: DepthRange | None = None
    is_new: bool = False
    is_over: bool = False
    condition: threading.Condition = field(default_factory=threading.Condition)


class TakeFrames(QObject):
    """Decodes one take in a thread of its own, the wanted moment first, then the ones after it."""

    opened = Signal(object)
    """`OpenedTake`; comes before the first moment."""
    moment_ready = Signal(int)
    failed = Signal(object)
    """A `Problem`; no more moments come."""
    ended = Signal()
    """The thread has ended, after `ask_to_end` or `failed`."""

    def __init__(self, files: TakeFiles, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.files = files
        self._kept: OrderedDict[int, Moment] = OrderedDict()
        self._kept_bytes = 0
        self._turbo = turbo_colours()
        self._wish = _Wish()
        self._thread = _DecodeThread(self)
        self._thread.finished.connect(self.ended)

    @property
    def is_running(self) -> bool:
        """Whether its thread was started and has not ended."""
        return self._thread.isRunning()

    def start(self) -> None:
        """Open the files and begin to decode."""
        self._thread.start()

    def want(self, index: int, ahead: int = READ_AHEAD) -> Moment | None:
        """The moment if it is decoded; it comes next if it is not, `ahead` more after it."""
        with self._wish.condition:
            moment = self._kept.get(index)
            if moment is not None:
                self._kept.move_to_end(index)
            self._wish.index, self._wish.ahead, self._wish.is_new = index, ahead, True
            self._wish.condition.notify()
        return moment

    def show_range(self, shown: DepthRange | None) -> None:
        """Colour depth by this range from now on; None finds one. What is wanted comes again."""
        with self._wish.condition:
            if shown != self._wish.range:
                self._wish.range, self._wish.is_new = shown, True
                self._kept.clear()
                self._kept_bytes = 0
                self._wish.condition.notify()

    def ask_to_end(self) -> None:
        """Let the thread end after the frame that it decodes now."""
        with self._wish.condition:
            self._wish.is_over = True
            self._wish.condition.notify()

    def close(self) -> None:
        """End the thread, and wait for the frame that it decodes now."""
        self.ask_to_end()
        self._thread.wait()

    def decode_until_over(self) -> None:
        """The thread's work; returns when `close` was called or a file cannot be read."""
        try:
            load_codecs()
            with _Readers(self.files) as readers:
                opened = OpenedTake(readers.n_moments, readers.n_missing, readers.range)
                self.opened.emit(opened)
                while (index := self._next_index(readers.n_moments)) is not None:
                    asked = self._wish.range
                    moment = self._moment(readers, index, asked or readers.range)
                    if self._keep(moment, asked):
                        self.moment_ready.emit(index)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
            self.failed.emit(Problem.of(error))

    def _next_index(self, n_moments: int) -> int | None:
        """The next moment to decode; waits while there is none. None at the end."""
        wish = self._wish
        with wish.condition:
            while not wish.is_over:
                wish.is_new = False
                last = min(wish.index + wish.ahead, n_moments - 1)
                for index in range(wish.index, last + 1):
                    if index not in self._kept:
                        return index
                while not (wish.is_new or wish.is_over):
                    wish.condition.wait()
        return None

    def _keep(self, moment: Moment, asked: DepthRange | None) -> bool:
        """False where another range was asked for while it was decoded."""
        with self._wish.condition:
            if asked != self._wish.range:
                return False
            self._kept[moment.index] = moment
            self._kept_bytes += moment.n_bytes
            while self._kept_bytes > CACHE_BYTES and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._kept_bytes -= dropped.n_bytes
        return True

    def _moment(self, readers: "_Readers", index: int, shown: DepthRange) -> Moment:
        depth, colour = readers.frames(index)
        depth_image = colour_image = None
        if depth is not None:
            indices = depth_indices(depth, self.files.unit_m, shown)
            depth_image = image_of(indices, QImage.Format.Format_Indexed8)
            depth_image.setColorTable(self._turbo)
        if colour is not None:
            colour_image = image_of(colour, QImage.Format.Format_RGB888)
            if colour_image.width() > _WIDEST_PX:
                colour_image = colour_image.scaledToWidth(_WIDEST_PX)
        images = (depth_image, colour_image)
        n_bytes = sum(image.sizeInBytes() for image in images if image is not None)
        return Moment(index, depth_image, colour_image, shown, n_bytes)


class _DecodeThread(QThread):
    def __init__(self, frames: TakeFrames) -> None:
        super().__init__(frames)
        self._frames = frames

    def run(self) -> None:
        self._frames.decode_until_over()


class _Readers:
    """The open files of a take, for the decoding thread alone."""

    def __init__(self, files: TakeFiles) -> None:
        from fsamt_engine.media import DepthReader

        self._files = files
        self._depth: DepthReader | None = None
        self._colour: ColourReader | None = None
        self.n_missing = 0
        self.range = DepthRange(0.0, 1.0)
        for stream in files.take.streams:
            if stream.kind is StreamKind.DEPTH and files.depth_path is not None:
                self._depth = DepthReader(files.depth_path, stream.n_frames)
                self.n_missing = max(self.n_missing, self._depth.n_missing)
            if stream.kind is StreamKind.COLOUR and files.colour_path is not None:
                n_missing = self._open_colour(files.colour_path, stream.n_frames)
                self.n_missing = max(self.n_missing, n_missing)
        master = self._depth or self._colour
        self.n_moments = min(len(files.timeline), master.n_frames if master else 0)
        if self._depth is not None:
            self.range = self._find_range(self._depth)

    def _open_colour(self, path: Path, n_frames: int) -> int:
        """How many frames colour lacks; all of them where only depth can be shown."""
        from fsamt_engine.media import ColourReader

        try:
            self._colour = ColourReader(path, n_frames)
        except FsamtError:
            if self._files.depth_path is None:
                raise
            return n_frames
        return self._colour.n_missing

    def _find_range(self, depth: "DepthReader") -> DepthRange:
        chosen = np.linspace(0, depth.n_frames - 1, _RANGE_SAMPLES).astype(int)
        frames = np.stack([depth[int(index)][::2, ::2] for index in np.unique(chosen)])
        return DepthRange.of(frames, self._files.unit_m)

    def frames(self, index: int) -> tuple[NDArray[np.uint16] | None, NDArray[np.uint8] | None]:
        """Depth (H, W) and colour (H, W, 3) of one moment, as far as they are there and whole."""
        colour_frame = int(self._files.timeline.colour_frames[index])
        return _whole(self._depth, index), _whole(self._colour, colour_frame)

    def __enter__(self) -> "_Readers":
        return self

    def __exit__(self, *_: object) -> None:
        for reader in (self._depth, self._colour):
            if reader is not None:
                reader.close()


def _whole(reader: "DepthReader | ColourReader | None", index: int) -> NDArray[Any] | None:
    """A frame, or None where there is none or its data are damaged."""
    if reader is None or not 0 <= index < reader.n_frames:
        return None
    try:
        return reader[index]
    except FsamtError:
        return None
