"""The report of one detector: how much it finds, beside from scratch, and where it goes wrong."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fsamt_engine.evaluation.detection_result import DetectionResult, detection_result
from fsamt_engine.evaluation.detection_scores import DetectionScores
from fsamt_engine.evaluation.seen import ancestry
from fsamt_engine.experiments.bands_svg import bands_chart, bands_of
from fsamt_engine.experiments.report import Listing, Report, write_report_of
from fsamt_engine.library import Library
from fsamt_engine.units import format_percent

TOLD_OVERLAPS = (0.1, 0.3, 0.5, 0.7)
_MOST_BANDS_S = 900.0
"""Seconds of takes that the report shows as bands; a file of hours would be slow to open."""
_MOST_ERRORS = 20


def write_detection_report(library: Library, model_id: str, path: Path | None = None) -> Path:
    """Write the report of a detector: beside its weights, and to a chosen file.

    Args:
        path: The chosen file; None for the one beside the weights alone.

    Returns:
        The file that was asked for.

    Raises:
        FsamtError: The model was not tested, or the file cannot be written.
    """
    return write_report_of(library, model_id, detection_report(library, model_id), path)


def detection_report(library: Library, model_id: str) -> Report:
    """Everything that a reader needs to judge a detector.

    Raises:
        FsamtError: There is no such model, or it was not tested.
    """
    result = detection_result(library, model_id)
    line = ancestry(library, result.model)
    return Report(
        title=result.model.name[0].upper() + result.model.name[1:],
        summary=tuple(summary(result)),
        bands=tuple(_bands(result)),
        listings=(
            _scores(result),
            _actions(result),
            _misses(result),
            _false_alarms(result),
            _people(result),
        ),
        settings={
            "model": result.model.id,
            "made from": [one.id for one in line[1:]] or "nothing (from scratch)",
            "snapshot": result.snapshot.id,
            "tested on": result.test.device,
            "searched with": result.test.settings,
            **dict(result.model.settings),
        },
    )


def summary(result: DetectionResult) -> Iterator[str]:
    """What came out, in sentences, numbers with their interval."""
    scores, test = result.scores, result.test
    tested, trained = result.tested_on, result.trained_on
    yield (
        f"Its mAP at an overlap of 0.5 is {in_words(scores)}, on "
        f"{_count(scores.n_truth, 'segment')} in {_count(scores.n_takes, 'take')} of "
        f"{_count(len(tested), 'person')} ({', '.join(tested)}) whom no training has "
        f"seen. It was trained on {_count(sum(result.n_labels.values()), 'segment')} of "
        f"{_count(len(trained), 'person')} ({', '.join(trained)})."
    )
    yield scores.interval_says
    best = scores.f1_at(0.5)
    n_wrong = len(test.false_alarms())
    yield (
        f"At the score of {best.threshold:.2f}, where its F1 is best, it finds "
        f"{format_percent(best.recall)} of the segments, and {format_percent(best.precision)} of "
        f"what it tells is right: {_count(len(test.misses()), 'segment')} missed, "
        f"{_count(n_wrong, 'false alarm')}."
    )
    if result.scratch_scores is not None:
        gain = scores.map_at(0.5) - result.scratch_scores.map_at(0.5)
        yield (
            f"From scratch on the same labels: {in_words(result.scratch_scores)}. The difference "
            f"is {100 * gain:+.1f} points."
        )
    if (delay := test.delay) is not None:
        yield (
            f"Watched live, an action is known {delay.median_s:.1f} s after its end (median; nine "
            f"of ten within {delay.ninety_s:.1f} s): {delay.n_told} of {delay.n_truth} segments "
            f"are told, with {_count(delay.n_false, 'false alarm')}."
        )
    yield from result.remarks


def in_words(scores: DetectionScores, overlap: float = 0.5) -> str:
    """As "42.7 % (95 %: 30.9 to 55.3)"; the interval is that of the overlap 0.5 alone."""
    if overlap != 0.5:
        return format_percent(scores.map_at(overlap))
    low, high = (100 * bound for bound in scores.interval)
    return f"{format_percent(scores.map_at(0.5))} (95 %: {low:.1f} to {high:.1f})"


def _bands(result: DetectionResult) -> Iterator[tuple[str, str]]:
    test = result.test
    shown_s = 0.0
    for take in test.takes:
        seconds = take.n_frames / take.rate_hz
        if shown_s and shown_s + seconds > _MOST_BANDS_S:
            continue
        shown_s += seconds
        truth, found = bands_of(test, take)
        n_missed = sum(bar.is_error for bar in truth)
        said = (
            f"{_count(len(truth), 'segment')}, {n_missed} missed; "
            f"{_count(sum(bar.is_error for bar in found), 'false alarm')}"
        )
        title = f"{take.take_id} ({take.participant}): {said}"
        yield title, bands_chart(seconds, truth, found, test.actions, title)


def _scores(result: DetectionResult) -> Listing:
    rows = [(result.model.method, result.model.id, result.scores)]
    if result.scratch is not None and result.scratch_scores is not None:
        rows.append((result.scratch.method, result.scratch.id, result.scratch_scores))
    return Listing(
        "mAP",
        ("start", "model", *(f"at {one:g}" for one in TOLD_OVERLAPS), "0.5:0.05:0.95", "F1 at 0.5"),
        tuple(
            (
                method,
                model_id,
                *(in_words(scores, one) for one in TOLD_OVERLAPS),
                format_percent(scores.mean_map),
                format_percent(scores.f1_at(0.5).f1),
            )
            for method, model_id, scores in rows
        ),
        "A detection is right where it and a labelled segment of its action, which no surer one "
        "has found, overlap by at least so much (time of both over time of either). mAP is the mean"
        " over the actions of the area under precision over recall.",
    )


def _actions(result: DetectionResult) -> Listing:
    scores = result.scores
    return Listing(
        "Action by action",
        ("action", "labels", "test segments", "told", *(f"AP at {one:g}" for one in TOLD_OVERLAPS)),
        tuple(
            (
                action,
                result.n_labels[action],
                scores.n_truth_of[place],
                scores.n_found_of[place],
                *(_ap(scores, action, one) for one in TOLD_OVERLAPS),
            )
            for place, action in enumerate(scores.actions)
        ),
        "Told: detections of any score; those of low score hardly count in the average precision.",
    )


def _ap(scores: DetectionScores, action: str, overlap: float) -> str:
    value = scores.ap_at(overlap)[action]
    return "" if value is None else format_percent(value)


def _misses(result: DetectionResult) -> Listing:
    rate = {take.take_id: take.rate_hz for take in result.test.takes}
    missed = result.test.misses()
    return Listing(
        f"What it misses ({len(missed)})",
        ("take", "from, s", "to, s", "action", "why"),
        tuple(
            (
                one.truth.take_id,
                f"{one.truth.start / rate[one.truth.take_id]:.1f}",
                f"{one.truth.end / rate[one.truth.take_id]:.1f}",
                str(one.truth.action),
                str(one.kind),
            )
            for one in missed[:_MOST_ERRORS]
        ),
        f"The worst {_MOST_ERRORS} are listed." if len(missed) > _MOST_ERRORS else "",
        folded=True,
    )


def _false_alarms(result: DetectionResult) -> Listing:
    rate = {take.take_id: take.rate_hz for take in result.test.takes}
    wrong = result.test.false_alarms()
    return Listing(
        f"False alarms ({len(wrong)})",
        ("take", "from, s", "to, s", "told as", "score", "what is wrong"),
        tuple(
            (
                one.detection.take_id,
                f"{one.detection.start / rate[one.detection.take_id]:.1f}",
                f"{one.detection.end / rate[one.detection.take_id]:.1f}",
                one.detection.action,
                f"{one.detection.score:.2f}",
                str(one.kind),
            )
            for one in wrong[:_MOST_ERRORS]
        ),
        f"The surest {_MOST_ERRORS} are listed." if len(wrong) > _MOST_ERRORS else "",
        folded=True,
    )


def _people(result: DetectionResult) -> Listing:
    actions = result.model.actions
    counts = Counter(
        (side, item.participant, item.action)
        for side, items in (("trained", result.snapshot.train), ("tested", result.test.truth))
        for item in items
        if item.action in actions
    )
    people = sorted({(side == "tested", side, person) for side, person, _ in counts})
    return Listing(
        "Who it was trained and tested on",
        ("participant", "side", *actions),
        tuple(
            (person, side, *(counts[side, person, action] for action in actions))
            for _, side, person in people
        ),
        "Labelled segments of each action. Nobody is on both sides.",
    )


def _count(n: int, thing: str) -> str:
    if n == 1:
        return f"1 {thing}"
    return f"{n:,} people" if thing == "person" else f"{n:,} {thing}s"
