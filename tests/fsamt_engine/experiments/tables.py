"""Tables with known accuracies, without any training."""

from collections.abc import Mapping, Sequence

from fsamt_engine.evaluation import score
from fsamt_engine.experiments.table import Cell, PartialTable

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
