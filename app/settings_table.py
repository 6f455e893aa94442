"""Everything that a person can set: one table, from which the page Settings is made.

A setting that is added here is on the page, is found by its search and can be put back; whoever
acts on it reads it with `Preferences.get`.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication

T = TypeVar("T", bool, int, str)


@dataclass(frozen=True)
class Setting(Generic[T]):
    """What is kept: its key, and what it is until somebody changes it."""

    key: str
    default: T


THEME = Setting("appearance/theme", "system")
SCALE_PERCENT = Setting("appearance/scale_percent", 100)
OPEN_LAST = Setting("start/open_last", False)
SOUNDS = Setting("capture/sounds", True)
LOOP = Setting("playing/loop", True)
LABEL_GOES_ON = Setting("label_goes_on", True)
HOLD_MS = Setting("label/hold_ms", 300)
DEVICE = Setting("training/device", "")
GENTLE = Setting("training/gentle", True)


@dataclass(frozen=True)
class Row:
    """A setting as it is shown.

    Attributes:
        title: What it is, in a few words.
        explanation: What it does, in a sentence.
        choices: Values and their words; empty for a switch or a number.
        least, most, step: Of a number.
        unit: Behind a number.
    """

    setting: Setting[bool] | Setting[int] | Setting[str]
    group: str
    title: str
    explanation: str
    choices: tuple[tuple[str | int, str], ...] = ()
    least: int = 0
    most: int = 0
    step: int = 1
    unit: str = ""

    def matches(self, text: str) -> bool:
        """Whether all words of a search are found in it."""
        choices = (words for _, words in self.choices)
        all_text = " ".join((self.group, self.title, self.explanation, *choices)).casefold()
        return all(word in all_text for word in text.casefold().split())


def settings_table() -> tuple[Row, ...]:
    """All settings, group by group."""
    look, begin = _tr("Appearance"), _tr("Start")
    return (
        Row(
            THEME,
            look,
            _tr("Theme"),
            _tr("Dark lets the camera's picture be the brightest thing on the screen."),
            (
                ("system", _tr("As the system")),
                ("dark", _tr("Dark")),
                ("light", _tr("Light")),
            ),
        ),
        Row(
            SCALE_PERCENT,
            look,
            _tr("Size of everything"),
            _tr("For a large screen whose system does not enlarge; from the next start on."),
            tuple((percent, f"{percent} %") for percent in (100, 125, 150, 175, 200)),
        ),
        Row(
            OPEN_LAST,
            begin,
            _tr("Open the last library"),
            _tr("When the program starts, go on with the library that was open last."),
        ),
        Row(
            SOUNDS,
            _tr("Capture"),
            _tr("Sounds while recording"),
            _tr("A tone at the end of a countdown, so that nobody has to look at the screen."),
        ),
        Row(
            LOOP,
            _tr("Playing"),
            _tr("Play takes again and again"),
            _tr("A take begins anew at its end; the player's own button changes it for now."),
        ),
        Row(
            LABEL_GOES_ON,
            _tr("Labelling"),
            _tr("Go on to the next take"),
            _tr("Show the next take by itself when one was labelled as a whole."),
        ),
        Row(
            HOLD_MS,
            _tr("Labelling"),
            _tr("A key counts as held after"),
            _tr(
                "Shorter presses label the chosen segment or the whole take, longer ones what was "
                "played meanwhile."
            ),
            least=150,
            most=800,
            step=50,
            unit=_tr("ms"),
        ),
        Row(
            DEVICE,
            _tr("Training"),
            _tr("Device for new runs"),
            _tr("What is chosen at first; each run can be given another one."),
            (("", _tr("The fastest there is")), ("cpu", _tr("CPU"))),
        ),
        Row(
            GENTLE,
            _tr("Training"),
            _tr("Let other programs go first"),
            _tr("A run takes what the others leave; off, it is faster and the computer slower."),
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Settings", text)
