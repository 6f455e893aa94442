"""A table while it is filled in; read without PyTorch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.evaluation import ActionScore, Scores, Summary, summarise


@dataclass(frozen=True)
class Cell:
    """One finetuned recogniser and its test.

    Attributes:
        seed: Of the label subset and of the finetuning.
    """

    seed: int
    model_id: str
    scores: Scores

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"seed": self.seed, "model": self.model_id, "scores": self.scores.to_dict()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Cell":
        """The reverse of `to_dict`.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        values = dict(content["scores"])
        values["actions"] = tuple(values["actions"])
        values["interval"] = tuple(values["interval"])
        values["confusion"] = tuple(tuple(row) for row in values["confusion"])
        values["per_action"] = tuple(ActionScore(**one) for one in values["per_action"])
        return cls(int(content["seed"]), str(content["model"]), Scores(**values))


@dataclass(frozen=True)
class PartialTable:
    """The cells of a table as far as they are known.

    Attributes:
        methods: Names of the lines, in their order.
        labels: Labels an action, the columns.
        cells: By method and labels an action, in the order of their seeds; what is not known yet
            is not there.
        n_seeds: Cells that a place of the table has when it is full.
        n_test: Videos that every recogniser is tested on.
        running: Method, labels an action and seed of the cells that are computed at this moment.
    """

    methods: tuple[str, ...]
    labels: tuple[int, ...]
    cells: Mapping[tuple[str, int], tuple[Cell, ...]]
    n_seeds: int
    n_test: int
    running: frozenset[tuple[str, int, int]] = field(default=frozenset())

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

    def accuracy(self, method: str, n_labels: int) -> Summary | None:
        """Mean and spread in %, over the seeds that are known; None where there is none."""
        cells = self.of(method, n_labels)
        return summarise([100 * cell.scores.accuracy for cell in cells]) if cells else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; what is running is not kept."""
        return {
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
        )
