"""Tables with known accuracies, without any training."""

from collections.abc import Mapping, Sequence

from fsamt_engine.evaluation import score
from fsamt_engine.evaluation.detection_scores import score_detections
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.experiments.table import Cell, PartialTable
from fsamt_engine.library import SnapshotItem

ACTIONS = ("across", "down")
N_TEST = 100


def cell(seed: int, percent: int) -> Cell:
    """A recogniser that is right on so many of 100 clips."""
    truth = [place % 2 for place in range(N_TEST)]
    answers = [
        (1 - right, right) if place < percent else (right, 1 - right)
        for place, right in enumerate(truth)
    ]
    return Cell(seed, f"recogniser-{seed:08}", score(answers, truth, ACTIONS))


def detector_cell(seed: int, percent: int, overlap: float = 0.5) -> Cell:
    """A detector that finds so many of 100 segments, two thirds of each, and nothing else."""
    truth = [
        SnapshotItem(f"take-{place % 4}", f"P{place % 2}", 30 * place, 30 * place + 12, ACTIONS[0])
        for place in range(N_TEST)
    ]
    found = [
        Detection(one.take_id, one.participant, ACTIONS[0], one.start, one.end - 4.0, 0.9)
        for one in truth[:percent]
    ]
    scores = score_detections(truth, found, ACTIONS)
    return Cell(seed, f"detector-{seed:08}", scores, overlap)


def detection_table_of(
    rows: Mapping[str, Sequence[int]], n_labels: int = 2, overlap: float = 0.5
) -> PartialTable:
    """Lines of mAP in %, seed by seed, for one number of labels."""
    return PartialTable(
        methods=tuple(rows),
        labels=(n_labels,),
        cells={
            (method, n_labels): tuple(
                detector_cell(seed, value, overlap) for seed, value in enumerate(values)
            )
            for method, values in rows.items()
            if values
        },
        n_seeds=max(len(values) for values in rows.values()),
        n_test=N_TEST,
        overlap=overlap,
    )


def table_of(
    rows: Mapping[str, Sequence[int]], n_labels: int = 2, n_seeds: int | None = None
) -> PartialTable:
    """Lines of percentages, seed by seed, for one number of labels."""
    return PartialTable(
        methods=tuple(rows),
        labels=(n_labels,),
        cells={
            (method, n_labels): tuple(cell(seed, value) for seed, value in enumerate(values))
            for method, values in rows.items()
            if values
        },
        n_seeds=n_seeds or max(len(values) for values in rows.values()),
        n_test=N_TEST,
    )
