"""Counts and levels in words, as they are written everywhere in the window."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from fsamt_engine.library import QualityLevel
from fsamt_engine.units import format_percent

translate = QCoreApplication.translate


def takes(n: int) -> str:
    """As "1 take", "1,248 takes"."""
    return _counted(n, translate("Words", "1 take"), translate("Words", "{n} takes"))


def pairs(n: int) -> str:
    """As "1 pair", "1,248 pairs"."""
    return _counted(n, translate("Words", "1 pair"), translate("Words", "{n} pairs"))


def participants(n: int) -> str:
    """As "1 participant", "4 participants"."""
    return _counted(n, translate("Words", "1 participant"), translate("Words", "{n} participants"))


def people(n: int) -> str:
    """As "1 person", "2 people"."""
    return _counted(n, translate("Words", "1 person"), translate("Words", "{n} people"))


def clips(n: int) -> str:
    """As "1 clip", "208 clips"."""
    return _counted(n, translate("Words", "1 clip"), translate("Words", "{n} clips"))


def segments(n: int) -> str:
    """As "1 segment", "52 segments"."""
    return _counted(n, translate("Words", "1 segment"), translate("Words", "{n} segments"))


def labels(n: int) -> str:
    """As "1 label", "60 labels"."""
    return _counted(n, translate("Words", "1 label"), translate("Words", "{n} labels"))


def seeds(n: int) -> str:
    """As "1 seed", "5 seeds"."""
    return _counted(n, translate("Words", "1 seed"), translate("Words", "{n} seeds"))


def actions(n: int) -> str:
    """As "1 action", "10 actions"."""
    return _counted(n, translate("Words", "1 action"), translate("Words", "{n} actions"))


def students(n: int) -> str:
    """As "1 student", "3 students"."""
    return _counted(n, translate("Words", "1 student"), translate("Words", "{n} students"))


def teachers(n: int) -> str:
    """As "1 teacher", "3 teachers"."""
    return _counted(n, translate("Words", "1 teacher"), translate("Words", "{n} teachers"))


def recognisers(n: int) -> str:
    """As "1 recogniser", "3 recognisers"."""
    return _counted(n, translate("Words", "1 recogniser"), translate("Words", "{n} recognisers"))


def detectors(n: int) -> str:
    """As "1 detector", "3 detectors"."""
    return _counted(n, translate("Words", "1 detector"), translate("Words", "{n} detectors"))


def waiting(n: int) -> str:
    """As "1 run waits", "3 runs wait"."""
    return _counted(n, translate("Words", "1 run waits"), translate("Words", "{n} runs wait"))


def level(of: QualityLevel) -> str:
    """The level of a take's quality, as it stands beside its mark."""
    words = {
        QualityLevel.GOOD: translate("Words", "Good"),
        QualityLevel.CAUTION: translate("Words", "Caution"),
        QualityLevel.BAD: translate("Words", "Bad"),
    }
    return words[of]


def listed(names: Sequence[str], most: int = 8) -> str:
    """As "P1", "P1 and P2", "P1, P2 and 4 more"."""
    if len(names) > most:
        shown, last = (
            names[: most - 1],
            translate("Words", "{n} more").format(n=len(names) - most + 1),
        )
    else:
        shown, last = names[:-1], "".join(names[-1:])
    if not shown:
        return last
    return translate("Words", "{names} and {last}").format(names=", ".join(shown), last=last)


def share_with_interval(share: float, interval: tuple[float, float]) -> str:
    """As "82.7 % (95 %: 76.9 to 87.3)"."""
    low, high = (100 * one for one in interval)
    return translate("Words", "{share} (95 %: {low:.1f} to {high:.1f})").format(
        share=format_percent(share), low=low, high=high
    )


def accuracy(share: float, interval: tuple[float, float], n_clips: int, n_people: int) -> str:
    """As "82.7 % (95 %: 76.9 to 87.3), 208 clips of 2 people"."""
    return translate("Words", "{share}, {clips} of {people}").format(
        share=share_with_interval(share, interval), clips=clips(n_clips), people=people(n_people)
    )


def day(at_us: int) -> str:
    """A moment, in microseconds since 1970 UTC, as "2026-11-23 14:05" where one is."""
    return f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d %H:%M}"


def _counted(n: int, one: str, many: str) -> str:
    return one if n == 1 else many.format(n=f"{n:,}")
