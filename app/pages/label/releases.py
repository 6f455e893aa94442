"""Telling a key that is let go from one that only repeats.

X11 sends a release and a press for every repeat of a key that is held, with the same time. Qt marks
both as repeats if it has read the press when it handles the release, and else takes the release for
a real one: on a busy machine a held key would be let go several times a second.
"""

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

WAIT_MS = 40
"""A release on X11 counts once its repeat has had so long to arrive."""
_SAME_MS = 5
"""Nobody lets go of a key and presses it again within this time."""


@dataclass(frozen=True)
class _Lifted:
    """A release that may be none.

    Attributes:
        event_ms: When, by the keyboard's clock.
        at_s: When, by ours.
        frame: What was on screen.
    """

    key: int
    event_ms: int
    at_s: float
    frame: int


class Releases(QObject):
    """Holds a release back until it is known to be one."""

    released = Signal(int, float, int)
    """The key, when it was let go (s, monotonic), and the frame that was on screen then."""

    def __init__(self, parent: QObject | None = None, wait_ms: int | None = None) -> None:
        super().__init__(parent)
        is_x11 = QGuiApplication.platformName() == "xcb"
        self._wait_ms = wait_ms if wait_ms is not None else WAIT_MS if is_x11 else 0
        self._lifted: _Lifted | None = None
        self._was_late = False
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self._come_due)

    def lift(self, key: int, event_ms: int, frame: int) -> None:
        """A key went up, it seems."""
        self.settle()
        self._lifted = _Lifted(key, event_ms, time.monotonic(), frame)
        self._was_late = False
        if self._wait_ms:
            self._due.start(self._wait_ms)
        else:
            self.settle()

    def is_repeat(self, key: int, event_ms: int, *, is_marked: bool) -> bool:
        """Whether a key that goes down was down all the time; its release is forgotten then.

        Args:
            key: Which one.
            event_ms: When, by the keyboard's clock.
            is_marked: Whether Qt takes it for a repeat.
        """
        lifted = self._lifted
        is_same = lifted is not None and lifted.key == key
        if lifted and is_same and (is_marked or abs(event_ms - lifted.event_ms) <= _SAME_MS):
            self.forget()
            return True
        self.settle()
        return is_marked

    def settle(self) -> None:
        """What is held back was a release."""
        lifted = self._lifted
        if lifted is not None:
            self.forget()
            self.released.emit(lifted.key, lifted.at_s, lifted.frame)

    def forget(self) -> None:
        """What is held back means nothing."""
        self._lifted = None
        self._due.stop()

    def _come_due(self) -> None:
        """Where the window was busy meanwhile, the press may still wait to be read."""
        if self._lifted is None:
            return
        waited_ms = 1000 * (time.monotonic() - self._lifted.at_s)
        if waited_ms > 2 * self._wait_ms and not self._was_late:
            self._was_late = True
            self._due.start(self._wait_ms)
        else:
            self.settle()
