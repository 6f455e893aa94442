"""A table while it is filled in; read without PyTorch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.evaluation import ActionScore, Scores, Summary, summarise
from fsamt_engine.evaluation.detection_scores import DetectionScores

USUAL_OVERLAP = 0.5


@dataclass(frozen=True)
class Figure:
    """The one number that a table shows of a cell.

    Attributes:
        value: 0..1: the accuracy of a recogniser, the mAP of a detector.
        interval: 95 %; None where it is not known.
        n: Clips or segments of the test.
    """

    value: float
    interval: tuple[float, float] | None
    n: int


@dataclass(frozen=True)
class Cell:
    """One finetuned recogniser or detector and its test.

    Attributes:
        seed: Of the label subset and of the finetuning.
        overlap: From which a detection is right; of a recogniser it says nothing.
    """

    seed: int
    model_id: str
    scores: Scores | DetectionScores
    overlap: float = USUAL_OVERLAP

    @property
    def figure(self) -> Figure:
        """What the table shows of it."""
        own = self.scores
        if isinstance(own, Scores):
            return Figure(own.accuracy, own.interval, own.n)
        # The interval is that of the mAP at the usual overlap.
        interval = own.interval if self.overlap == USUAL_OVERLAP else None
        return Figure(own.map_at(self.overlap), interval, own.n_truth)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        content = {"seed": self.seed, "model": self.model_id}
        if isinstance(self.scores, Scores):
            return content | {"scores": self.scores.to_dict()}
        return content | {"detection": self.scores.to_dict(), "overlap": self.overlap}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Cell":
        """The reverse of `to_dict`.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        seed, model_id = int(content["seed"]), str(content["model"])
        if "detection" in content:
            found = DetectionScores.from_dict(content["detection"])
            return cls(seed, model_id, found, float(content["overlap"]))
        values = dict(content["scores"])
        values["actions"] = tuple(values["actions"])
        values["interval"] = tuple(values["interval"])
        values["confusion"] = tuple(tuple(row) for row in values["confusion"])
        values["per_action"] = tuple(ActionScore(**one) for one in values["per_action"])
        return cls(seed, model_id, Scores(**values))


@dataclass(frozen=True)
class PartialTable:
    """The cells of a table as far as they are known.

    Attributes:
        methods: Names of the lines, in their order.
        labels: Labels an action, the columns.
        cells: By method and labels an action, in the order of their seeds; what is not known yet
            is not there.
        n_seeds: Cells that a place of the table has when it is full.
        n_test: Clips that every recogniser is tested on, or segments that every detector is.
        running: Method, labels an action and seed of the cells that are computed at this moment.
        overlap: From which a detection is right; None in a table of recognisers.
    """

    methods: tuple[str, ...]
    labels: tuple[int, ...]
    cells: Mapping[tuple[str, int], tuple[Cell, ...]]
    n_seeds: int
    n_test: int
    running: frozenset[tuple[str, int, int]] = field(default=frozenset())
    overlap: float | None = None

    @property
    def n_cells(self) -> int:
        """Of the full table, every seed counted."""
        return len(self.methods) * len(self.labels) * self.n_seeds

    @property
    def n_done(self) -> int:
        """How many of them are known."""
        return sum(len(cells) for cells in self.cells.values())

    @property
    def is_full(self) -> bool:
        """Whether nothing is missing."""
        return self.n_done == self.n_cells

    def of(self, method: str, n_labels: int) -> tuple[Cell, ...]:
        """What is known of a place."""
        return self.cells.get((method, n_labels), ())

    def figure(self, method: str, n_labels: int) -> Summary | None:
        """Mean and spread in %, over the seeds that are known; None where there is none."""
        cells = self.of(method, n_labels)
        return summarise([100 * cell.figure.value for cell in cells]) if cells else None

    @property
    def measure(self) -> str:
        """What its figures are, in words."""
        return "accuracy" if self.overlap is None else f"mAP at {self.overlap:g}"

    @property
    def measure_heading(self) -> str:
        """The same at the beginning of a sentence."""
        return "Accuracy" if self.overlap is None else self.measure

    @property
    def tested(self) -> str:
        """What every cell is tested on, in words."""
        thing = "clip" if self.overlap is None else "segment"
        return f"{self.n_test:,} {thing}{'' if self.n_test == 1 else 's'}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; what is running is not kept."""
        kept = {} if self.overlap is None else {"overlap": self.overlap}
        return kept | {
            "methods": list(self.methods),
            "labels": list(self.labels),
            "n_seeds": self.n_seeds,
            "n_test": self.n_test,
            "cells": [
                {"method": method, "labels": n_labels, "cells": [cell.to_dict() for cell in cells]}
                for (method, n_labels), cells in self.cells.items()
            ],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "PartialTable":
        """The reverse of `to_dict`.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        cells: Sequence[Mapping[str, Any]] = content["cells"]
        return cls(
            methods=tuple(content["methods"]),
            labels=tuple(content["labels"]),
            cells={
                (one["method"], one["labels"]): tuple(Cell.from_dict(c) for c in one["cells"])
                for one in cells
            },
            n_seeds=int(content["n_seeds"]),
            n_test=int(content["n_test"]),
            overlap=content.get("overlap"),
        )
