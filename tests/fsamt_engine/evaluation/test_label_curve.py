"""What a label curve says, without a training."""

from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.evaluation import few_labels, label_curve
from fsamt_engine.evaluation.answers import Evaluation, EvaluationSettings, Prediction
from fsamt_engine.evaluation.curve import trials
from fsamt_engine.evaluation.label_curve import CurvePoint, curve_of, read_points
from fsamt_engine.evaluation.protocols import fewer_labels, split_by_participant
from fsamt_engine.library.records import Segment, SnapshotItem

ACTIONS = ("bow", "wave")


def test_of(right: list[bool]) -> Evaluation:
    predictions = tuple(
        Prediction(SnapshotItem("t", "P9", i, i + 1, "bow"), (1.0, 0.0) if is_right else (0.0, 1.0))
        for i, is_right in enumerate(right)
    )
    return Evaluation("m", ACTIONS, EvaluationSettings(), predictions, "CPU")


test_of.__test__ = False  # type: ignore[attr-defined]


def curve(before: float, after: float, n: int, n_seeds: int = 3):
    rng = np.random.default_rng(1)
    points = [
        CurvePoint(5, seed, 10, tuple(bool(v) for v in rng.permutation(n) < before * n))
        for seed in range(n_seeds)
    ]
    whole = [bool(v) for v in np.arange(n) < after * n]
    return curve_of(test_of(whole), [14, 14], 0, points, n_seeds)


def labels(counts: dict[tuple[str, str], int]) -> list[Segment]:
    return [
        Segment(0, f"{person}-{action}-{i}", person, action, 0, 20)
        for (person, action), n in counts.items()
        for i in range(n)
    ]


def test_clear_rise_says_that_more_labels_would_help() -> None:
    verdict = curve(0.5, 0.9, 200).verdict
    assert verdict.code == "help"
    assert verdict.words.startswith(
        "From 5 to all (14) labels an action the accuracy changed by +40.0"
    )


def test_large_test_without_a_rise_says_that_more_would_help_little() -> None:
    assert curve(0.9, 0.88, 3000).verdict.code == "little"


def test_tiny_test_cannot_tell() -> None:
    verdict = curve(0.5, 0.75, 4).verdict
    assert verdict.code == "unclear"
    assert "A test of 4 clips cannot tell" in verdict.words


def test_seeds_that_disagree_widen_the_interval() -> None:
    steady = CurvePoint(5, 0, 10, (True,) * 50 + (False,) * 50)
    apart = [
        CurvePoint(5, 1, 10, (True,) * 90 + (False,) * 10),
        CurvePoint(5, 2, 10, (True,) * 10 + (False,) * 90),
    ]
    test = test_of([True] * 100)
    alike = curve_of(test, [14, 14], 0, [steady, steady, steady], 3).steps[0]
    wide = curve_of(test, [14, 14], 0, [steady, *apart], 3).steps[0]
    assert alike.mean == wide.mean == 0.5
    assert wide.interval[1] - wide.interval[0] > 1.5 * (alike.interval[1] - alike.interval[0])


def test_few_labels_of_a_snapshot_are_those_of_the_protocol() -> None:
    known = labels({(p, a): 6 for p in ("P1", "P2", "P9") for a in ACTIONS})
    ten = few_labels(known, ACTIONS, 10, 3, ("P1", "P2"), ("P9",))
    two = few_labels(known, ACTIONS, 2, 3, ("P1", "P2"), ("P9",))
    assert fewer_labels(ten, 2, 3).id == two.id


def test_action_with_fewer_labels_gives_all_it_has() -> None:
    known = labels({("P1", "bow"): 12, ("P1", "wave"): 3, ("P9", "bow"): 2, ("P9", "wave"): 2})
    snapshot = split_by_participant(known, ACTIONS, ("P1",), ("P9",))
    planned = trials(snapshot, seed=4)
    assert [(t.labels, t.seed) for t in planned] == [
        (n, seed) for seed in (4, 5, 6) for n in (1, 2, 5, 10)
    ]
    counts = {t.labels: len(t.snapshot.train) for t in planned}
    assert counts == {1: 2, 2: 4, 5: 8, 10: 13}
    points = [CurvePoint(t.labels, t.seed, len(t.snapshot.train), (True,)) for t in planned]
    steps = curve_of(test_of([True]), [12, 3], 4, points, 12).steps
    assert [step.n_labels for step in steps] == [1, 2, 4, 6.5, 7.5]
    assert steps[-1].name == "all (3 to 12)"


@pytest.mark.parametrize(("n", "numbers"), [(1, []), (2, [1]), (5, [1, 2]), (6, [1, 2, 5])])
def test_only_numbers_below_all_labels_are_tried(n: int, numbers: list[int]) -> None:
    known = labels({(p, a): n for p in ("P1", "P9") for a in ACTIONS})
    snapshot = split_by_participant(known, ACTIONS, ("P1",), ("P9",))
    assert sorted({trial.labels for trial in trials(snapshot, 0)}) == numbers


@pytest.mark.parametrize("content", ['{"points": [], "n_planned": 3}', "[]", "{", '{"format": 9}'])
def test_points_of_a_damaged_file_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "curve.json"
    path.write_text(content)
    monkeypatch.setattr(label_curve, "curve_path", lambda *_: path)
    assert read_points(None, None, 0) == ((), 0)  # type: ignore[arg-type]
