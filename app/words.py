"""Counts and levels in words, as they are written everywhere in the window."""

from PySide6.QtCore import QCoreApplication

from fsamt_engine.library import QualityLevel


def takes(n: int) -> str:
    """As "1 take", "1,248 takes"."""
    return _counted(n, _tr("1 take"), _tr("{n} takes"))


def pairs(n: int) -> str:
    """As "1 pair", "1,248 pairs"."""
    return _counted(n, _tr("1 pair"), _tr("{n} pairs"))


def participants(n: int) -> str:
    """As "1 participant", "4 participants"."""
    return _counted(n, _tr("1 participant"), _tr("{n} participants"))


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


def level(of: QualityLevel) -> str:
    """The level of a take's quality, as it stands beside its mark."""
    words = {
        QualityLevel.GOOD: _tr("Good"),
        QualityLevel.CAUTION: _tr("Caution"),
        QualityLevel.BAD: _tr("Bad"),
    }
    return words[of]


def _counted(n: int, one: str, many: str) -> str:
    return one if n == 1 else many.format(n=f"{n:,}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
