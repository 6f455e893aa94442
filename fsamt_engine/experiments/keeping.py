"""The table of a run as it grows: kept in the library, and told to whoever shows it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.plan import Plan
from fsamt_engine.experiments.stored import (
    ExperimentStatus,
    StoredExperiment,
    experiment_id,
    keep_experiment,
    stored_experiment,
)
from fsamt_engine.experiments.table import Cell, PartialTable
from fsamt_engine.library import Library

OnTable = Callable[[PartialTable], None]
Place = tuple[str, int, int]
"""Method, labels an action, seed."""


@dataclass
class TableKeeper:
    """Takes cells in, in any order, and keeps the table after each.

    Args:
        command: How to run it again from a terminal.
        facts: What is known of the run at its beginning, as JSON has it.
        on_table: Told of every change.
        keeps: Whether this process keeps the table and tells of it; of several one does.
    """

    library: Library
    plan: Plan
    command: str
    facts: Mapping[str, Any]
    on_table: OnTable | None
    keeps: bool = True
    cells: dict[Place, Cell] = field(default_factory=dict)
    running: frozenset[Place] = frozenset()
    created_at_us: int = field(default_factory=lambda: time.time_ns() // 1000)

    @property
    def id(self) -> str:
        """Of the experiment."""
        return experiment_id(self.plan.settings.kind, self.plan.settings.key)

    def table(self) -> PartialTable:
        """As it is now."""
        own = self.plan.settings
        methods = tuple(method.name for method in self.plan.methods)
        cells = {}
        for method in methods:
            for n_labels in own.labels_per_action:
                places = [(method, n_labels, seed) for seed in range(own.n_seeds)]
                known = tuple(self.cells[place] for place in places if place in self.cells)
                if known:
                    cells[method, n_labels] = known
        return PartialTable(
            methods,
            own.labels_per_action,
            cells,
            own.n_seeds,
            len(self.plan.tested),
            self.running,
            own.told_overlap,
        )

    @contextmanager
    def kept(self) -> Iterator[None]:
        """From the beginning of the run to whatever end it takes."""
        with suppress(FsamtError):
            self.created_at_us = stored_experiment(self.library, self.id).created_at_us
        self._keep(ExperimentStatus.RUNNING)
        try:
            yield
        except BaseException:
            self.running = frozenset()
            # The disk may be full for this file as well; that must not hide what happened.
            with suppress(FsamtError):
                self._keep(ExperimentStatus.STOPPED)
            raise

    def is_at(self, *places: Place) -> None:
        """These cells, and no others, are computed at this moment."""
        if self.running != frozenset(places):
            self.running = frozenset(places)
            self._keep(ExperimentStatus.RUNNING)

    def take(self, place: Place, cell: Cell) -> None:
        """A cell is known."""
        self.cells[place] = cell
        self.running -= {place}
        self._keep(ExperimentStatus.RUNNING)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """The table is full, and its report is written."""
        self.facts = {**self.facts, **facts}
        self._keep(ExperimentStatus.FINISHED)

    def _keep(self, status: ExperimentStatus) -> None:
        if not self.keeps:
            return
        own, table = self.plan.settings, self.table()
        keep_experiment(
            self.library,
            StoredExperiment(
                id=self.id,
                kind=own.kind,
                title=own.kind.heading,
                created_at_us=self.created_at_us,
                updated_at_us=0,
                status=status,
                settings=own.to_dict(),
                table=table,
                command=self.command,
                facts=self.facts,
            ),
        )
        if self.on_table:
            self.on_table(table)
