"""What a detector's test tells, in words."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.evaluation.detection_result import DetectionResult
from fsamt_engine.evaluation.detection_scores import DetectionScores
from fsamt_engine.evaluation.detection_test import DetectionTest
from fsamt_engine.library import SnapshotItem
from fsamt_engine.units import format_percent

translate = QCoreApplication.translate


def map_words(scores: DetectionScores) -> str:
    """As "mAP 48.2 % at an overlap of 0.5 (95 %: 30.1 to 62.0)"."""
    low, high = (100 * one for one in scores.interval)
    return translate(
        "DetectorSayings", "mAP {share} at an overlap of 0.5 (95 %: {low:.1f} to {high:.1f})"
    ).format(share=format_percent(scores.map_at(0.5)), low=low, high=high)


def size_words(scores: DetectionScores) -> str:
    """What was searched, and what the interval is over."""
    return translate(
        "DetectorSayings", "{labels} in {takes} of {people}; the interval is over {over}."
    ).format(
        labels=words.labels(scores.n_truth),
        takes=words.takes(scores.n_takes),
        people=words.people(len(scores.participants)),
        over=scores.interval_over,
    )


def f1_words(scores: DetectionScores) -> str:
    """What is left where only detections from the best score on are believed."""
    best = scores.f1_at(0.5)
    return translate(
        "DetectorSayings",
        "F1 at 0.5 is {f1} with scores from {threshold:.2f} on, the best threshold on this test: "
        "precision {precision}, recall {recall}.",
    ).format(
        f1=format_percent(best.f1),
        threshold=best.threshold,
        precision=format_percent(best.precision),
        recall=format_percent(best.recall),
    )


def delay_words(test: DetectionTest) -> str:
    """How late an action would be known live."""
    delay = test.delay
    if delay is None:
        if not test.known:
            return translate(
                "DetectorSayings", "Live it told nothing in the takes watched for that."
            )
        return translate(
            "DetectorSayings", "Live it told nothing that was right in the takes watched for that."
        )
    return translate(
        "DetectorSayings",
        "Live {n} of {all} actions are told, {median:.1f} s after their end (median), nine of ten "
        "within {ninety:.1f} s.",
    ).format(n=delay.n_told, all=delay.n_truth, median=delay.median_s, ninety=delay.ninety_s)


def against_scratch(result: DetectionResult) -> str:
    """What the start was worth, on the same takes."""
    scratch = result.scratch_scores
    if scratch is None:
        if result.model.parent_id is None:
            return translate(
                "DetectorSayings", "This one is from scratch itself; nothing stands beside it."
            )
        return translate(
            "DetectorSayings",
            "Nothing from scratch was trained on the same labels, so there is no comparison.",
        )
    gain = 100 * (result.scores.map_at(0.5) - scratch.map_at(0.5))
    return translate(
        "DetectorSayings",
        "{gain:+.1f} points of mAP at 0.5 against from scratch, on the same takes.",
    ).format(gain=gain)


def untested_words(testable: Sequence[SnapshotItem], why_not: str) -> str:
    """What a detector without a test could be tested on, or why it cannot be."""
    if not testable:
        why = why_not or translate(
            "DetectorSayings",
            "Everybody with untrimmed takes of its actions was seen in its training. Label long "
            "takes of somebody else.",
        )
        return translate(
            "DetectorSayings", "Nobody knows how much it finds, and it cannot be tested. {why}"
        ).format(why=why)
    people = sorted({item.participant for item in testable})
    return translate(
        "DetectorSayings",
        "Nobody knows how much it finds. It can be tested on {takes} of {people}, whom it has "
        "never seen.",
    ).format(
        takes=words.takes(len({item.take_id for item in testable})), people=words.listed(people)
    )
