"""Small pictures of clips, made in the background."""

import contextlib
from collections import OrderedDict

from PySide6.QtCore import QObject, QSize, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from app.widgets.pictures import image_of, side_by_side
from app.widgets.take_frames import TakeFiles, load_codecs
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.takes import take

SIZE = QSize(96, 48)
"""As they are shown: colour on the left, depth (infrared, skeleton) on the right."""

_SCALE = 2
_MOST_WAITING = 64
_MOST_KEPT = 1000

Moment = tuple[str, int]
"""Id of a take, and a frame of it."""


class ClipPictures(QObject):
    """Gives the picture of a moment at once or makes it, those asked for last first."""

    ready = Signal()
    """One more picture is there."""

    _made = Signal(object, QImage)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._kept: OrderedDict[Moment, QPixmap] = OrderedDict()
        self._waiting: list[Moment] = []
        self._in_hand: Moment | None = None
        self._pool = QThreadPool(self, maxThreadCount=1)
        self._made.connect(self._keep)

    def pixmap(self, take_id: str, frame: int) -> QPixmap | None:
        """The picture, or None: `ready` comes when it is made."""
        wanted = (take_id, frame)
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._kept[wanted]
        if wanted != self._in_hand and wanted not in self._waiting:
            self._waiting.append(wanted)
            del self._waiting[:-_MOST_WAITING]
            self._begin_next()
        return None

    def close(self) -> None:
        """Make no more, and wait for the one that is being made."""
        self._waiting.clear()
        self._pool.waitForDone()

    def _begin_next(self) -> None:
        if self._in_hand is None and self._waiting:
            wanted = self._waiting.pop()
            self._in_hand = wanted
            self._pool.start(lambda: self._made.emit(wanted, _draw(self._library, *wanted)))

    def _keep(self, moment: Moment, image: QImage) -> None:
        self._kept[moment] = QPixmap.fromImage(image)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        self._in_hand = None
        self._begin_next()
        self.ready.emit()


def _draw(library: Library, take_id: str, frame: int) -> QImage:
    """Runs in the pool's thread. A moment that cannot be read has an empty picture."""
    pictures: list[QImage] = []
    with contextlib.suppress(FsamtError):
        pictures = _pictures(library, take_id, frame)
    return side_by_side(pictures, SIZE * _SCALE)


def _pictures(library: Library, take_id: str, frame: int) -> list[QImage]:
    load_codecs()
    from app.widgets.take_readers import TakeReaders

    files = TakeFiles.of(library, take(library, take_id))
    with TakeReaders(files) as readers:
        if not readers.n_moments:
            return []
        index = min(frame, readers.n_moments - 1)
        colour = readers.colour(index)
        pictures = [] if colour is None else [image_of(colour, QImage.Format.Format_RGB888)]
        for kind in files.sensors[:1]:
            picture = readers.sensor(kind, index, readers.range)
            pictures += [] if picture is None else [picture]
    return pictures
