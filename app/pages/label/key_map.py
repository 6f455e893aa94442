"""Which key does what on the page Label. Every other letter and digit may be an action's."""

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent

translate = QCoreApplication.translate


class Command(Enum):
    """What a key asks for, the actions' own keys and the player's left out."""

    NEXT = auto()
    PREVIOUS = auto()
    ACCEPT = auto()
    DISMISS = auto()
    REMOVE = auto()
    START_HERE = auto()
    END_HERE = auto()
    START_EARLIER = auto()
    START_LATER = auto()
    END_EARLIER = auto()
    END_LATER = auto()
    LEAP_BACK = auto()
    LEAP_ON = auto()
    NEXT_SEGMENT = auto()
    PREVIOUS_SEGMENT = auto()
    NOTHING_CHOSEN = auto()
    OTHER_PART = auto()
    KEYS = auto()


_CHARACTERS = {"[": Command.START_HERE, "]": Command.END_HERE, "?": Command.KEYS}
"""By what they write: on some keyboards they need AltGr or Shift."""

_NO, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_ALT, _CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
_Keys = Qt.Key
_KEYS: dict[tuple[Qt.Key, Qt.KeyboardModifier], Command] = {
    (_Keys.Key_Tab, _NO): Command.NEXT,
    (_Keys.Key_Backtab, _SHIFT): Command.PREVIOUS,
    (_Keys.Key_Backtab, _NO): Command.PREVIOUS,
    (_Keys.Key_Return, _NO): Command.ACCEPT,
    (_Keys.Key_Enter, _NO): Command.ACCEPT,
    (_Keys.Key_Backspace, _NO): Command.DISMISS,
    (_Keys.Key_Delete, _NO): Command.REMOVE,
    (_Keys.Key_Left, _ALT): Command.START_EARLIER,
    (_Keys.Key_Right, _ALT): Command.START_LATER,
    (_Keys.Key_Left, _CTRL): Command.END_EARLIER,
    (_Keys.Key_Right, _CTRL): Command.END_LATER,
    (_Keys.Key_Left, _SHIFT): Command.LEAP_BACK,
    (_Keys.Key_Right, _SHIFT): Command.LEAP_ON,
    (_Keys.Key_PageDown, _NO): Command.NEXT_SEGMENT,
    (_Keys.Key_PageUp, _NO): Command.PREVIOUS_SEGMENT,
    (_Keys.Key_Escape, _NO): Command.NOTHING_CHOSEN,
    (_Keys.Key_F6, _NO): Command.OTHER_PART,
    (_Keys.Key_F1, _NO): Command.KEYS,
}
_MODIFIERS = _SHIFT | _ALT | _CTRL | Qt.KeyboardModifier.MetaModifier


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key, None where it is not one."""
    written = _CHARACTERS.get(event.text())
    if written is not None:
        return written
    return _KEYS.get((Qt.Key(event.key()), event.modifiers() & _MODIFIERS))


def character_of(event: QKeyEvent) -> str:
    """What an action's key writes; "" where Ctrl, Alt or Meta make something else of it."""
    modifiers = event.modifiers() & _MODIFIERS
    text = event.text()
    return text if modifiers in (_NO, _SHIFT) and text.isprintable() else ""


def may_be_an_action(character: str) -> bool:
    """Whether a character can be an action's key: the page needs the others."""
    return len(character) == 1 and character.isalnum()


@dataclass(frozen=True)
class KeyWords:
    """A line of the list of keys."""

    keys: str
    does: str


def key_words() -> tuple[tuple[str, tuple[KeyWords, ...]], ...]:
    """All keys in words, in groups with a title each."""

    def line(keys: str, does: str) -> KeyWords:
        return KeyWords(keys, does)

    return (
        (
            translate("LabelKeys", "Labelling"),
            (
                line(
                    translate("LabelKeys", "key of an action, tapped"),
                    translate(
                        "LabelKeys",
                        "labels the chosen segment, the marked interval, or the whole take",
                    ),
                ),
                line(
                    translate("LabelKeys", "key of an action, held"),
                    translate(
                        "LabelKeys", "labels what plays, or is stepped over, while the key is down"
                    ),
                ),
                line(
                    "Enter",
                    translate("LabelKeys", "accepts the suggestion, or goes on to the next take"),
                ),
                line("Backspace", translate("LabelKeys", "dismisses the suggestion")),
                line("Delete", translate("LabelKeys", "removes the chosen label")),
                line("Ctrl+Z · Ctrl+Shift+Z", translate("LabelKeys", "undo, redo")),
            ),
        ),
        (
            translate("LabelKeys", "Edges"),
            (
                line(
                    "[ · ]", translate("LabelKeys", "set the start, the end to what is on screen")
                ),
                line("Alt+← · Alt+→", translate("LabelKeys", "move the start by a frame")),
                line("Ctrl+← · Ctrl+→", translate("LabelKeys", "move the end by a frame")),
                line(
                    "Page Up · Page Down",
                    translate("LabelKeys", "choose the segment before, after"),
                ),
                line("Esc", translate("LabelKeys", "choose none: keys mean the whole take again")),
            ),
        ),
        (
            translate("LabelKeys", "Going about"),
            (
                line(translate("LabelKeys", "Space"), translate("LabelKeys", "play, pause")),
                line("← · →", translate("LabelKeys", "a frame back, on; with Shift ten")),
                line("Tab · Shift+Tab", translate("LabelKeys", "next take, take before")),
                line("↑ · ↓", translate("LabelKeys", "up and down the list")),
                line(
                    "F6",
                    translate("LabelKeys", "to the next part of the page, with Tab as elsewhere"),
                ),
                line("?", translate("LabelKeys", "this list")),
            ),
        ),
    )
