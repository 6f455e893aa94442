"""What pressing, holding and releasing an action's key means; no clock, keyboard or window in it.

A tap labels the chosen segment, or the whole take. A key that is held while the playhead moves,
because the take plays or because it is stepped, labels what it passed over.
"""

from collections.abc import Hashable
from dataclasses import dataclass

HOLD_S = 0.3
"""A key that is down for less than this while the take plays was tapped, unless a person set it.

Taps last 0.06 to 0.2 s; what a person does on purpose lasts longer than 0.3 s.
"""


@dataclass(frozen=True)
class Tapped:
    """The chosen segment, or the whole take, is of this action."""

    action: str


@dataclass(frozen=True)
class Held:
    """These frames are of this action, `end` not included."""

    action: str
    start: int
    end: int


Meant = Tapped | Held


@dataclass
class _Key:
    """A key that is down."""

    key: Hashable
    action: str
    pressed_at_s: float
    pressed_on: int
    frame: int
    was_stepped: bool = False
    """The playhead moved while the take was not playing."""


class Holding:
    """Turns presses, releases and the moving playhead into what a person means.

    Times are in seconds of any clock that never goes back. One key counts at a time: another one
    ends the first there, as a quick typist presses the next key before the last one is up.

    Attributes:
        hold_s: A key that is down for less than this while the take plays was tapped.
    """

    def __init__(self) -> None:
        self.hold_s = HOLD_S
        self._down: _Key | None = None
        self._spent: set[Hashable] = set()

    @property
    def is_down(self) -> bool:
        """Whether a key is down that still means something."""
        return self._down is not None

    def pending(self, now_s: float) -> Held | None:
        """What would be labelled if the key were released now; None while it may be a tap."""
        down = self._down
        return self._held(down) if down and self._is_hold(down, now_s) else None

    def press(self, key: Hashable, action: str, now_s: float, frame: int) -> Meant | None:
        """A key goes down; call it for repeats of the keyboard too, they are nothing new.

        Returns:
            What the key before it meant, where it was still down.
        """
        if (self._down is not None and self._down.key == key) or key in self._spent:
            return None
        meant = None
        if self._down is not None:
            self._spent.add(self._down.key)
            meant = self._ended(now_s)
        self._down = _Key(key, action, now_s, frame, frame)
        return meant

    def move(self, frame: int, now_s: float, last_frame: int, *, is_playing: bool) -> Meant | None:
        """The playhead is on another frame.

        Args:
            frame: Where it is now.
            now_s: When.
            last_frame: After which what is played begins again.
            is_playing: Whether it moved by itself.

        Returns:
            What the key meant, where playing began again: a hold ends with the last frame. A key
            that went down right before is a hold of the next round, or a tap.
        """
        down = self._down
        if down is None or frame == down.frame:
            return None
        if is_playing and frame < down.frame:
            if not self._is_hold(down, now_s):
                down.pressed_on = down.frame = frame
                return None
            down.frame = max(down.frame, last_frame)
            self._spent.add(down.key)
            return self._ended(now_s)
        down.frame = frame
        down.was_stepped |= not is_playing
        return None

    def release(self, key: Hashable, now_s: float, frame: int | None = None) -> Meant | None:
        """A key goes up; releases that are repeats of the keyboard are not to come here.

        Args:
            key: Which one.
            now_s: When it went up.
            frame: What was on screen then, where the playhead has moved since.
        """
        if key in self._spent:
            self._spent.discard(key)
            return None
        if self._down is None or self._down.key != key:
            return None
        if frame is not None:
            self._down.frame = frame
        return self._ended(now_s)

    def cancel(self) -> None:
        """What is down means nothing: another take is shown, or the window lost the keyboard.

        Its release may come yet, or may go to another window.
        """
        if self._down is not None:
            self._spent.add(self._down.key)
            self._down = None

    def forget(self) -> None:
        """No key is down any more, whatever was: the window has the keyboard back."""
        self._down = None
        self._spent.clear()

    def _ended(self, now_s: float) -> Meant:
        down, self._down = self._down, None
        assert down is not None
        return self._held(down) if self._is_hold(down, now_s) else Tapped(down.action)

    def _is_hold(self, down: _Key, now_s: float) -> bool:
        if down.frame == down.pressed_on:
            return False
        return down.was_stepped or now_s - down.pressed_at_s >= self.hold_s

    @staticmethod
    def _held(down: _Key) -> Held:
        first, last = sorted((down.pressed_on, down.frame))
        return Held(down.action, first, last + 1)
