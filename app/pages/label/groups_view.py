"""Clips that look alike to a network, in groups; a key names a whole group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pages.label.group_painting import ColourRole, TwoLines
from app.pages.label.key_map import Command, character_of, command_of
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.action_colours import colours_of
from app.widgets.buttons import label
from app.widgets.clip_viewer import ClipViewer, ShownClip
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Action, SnapshotItem
from fsamt_engine.library.history import Change, undoable

if TYPE_CHECKING:
    from fsamt_engine.labelling import Cluster

_LIST_WIDTH = 232
_VIEWER_WIDTH = 360


@dataclass(frozen=True)
class Group:
    """Clips that are named together.

    Attributes:
        items: Those that were not left out.
        likeness: How alike they are, 0..1.
        action: What they were named last.
        step: The id of the step of the history that named them, 0 before.
        is_named: Whether that step stands; it may have been undone.
    """

    items: tuple[SnapshotItem, ...]
    likeness: float
    action: str = ""
    step: int = 0
    is_named: bool = False


class GroupsView(QWidget):
    """Goes from group to group. Enter goes on, Delete leaves a clip out, an action's key names."""

    named = Signal(str)
    """A group has a name now; what was saved, in words."""
    closed = Signal()
    """Back to the takes."""
    failed = Signal(object)
    """A `Problem`: nothing was named."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.groups: list[Group] = []
        self._actions: tuple[Action, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Groups of clips"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setItemDelegate(TwoLines(self.list))
        self.viewer = ClipViewer(studio)
        self.viewer.setMinimumWidth(_VIEWER_WIDTH)
        self.hint = label(quiet=True, small=True, wrap=True)
        self.hint.setText(
            self.tr(
                "The key of an action names all clips of the group. Delete leaves the shown clip "
                "out first. Enter goes on to the next group, Esc back to the takes."
            )
        )
        self.leave_out_button = QPushButton(self.tr("Leave this clip out"))
        self.leave_out_button.setToolTip(self.tr("It does not belong to this group (Delete)"))
        self.leave_out_button.clicked.connect(self.leave_out)
        self.close_button = QPushButton(self.tr("Back to the takes"))
        self.close_button.setToolTip(self.tr("Names that were given stay (Esc)"))
        self.close_button.clicked.connect(self.closed)
        below = QHBoxLayout()
        below.setSpacing(SPACING)
        below.addWidget(self.hint, 1)
        below.addWidget(self.leave_out_button)
        below.addWidget(self.close_button)
        right = QVBoxLayout()
        right.setSpacing(SPACING)
        right.addWidget(self.viewer, 1)
        right.addLayout(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.list.currentRowChanged.connect(self._show)
        for part in (self.list, self.viewer.strip):
            part.installEventFilter(self)

    def show_groups(self, clusters: "Sequence[Cluster]", actions: Sequence[Action]) -> None:
        """Show other groups; the first is chosen."""
        self._actions = tuple(actions)
        self.groups = [Group(one.items, one.cohesion) for one in clusters]
        with QSignalBlocker(self.list):
            self.list.clear()
            for number in range(len(self.groups)):
                self.list.addItem(QListWidgetItem())
                self._write(number)
        self.list.setCurrentRow(0)
        self._show(0)
        self.viewer.strip.setFocus()

    def show_actions(self, actions: Sequence[Action]) -> None:
        """The actions are others now."""
        self._actions = tuple(actions)

    @property
    def group(self) -> Group | None:
        """The chosen group."""
        row = self.list.currentRow()
        return self.groups[row] if 0 <= row < len(self.groups) else None

    def name(self, action: str) -> None:
        """Label every clip of the group with an action, as one step, and go on to the next."""
        from fsamt_engine.labelling import name_items

        library, group, row = self._studio.library, self.group, self.list.currentRow()
        if library is None or group is None or not group.items:
            return
        try:
            name_items(library, group.items, action)
            step = undoable(library)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return
        self.groups[row] = replace(group, action=action, step=step.id if step else 0, is_named=True)
        self._write(row)
        self.named.emit(self.tr("{action} on {n} clips").format(action=action, n=len(group.items)))
        self.go_on()

    def go_on(self) -> None:
        """Choose the next group without a name."""
        row, n = self.list.currentRow(), len(self.groups)
        for number in [*range(row + 1, n), *range(row + 1)]:
            if not self.groups[number].is_named and self.groups[number].items:
                self.list.setCurrentRow(number)
                return

    def leave_out(self) -> None:
        """Take the shown clip out of its group; it gets no name."""
        group, row = self.group, self.list.currentRow()
        place = self.viewer.strip.currentIndex().row()
        if group is None or not 0 <= place < len(group.items):
            return
        items = (*group.items[:place], *group.items[place + 1 :])
        self.groups[row] = replace(group, items=items)
        self._write(row)
        self._show(row)
        if items:
            self.viewer.strip.choose(min(place, len(items) - 1))

    def stepped(self, change: Change) -> None:
        """Something was undone or done again: the names in the list follow."""
        for number, group in enumerate(self.groups):
            if group.step == change.id:
                self.groups[number] = replace(group, is_named=not change.is_undone)
                self._write(number)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keys of the page before those of the lists."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self.press(event)
        return super().eventFilter(watched, event)

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key; whether it is one of this view's."""
        command = command_of(event)
        commands = {
            Command.ACCEPT: self.go_on,
            Command.REMOVE: self.leave_out,
            Command.NOTHING_CHOSEN: self.closed.emit,
        }
        if command in commands:
            commands[command]()
            return True
        character = character_of(event).casefold()
        wanted = next((a for a in self._actions if a.key and a.key.casefold() == character), None)
        if wanted is not None and not event.isAutoRepeat():
            self.name(wanted.name)
        return wanted is not None

    def let_go(self) -> None:
        """Show nothing, and let go of every file."""
        self.groups = []
        self.list.clear()
        self.viewer.let_go()

    def _show(self, row: int) -> None:
        group = self.groups[row] if 0 <= row < len(self.groups) else None
        self.leave_out_button.setEnabled(group is not None and bool(group.items))
        if group is None:
            self.viewer.show_clips((), "")
            return
        colours = colours_of(self._actions)
        colour = colours.get(group.action, "") if group.is_named else ""
        clips = [
            ShownClip(
                *(item.take_id, item.start, item.end),
                self.tr("{participant}\nframes {first} to {last}").format(
                    participant=item.participant, first=item.start + 1, last=item.end
                ),
                colour,
            )
            for item in group.items
        ]
        self.viewer.show_clips(clips, self.tr("Group {number}").format(number=row + 1))

    def _write(self, number: int) -> None:
        group, item = self.groups[number], self.list.item(number)
        n = len(group.items)
        clips = self.tr("1 clip") if n == 1 else self.tr("{n} clips").format(n=n)
        title = self.tr("Group {number} · {clips}").format(number=number + 1, clips=clips)
        said = group.action if group.is_named else self.tr("no name yet")
        item.setText(f"{title}\n{said}")
        colour = colours_of(self._actions).get(group.action, "") if group.is_named else ""
        item.setData(ColourRole, colour)
        item.setToolTip(
            self.tr("Likeness {likeness:.2f} of 1: how alike the clips are to the network").format(
                likeness=group.likeness
            )
        )
