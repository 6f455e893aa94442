"""Everything that a person can set: one table, from which the page Settings is made.

A setting that is added here is on the page, is found by its search and can be put back; whoever
acts on it reads it with `Preferences.get`.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate

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
EXPORT_FOLDER = Setting("export/folder", "")
EXPORT_LICENCE = Setting("export/licence", "")


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
    look, begin = translate("Settings", "Appearance"), translate("Settings", "Start")
    return (
        Row(
            THEME,
            look,
            translate("Settings", "Theme"),
            translate(
                "Settings", "Dark lets the camera's picture be the brightest thing on the screen."
            ),
            (
                ("system", translate("Settings", "As the system")),
                ("dark", translate("Settings", "Dark")),
                ("light", translate("Settings", "Light")),
            ),
        ),
        Row(
            SCALE_PERCENT,
            look,
            translate("Settings", "Size of everything"),
            translate(
                "Settings",
                "For a large screen whose system does not enlarge; from the next start on.",
            ),
            tuple((percent, f"{percent} %") for percent in (100, 125, 150, 175, 200)),
        ),
        Row(
            OPEN_LAST,
            begin,
            translate("Settings", "Open the last library"),
            translate(
                "Settings", "When the program starts, go on with the library that was open last."
            ),
        ),
        Row(
            SOUNDS,
            translate("Settings", "Capture"),
            translate("Settings", "Sounds while recording"),
            translate(
                "Settings",
                "A tone at the end of a countdown, so that nobody has to look at the screen.",
            ),
        ),
        Row(
            LOOP,
            translate("Settings", "Playing"),
            translate("Settings", "Play takes again and again"),
            translate(
                "Settings",
                "A take begins anew at its end; the player's own button changes it for now.",
            ),
        ),
        Row(
            LABEL_GOES_ON,
            translate("Settings", "Labelling"),
            translate("Settings", "Go on to the next take"),
            translate("Settings", "Show the next take by itself when one was labelled as a whole."),
        ),
        Row(
            HOLD_MS,
            translate("Settings", "Labelling"),
            translate("Settings", "A key counts as held after"),
            translate(
                "Settings",
                "Shorter presses label the chosen segment or the whole take, longer ones what was "
                "played meanwhile.",
            ),
            least=150,
            most=800,
            step=50,
            unit=translate("Settings", "ms"),
        ),
        Row(
            DEVICE,
            translate("Settings", "Training"),
            translate("Settings", "Device for new runs"),
            translate("Settings", "What is chosen at first; each run can be given another one."),
            (
                ("", translate("Settings", "The fastest there is")),
                ("cpu", translate("Settings", "CPU")),
            ),
        ),
        Row(
            GENTLE,
            translate("Settings", "Training"),
            translate("Settings", "Let other programs go first"),
            translate(
                "Settings",
                "A run takes what the others leave; off, it is faster and the computer slower.",
            ),
        ),
    )
