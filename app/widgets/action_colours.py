"""The colours of actions on the screen, readable in the dark theme and in the light one."""

from collections.abc import Iterable

from PySide6.QtGui import QColor

from app.theme import theme
from fsamt_engine.library.records import Action

_DARK, _LIGHT = "#000000", "#FFFFFF"
_MIN_LINE_CONTRAST = 3.0
_STEP = 0.08


def colours_of(actions: Iterable[Action]) -> dict[str, str]:
    """The colour of each action by its name, as `#RRGGBB`; quiet grey where none was given."""
    quiet = theme().palette.quiet
    return {action.name: action.colour or quiet for action in actions}


def text_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour; at least 4.5 to 1 on any (WCAG AA)."""
    return max((_DARK, _LIGHT), key=lambda text: contrast(text, colour))


def line_colour(colour: str, ground: str = "surface") -> str:
    """The colour, moved towards the text's until a line of it stands out from the ground.

    Args:
        colour: `#RRGGBB`.
        ground: A role of the palette.
    """
    palette = theme().palette
    under, towards = getattr(palette, ground), palette.text
    share = 0.0
    drawn = colour
    while contrast(drawn, under) < _MIN_LINE_CONTRAST and share < 1:
        share += _STEP
        drawn = mixed(towards, colour, share)
    return drawn


def mixed(over: str, under: str, share: float) -> str:
    """`share` (0..1) of one colour over another, all as `#RRGGBB`."""
    a, b = QColor(over), QColor(under)
    channels = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return "#" + "".join(f"{round(share * x + (1 - share) * y):02X}" for x, y in channels)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    asked = QColor(colour)
    red, green, blue = (linear(c) for c in (asked.redF(), asked.greenF(), asked.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
