"""The work in the middle of the page Label: the queue, the take, its timeline, what keys mean."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.pages.label.desk import LabelDesk
from app.pages.label.holding import Held
from app.pages.label.label_files import LabelFiles
from app.pages.label.queue import LabelQueue
from app.pages.label.queue_model import QueueEntry
from app.pages.label.suggesting import Suggesting
from app.pages.label.target_bar import TargetBar
from app.studio import Studio
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from app.widgets.player import Player
from app.widgets.timeline import SegmentTimeline
from app.widgets.undo import UndoButtons
from app.widgets.work_strip import WorkStrip

QUEUE_WIDTH = 232


class WorkView(QWidget):
    """Shows what lies on the desk.

    Args:
        studio: What all pages share.
        desk: The take that is labelled.
    """

    def __init__(self, studio: Studio, desk: LabelDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.queue = LabelQueue()
        self.player = Player()
        self.timeline = SegmentTimeline()
        self.bar = TargetBar(desk)
        self.strip = WorkStrip(studio, "label")
        self.suggesting = Suggesting(studio, self.strip)
        self.files = LabelFiles(studio, self.strip, self)
        self.title = label(name="heading")
        self.keys_button = IconButton("keys", self.tr("Keys of this page"), shortcut="?")
        tools = QHBoxLayout()
        tools.setSpacing(SPACING)
        tools.addWidget(self.title, 1)
        tools.addWidget(self.files.button)
        tools.addWidget(UndoButtons(studio.undoing))
        tools.addWidget(self.keys_button)
        middle = QVBoxLayout()
        middle.setSpacing(SPACING)
        middle.addLayout(tools)
        middle.addWidget(self.player, 1)
        middle.addWidget(self.timeline)
        middle.addWidget(self.bar)
        self.queue.setFixedWidth(QUEUE_WIDTH)
        self.queue.add_below(self.strip)
        self.queue.add_below(self.suggesting)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.queue)
        row.addLayout(middle, 1)
        desk.labels_changed.connect(self.show_labels)
        desk.choice_changed.connect(self.show_choice)
        self.player.moment_changed.connect(self.timeline.show_playhead)

    def show_entry(self, entry: QueueEntry | None) -> None:
        """Put a take of the queue on the desk; it plays where the one before was playing."""
        was_playing = self.player.is_playing
        suggestion = entry.suggestion if entry and not entry.is_done else None
        self._show_take(entry, suggestion.id if suggestion else None)
        self.files.shown_take = entry.take_id if entry else ""
        self.title.setText(entry.title if entry else "")
        if suggestion is not None:
            self.player.go_to(suggestion.start)
            self.player.play_only_interval()
        if suggestion is not None or was_playing:
            self.player.play()

    def _show_take(self, entry: QueueEntry | None, suggestion_id: int | None) -> None:
        self._desk.show_take(entry.take_id if entry else "", suggestion_id)
        self.player.show_take(self._desk.files)
        self.show_labels()
        self.show_choice()

    def show_labels(self) -> None:
        """Show the labels as they are on disk."""
        desk = self._desk
        times_us = desk.files.timeline.times_us if desk.files else None
        self.timeline.show_labels(
            desk.segments, desk.suggestions, desk.n_frames, desk.actions, times_us
        )
        self.player.show_segments(desk.segments, desk.actions)
        self.queue.show_actions(desk.actions)

    def show_choice(self) -> None:
        """Show which segment, suggestion or interval is chosen."""
        desk = self._desk
        if desk.suggested is not None:
            self.timeline.choose_suggestion(desk.suggested)
        else:
            self.timeline.choose(desk.chosen)
        self.timeline.mark_interval(*(desk.marked or (0, 0)))
        self.player.show_interval(*(desk.interval or (None, None)))
        if desk.interval is None:
            self.player.play_only_interval(False)

    def show_pending(self, held: Held | None) -> None:
        """Show what a held key would label so far."""
        if held is None:
            self.timeline.hide_pending()
        else:
            self.timeline.show_pending(held.action, held.start, held.end)

    def go_to(self, frame: int) -> None:
        """Stop at a frame."""
        self.player.pause()
        self.player.go_to(frame)
