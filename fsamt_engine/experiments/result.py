"""What comes out of an experiment, and its form as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.evaluation import Scores, Summary, summarise
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.table import Cell, PartialTable


@dataclass(frozen=True)
class ResultRow:
    """A method with a number of labels, over all seeds."""

    method: str
    labels_per_action: int
    cells: tuple[Cell, ...]

    @cached_property
    def accuracy(self) -> Summary:
        """In %."""
        return summarise([100 * cell.scores.accuracy for cell in self.cells])

    @cached_property
    def macro_f1(self) -> Summary:
        """In %."""
        return summarise([100 * cell.scores.macro_f1 for cell in self.cells])

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """(A, A) counts summed over the seeds, rows the true action, columns the answer."""
        of_cells = np.array([cell.scores.confusion for cell in self.cells], np.int64)
        counts: NDArray[np.int64] = of_cells.sum(axis=0)
        return counts

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it: percentages to two decimals, the spread None for a single seed."""
        accuracy = self.accuracy
        return {
            "method": self.method,
            "labels_per_action": self.labels_per_action,
            "mean": round(accuracy.mean, 2),
            "std": None if accuracy.std is None else round(accuracy.std, 2),
            "accuracies": [round(value, 2) for value in accuracy.values],
            "intervals_95": [
                [round(100 * bound, 2) for bound in cell.scores.interval] for cell in self.cells
            ],
            "macro_f1": round(self.macro_f1.mean, 2),
            "seeds": [cell.seed for cell in self.cells],
            "models": [cell.model_id for cell in self.cells],
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True)
class SourceModel:
    """A teacher or a student that recognisers were made from.

    Attributes:
        name: For people: "flow teacher", "r3d_tiny student of the flow teacher, clip, seed 0".
        scores: Of a teacher on the source actions of the test participants, where those were
            recorded with colour.
        loss: At its end: cross-entropy of a teacher, of a student that of its transfer; None for a
            model that came with published weights.
        trained_by: Name of the loss of a transfer; "" of a teacher.
    """

    name: str
    model_id: str
    loss: float | None
    scores: Scores | None = None
    trained_by: str = ""


@dataclass(frozen=True)
class ExperimentResult:
    """A filled-in table.

    Attributes:
        settings: With actions and participants by their full names.
        n_pairs_takes: Takes whose pairs served the transfer.
        trained_s: Seconds spent training all models of the table, whenever that was.
        run_s: Seconds of this call.
        versions: Of the programs that made it.
        left_out: Usual lines that the table lacks, and why, in sentences.
        remarks: What is to be said of the given teachers, in sentences.
    """

    settings: ExperimentSettings
    rows: tuple[ResultRow, ...]
    teachers: tuple[SourceModel, ...]
    students: tuple[SourceModel, ...]
    n_pairs_takes: int
    device: str
    trained_s: float
    run_s: float
    versions: dict[str, str]
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def n_test(self) -> int:
        """Videos that every recogniser was tested on."""
        return self.rows[0].cells[0].scores.n

    @property
    def spread_covers(self) -> str:
        """What differs between the values of a row."""
        n_seeds, n_transfers = self.settings.n_seeds, self.settings.transfer_seeds
        if n_seeds == 1:
            return "One seed says nothing of the spread."
        words = f"Label subset and finetuning differ between the {n_seeds} seeds"
        if n_transfers == 1:
            return f"{words}; teacher and transfer are the same, so their spread is left out."
        return f"{words}, and so do {n_transfers} transfers; the teacher is the same."

    @property
    def table(self) -> PartialTable:
        """The rows as a table, for what is said of tables."""
        return PartialTable(
            methods=tuple(dict.fromkeys(row.method for row in self.rows)),
            labels=self.settings.labels_per_action,
            cells={(row.method, row.labels_per_action): row.cells for row in self.rows},
            n_seeds=self.settings.n_seeds,
            n_test=self.n_test,
        )

    def row(self, method: str, labels_per_action: int) -> ResultRow:
        """The row of a method with a number of labels."""
        return next(
            row
            for row in self.rows
            if (row.method, row.labels_per_action) == (method, labels_per_action)
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; `rows` and `settings` are what other programs may rely on."""
        return {
            "experiment": str(self.settings.kind),
            "rows": [row.to_dict() for row in self.rows],
            "settings": self.settings.to_dict(),
            "actions": list(self.settings.target_actions),
            "n_test": self.n_test,
            "n_takes_with_pairs": self.n_pairs_takes,
            "spread": self.spread_covers,
            "teachers": _models(self.teachers),
            "students": _models(self.students),
            "device": self.device,
            "trained_s": round(self.trained_s, 1),
            "run_s": round(self.run_s, 1),
            "versions": self.versions,
            "left_out": list(self.left_out),
            "remarks": list(self.remarks),
        }


def _models(models: Sequence[SourceModel]) -> list[dict[str, Any]]:
    listed = []
    for model in models:
        values = asdict(model)
        scores = values.pop("scores")
        values["loss"] = None if model.loss is None else round(model.loss, 4)
        if model.scores:
            values["test_accuracy"] = round(100 * scores["accuracy"], 2)
            values["n_test"] = scores["n"]
        listed.append(values)
    return listed
