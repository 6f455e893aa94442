"""What a label file says, before it is known what of it fits the library."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fsamt_engine.errors import FsamtError

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is no label file, and would only fill the memory."""


class Clock(StrEnum):
    """What seconds in a file count from."""

    TAKE = "take"
    """The take's own recorded times, from its first depth frame."""
    MEDIA = "media"
    """The video file that another program played: colour, or depth where there is no colour."""


@dataclass(frozen=True)
class ParsedLabel:
    """One label of a file.

    Attributes:
        names: Texts of which one may name the take: its id, a path, "session/number".
        frames: Depth frames, `end` not included; None where the file has seconds only.
        seconds: Start and end by `clock`; None where the file has frames.
        where: Where in the file, for a sentence ("line 12").
    """

    names: tuple[str, ...]
    action: str
    frames: tuple[int, int] | None
    seconds: tuple[float, float] | None
    clock: Clock
    where: str


@dataclass(frozen=True)
class ParsedAction:
    """What a file says of an action; "" where it says nothing."""

    name: str
    description: str = ""
    colour: str = ""
    key: str = ""


@dataclass(frozen=True)
class ParsedFile:
    """A label file.

    Attributes:
        problems: What was left out, and why, a sentence each.
    """

    labels: tuple[ParsedLabel, ...]
    actions: tuple[ParsedAction, ...] = ()
    problems: tuple[str, ...] = ()


def read_text(path: Path) -> str:
    """The text of a file of bounded size.

    Raises:
        FsamtError: It is not there, too large, or no text.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FsamtError(
                f"{path.name} is too large to be a label file.", "Choose a file of labels."
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FsamtError(
            f"{path.name} cannot be read ({error.strerror}).", "Choose another file."
        ) from error
    except UnicodeDecodeError as error:
        raise not_a_label_file(path, "it is not a text file in UTF-8") from error


def not_a_label_file(path: Path, why: str) -> FsamtError:
    """The refusal of a file."""
    return FsamtError(
        f"{path.name} cannot be read as labels: {why}.",
        "Nothing was changed. See the guide for what label files look like.",
    )
