"""What is said of a labelled segment and of a detection."""

from PySide6.QtCore import QCoreApplication

from app.widgets.bands_content import Verdict
from fsamt_engine.evaluation.detection_findings import (
    AlarmKind,
    FalseAlarm,
    Match,
    Miss,
    MissKind,
)
from fsamt_engine.evaluation.detections import Detection

translate = QCoreApplication.translate

Fact = Match | Miss | FalseAlarm

FOUND_FROM = 1_000_000_000
"""Ids of detections begin here, so that an id says on which band it lies."""


def verdict_name(verdict: Verdict) -> str:
    """As it stands in a list."""
    return {
        Verdict.MISSED: translate("Judging", "missed"),
        Verdict.FALSE_ALARM: translate("Judging", "nothing there"),
        Verdict.WRONG_ACTION: translate("Judging", "wrong action"),
        Verdict.INEXACT: translate("Judging", "bounds off"),
        Verdict.AGAIN: translate("Judging", "found again"),
        Verdict.RIGHT: translate("Judging", "right"),
        Verdict.UNKNOWN: translate("Judging", "not judged"),
        Verdict.FOUND: translate("Judging", "found"),
        Verdict.LABELLED: translate("Judging", "labelled"),
    }[verdict]


def words_of_truth(said: str, fact: Fact | None) -> str:
    """What is said of a labelled segment; `said` is its interval in words."""
    if isinstance(fact, Match):
        more = translate(
            "Judging", "Found, with a score of {score:.2f} and an overlap of {overlap:.2f}."
        ).format(score=fact.detection.score, overlap=fact.overlap)
    elif isinstance(fact, Miss):
        more = _why_missed(fact)
    else:
        more = translate("Judging", "A label of this library.")
    return f"{said}\n{more}"


def words_of_found(said: str, found: Detection, fact: Fact | None) -> str:
    """What is said of a detection; `said` is its interval in words."""
    said += " · " + translate("Judging", "score {score:.2f}").format(score=found.score)
    if isinstance(fact, Match):
        more = translate("Judging", "Right: it overlaps the label by {overlap:.2f}.").format(
            overlap=fact.overlap
        )
    elif isinstance(fact, FalseAlarm):
        more = _why_wrong(fact)
    else:
        more = translate("Judging", "Nobody has judged it yet: accept it where it is right.")
    return f"{said}\n{more}"


def interval_words(action: str, start: float, end: float, rate_hz: float) -> str:
    """As "wave · 0:07.2 to 0:09.0 (1.8 s)"."""
    return translate("Judging", "{action} · {start} to {end} ({length:.1f} s)").format(
        action=action,
        start=clock(start / rate_hz),
        end=clock(end / rate_hz),
        length=(end - start) / rate_hz,
    )


def clock(seconds: float) -> str:
    """As "0:07.2", "1:02:07.2"."""
    minutes, tenths = divmod(round(10 * seconds), 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes:02d}:{tenths / 10:04.1f}" if hours else f"{minutes}:{tenths / 10:04.1f}"
    return f"{hours}:{text}" if hours else text


def _why_missed(miss: Miss) -> str:
    near = miss.detection
    if near is None:
        return translate("Judging", "Missed: nothing of this action was found here.")
    return {
        MissKind.NOTHING: translate("Judging", "Missed: nothing of this action was found here."),
        MissKind.OTHER_ACTION: translate(
            "Judging", "Missed: taken for {action}, with a score of {score:.2f}."
        ),
        MissKind.INEXACT: translate(
            "Judging",
            "Missed: the bounds of what was found are too far off (overlap {overlap:.2f}).",
        ),
        MissKind.UNSURE: translate(
            "Judging", "Missed: it was found with a score of {score:.2f} only."
        ),
    }[miss.kind].format(action=near.action, score=near.score, overlap=miss.overlap)


def _why_wrong(alarm: FalseAlarm) -> str:
    action = alarm.truth.action if alarm.truth else ""
    return {
        AlarmKind.NOTHING: translate("Judging", "False alarm: nothing is labelled here."),
        AlarmKind.AGAIN: translate(
            "Judging", "Told a second time: a surer detection has this label already."
        ),
        AlarmKind.OTHER_ACTION: translate("Judging", "Wrong action: it is labelled {action}."),
        AlarmKind.INEXACT: translate(
            "Judging", "Its bounds are too far off: it overlaps the label by {overlap:.2f} only."
        ),
    }[alarm.kind].format(action=action, overlap=alarm.overlap)
