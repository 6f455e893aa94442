"""Several recognisers side by side on the same test, which none of them has seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import Evaluation
from fsamt_engine.evaluation.label_curve import right_answers
from fsamt_engine.evaluation.paired import mcnemar, paired_difference
from fsamt_engine.evaluation.seen import seen_participants, unknown_whom
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model as find_model
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

SURE = 0.05
"""Chance, shared among all pairs (Bonferroni), below which a difference is called one."""


@dataclass(frozen=True)
class PairedDifference:
    """Two of the models, clip by clip.

    Attributes:
        first: Id of a model; likewise `second`.
        difference: Accuracy of the second minus that of the first, in 0..1.
        interval: 95 % of it.
        p: McNemar's exact test: the chance of a split this uneven between equally good models.
        only_first: Clips on which only the first is right; likewise `only_second`.
        is_sure: Whether chance is unlikely enough, given how many pairs are looked at.
    """

    first: str
    second: str
    difference: float
    interval: tuple[float, float]
    p: float
    only_first: int
    only_second: int
    is_sure: bool

    @property
    def words(self) -> str:
        """Who is better, as far as the test can tell."""
        low, high = (100 * bound for bound in self.interval)
        numbers = f"95 %: {low:+.1f} to {high:+.1f} points, p = {self.p:.2g}"
        if self.is_sure:
            better, worse = (
                (self.second, self.first) if self.difference > 0 else (self.first, self.second)
            )
            points = 100 * abs(self.difference)
            return f"{better} is better than {worse} by {points:.1f} points ({numbers})."
        return f"The test cannot tell {self.first} and {self.second} apart ({numbers})."


@dataclass(frozen=True)
class Comparison:
    """Recognisers on one test.

    Attributes:
        models: As they were asked for.
        tests: One for each model: its answers for the same items, in the same order.
        differences: Of every two models.
        remarks: What limits the comparison, in sentences.
    """

    models: tuple[ModelRecord, ...]
    tests: tuple[Evaluation, ...]
    differences: tuple[PairedDifference, ...]
    remarks: tuple[str, ...]

    @property
    def items(self) -> tuple[SnapshotItem, ...]:
        """The test."""
        return tuple(one.item for one in self.tests[0].predictions)


def common_test(
    library: Library, models: Sequence[ModelRecord]
) -> tuple[tuple[SnapshotItem, ...], tuple[str, ...]]:
    """The labelled clips on which models can be compared, and remarks on what was left out.

    They are of actions that every model knows, and of people that none of them has seen.

    Raises:
        FsamtError: One of them is a detector or names no actions, or no such clip is left.
    """
    for model in models:
        if model.kind is ModelKind.DETECTOR:
            raise FsamtError(
                f"{model.id} is a detector: it says when an action starts and ends, and does not"
                " name clips.",
                "Compare recognisers.",
            )
        if model.kind is ModelKind.STUDENT or not model.actions:
            raise FsamtError(
                f"{model.id} names no actions yet.", "Finetune it first, and compare what comes."
            )
    shared = [a for a in models[0].actions if all(a in other.actions for other in models)]
    seen = frozenset[str]().union(*(seen_participants(library, model) for model in models))
    labelled = segments(library, actions=shared, composed=False) if shared else []
    items = tuple(
        SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
        for one in labelled
        if one.participant not in seen
    )
    if not shared:
        raise FsamtError("These models have no action in common.", "Compare others.")
    if not items:
        raise FsamtError(
            "There is nobody with labels of these actions whom none of these models has seen.",
            "Label takes of somebody else, or compare models that left the same people out.",
        )
    remarks = [said for model in models if (said := unknown_whom(library, model))]
    left_out = sorted({one.participant for one in labelled} & seen)
    if left_out:
        remarks.append(f"Left out because one of the models has seen them: {', '.join(left_out)}.")
    if any(set(model.actions) != set(shared) for model in models):
        counts = ", ".join(f"{model.id} among {len(model.actions)}" for model in models)
        remarks.append(
            f"They do not choose among the same actions ({counts}); compared are clips of the "
            f"{len(shared)} that all know, which is easier for the one with fewer actions."
        )
    return items, tuple(remarks)


def compare(
    library: Library,
    model_ids: Sequence[str],
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Comparison:
    """Test recognisers on all labelled clips that none of them has seen, and compare them in pairs.

    What was tested before is read. The models' own results stay as they are.

    Raises:
        Cancelled: Stopped; tests that were done are kept.
        FsamtError: Fewer than two models, or no test that is fair to all of them.
    """
    from fsamt_engine.evaluation.evaluate import evaluate

    models = tuple(find_model(library, name) for name in dict.fromkeys(model_ids))
    if len({model.id for model in models}) < 2:
        raise FsamtError("A comparison needs at least two models.", "Name another one.")
    items, remarks = common_test(library, models)
    tests = []
    for place, model in enumerate(models):

        def told(progress: Progress, place: int = place, model: ModelRecord = model) -> None:
            if on_progress:
                share = progress.done / max(1, progress.total)
                done = round(1000 * (place + share) / len(models))
                what = f"Testing {model.id} ({place + 1} of {len(models)})"
                on_progress(replace(progress, what=what, done=done, total=1000, seconds_left=None))

        tests.append(
            evaluate(
                library,
                model,
                items,
                device=device,
                on_progress=told,
                should_stop=should_stop,
                as_result=False,
            )
        )
    pairs = list(combinations(tests, 2))
    differences = tuple(_difference(*pair, SURE / len(pairs)) for pair in pairs)
    return Comparison(models, tuple(tests), differences, remarks + _on_test(items, len(models)))


def _difference(first: Evaluation, second: Evaluation, sure: float) -> PairedDifference:
    before, after = right_answers(first), right_answers(second)
    p = mcnemar(before, after)
    return PairedDifference(
        first.model_id,
        second.model_id,
        second.scores.accuracy - first.scores.accuracy,
        paired_difference(before, after),
        p,
        sum(a and not b for a, b in zip(before, after, strict=True)),
        sum(b and not a for a, b in zip(before, after, strict=True)),
        p < sure,
    )


def _on_test(items: Sequence[SnapshotItem], n_models: int) -> tuple[str, ...]:
    people = {item.participant for item in items}
    said = []
    if len(people) == 1:
        said.append("One person was tested: how much people differ cannot be seen from that.")
    n_pairs = n_models * (n_models - 1) // 2
    if n_pairs > 1:
        said.append(
            f"{n_pairs} pairs are looked at, so one counts as different below p = "
            f"{SURE / n_pairs:.2g} (Bonferroni)."
        )
    return tuple(said)
