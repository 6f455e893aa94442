"""Takes one after the other, the one that is labelled, the actions and what they come to."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget

from app import words
from app.pages.label.actions_panel import ActionsPanel
from app.pages.label.desk import LabelDesk
from app.pages.label.empty_place import EmptyPlace
from app.pages.label.groups_view import GroupsView
from app.pages.label.hands import Hands
from app.pages.label.holding import Meant
from app.pages.label.keys_dialog import KeysDialog
from app.pages.label.queue import SUGGESTED, UNLABELLED
from app.pages.label.queue_model import QueueEntry
from app.pages.label.work_view import WorkView
from app.pages.page import Page
from app.settings_table import HOLD_MS, LABEL_GOES_ON
from app.studio import Studio
from app.tasks import Problem
from app.widgets.buttons import primary_button
from app.widgets.thumbnails import Thumbnails
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, QualityLevel
from fsamt_engine.library.history import Change
from fsamt_engine.library.suggestions import Suggestion, list_suggestions
from fsamt_engine.library.takes import count_takes

if TYPE_CHECKING:
    from fsamt_engine.labelling import Cluster

PANEL_WIDTH = 304
_COUNTED_MS = 40
"""Counting a large library takes some 40 ms; the next take goes first."""
_SETTLED_MS = 300


class LabelPage(Page):
    """Label takes by keys; every label is on disk before it is shown."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Label"))
        self.desk = LabelDesk(studio)
        self.work = WorkView(studio, self.desk)
        self.queue, self.player = self.work.queue, self.work.player
        self.timeline, self.bar = self.work.timeline, self.work.bar
        self.panel = ActionsPanel(studio)
        self.groups = GroupsView(studio)
        self.empty = EmptyPlace()
        self.hands = Hands(self.desk, self.player, self, self)
        self._thumbnails: Thumbnails | None = None
        self._read_library: Library | None = None
        self._suggestions: tuple[Suggestion, ...] = ()
        self._is_telling = False
        self._counting = QTimer(self, singleShot=True, interval=_COUNTED_MS)
        self._counting.timeout.connect(self._count)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._tell_others)
        self.finetune_button = primary_button("")
        self.finetune_button.clicked.connect(lambda: self.page_wanted.emit("finetune"))
        self.set_primary(self.finetune_button)
        self._place = QStackedWidget()
        for view in (self.work, self.empty, self.groups):
            self._place.addWidget(view)
        self.body.addWidget(self._place)
        self.set_inspector(self.panel, self.tr("Actions and their labels"))
        if self._inspector is not None:
            self._inspector.setFixedWidth(PANEL_WIDTH)
        self._connect_desk()
        self._connect_helpers()
        self._connect_studio()
        self._say_what_comes_next()
        self.empty.explain(has_library=studio.library is not None)

    def _connect_desk(self) -> None:
        desk, timeline = self.desk, self.timeline
        desk.saved.connect(self._saved)
        desk.failed.connect(self.notice.show_problem)
        self.queue.entry_chosen.connect(self._show_entry)
        self.queue.order_changed.connect(self._list)
        self.player.failed.connect(self.notice.show_problem)
        timeline.segment_chosen.connect(lambda i: desk.choose(i if i >= 0 else None))
        timeline.suggestion_chosen.connect(desk.look_at)
        timeline.edges_moved.connect(desk.move_edges)
        timeline.interval_drawn.connect(desk.mark)
        timeline.frame_wanted.connect(self.work.go_to)
        self.hands.meant.connect(self._do)
        self.hands.pending_changed.connect(self.work.show_pending)
        self.hands.unknown_key.connect(self._say_unknown)
        self.bar.accept_wanted.connect(self.accept_or_go_on)
        self.bar.dismiss_wanted.connect(self.dismiss)
        for part in (self.queue.list, self.panel.table.names, timeline, self.player.scrub):
            part.installEventFilter(self.hands)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.queue.search.setFocus)
        self.queue.search.returnPressed.connect(self.queue.list.setFocus)

    def _connect_helpers(self) -> None:
        work = self.work
        self.panel.action_wanted.connect(self._name)
        self.panel.actions_changed.connect(self._changed)
        self.groups.named.connect(self._changed)
        self.groups.closed.connect(self._close_groups)
        self.groups.viewer.clip_wanted.connect(self.clip_wanted)
        work.files.arrived.connect(self._changed)
        work.files.written.connect(lambda said: self.notice.show_message(said, tone="good"))
        work.suggesting.suggested.connect(self._show_suggested)
        work.suggesting.grouped.connect(self._show_groups)
        work.keys_button.clicked.connect(self.show_keys)
        for part in (self.panel, self.groups, work.strip, work.suggesting):
            part.failed.connect(self.notice.show_problem)
        self.empty.page_wanted.connect(self.page_wanted)

    def _connect_studio(self) -> None:
        studio = self.studio
        self._preference_changed()
        self.bar.goes_on.toggled.connect(self._remember_going_on)
        studio.undoing.stepped.connect(self._stepped)
        studio.undoing.failed.connect(self._show_if_seen)
        studio.library_changed.connect(self._library_changed)
        studio.library_closing.connect(self._let_go)
        studio.preferences.changed.connect(self._preference_changed)
        self.addAction(studio.undoing.undo_action)
        self.addAction(studio.undoing.redo_action)

    def entered(self) -> None:
        """Read takes and labels, and give the list the keyboard."""
        library = self.studio.library
        if library is not self._read_library:
            self._read_library = library
            self._thumbnails = Thumbnails(library, self) if library else None
            self.queue.show_thumbnails(self._thumbnails)
        self.panel.read()
        self.work.suggesting.allow()
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

    def show_take(self, take_id: str) -> None:
        """Choose a take: among the suggested where it waits there, or else among all."""
        if self._shows_groups:
            self._close_groups()
        is_suggested = any(one.take_id == take_id for one in self._suggestions)
        self.queue.search.clear()
        with QSignalBlocker(self.queue):
            if is_suggested or self.queue.order_key == SUGGESTED:
                self.queue.choose_order(SUGGESTED if is_suggested else UNLABELLED)
        self._list(take_id)
        if self._shown != take_id:
            self.notice.show_message(
                self.tr("This take is no longer in the library."),
                self.tr("Another one is shown."),
                "caution",
            )

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

    @property
    def _shown(self) -> str:
        """Id of the take on the desk, "" without one."""
        return self.desk.files.take.id if self.desk.files else ""

    @property
    def _shows_groups(self) -> bool:
        return self._place.currentWidget() is self.groups

    def _list(self, chosen: str = "") -> None:
        """List anew, with a take chosen where it is listed; without a name, the same as before."""
        library = self.studio.library
        n_takes = 0
        try:
            if library is not None:
                n_takes = count_takes(library)
                self._suggestions = list_suggestions(library)
            self.queue.list_library(library, self._suggestions, chosen or self._shown)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        if not n_takes:
            self._place.setCurrentWidget(self.empty)
            self.empty.explain(has_library=library is not None)
        elif not self._shows_groups:
            self._place.setCurrentWidget(self.work)
        self._say_what_comes_next()

    def _show_entry(self, entry: QueueEntry | None) -> None:
        """Show what is chosen in the list; labels that changed do not begin the take anew."""
        self.hands.let_go()
        if entry is None or entry.suggestion is not None or entry.take_id != self._shown:
            self.notice.hide()
            self.work.show_entry(entry)

    def _show_suggested(self) -> None:
        """Suggestions have come: list them."""
        with QSignalBlocker(self.queue):
            self.queue.choose_order(SUGGESTED)
        self.work.show_entry(None)
        self._list()

    def _show_groups(self, clusters: "tuple[Cluster, ...]") -> None:
        """Name clips that look alike, instead of takes one by one."""
        self.hands.let_go()
        self.player.pause()
        self._place.setCurrentWidget(self.groups)
        self.groups.show_groups(clusters, self.desk.actions)

    def _close_groups(self) -> None:
        self._place.setCurrentWidget(self.work)
        self.groups.let_go()
        self._list()
        self.queue.list.setFocus()

    def _say_what_comes_next(self) -> None:
        """The primary button: finetuning, as soon as a test can be fair."""
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

    def _saved(self, said: str) -> None:
        """A label of the take is on disk."""
        self._show_saved(f"{self.work.title.text()} · {said}")

    def _changed(self, said: str) -> None:
        """Actions, or labels of other takes, are others on disk."""
        self.desk.read()
        self.groups.show_actions(self.desk.actions)
        self._show_saved(said)

    def _show_saved(self, said: str) -> None:
        """Show it at once where it was made; what counts and the rest of the window can wait."""
        self.bar.show_saved(said)
        self.studio.undoing.refresh()
        self._read_queue()
        self._counting.start()
        self._settled.start()

    def _read_queue(self) -> None:
        try:
            if self.studio.library is not None:
                self._suggestions = list_suggestions(self.studio.library)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        self.queue.labels_changed(self._suggestions)

    def _count(self) -> None:
        self.panel.read()
        self._say_what_comes_next()

    def _stepped(self, change: Change) -> None:
        """Something was undone or done again, here or on another page: show where."""
        if not self.isVisible():
            return
        self.groups.stepped(change)
        if change.take_ids and not self._shows_groups and self._shown not in change.take_ids:
            row = self.queue.model.row_of_take(change.take_ids[0])
            if row is not None:
                self.queue.choose(row)
        self.desk.read()
        self._read_queue()
        self._counting.start()
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

    def _preference_changed(self) -> None:
        preferences = self.studio.preferences
        self.bar.goes_on.setChecked(preferences.get(LABEL_GOES_ON))
        self.hands.holding.hold_s = preferences.get(HOLD_MS) / 1000

    def _remember_going_on(self, is_wanted: bool) -> None:
        self.studio.preferences.put(LABEL_GOES_ON, is_wanted)

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
        self._counting.stop()
        self.player.close_files()
        self.groups.let_go()
        self._place.setCurrentWidget(self.empty)
        self.queue.show_thumbnails(None)
        self.queue.list_library(None, ())
        if self._thumbnails is not None:
            self._thumbnails.close()
            self._thumbnails.deleteLater()
            self._thumbnails = None
        self._read_library = None
        self._suggestions = ()
        self.work.show_entry(None)
