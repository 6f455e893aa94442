"""Clips to look at: a list of them, and the chosen one over and over in a player."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.clip_pictures import ClipPictures
from app.widgets.clip_strip import ClipStrip, ShownClip
from app.widgets.player import Player
from app.widgets.take_frames import TakeFiles
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.takes import take

__all__ = ["ClipViewer", "ShownClip"]

_WIDE = 1.5


class ClipViewer(QWidget):
    """Shows clips of takes. It lets go of every file when the library closes.

    Args:
        studio: Whose library the clips are of.
    """

    clip_wanted = Signal(str, int, int)
    """The user wants to see this clip in the library: id of the take, start and end."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._pictures: ClipPictures | None = None
        self._pictures_of: Library | None = None
        self._take_id = ""
        self.player = Player()
        self.player.play_only_interval()
        self.strip = ClipStrip(self.player)
        self.title = label(name="heading")
        self.about = label(quiet=True, small=True)
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.open_button = QPushButton(self.tr("Open in the library"))
        self.open_button.setToolTip(
            self.tr("Show the whole take on the page Library, at this clip (Enter)")
        )
        self.strip.clip_chosen.connect(self._show)
        self.strip.clip_opened.connect(self._open)
        self.open_button.clicked.connect(self._open)
        studio.library_closing.connect(self.let_go)
        self._build()
        self.show_clips((), "")

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACING)
        head.addWidget(self.title)
        head.addWidget(self.about, 1)
        head.addWidget(self.open_button)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(SPACING)
        self._row.addWidget(self.player, 1)
        self._row.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(head)
        column.addLayout(self._row, 1)
        self.strip.lie(is_row=False)

    def show_clips(self, clips: Sequence[ShownClip], title: str) -> None:
        """List these clips, and play the first.

        Args:
            clips: What to show; none empties the viewer.
            title: What they have in common.
        """
        self._make_pictures()
        self.title.setText(title)
        self.strip.clips.show_clips(clips)
        if clips:
            self.strip.choose(0)
        else:
            self._show(None)

    def let_go(self) -> None:
        """Show nothing, and let go of every file."""
        self.show_clips((), "")
        self.player.close_files()
        if self._pictures is not None:
            self.strip.show_pictures(None)
            self._pictures.close()
            self._pictures.deleteLater()
            self._pictures = self._pictures_of = None

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Stop playing what nobody sees."""
        self.player.pause()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The list stands beside the player where there is width, else below it."""
        super().resizeEvent(event)
        is_row = self.width() < _WIDE * self.height()
        wanted = QBoxLayout.Direction.TopToBottom if is_row else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != wanted:
            self._row.setDirection(wanted)
            self.strip.lie(is_row)

    def _make_pictures(self) -> None:
        library = self._studio.library
        if library is not self._pictures_of:
            self._pictures = ClipPictures(library, self) if library is not None else None
            self._pictures_of = library
            self.strip.show_pictures(self._pictures)

    def _show(self, clip: ShownClip | None) -> None:
        library = self._studio.library
        self.open_button.setEnabled(clip is not None)
        if clip is None or library is None:
            self._take_id = ""
            self.player.show_take(None)
            self.about.setText("")
            return
        try:
            if clip.take_id != self._take_id:
                self.player.show_take(TakeFiles.of(library, take(library, clip.take_id)))
                labels = segments(library, take_ids=[clip.take_id])
                self.player.show_segments(labels, actions(library))
                self._take_id = clip.take_id
        except FsamtError as error:
            self._take_id = ""
            self.player.show_take(None)
            self.about.setText(f"{error.message} {error.hint}")
            return
        number = self.strip.currentIndex().row() + 1
        self.about.setText(
            self.tr("clip {number} of {count} · frames {first} to {last}").format(
                number=number,
                count=self.strip.clips.rowCount(),
                first=clip.start + 1,
                last=clip.end,
            )
        )
        self.player.show_interval(clip.start, clip.end)
        self.player.go_to(clip.start)
        if self.isVisible():
            self.player.play()

    def _open(self) -> None:
        clip = self.strip.chosen
        if clip is not None:
            self.clip_wanted.emit(clip.take_id, clip.start, clip.end)
