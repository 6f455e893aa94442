"""A list of clips with their pictures, from which one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.theme import RADIUS, theme
from app.widgets.clip_pictures import SIZE, ClipPictures
from app.widgets.player import Player
from app.widgets.take_painting import draw_line, draw_thumbnail

TILE = QSize(248, 60)
_MARK_PX = 4

Index = QModelIndex | QPersistentModelIndex
ClipRole = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class ShownClip:
    """A part of a take that is offered to be looked at.

    Attributes:
        take_id: The take.
        start: Its first depth frame.
        end: The one after its last.
        words: What it is, for the list; the first line stands out.
        colour: Of its action, `#RRGGBB`, or empty.
    """

    take_id: str
    start: int
    end: int
    words: str
    colour: str = ""

    @property
    def middle(self) -> int:
        """The frame that stands for it."""
        return (self.start + self.end - 1) // 2


class ClipModel(QAbstractListModel):
    """The clips, in the order in which they were given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clips: tuple[ShownClip, ...] = ()

    def show_clips(self, clips: Sequence[ShownClip]) -> None:
        """List other clips."""
        self.beginResetModel()
        self.clips = tuple(clips)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many there are."""
        return 0 if parent is not None and parent.isValid() else len(self.clips)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The clip itself, or its words."""
        if not index.isValid():
            return None
        clip = self.clips[index.row()]
        if role == ClipRole:
            return clip
        words = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return clip.words if role in words else None


class ClipStrip(QListView):
    """Clips below each other or in a row. Up and down choose, the other keys are the player's."""

    clip_chosen = Signal(object)
    """The `ShownClip` that is chosen now."""
    clip_opened = Signal()
    """Enter, or a double click, on the chosen clip."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.clips = ClipModel(self)
        self._delegate = _ClipDelegate(self)
        self.setModel(self.clips)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Clips"))
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.doubleClicked.connect(self.clip_opened)
        theme().changed.connect(self.viewport().update)

    @property
    def chosen(self) -> ShownClip | None:
        """The clip that is chosen."""
        clip: ShownClip | None = self.currentIndex().data(ClipRole)
        return clip

    def show_pictures(self, pictures: ClipPictures | None) -> None:
        """Take the pictures from here."""
        self._delegate.pictures = pictures
        if pictures is not None:
            pictures.ready.connect(self.viewport().update)

    def lie(self, is_row: bool) -> None:
        """Lie in a row, or below each other."""
        flow = QListView.Flow.LeftToRight if is_row else QListView.Flow.TopToBottom
        self.setFlow(flow)
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        needed = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(off if is_row else needed)
        self.setHorizontalScrollBarPolicy(needed if is_row else off)
        largest = 16_777_215
        self.setMinimumSize(*((0, TILE.height() + 20) if is_row else (TILE.width() + 16, 0)))
        self.setMaximumSize(
            *((largest, TILE.height() + 20) if is_row else (TILE.width() + 16, largest))
        )

    def choose(self, number: int) -> None:
        """Choose a clip by its place in the list."""
        self.setCurrentIndex(self.clips.index(number))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down choose, Enter opens; the rest is tried on the player first."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clip_opened.emit()
        elif event.key() in steps:
            number = self.currentIndex().row() + steps[Qt.Key(event.key())]
            if 0 <= number < self.clips.rowCount():
                self.choose(number)
        elif not self._player.handle_key(event):
            super().keyPressEvent(event)

    def _current_changed(self, current: QModelIndex) -> None:
        self.clip_chosen.emit(current.data(ClipRole))


class _ClipDelegate(QStyledItemDelegate):
    """Draws a clip: the colour of its action, its picture, its words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pictures: ClipPictures | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one clip."""
        clip: ShownClip = index.data(ClipRole)
        colours = theme().palette
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        share = 0.18 if option.state & QStyle.StateFlag.State_Selected else 0.0
        if not share and option.state & QStyle.StateFlag.State_MouseOver:
            share = 0.08
        if share:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.mixed("accent", "surface", share)))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        if clip.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(clip.colour))
            mark = QRect(area.left() + 2, area.top() + 6, _MARK_PX, area.height() - 12)
            painter.drawRoundedRect(mark, 2, 2)
        below = (area.height() - SIZE.height()) // 2
        picture = QRect(area.left() + 10, area.top() + below, SIZE.width(), SIZE.height())
        pixels = self.pictures.pixmap(clip.take_id, clip.middle) if self.pictures else None
        draw_thumbnail(painter, picture, pixels)
        first, *others = clip.words.split("\n")
        lines = [first, *others][:3]
        words = area.adjusted(SIZE.width() + 18, 4, -6, -4)
        height = words.height() // max(2, len(lines))
        for number, text in enumerate(lines):
            line = QRect(words.left(), words.top() + number * height, words.width(), height)
            colour = colours.text if number == 0 else colours.quiet
            draw_line(painter, line, text, colour, semibold=number == 0)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Every clip takes the same place."""
        return TILE
