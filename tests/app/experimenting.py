"""Experiments as their runs leave them, without any training."""

from collections.abc import Mapping, Sequence
from typing import Any

from fsamt_engine.evaluation import score
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.experiments.stored import (
    ExperimentStatus,
    StoredExperiment,
    keep_experiment,
    report_path,
)
from fsamt_engine.experiments.table import Cell, PartialTable
from fsamt_engine.library import Library
from tests.fsamt_engine.experiments.tables import detector_cell

ACTIONS = ("across", "down")
N_TEST = 100


def cell(seed: int, percent: int, model_id: str = "") -> Cell:
    """A recogniser that is right on so many of 100 clips."""
    truth = [place % 2 for place in range(N_TEST)]
    answers = [
        (1 - right, right) if place < percent else (right, 1 - right)
        for place, right in enumerate(truth)
    ]
    return Cell(seed, model_id or f"recogniser-{seed:08}", score(answers, truth, ACTIONS))


def table(
    rows: Mapping[str, Mapping[int, Sequence[int]]],
    n_seeds: int,
    running: frozenset[tuple[str, int, int]] = frozenset(),
    labels: tuple[int, ...] = (2, 5),
) -> PartialTable:
    """A table with these percentages, seed by seed."""
    return PartialTable(
        methods=tuple(rows),
        labels=labels,
        cells={
            (method, n): tuple(cell(seed, value) for seed, value in enumerate(values))
            for method, by_labels in rows.items()
            for n, values in by_labels.items()
            if values
        },
        n_seeds=n_seeds,
        n_test=N_TEST,
        running=running,
    )


def detection_table(rows: Mapping[str, Mapping[int, Sequence[int]]], n_seeds: int) -> PartialTable:
    """A table of detectors that find so many of 100 segments, seed by seed."""
    return PartialTable(
        methods=tuple(rows),
        labels=(2, 5),
        cells={
            (method, n): tuple(detector_cell(seed, value) for seed, value in enumerate(values))
            for method, by_labels in rows.items()
            for n, values in by_labels.items()
        },
        n_seeds=n_seeds,
        n_test=N_TEST,
        overlap=0.5,
    )


def settings(kind: str, **changes: Any) -> dict[str, Any]:
    """As JSON has them, with what the page reads."""
    return {
        "kind": kind,
        "source_actions": ["up", "left"],
        "target_actions": list(ACTIONS),
        "train_participants": ["P1"],
        "test_participants": ["P2"],
        "labels_per_action": [2, 5],
        "n_seeds": 3,
        "network": "r3d_tiny",
    } | changes


def keep(
    library: Library,
    kind: str,
    of: PartialTable,
    status: ExperimentStatus = ExperimentStatus.FINISHED,
    number: int = 1,
) -> StoredExperiment:
    """Keep an experiment in a library, with its report where it is finished."""
    experiment = StoredExperiment(
        id=f"{kind}-{number:08x}",
        kind=ExperimentKind(kind),
        title=kind,
        created_at_us=1_760_000_000_000_000 + number * 60_000_000,
        updated_at_us=0,
        status=status,
        settings=settings(kind, n_seeds=of.n_seeds, labels_per_action=list(of.labels)),
        table=of,
        command=f"fsamt experiment {kind} --library squares",
    )
    keep_experiment(library, experiment)
    if status is ExperimentStatus.FINISHED:
        report_path(library, experiment.id).write_text("<html></html>")
    return experiment


GRANULARITY = {
    "clip": {2: (40, 44, 42), 5: (52, 55, 57)},
    "video": {2: (48, 50, 49), 5: (61, 60, 63)},
    "video+clip": {2: (49, 55, 51), 5: (66, 68, 67)},
}

DETECTION = {
    "from scratch, R-C3D": {2: (8, 10, 9), 5: (14, 18, 16)},
    "flow pretraining, R-C3D": {2: (12, 15, 11), 5: (20, 24, 21)},
    "ours, R-C3D": {2: (24, 28, 26), 5: (38, 41, 39)},
    "from scratch, anchor-free": {2: (15, 18, 17), 5: (27, 25, 30)},
    "flow pretraining, anchor-free": {2: (20, 22, 18), 5: (31, 34, 32)},
    "ours, anchor-free": {2: (36, 33, 38), 5: (49, 52, 50)},
}
"""mAP in %, made up."""
