"""Small pictures of takes, made in the background and kept in the library's cache."""

import contextlib
import os
from collections import OrderedDict
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, QSize, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QImageWriter, QPixmap

from app.tasks import go_last
from app.widgets.depth_colours import DepthRange
from app.widgets.pictures import image_of, side_by_side
from app.widgets.sensor_pictures import SkeletonFigures, depth_picture, infrared_picture
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.takes import take

SIZE = QSize(96, 48)
"""As they are shown: colour's middle on the left, depth's on the right."""

_STORED_SCALE = 2
_KEPT = 2000
_WAITING = 96
_REST_MS = 40
_PAINTED_TOGETHER_S = 0.03


class Thumbnails(QObject):
    """Gives the picture of a take at once, or makes it in the background.

    Those asked for last come first, and who asks for many more before they are made, as a list does
    that is scrolled by, loses the oldest: it asks again when it paints them again. Decoding starts
    when nothing new was asked for during a moment, so that scrolling has the processor for itself.
    """

    ready = Signal(str)
    """The picture of the take with this id is there."""

    _made = Signal(str, QImage)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._folder = library.cache_folder / "thumbnails"
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._in_hand = ""
        self._pool = QThreadPool(self, maxThreadCount=1)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._next)
        self._made.connect(self._keep)

    def pixmap(self, take_id: str) -> QPixmap | None:
        """The picture, or None: `ready` comes when it is made."""
        kept = self._kept.get(take_id)
        if kept is not None:
            self._kept.move_to_end(take_id)
            return kept
        if take_id != self._in_hand:
            if take_id not in self._asked:
                self._rest.start()
                if len(self._asked) >= _WAITING:
                    self._asked.popitem(last=False)
            self._asked[take_id] = monotonic()
            self._asked.move_to_end(take_id)
        return None

    def close(self) -> None:
        """Drop what is waiting, and wait for the picture that is being made."""
        self._rest.stop()
        self._asked.clear()
        self._pool.waitForDone()

    def _next(self) -> None:
        if self._in_hand or not self._asked or self._rest.isActive():
            return
        take_id = self._in_hand = self._first_of_last()
        self._pool.start(lambda: self._make(take_id))

    def _first_of_last(self) -> str:
        """Of those that were painted last the uppermost."""
        chosen, latest = "", next(reversed(self._asked.values()))
        for take_id, asked_at in reversed(self._asked.items()):
            if latest - asked_at > _PAINTED_TOGETHER_S:
                break
            chosen = take_id
        del self._asked[chosen]
        return chosen

    def _make(self, take_id: str) -> None:
        """Runs in the pool's thread. A take that cannot be read has an empty picture."""
        go_last()
        path = self._folder / f"{take_id}.jpg"
        image = QImage(str(path))
        try:
            if image.isNull():
                image = draw_thumbnail(self._library, take_id)
                # A cache that cannot be written is made anew the next time.
                with contextlib.suppress(OSError):
                    _write(image, path)
        finally:
            self._made.emit(take_id, image)

    def _keep(self, take_id: str, image: QImage) -> None:
        self._in_hand = ""
        self._kept[take_id] = QPixmap.fromImage(image)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(take_id)
        self._next()


def draw_thumbnail(library: Library, take_id: str) -> QImage:
    """The middle of a take: colour beside depth (infrared, skeleton), or the one that there is."""
    pictures: list[QImage] = []
    with contextlib.suppress(FsamtError):
        pictures = _middle_frames(library, take_id)
    return side_by_side(pictures, SIZE * _STORED_SCALE)


def _middle_frames(library: Library, take_id: str) -> list[QImage]:
    from fsamt_engine.media import ColourReader, DepthReader, InfraredReader, read_skeleton

    record = take(library, take_id)
    images = []
    if colour := record.stream(StreamKind.COLOUR):
        with ColourReader(library.absolute(colour.path), colour.n_frames) as colour_reader:
            middle = colour_reader[colour_reader.n_frames // 2]
        images.append(image_of(middle, QImage.Format.Format_RGB888))
    if depth := record.stream(StreamKind.DEPTH):
        with DepthReader(library.absolute(depth.path), depth.n_frames) as depth_reader:
            frame = depth_reader[depth_reader.n_frames // 2]
        unit_m = depth.unit_m or 0.001
        images.append(depth_picture(frame, unit_m, DepthRange.of(frame[::2, ::2], unit_m)))
    elif infrared := record.stream(StreamKind.INFRARED):
        with InfraredReader(library.absolute(infrared.path), infrared.n_frames) as reader:
            images.append(infrared_picture(reader[reader.n_frames // 2]))
    elif skeleton := record.stream(StreamKind.SKELETON):
        figures = SkeletonFigures(read_skeleton(library.absolute(skeleton.path)))
        images.append(figures.picture(len(figures) // 2))
    return images


def _write(image: QImage, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    writer = QImageWriter(str(beside), b"jpg")
    writer.setQuality(88)
    if writer.write(image):
        beside.replace(path)
    else:
        beside.unlink(missing_ok=True)
