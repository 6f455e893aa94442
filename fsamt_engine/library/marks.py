"""What tells actions apart at a glance: a colour and a key for each."""

import re
import sqlite3
import string
from collections.abc import Collection

from fsamt_engine.library.records import BACKGROUND

COLOURS = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#F3CB73",
    "#A6D7F3",
    "#73C9B0",
    "#F7F09B",
    "#73B0D5",
    "#E99C73",
    "#E2B3CC",
    "#9C6C00",
    "#3A7A9F",
    "#006B4E",
    "#A39B2D",
    "#004D79",
    "#914000",
    "#8B5272",
)
"""The palette of Okabe and Ito, told apart by colour-blind people too (https://jfly.uni-koeln.de/
color/, 2008), without its black; then lighter steps of it, then darker ones."""
GREY = "#8C8C8C"
"""Of `background`."""
KEYS = "123456789" + string.ascii_lowercase
"""In the order in which they are given; `background` has 0."""

_COLOUR = re.compile("#[0-9A-Fa-f]{6}")


def is_colour(text: str) -> bool:
    """Whether this is a colour as actions have one: "#RRGGBB"."""
    return _COLOUR.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether this can be pressed to give an action: one printable character, no space."""
    return len(text) == 1 and text.isprintable() and not text.isspace()


def next_colour(name: str, taken: Collection[str]) -> str:
    """A colour for a new action: the first that is free, or the one given least often."""
    if name == BACKGROUND:
        return GREY
    return min(COLOURS, key=[colour.upper() for colour in taken].count)


def next_key(name: str, taken: Collection[str]) -> str:
    """A key for a new action; empty where all are taken."""
    wanted = "0" if name == BACKGROUND else KEYS
    return next((key for key in wanted if key not in taken), "")


def give_marks(connection: sqlite3.Connection) -> None:
    """Gives a colour and a key to every action that has no colour, within a transaction."""
    rows = connection.execute("SELECT id, name, colour, key FROM actions ORDER BY id").fetchall()
    colours = [colour for *_, colour, _ in rows if colour]
    keys = [key for *_, key in rows if key]
    for action_id, name, colour, key in rows:
        if colour:
            continue
        colours.append(next_colour(name, colours))
        keys.append(key or next_key(name, keys))
        connection.execute(
            "UPDATE actions SET colour = ?, key = ? WHERE id = ?",
            [colours[-1], keys[-1], action_id],
        )
