"""The frames of one take, decoded in the background into pictures that are ready to paint."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from app.tasks import Problem
from app.widgets.depth_colours import DepthRange
from app.widgets.pictures import image_of
from fsamt_engine.library import Library, StreamKind, Take
from fsamt_engine.library.takes import pairs, timestamps
from fsamt_engine.modalities.matching import near_frames

if TYPE_CHECKING:
    from app.widgets.take_readers import TakeReaders

CACHE_BYTES = 192 * 1024 * 1024
READ_AHEAD = 24
_WIDEST_PX = 1280
_LARGEST_GAP_US = 50_000
"""A frame of another stream farther away than this does not belong to a moment."""


_importing = threading.Lock()


def load_codecs() -> None:
    """Bring the codecs in, for a background thread that needs them.

    PyAV's modules import each other in circles: two threads that do it at once both fail.
    """
    with _importing:
        import fsamt_engine.media  # noqa: F401 - what counts is that it is loaded


@dataclass(frozen=True)
class Timeline:
    """When what was recorded: one moment for each frame of the take's main stream.

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


def _nothing() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class TakeFiles:
    """What is needed to play a take; read from the library in Qt's thread, once.

    Attributes:
        first_us: When its first moment was taken, in the take's time.
        infrared_frames, skeleton_frames: (n,) int64, the frame of each moment; -1 where none is
            near enough, and everywhere where the take has no such stream.
    """

    library: Library
    take: Take
    timeline: Timeline
    depth_path: Path | None
    colour_path: Path | None
    unit_m: float
    first_us: int = 0
    infrared_frames: NDArray[np.int64] = field(default_factory=_nothing)
    skeleton_frames: NDArray[np.int64] = field(default_factory=_nothing)

    @property
    def sensors(self) -> tuple[StreamKind, ...]:
        """What can be shown beside colour, the usual one first; a skeleton only by itself."""
        there = [stream.kind for stream in self.take.streams]
        seen = tuple(k for k in (StreamKind.DEPTH, StreamKind.INFRARED) if k in there)
        return seen or ((StreamKind.SKELETON,) if StreamKind.SKELETON in there else ())

    def path_of(self, kind: StreamKind) -> Path | None:
        """The file of a stream, None where there is none."""
        stream = self.take.stream(kind)
        return None if stream is None else self.library.absolute(stream.path)

    @classmethod
    def of(cls, library: Library, take: Take) -> "TakeFiles":
        """The files and times of a take.

        Raises:
            FsamtError: The library cannot be read.
        """
        depth, colour = take.stream(StreamKind.DEPTH), take.stream(StreamKind.COLOUR)
        if not take.streams:
            empty = np.zeros(0, np.int64)
            return cls(library, take, Timeline(empty, empty, empty), None, None, 0.001)
        times_us = timestamps(library, take.id, take.main.kind)

        def frames_of(kind: StreamKind) -> NDArray[np.int64]:
            return near_frames(library, take, kind, _LARGEST_GAP_US)

        colour_frames = np.full(len(times_us), -1, np.int64)
        skews_us = np.zeros(len(times_us), np.int64)
        if depth is None:
            colour_frames = frames_of(StreamKind.COLOUR)
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
            frames_of(StreamKind.INFRARED),
            frames_of(StreamKind.SKELETON),
        )


@dataclass(frozen=True)
class Moment:
    """Two pictures of the same moment, ready to paint; None where there is no such frame.

    Attributes:
        sensor: Of depth, infrared or a skeleton, whichever `kind` says.
    """

    index: int
    sensor: QImage | None
    colour: QImage | None
    range: DepthRange
    n_bytes: int
    kind: StreamKind = StreamKind.DEPTH


@dataclass(frozen=True)
class OpenedTake:
    """What the files of a take turned out to hold.

    Attributes:
        n_moments: Moments that can be shown.
        n_missing: Frames that cannot, since a file is gone, cut short or damaged.
        range: What depth's colours stand for, unless a range was asked for.
        elsewhere: Stream, place and bytes of all frames that lie outside the library.
    """

    n_moments: int
    n_missing: int
    range: DepthRange
    elsewhere: tuple[tuple[StreamKind, str, int], ...] = ()


@dataclass
class _Wish:
    """What the window wants to see next; guarded by the condition of its owner."""

    index: int = 0
    ahead: int = 0
    range: DepthRange | None = None
    kind: StreamKind = StreamKind.DEPTH
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
        self._wish = _Wish(kind=next(iter(files.sensors), StreamKind.DEPTH))
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
                self._wish.range = shown
                self._begin_anew()

    def show_sensor(self, kind: StreamKind) -> None:
        """Show depth, infrared or the skeleton from now on. What is wanted comes again."""
        with self._wish.condition:
            if kind != self._wish.kind:
                self._wish.kind = kind
                self._begin_anew()

    def _begin_anew(self) -> None:
        """Within the condition: nothing that was decoded is wanted any more."""
        self._wish.is_new = True
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
            from app.widgets.take_readers import TakeReaders

            with TakeReaders(self.files) as readers:
                opened = readers.opened()
                self.opened.emit(opened)
                while (index := self._next_index(readers.n_moments)) is not None:
                    asked = self._wish.range, self._wish.kind
                    moment = self._moment(readers, index, *asked)
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

    def _keep(self, moment: Moment, asked: tuple[DepthRange | None, StreamKind]) -> bool:
        """False where something else was asked for while it was decoded."""
        with self._wish.condition:
            if asked != (self._wish.range, self._wish.kind):
                return False
            self._kept[moment.index] = moment
            self._kept_bytes += moment.n_bytes
            while self._kept_bytes > CACHE_BYTES and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._kept_bytes -= dropped.n_bytes
        return True

    def _moment(
        self, readers: "TakeReaders", index: int, asked: DepthRange | None, kind: StreamKind
    ) -> Moment:
        shown = asked or readers.range
        sensor, colour = readers.sensor(kind, index, shown), readers.colour(index)
        colour_image = None
        if colour is not None:
            colour_image = image_of(colour, QImage.Format.Format_RGB888)
            if colour_image.width() > _WIDEST_PX:
                colour_image = colour_image.scaledToWidth(_WIDEST_PX)
        images = (sensor, colour_image)
        n_bytes = sum(image.sizeInBytes() for image in images if image is not None)
        return Moment(index, sensor, colour_image, shown, n_bytes, kind)


class _DecodeThread(QThread):
    def __init__(self, frames: TakeFrames) -> None:
        super().__init__(frames)
        self._frames = frames

    def run(self) -> None:
        self._frames.decode_until_over()
