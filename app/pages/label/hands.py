"""The keyboard of the page Label: from key events to what the desk, player and queue do."""

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent

from app.pages.label.desk import LabelDesk
from app.pages.label.holding import Holding, Meant
from app.pages.label.key_map import Command, character_of, command_of
from app.pages.label.releases import Releases
from app.widgets.player import Player

_LEAP = 10


class Going(Protocol):
    """What keys do that is neither the desk's nor the player's."""

    def go_on(self) -> None:
        """To the next take or suggestion that has no label."""

    def accept_or_go_on(self) -> None:
        """Make a label of the suggestion, where one is looked at."""

    def dismiss(self) -> None:
        """Take the suggestion away."""

    def step_queue(self, n_rows: int) -> None:
        """Up or down the list."""

    def leave_part(self) -> None:
        """To the next control."""

    def show_keys(self) -> None:
        """The list of keys."""


class Hands(QObject):
    """Acts on the keys of the page, whichever of its parts has the keyboard."""

    meant = Signal(object)
    """`Meant`: what an action's key asks for."""
    pending_changed = Signal(object)
    """`Held`: what would be labelled if the key were let go now; None for nothing."""
    unknown_key = Signal(str)
    """A letter or digit that is the key of no action."""

    def __init__(self, desk: LabelDesk, player: Player, going: Going, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._player = player
        self.holding = Holding()
        self._releases = Releases(self)
        self._releases.released.connect(self._released)
        self._commands: dict[Command, Callable[[], object]] = {
            Command.NEXT: lambda: going.step_queue(1),
            Command.PREVIOUS: lambda: going.step_queue(-1),
            Command.ACCEPT: going.accept_or_go_on,
            Command.DISMISS: going.dismiss,
            Command.REMOVE: desk.remove,
            Command.START_HERE: lambda: desk.set_edge(self._frame, is_start=True),
            Command.END_HERE: lambda: desk.set_edge(self._frame, is_start=False),
            Command.START_EARLIER: lambda: self._nudge(start=-1),
            Command.START_LATER: lambda: self._nudge(start=1),
            Command.END_EARLIER: lambda: self._nudge(end=-1),
            Command.END_LATER: lambda: self._nudge(end=1),
            Command.LEAP_BACK: lambda: player.step(-_LEAP),
            Command.LEAP_ON: lambda: player.step(_LEAP),
            Command.NEXT_SEGMENT: lambda: desk.choose_next(1),
            Command.PREVIOUS_SEGMENT: lambda: desk.choose_next(-1),
            Command.NOTHING_CHOSEN: lambda: desk.choose(None),
            Command.OTHER_PART: going.leave_part,
            Command.KEYS: going.show_keys,
        }
        player.moment_changed.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """For a list or table that would take the keys for itself."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self.press(event)
            if event.type() == QEvent.Type.KeyRelease:
                return self.release(event)
        return super().eventFilter(watched, event)

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key; whether it is one of the page's."""
        key = _identity(event)
        is_repeat = self._releases.is_repeat(key, event.timestamp(), is_marked=event.isAutoRepeat())
        command = command_of(event)
        if command is not None:
            self._commands[command]()
            return True
        character = character_of(event)
        action = self._desk.action_of_key(character) if character else None
        if action is not None:
            if not is_repeat:
                self._press_action(key, action.name)
            return True
        if self._player.handle_key(event):
            return True
        if character.isalnum():
            if not is_repeat:
                self.unknown_key.emit(character)
            return True
        return False

    def release(self, event: QKeyEvent) -> bool:
        """Act on a key that is let go; whether it was an action's."""
        was_down = self.holding.is_down
        if not event.isAutoRepeat():
            self._releases.lift(_identity(event), event.timestamp(), self._frame)
        return was_down

    def let_go(self) -> None:
        """Whatever key is down means nothing: another take is shown, or another window has them."""
        self._releases.settle()
        self.holding.cancel()
        self.pending_changed.emit(None)

    def begin_anew(self) -> None:
        """The window has the keyboard back: no key is down that was."""
        self._releases.forget()
        self.holding.forget()

    def _released(self, key: int, at_s: float, frame: int) -> None:
        self._tell(self.holding.release(key, at_s, frame))

    @property
    def _frame(self) -> int:
        """What the person sees."""
        return max(0, self._player.shown)

    def _press_action(self, key: int, action: str) -> None:
        before = self.holding.press(key, action, time.monotonic(), self._frame)
        if before is None:
            return
        self._tell(before)
        if not self.holding.is_down:
            # The key before it led to another take; this one is for that take.
            self.holding.forget()
            self.holding.press(key, action, time.monotonic(), self._frame)

    def _moved(self, frame: int) -> None:
        if not self.holding.is_down:
            return
        now_s = time.monotonic()
        only = self._player.interval if self._player.controls.interval.isChecked() else None
        last = (only[1] if only else self._player.n_moments) - 1
        meant = self.holding.move(frame, now_s, last, is_playing=self._player.is_playing)
        self._tell(meant)
        self.pending_changed.emit(self.holding.pending(now_s))

    def _tell(self, meant: Meant | None) -> None:
        if meant is not None:
            self.pending_changed.emit(None)
            self.meant.emit(meant)

    def _nudge(self, start: int = 0, end: int = 0) -> None:
        frame = self._desk.nudge(start, end)
        if frame is not None:
            self._player.pause()
            self._player.go_to(frame)


def _identity(event: QKeyEvent) -> int:
    """The same when a key goes down and when it goes up, whatever Shift does meanwhile."""
    return event.nativeScanCode() or event.key()
