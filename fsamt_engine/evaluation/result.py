"""All that is known of a finetuned recogniser, from what is stored; read without PyTorch."""

from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import (
    Evaluation,
    Prediction,
    read_evaluation,
    write_evaluation,
)
from fsamt_engine.evaluation.label_curve import LabelCurve, curve_of, read_points
from fsamt_engine.evaluation.scores import Scores
from fsamt_engine.evaluation.seen import shared_people, unknown_whom
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.snapshots import snapshot as find_snapshot

SMALL_TEST = 30
"""Test clips below which an accuracy has an interval of about 35 points and more."""


@dataclass(frozen=True)
class FinetuneResult:
    """A recogniser with its test.

    Attributes:
        snapshot: What it was trained on and could be tested on.
        test: Its answers for every item of the test.
        scratch: The recogniser from scratch on the same labels with the same settings, if there.
        scratch_test: Its answers for the same items.
        curve: With fewer labels, None where it was not looked for.
        n_labels: Labels trained on, by action.
        remarks: What a reader has to know to judge the numbers, in sentences.
    """

    model: ModelRecord
    snapshot: Snapshot
    test: Evaluation
    scratch: ModelRecord | None
    scratch_test: Evaluation | None
    curve: LabelCurve | None
    n_labels: dict[str, int]
    remarks: tuple[str, ...]

    @property
    def scores(self) -> Scores:
        """Of the test."""
        return self.test.scores

    @property
    def scratch_scores(self) -> Scores | None:
        """Of the recogniser from scratch."""
        return self.scratch_test.scores if self.scratch_test else None

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Answer by answer."""
        return self.test.predictions

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The participants whose labels it was finetuned on."""
        return tuple(sorted({item.participant for item in self.snapshot.train}))

    @property
    def tested_on(self) -> tuple[str, ...]:
        """The participants of the test."""
        return tuple(sorted({one.item.participant for one in self.test.predictions}))


def keep_test(library: Library, model: ModelRecord, test: Evaluation) -> None:
    """Keep a model's test beside its weights, where clearing the cache does not reach.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    write_evaluation(library, _test_path(library, model), test)


def finetune_result(library: Library, model_id: str) -> FinetuneResult:
    """What is stored of a recogniser and its test.

    Raises:
        FsamtError: There is no such model, it is no recogniser, or it was not tested yet.
    """
    model = find_model(library, model_id)
    if model.kind is not ModelKind.RECOGNISER or model.snapshot_id is None:
        raise FsamtError(
            f"{model.id} is a {model.kind}, not a finetuned recogniser.", "Choose a recogniser."
        )
    snapshot = find_snapshot(library, model.snapshot_id)
    test = stored_test(library, model, snapshot)
    if test is None:
        raise FsamtError(
            f"{model.id} was not tested yet.",
            "Finetune again and leave somebody out to test on, or test it on other people.",
        )
    scratch = _from_scratch(library, model)
    scratch_test = stored_test(library, scratch, snapshot) if scratch else None
    if scratch_test and [p.item for p in scratch_test.predictions] != [
        p.item for p in test.predictions
    ]:
        scratch_test = None
    n_labels = {
        action: sum(item.action == action for item in snapshot.train) for action in model.actions
    }
    points, n_planned = read_points(library, model, len(test.predictions))
    seed = int(model.settings["fit"]["seed"])
    counts = list(n_labels.values())
    curve = curve_of(test, counts, seed, points, n_planned) if points else None
    said = remarks(test, n_labels, unknown_whom(library, model))
    if shared := shared_people(snapshot.protocol):
        said = (shared, *said)
    return FinetuneResult(model, snapshot, test, scratch, scratch_test, curve, n_labels, said)


def stored_test(library: Library, model: ModelRecord, snapshot: Snapshot) -> Evaluation | None:
    """The test of a model that was kept beside it, or that the cache still has."""
    kept = read_evaluation(_test_path(library, model), model)
    if kept is not None or not snapshot.test:
        return kept
    from fsamt_engine.evaluation.evaluate import kept_evaluation

    try:
        return kept_evaluation(library, model, snapshot.test)
    except FsamtError:  # A model that came in from elsewhere was tested on takes that did not.
        return None


def remarks(test: Evaluation, n_labels: dict[str, int], unknown_whom: str = "") -> tuple[str, ...]:
    """What limits the meaning of a test, in sentences.

    Args:
        n_labels: Labels trained on, by action.
        unknown_whom: That its training may have seen the tested people, where nobody knows.
    """
    scores = test.scores
    people = {one.item.participant for one in test.predictions}
    said = [unknown_whom] if unknown_whom else []
    if scores.n < SMALL_TEST:
        low, high = (100 * bound for bound in scores.interval)
        said.append(
            f"The test has only {scores.n} {'clip' if scores.n == 1 else 'clips'}: the true "
            f"accuracy may well be anything from {low:.0f} to {high:.0f} %."
        )
    if len(people) == 1:
        said.append("One person was tested: how much people differ cannot be seen from that.")
    absent = [one.action for one in scores.per_action if one.support == 0]
    if absent:
        said.append(f"No test clip shows {_listed(absent)}: nothing is known of how well it works.")
    fewest, most = min(n_labels.values()), max(n_labels.values())
    if most > 2 * fewest:
        rare = [action for action, n in n_labels.items() if 2 * n < most]
        said.append(
            f"{_listed(rare)} had less than half as many labels as others ({fewest} against "
            f"{most}), and may be recognised less often for that."
        )
    return tuple(said)


def _from_scratch(library: Library, model: ModelRecord) -> ModelRecord | None:
    """The recogniser from scratch that differs from this one in nothing but its start."""
    if model.parent_id is None:
        return None
    for other in list_models(library, ModelKind.RECOGNISER):
        if (
            other.parent_id is None
            and other.snapshot_id == model.snapshot_id
            and other.network == model.network
            and other.settings.get("fit") == model.settings.get("fit")
        ):
            return other
    return None


def _test_path(library: Library, model: ModelRecord) -> Path:
    return library.absolute(model.path) / "test.json"


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
