"""The report of one finetuning: how well it recognises, beside from scratch, with fewer labels."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fsamt_engine.evaluation.label_curve import LabelCurve, right_answers
from fsamt_engine.evaluation.paired import mcnemar, paired_difference
from fsamt_engine.evaluation.result import FinetuneResult, finetune_result
from fsamt_engine.evaluation.scores import Scores
from fsamt_engine.evaluation.seen import ancestry
from fsamt_engine.experiments.report import ConfusionMatrix, Curve, Listing, Report, write_report_of
from fsamt_engine.experiments.svg import Series
from fsamt_engine.library import Library, Snapshot
from fsamt_engine.units import format_percent


def write_finetune_report(library: Library, model_id: str, path: Path | None = None) -> Path:
    """Write the report of a recogniser: beside its weights, and to a chosen file.

    Args:
        path: The chosen file; None for the one beside the weights alone.

    Returns:
        The file that was asked for.

    Raises:
        FsamtError: The model was not tested, or the file cannot be written.
    """
    return write_report_of(library, model_id, finetune_report(library, model_id), path)


def finetune_report(library: Library, model_id: str) -> Report:
    """Everything that a reader needs to judge a recogniser.

    Raises:
        FsamtError: There is no such model, or it was not tested.
    """
    result = finetune_result(library, model_id)
    line = ancestry(library, result.model)
    listings = [_accuracies(result), _actions(result)]
    curves = []
    if result.curve is not None:
        listings.append(_steps(result.curve))
        curves.append(_curve(result.curve, result.scratch_scores))
    listings += [_people(result.snapshot), _snapshot(result.snapshot)]
    return Report(
        title=result.model.name[0].upper() + result.model.name[1:],
        summary=tuple(summary(result)),
        listings=tuple(listings),
        curves=tuple(curves),
        curves_title="Accuracy over labels",
        confusions=tuple(_confusions(result)),
        settings={
            "model": result.model.id,
            "made from": [one.id for one in line[1:]] or "nothing (from scratch)",
            "snapshot": result.snapshot.id,
            "tested on": result.test.device,
            "clips a test item": result.test.settings.n_clips,
            **dict(result.model.settings),
        },
    )


def summary(result: FinetuneResult) -> Iterator[str]:
    """What came out, in sentences, numbers with their intervals."""
    scores = result.scores
    yield (
        f"It recognises {in_words(scores)}, {_count(scores.n, 'clip')} of "
        f"{_count(len(result.tested_on), 'person')} ({', '.join(result.tested_on)}) whom no "
        f"training has seen. It was finetuned on {_count(sum(result.n_labels.values()), 'label')} "
        f"of {_count(len(result.trained_on), 'person')} ({', '.join(result.trained_on)})."
    )
    if result.scratch_test is not None:
        before, after = (right_answers(one) for one in (result.scratch_test, result.test))
        low, high = paired_difference(before, after)
        gain = result.scores.accuracy - result.scratch_test.scores.accuracy
        yield (
            f"From scratch on the same labels: {in_words(result.scratch_test.scores)}. The "
            f"difference is {100 * gain:+.1f} points (95 %: {100 * low:+.1f} to "
            f"{100 * high:+.1f}; McNemar's exact test: p = {mcnemar(before, after):.2g})."
        )
    if result.curve is not None:
        yield result.curve.verdict.words
    yield from result.remarks


def in_words(scores: Scores) -> str:
    """As "82.7 % (95 %: 76.9 to 87.3)"."""
    low, high = (100 * bound for bound in scores.interval)
    return f"{format_percent(scores.accuracy)} (95 %: {low:.1f} to {high:.1f})"


def _accuracies(result: FinetuneResult) -> Listing:
    rows = [(result.model.method, result.model.id, result.scores)]
    if result.scratch is not None and result.scratch_scores is not None:
        rows.append((result.scratch.method, result.scratch.id, result.scratch_scores))
    return Listing(
        "Accuracy",
        ("start", "model", "right", "macro F1", "clips"),
        tuple(
            (method, model_id, in_words(scores), format_percent(scores.macro_f1), scores.n)
            for method, model_id, scores in rows
        ),
        "The interval is Wilson's. It takes clips for independent; of one person they are less so.",
    )


def _actions(result: FinetuneResult) -> Listing:
    return Listing(
        "Action by action",
        ("action", "labels", "test clips", "precision", "recall", "F1"),
        tuple(
            (
                one.action,
                result.n_labels[one.action],
                one.support,
                *(format_percent(v) for v in (one.precision, one.recall, one.f1)),
            )
            for one in result.scores.per_action
        ),
        "Precision: how many of the clips that were given this name are of the action. Recall: how "
        "many of the action's clips were given its name.",
    )


def _steps(curve: LabelCurve) -> Listing:
    rows = []
    for step in curve.steps:
        low, high = (100 * bound for bound in step.interval)
        each = ", ".join(format_percent(value) for value in step.accuracies)
        mean = f"{format_percent(step.mean)} (95 %: {low:.1f} to {high:.1f})"
        rows.append((step.name, step.points[0].n_labels, mean, each))
    note = (
        "Same start, same test, as many steps of training; the labels are drawn anew with each "
        "seed. The interval covers the size of the test and the spread over seeds."
    )
    if not curve.is_complete:
        note += f" Broken off after {curve.n_done} of {curve.n_planned} trainings."
    columns = ("labels an action", "labels in all", "right", "each seed")
    return Listing("Fewer labels", columns, tuple(rows), note)


def _curve(curve: LabelCurve, scratch: Scores | None) -> Curve:
    steps = tuple(step.n_labels for step in curve.steps)
    lines = [
        Series("accuracy", steps, tuple(100 * step.mean for step in curve.steps)),
        Series("95 %, from", steps, tuple(100 * step.interval[0] for step in curve.steps)),
        Series("95 %, to", steps, tuple(100 * step.interval[1] for step in curve.steps)),
    ]
    if scratch is not None:
        level = 100 * scratch.accuracy
        lines.append(Series("all, from scratch", (steps[0], steps[-1]), (level, level)))
    title = "Accuracy with so many labels of each action"
    return Curve(title, tuple(lines), None, "right, %", "labels an action")


def _confusions(result: FinetuneResult) -> Iterator[ConfusionMatrix]:
    for model, scores in (
        (result.model, result.scores),
        (result.scratch, result.scratch_scores),
    ):
        if model is not None and scores is not None:
            yield ConfusionMatrix(
                f"{model.id} ({model.method})", scores.actions, np.array(scores.confusion, np.int64)
            )


def _people(snapshot: Snapshot) -> Listing:
    counts = Counter(
        (item.participant, side, item.action)
        for side, items in (("trained", snapshot.train), ("tested", snapshot.test))
        for item in items
    )
    people = sorted({(side == "tested", side, person) for person, side, _ in counts})
    return Listing(
        "Who it was trained and tested on",
        ("participant", "side", *snapshot.actions),
        tuple(
            (person, side, *(counts[person, side, action] for action in snapshot.actions))
            for _, side, person in people
        ),
        "Labels or test clips of each action. Nobody is on both sides.",
    )


def _snapshot(snapshot: Snapshot) -> Listing:
    return Listing(
        f"The frozen snapshot {snapshot.id}",
        ("take", "participant", "side", "action", "first frame", "frames"),
        tuple(
            (
                item.take_id,
                item.participant,
                side,
                str(item.action),
                item.start,
                item.end - item.start,
            )
            for side, items in (("train", snapshot.train), ("test", snapshot.test))
            for item in items
        ),
        snapshot.description,
        folded=True,
    )


def _count(n: int, thing: str) -> str:
    if n == 1:
        return f"1 {thing}"
    return f"{n:,} people" if thing == "person" else f"{n:,} {thing}s"
