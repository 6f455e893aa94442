"""Takes one after the other, the one that is labelled, the actions and what they come to."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app import words
from app.pages.label.actions_panel import ActionsPanel
from app.pages.label.desk import LabelDesk
from app.pages.label.groups_view import GroupsView
from app.pages.label.hands import Hands
from app.pages.label.holding import Held, Meant
from app.pages.label.keys_dialog import KeysDialog
from app.pages.label.queue import ALL, SUGGESTED, UNLABELLED, LabelQueue
from app.pages.label.queue_model import QueueEntry
from app.pages.label.suggesting import Suggesting
from app.pages.label.target_bar import TargetBar
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import IconButton, label, primary_button
from app.widgets.player import Player
from app.widgets.thumbnails import Thumbnails
from app.widgets.timeline import SegmentTimeline
from app.widgets.undo import UndoButtons
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, QualityLevel
from fsamt_engine.library.history import Change
from fsamt_engine.library.suggestions import Suggestion, list_suggestions
from fsamt_engine.library.takes import count_takes

if TYPE_CHECKING:
    from fsamt_engine.labelling import Cluster

QUEUE_WIDTH = 232
PANEL_WIDTH = 304
_SETTLED_MS = 300


class LabelPage(Page):
    """Label takes by keys; every label is on disk before it is shown."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Label"))
        self.desk = LabelDesk(studio)
        self.player = Player()
        self.timeline = SegmentTimeline()
        self.queue = LabelQueue()
        self.panel = ActionsPanel(studio)
        self.bar = TargetBar(self.desk)
        self.suggesting = Suggesting(studio)
        self.groups = GroupsView(studio)
        self.hands = Hands(self.desk, self.player, self, self)
        self._thumbnails: Thumbnails | None = None
        self._read_library: Library | None = None
        self._suggestions: tuple[Suggestion, ...] = ()
        self._is_telling = False
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._tell_others)
        self.finetune_button = primary_button("")
        self.finetune_button.clicked.connect(lambda: self.page_wanted.emit("finetune"))
        self.set_primary(self.finetune_button)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.title_line = label(name="heading")
        self.keys_button = IconButton("keys", self.tr("Keys of this page"), shortcut="?")
        self.keys_button.clicked.connect(self.show_keys)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(SPACING)
        self.tools.addWidget(self.title_line, 1)
        self.tools.addWidget(UndoButtons(self.studio.undoing))
        self.tools.addWidget(self.keys_button)
        middle = QVBoxLayout()
        middle.setSpacing(SPACING)
        middle.addLayout(self.tools)
        middle.addWidget(self.player, 1)
        middle.addWidget(self.timeline)
        middle.addWidget(self.bar)
        self.queue.setFixedWidth(QUEUE_WIDTH)
        self.queue.add_below(self.suggesting)
        work = QWidget()
        row = QHBoxLayout(work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.queue)
        row.addLayout(middle, 1)
        self._place = QStackedWidget()
        self._place.addWidget(work)
        self._place.addWidget(self._empty_page())
        self._place.addWidget(self.groups)
        self.body.addWidget(self._place)
        self.set_inspector(self.panel, self.tr("Actions and their labels"))
        if self._inspector is not None:
            self._inspector.setFixedWidth(PANEL_WIDTH)

    def _empty_page(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        self.empty_words = label(wrap=True)
        self.empty_words.setMaximumWidth(560)
        self.empty_button = QPushButton()
        self.empty_button.clicked.connect(
            lambda: self.page_wanted.emit("capture" if self.studio.library else "open")
        )
        column.addWidget(self.empty_words)
        column.addWidget(self.empty_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return place

    def _connect(self) -> None:
        desk, studio = self.desk, self.studio
        desk.labels_changed.connect(self._show_labels)
        desk.choice_changed.connect(self._show_choice)
        desk.saved.connect(self._saved)
        desk.failed.connect(self.notice.show_problem)
        self.queue.entry_chosen.connect(self._show_entry)
        self.queue.order_changed.connect(self._list)
        self.panel.action_wanted.connect(self._name)
        self.panel.actions_changed.connect(self._actions_changed)
        self.panel.failed.connect(self.notice.show_problem)
        self.player.failed.connect(self.notice.show_problem)
        self.player.moment_changed.connect(self.timeline.show_playhead)
        self.timeline.segment_chosen.connect(lambda i: desk.choose(i if i >= 0 else None))
        self.timeline.suggestion_chosen.connect(desk.look_at)
        self.timeline.edges_moved.connect(desk.move_edges)
        self.timeline.interval_drawn.connect(desk.mark)
        self.timeline.frame_wanted.connect(self._go_to)
        self.hands.meant.connect(self._do)
        self.hands.pending_changed.connect(self._show_pending)
        self.hands.unknown_key.connect(self._say_unknown)
        self.suggesting.suggested.connect(self._show_suggested)
        self.suggesting.grouped.connect(self._show_groups)
        self.suggesting.failed.connect(self.notice.show_problem)
        self.groups.named.connect(self._group_named)
        self.groups.closed.connect(self._close_groups)
        self.groups.failed.connect(self.notice.show_problem)
        self.groups.viewer.clip_wanted.connect(self.clip_wanted)
        self.bar.accept_wanted.connect(self.accept_or_go_on)
        self.bar.dismiss_wanted.connect(self.dismiss)
        self.bar.goes_on.setChecked(studio.preferences.label_goes_on)
        self.bar.goes_on.toggled.connect(self._remember_going_on)
        studio.undoing.stepped.connect(self._stepped)
        studio.undoing.failed.connect(self._show_if_seen)
        studio.library_changed.connect(self._library_changed)
        studio.library_closing.connect(self._let_go)
        self.addAction(studio.undoing.undo_action)
        self.addAction(studio.undoing.redo_action)
        for part in (self.queue.list, self.panel.table.names, self.timeline, self.player.scrub):
            part.installEventFilter(self.hands)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.queue.search.setFocus)
        self.queue.search.returnPressed.connect(self.queue.list.setFocus)

    def entered(self) -> None:
        """Read takes and labels, and give the list the keyboard."""
        library = self.studio.library
        if library is not self._read_library:
            self._read_library = library
            self._thumbnails = Thumbnails(library, self) if library else None
            self.queue.show_thumbnails(self._thumbnails)
        self.panel.read()
        self.suggesting.allow()
        self._list()
        (self.groups.viewer.strip if self._shows_groups else self.queue.list).setFocus()

    def left(self) -> None:
        """Stop playing what nobody sees, and tell the others of new labels."""
        self.hands.let_go()
        self.player.pause()
        self.groups.viewer.player.pause()
        if self._settled.isActive():
            self._settled.stop()
            self._tell_others()

    # What the keys ask for (`Going`).

    def go_on(self) -> None:
        """Show the next take or suggestion that has no label yet."""
        if not self.queue.go_on():
            self.bar.show_hint(self.tr("Everything in this list has a label."))

    def accept_or_go_on(self) -> None:
        """Make a label of the suggestion; without one, go on."""
        if self.desk.suggestion is None:
            self.go_on()
        elif self.desk.suggestion.action is None:
            self.bar.show_hint(self.tr("There is no guess: press the key of an action to name it."))
        elif self.desk.accept():
            self._go_on_if_wanted()

    def dismiss(self) -> None:
        """Take the suggestion away."""
        if self.desk.dismiss():
            self._go_on_if_wanted()

    def step_queue(self, n_rows: int) -> None:
        """Go up or down the list, whatever has a label there."""
        self.queue.step(n_rows)

    def leave_part(self) -> None:
        """Give the keyboard to the next control, as Tab does elsewhere."""
        self.focusNextChild()

    def show_keys(self) -> None:
        """Show the list of keys."""
        self.hands.let_go()
        KeysDialog(self).exec()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The page's keys, where no control of it took them."""
        took = self.groups.press if self._shows_groups else self.hands.press
        if not took(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """An action's key is let go."""
        if not self.hands.release(event):
            super().keyReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """A key that is let go in another window is never heard of here."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self.hands.let_go()
        elif event.type() == QEvent.Type.WindowActivate:
            self.hands.begin_anew()
        return super().event(event)

    # What is shown.

    def _list(self) -> None:
        """List anew, with the same take chosen where it is still listed."""
        library = self.studio.library
        before = self.desk.files.take.id if self.desk.files else ""
        n_takes = 0
        try:
            if library is not None:
                n_takes = count_takes(library)
                self._suggestions = list_suggestions(library)
            self.queue.list_library(library, self._suggestions, before)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        self._show_place(library, n_takes)
        self._write_count()
        if not self.queue.model.rowCount():
            self._show_entry(None)

    def _show_entry(self, entry: QueueEntry | None) -> None:
        """Show what is chosen in the list; it goes on playing where the one before was playing."""
        self.hands.let_go()
        suggestion = entry.suggestion if entry else None
        files = self.desk.files
        shown = files.take.id if files else ""
        if entry is not None and shown == entry.take_id and suggestion is None:
            return
        was_playing = self.player.is_playing
        self.notice.hide()
        suggestion_id = suggestion.id if suggestion and entry and not entry.is_done else None
        self.desk.show_take(entry.take_id if entry else "", suggestion_id)
        self.player.show_take(self.desk.files)
        self.title_line.setText(entry.title if entry else "")
        self._show_labels()
        self._show_choice()
        if suggestion is not None and suggestion_id is not None:
            self.player.go_to(suggestion.start)
            self.player.play_only_interval()
            self.player.play()
        elif was_playing:
            self.player.play()

    def _show_labels(self) -> None:
        desk = self.desk
        times_us = desk.files.timeline.times_us if desk.files else None
        self.timeline.show_labels(
            desk.segments, desk.suggestions, desk.n_frames, desk.actions, times_us
        )
        self.player.show_segments(desk.segments, desk.actions)
        self.queue.show_actions(desk.actions)

    def _show_choice(self) -> None:
        desk = self.desk
        if desk.suggested is not None:
            self.timeline.choose_suggestion(desk.suggested)
        else:
            self.timeline.choose(desk.chosen)
        self.timeline.mark_interval(*(desk.marked or (0, 0)))
        self.player.show_interval(*(desk.interval or (None, None)))
        if desk.interval is None:
            self.player.play_only_interval(False)

    def _show_pending(self, held: Held | None) -> None:
        if held is None:
            self.timeline.hide_pending()
        else:
            self.timeline.show_pending(held.action, held.start, held.end)

    @property
    def _shows_groups(self) -> bool:
        return self._place.currentWidget() is self.groups

    def _show_suggested(self) -> None:
        """Suggestions have come: list them, unless groups are being named."""
        with QSignalBlocker(self.queue):
            self.queue.choose_order(SUGGESTED)
        self.desk.show_take("")
        self._list()

    def _show_groups(self, clusters: "tuple[Cluster, ...]") -> None:
        """Name clips that look alike, instead of takes one by one."""
        self.hands.let_go()
        self.player.pause()
        self._place.setCurrentWidget(self.groups)
        self.groups.show_groups(clusters, self.desk.actions)

    def _group_named(self, said: str) -> None:
        self.desk.read()
        self._saved(said)

    def _close_groups(self) -> None:
        self._place.setCurrentIndex(0)
        self.groups.let_go()
        self._list()
        self.queue.list.setFocus()

    def _show_place(self, library: Library | None, n_takes: int) -> None:
        if not (n_takes and self._shows_groups):
            self._place.setCurrentIndex(0 if n_takes else 1)
        if library is None:
            self.empty_words.setText(
                self.tr(
                    "No library is open. Labels say which action is seen where in a take, and are "
                    "kept in a library together with the takes."
                )
            )
            self.empty_button.setText(self.tr("Open or create a library…"))
        else:
            self.empty_words.setText(
                self.tr(
                    "This library has no takes to label yet. Record some, or bring some in on the "
                    "page Library."
                )
            )
            self.empty_button.setText(self.tr("Record takes"))

    def _write_count(self) -> None:
        n = self.queue.model.rowCount()
        nothing = {
            SUGGESTED: self.tr("Nothing is suggested. A student or a recogniser can suggest."),
            UNLABELLED: self.tr("No take is like that."),
            ALL: self.tr("No take is like that."),
        }
        is_of_takes = not self.queue.model.lists_suggestions
        counted = words.takes(n) if is_of_takes else self.tr("{n} suggestions").format(n=f"{n:,}")
        self.queue.count.setText(counted if n else nothing[self.queue.order_key])
        n_labels = self.panel.n_labels
        self.finetune_button.setText(
            self.tr("Finetune on {labels}").format(labels=words.labels(n_labels))
        )
        grave = [w for w in self.panel.warnings.warnings or () if w.level is QualityLevel.BAD]
        self.finetune_button.setEnabled(n_labels > 0 and not grave)
        why = grave[0].message if grave else self.tr("Label some takes first")
        can = self.tr("Choose actions and people, and train a recogniser on these labels")
        self.finetune_button.setToolTip(can if self.finetune_button.isEnabled() else why)

    # What is changed.

    def _do(self, meant: Meant) -> None:
        if self.desk.do(meant):
            self._go_on_if_wanted()

    def _name(self, action: str) -> None:
        """The key of an action was clicked in the table."""
        if self._shows_groups:
            self.groups.name(action)
        elif self.desk.name(action):
            self._go_on_if_wanted()

    def _go_on_if_wanted(self) -> None:
        if self.bar.goes_on.isChecked():
            self.queue.go_on()

    def _go_to(self, frame: int) -> None:
        self.player.pause()
        self.player.go_to(frame)

    def _saved(self, said: str) -> None:
        """A label is on disk: show it everywhere on this page; the rest of the window can wait."""
        title = self.queue.entry.title if self.queue.entry else ""
        self.bar.show_saved(f"{title} · {said}" if title else said)
        self.studio.undoing.refresh()
        self._count_anew()
        self._settled.start()

    def _actions_changed(self, said: str) -> None:
        self.desk.read()
        self.groups.show_actions(self.desk.actions)
        self._saved(said)

    def _count_anew(self) -> None:
        library = self.studio.library
        if library is None:
            return
        self.panel.read()
        try:
            self._suggestions = list_suggestions(library)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        shown = self.desk.files.take.id if self.desk.files else ""
        self.queue.labels_changed(shown, self._suggestions)
        self._write_count()

    def _stepped(self, change: Change) -> None:
        """Something was undone or done again, here or on another page: show where."""
        if not self.isVisible():
            return
        shown = self.desk.files.take.id if self.desk.files else ""
        for take_id in change.take_ids:
            self.queue.labels_changed(take_id, self._suggestions)
        self.groups.stepped(change)
        if change.take_ids and not self._shows_groups and shown not in change.take_ids:
            row = self.queue.model.row_of_take(change.take_ids[0])
            if row is not None:
                self.queue.choose(row)
        self.desk.read()
        self._count_anew()
        done = self.tr("undone: {change}") if change.is_undone else self.tr("done again: {change}")
        self.bar.show_saved(done.format(change=change.words))

    def _library_changed(self) -> None:
        """Others changed the library: takes may have come or gone."""
        if self._is_telling or not self.isVisible():
            return
        self.desk.read()
        self.panel.read()
        self._list()

    def _tell_others(self) -> None:
        self._is_telling = True
        self.studio.library_changed.emit()
        self._is_telling = False

    def _remember_going_on(self, is_wanted: bool) -> None:
        self.studio.preferences.label_goes_on = is_wanted

    def _say_unknown(self, character: str) -> None:
        self.bar.show_hint(
            self.tr("No action has the key {key}. The table on the right lists the keys.").format(
                key=character.upper()
            )
        )

    def _show_if_seen(self, problem: Problem) -> None:
        if self.isVisible():
            self.notice.show_problem(problem)

    def _let_go(self) -> None:
        self.hands.let_go()
        self._settled.stop()
        self.player.close_files()
        self.groups.let_go()
        self._place.setCurrentIndex(1)
        self.queue.show_thumbnails(None)
        self.queue.list_library(None, ())
        if self._thumbnails is not None:
            self._thumbnails.close()
            self._thumbnails.deleteLater()
            self._thumbnails = None
        self._read_library = None
        self._suggestions = ()
        self.desk.show_take("")
