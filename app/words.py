"""Counts and levels in words, as they are written everywhere in the window."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from fsamt_engine.library import QualityLevel
from fsamt_engine.units import format_percent


def takes(n: int) -> str:
    """As "1 take", "1,248 takes"."""
    return _counted(n, _tr("1 take"), _tr("{n} takes"))


def pairs(n: int) -> str:
    """As "1 pair", "1,248 pairs"."""
    return _counted(n, _tr("1 pair"), _tr("{n} pairs"))


def participants(n: int) -> str:
    """As "1 participant", "4 participants"."""
    return _counted(n, _tr("1 participant"), _tr("{n} participants"))


def people(n: int) -> str:
    """As "1 person", "2 people"."""
    return _counted(n, _tr("1 person"), _tr("{n} people"))


def clips(n: int) -> str:
    """As "1 clip", "208 clips"."""
    return _counted(n, _tr("1 clip"), _tr("{n} clips"))


def labels(n: int) -> str:
    """As "1 label", "60 labels"."""
    return _counted(n, _tr("1 label"), _tr("{n} labels"))


def actions(n: int) -> str:
    """As "1 action", "10 actions"."""
    return _counted(n, _tr("1 action"), _tr("{n} actions"))


def students(n: int) -> str:
    """As "1 student", "3 students"."""
    return _counted(n, _tr("1 student"), _tr("{n} students"))


def teachers(n: int) -> str:
    """As "1 teacher", "3 teachers"."""
    return _counted(n, _tr("1 teacher"), _tr("{n} teachers"))


def recognisers(n: int) -> str:
    """As "1 recogniser", "3 recognisers"."""
    return _counted(n, _tr("1 recogniser"), _tr("{n} recognisers"))


def waiting(n: int) -> str:
    """As "1 run waits", "3 runs wait"."""
    return _counted(n, _tr("1 run waits"), _tr("{n} runs wait"))


def level(of: QualityLevel) -> str:
    """The level of a take's quality, as it stands beside its mark."""
    words = {
        QualityLevel.GOOD: _tr("Good"),
        QualityLevel.CAUTION: _tr("Caution"),
        QualityLevel.BAD: _tr("Bad"),
    }
    return words[of]


def listed(names: Sequence[str], most: int = 8) -> str:
    """As "P1", "P1 and P2", "P1, P2 and 4 more"."""
    if len(names) > most:
        shown, last = names[: most - 1], _tr("{n} more").format(n=len(names) - most + 1)
    else:
        shown, last = names[:-1], "".join(names[-1:])
    if not shown:
        return last
    return _tr("{names} and {last}").format(names=", ".join(shown), last=last)


def share_with_interval(share: float, interval: tuple[float, float]) -> str:
    """As "82.7 % (95 %: 76.9 to 87.3)"."""
    low, high = (100 * one for one in interval)
    return _tr("{share} (95 %: {low:.1f} to {high:.1f})").format(
        share=format_percent(share), low=low, high=high
    )


def accuracy(share: float, interval: tuple[float, float], n_clips: int, n_people: int) -> str:
    """As "82.7 % (95 %: 76.9 to 87.3), 208 clips of 2 people"."""
    return _tr("{share}, {clips} of {people}").format(
        share=share_with_interval(share, interval), clips=clips(n_clips), people=people(n_people)
    )


def day(at_us: int) -> str:
    """A moment, in microseconds since 1970 UTC, as "2026-11-23 14:05" where one is."""
    return f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d %H:%M}"


def _counted(n: int, one: str, many: str) -> str:
    return one if n == 1 else many.format(n=f"{n:,}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
