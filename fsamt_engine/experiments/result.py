"""What comes out of an experiment, and its form as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.evaluation import Scores, Summary, summarise
from fsamt_engine.evaluation.detection_scores import DetectionScores
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.table import Cell, PartialTable

TOLD_OVERLAPS = (0.1, 0.3, 0.5)
"""At which the mAP of detectors is told beside that of the table, as usual for PKU-MMD."""


@dataclass(frozen=True)
class ResultRow:
    """A method with a number of labels, over all seeds."""

    method: str
    labels_per_action: int
    cells: tuple[Cell, ...]

    @cached_property
    def figure(self) -> Summary:
        """Accuracy or mAP, in %."""
        return summarise([100 * cell.figure.value for cell in self.cells])

    @property
    def recognised(self) -> tuple[Scores, ...]:
        """The scores of its recognisers; none of detectors."""
        return tuple(cell.scores for cell in self.cells if isinstance(cell.scores, Scores))

    @property
    def detected(self) -> tuple[DetectionScores, ...]:
        """The scores of its detectors; none of recognisers."""
        return tuple(cell.scores for cell in self.cells if not isinstance(cell.scores, Scores))

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """(A, A) counts of recognisers over the seeds, rows the true action, columns the answer."""
        counts: NDArray[np.int64] = np.array(
            [scores.confusion for scores in self.recognised], np.int64
        ).sum(axis=0)
        return counts

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it: percentages to two decimals, the spread None for a single seed."""
        figure = self.figure
        values = [round(value, 2) for value in figure.values]
        return {
            "method": self.method,
            "labels_per_action": self.labels_per_action,
            "mean": round(figure.mean, 2),
            "std": None if figure.std is None else round(figure.std, 2),
            ("maps" if self.detected else "accuracies"): values,
            "intervals_95": [
                interval and [round(100 * bound, 2) for bound in interval]
                for interval in (cell.figure.interval for cell in self.cells)
            ],
            "seeds": [cell.seed for cell in self.cells],
            "models": [cell.model_id for cell in self.cells],
            **self._further(),
        }

    def _further(self) -> dict[str, Any]:
        """What is told of recognisers alone, or of detectors alone."""
        if self.detected:
            return {
                "mean_map": _percent([one.mean_map for one in self.detected]),
                "by_overlap": {
                    f"{overlap:g}": _percent([one.map_at(overlap) for one in self.detected])
                    for overlap in TOLD_OVERLAPS
                },
            }
        return {
            "macro_f1": _percent([one.macro_f1 for one in self.recognised]),
            "confusion": self.confusion.tolist(),
        }


def _percent(shares: Sequence[float]) -> float:
    return round(100 * sum(shares) / len(shares), 2)


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
        """Clips that every recogniser was tested on, or segments that every detector was."""
        return self.rows[0].cells[0].figure.n

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
            overlap=self.settings.told_overlap,
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
            "measure": self.table.measure,
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
