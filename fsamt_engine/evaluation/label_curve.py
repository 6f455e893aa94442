"""The accuracy over the number of labels: its points, what they say, and their form on disk."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fsamt_engine.evaluation.answers import Evaluation, write_beside
from fsamt_engine.evaluation.paired import paired_difference
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.evaluation.summary import summarise
from fsamt_engine.library import Library, ModelRecord

FORMAT = 1
LITTLE = 0.02
"""A rise that is surely below this many shares of 1 is not worth labelling for."""
_Z = 1.96


@dataclass(frozen=True)
class CurvePoint:
    """One network, trained on a few labels, and its test.

    Attributes:
        asked: Labels an action at most.
        seed: Of the drawing of labels and of the training.
        n_labels: Of all actions together.
        right: For each item of the test, in its order, whether the answer was right.
    """

    asked: int
    seed: int
    n_labels: int
    right: tuple[bool, ...]

    @property
    def accuracy(self) -> float:
        """In 0..1."""
        return sum(self.right) / len(self.right)


@dataclass(frozen=True)
class CurveStep:
    """All points of one number of labels.

    Attributes:
        n_labels: An action on average: less than asked for where an action has fewer.
        name: For an axis: "5", "all (14)", "all (6 to 14)".
        points: One for each seed.
    """

    n_labels: float
    name: str
    points: tuple[CurvePoint, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """One for each seed, in 0..1."""
        return tuple(point.accuracy for point in self.points)

    @property
    def mean(self) -> float:
        """Over the seeds, in 0..1."""
        return summarise(self.accuracies).mean

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """For each item of the test the share of seeds that were right."""
        n = len(self.points)
        return tuple(
            sum(column) / n for column in zip(*(p.right for p in self.points), strict=True)
        )

    @property
    def seed_error(self) -> float:
        """Standard error of the mean over the seeds; 0 for a single one, which says nothing."""
        std = summarise(self.accuracies).std
        return 0.0 if std is None else std / math.sqrt(len(self.points))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the mean: Wilson's interval of the test, widened by what the seeds vary."""
        n = len(self.points[0].right)
        return _widened(self.mean, wilson_interval(self.mean * n, n), self.seed_error)


@dataclass(frozen=True)
class CurveVerdict:
    """Whether more labels would help.

    Attributes:
        code: "help", "little", "unclear" or "none" (the curve is too short to say anything).
        words: The same as a sentence with its numbers.
    """

    code: str
    words: str


@dataclass(frozen=True)
class LabelCurve:
    """The curve of one recogniser.

    Attributes:
        steps: The fewest labels first; the last is the recogniser itself, with all its labels.
        n_planned: Trainings that a complete curve takes, the recogniser's own not counted.
    """

    model_id: str
    steps: tuple[CurveStep, ...]
    n_planned: int

    @property
    def n_done(self) -> int:
        """Trainings that were done."""
        return sum(len(step.points) for step in self.steps) - 1

    @property
    def is_complete(self) -> bool:
        """Whether it was not broken off."""
        return self.n_done >= self.n_planned

    @cached_property
    def verdict(self) -> CurveVerdict:
        """From the last two steps: what the last labels brought."""
        if len(self.steps) < 2:
            return CurveVerdict("none", "One number of labels says nothing of more of them.")
        before, last = self.steps[-2:]
        gain = last.mean - before.mean
        error = math.hypot(before.seed_error, last.seed_error)
        low, high = _widened(gain, paired_difference(before.shares, last.shares), error)
        how_far = (
            f"From {before.name} to {last.name} labels an action the accuracy changed by "
            f"{100 * gain:+.1f} points "
            f"(95 %: {100 * low:+.1f} to {100 * high:+.1f})."
        )
        if low > 0:
            return CurveVerdict("help", f"{how_far} It still rises: more labels would help.")
        if high < LITTLE:
            return CurveVerdict(
                "little", f"{how_far} More labels of these people would help little, if at all."
            )
        return CurveVerdict(
            "unclear",
            f"{how_far} A test of {len(last.points[0].right)} clips cannot tell whether more "
            "labels would help.",
        )


def _widened(value: float, interval: tuple[float, float], error: float) -> tuple[float, float]:
    """An interval widened by an independent standard error, squares added on each side."""
    low, high = interval
    return (
        max(-1.0, value - math.hypot(value - low, _Z * error)),
        min(1.0, value + math.hypot(high - value, _Z * error)),
    )


def curve_path(library: Library, model: ModelRecord) -> Path:
    """Where the points of a recogniser's curve are kept."""
    return library.absolute(model.path) / "curve.json"


def write_points(
    library: Library, model: ModelRecord, points: Sequence[CurvePoint], n_planned: int
) -> None:
    """Keep the points found so far.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    content = {"format": FORMAT, "n_planned": n_planned, "points": [asdict(p) for p in points]}
    write_beside(library, curve_path(library, model), json.dumps(content))


def read_points(
    library: Library, model: ModelRecord, n_items: int
) -> tuple[tuple[CurvePoint, ...], int]:
    """The points kept for a test of so many items, and how many were planned."""
    try:
        content: dict[str, Any] = json.loads(curve_path(library, model).read_text("utf-8"))
        points = tuple(
            CurvePoint(**(values | {"right": tuple(map(bool, values["right"]))}))
            for values in content["points"]
        )
        n_planned, form = int(content["n_planned"]), content["format"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (), 0
    if form != FORMAT or any(len(p.right) != n_items for p in points):
        return (), 0
    return points, n_planned


def curve_of(
    test: Evaluation,
    label_counts: Sequence[int],
    seed: int,
    points: Sequence[CurvePoint],
    n_planned: int,
) -> LabelCurve:
    """The curve out of its points and the recogniser's own test.

    Args:
        test: Of the recogniser.
        label_counts: Labels that it was trained on, of each action.
        seed: Of its training.
        points: With fewer labels.
        n_planned: How many of them a complete curve has.
    """
    n_actions = len(label_counts)
    steps = []
    for asked in sorted({point.asked for point in points}):
        own = tuple(sorted((p for p in points if p.asked == asked), key=lambda p: p.seed))
        steps.append(CurveStep(own[0].n_labels / n_actions, str(asked), own))
    fewest, most = min(label_counts), max(label_counts)
    name = f"all ({most})" if fewest == most else f"all ({fewest} to {most})"
    whole = CurvePoint(most, seed, sum(label_counts), right_answers(test))
    steps.append(CurveStep(whole.n_labels / n_actions, name, (whole,)))
    return LabelCurve(test.model_id, tuple(steps), n_planned)


def right_answers(test: Evaluation) -> tuple[bool, ...]:
    """For each prediction whether its most probable action, the first of equals, is right."""
    return tuple(
        test.actions[one.probabilities.index(max(one.probabilities))] == one.item.action
        for one in test.predictions
    )
