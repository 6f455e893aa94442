"""Runs an experiment: teachers, transfers, and a finetuning and a test for each cell of its table.

Each of these is found again by what it is made from, so a table that was interrupted, or that
shares parts with another one, computes only what is not there yet.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.errors import Cancelled
from fsamt_engine.evaluation import Scores
from fsamt_engine.experiments.command import command_of
from fsamt_engine.experiments.keeping import OnTable, TableKeeper
from fsamt_engine.experiments.overall import OverallProgress
from fsamt_engine.experiments.plan import make_plan
from fsamt_engine.experiments.report import program_versions, write_report
from fsamt_engine.experiments.reporting import make_report, summary
from fsamt_engine.experiments.result import ExperimentResult, ResultRow, SourceModel
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.sharing import Board, board_of_this_run
from fsamt_engine.experiments.stored import report_path
from fsamt_engine.experiments.table import Cell, PartialTable
from fsamt_engine.experiments.works import Works
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.spread import local_device
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import model as find_model
from fsamt_engine.progress import OnProgress, ShouldStop, Stop

_LOOK_EVERY_S = 0.2
"""Pause between two looks at what other processes have done."""
_CHECK_EVERY_S = 2.0


def run_experiment(
    library: Library,
    settings: ExperimentSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_table: OnTable | None = None,
    on_begun: Callable[[str], None] | None = None,
    command: str | None = None,
) -> ExperimentResult:
    """Fill in a table; nothing that is there already is computed again.

    The library keeps the table as it grows, and at its end the report (see `stored`). Started by
    torchrun, the jobs are shared out over its processes, each on a device of its own; the first one
    tells of the progress and keeps the table. The wish to keep the best so far means a pause here:
    a line of trainings that were ended early would compare nothing.

    Args:
        on_table: Told of the table whenever a cell begins or is known.
        on_begun: Told the id under which the library keeps the table.
        command: How to run it again from a terminal; by default put together from the settings.

    Raises:
        Cancelled: Paused or cancelled; the same call goes on where it stopped.
        FsamtError: The settings do not fit the library (told before the first training), no such
            device, full disk, another process of the same run failed.
    """
    began = time.monotonic()
    device = local_device(device)
    chosen = choose_device(device)
    plan = make_plan(library, settings)
    described = plan.settings.to_dict()
    facts = {
        "device": chosen.name,
        "versions": program_versions(),
        "lists": plan.lists(),
        "left_out": list(plan.lines.left_out),
        "remarks": list(plan.remarks),
    }
    again = command or command_of(plan.settings, library.root)
    works = Works(library, plan, device)
    with board_of_this_run(plan.settings.key) as board, ExitStack() as stack:
        keeper = TableKeeper(library, plan, again, facts, on_table, keeps=board.leads)
        heard = None
        if board.leads:
            key = plan.settings.key
            run = recorded_run(library, "experiment", key, described, on_progress)
            heard = stack.enter_context(run).on_progress
            stack.enter_context(keeper.kept())
            if on_begun:
                on_begun(keeper.id)
        _Doing(works, board, keeper, heard, should_stop).do()
        result = _result(works, keeper.table(), chosen.name, time.monotonic() - began)
        if board.leads:
            report = make_report(library, result, [again])
            write_report(report_path(library, keeper.id), report)
            keeper.finish(_facts(result))
    return result


@dataclass
class _Doing:
    """The jobs of a table while they are done."""

    works: Works
    board: Board
    keeper: TableKeeper
    on_progress: OnProgress | None
    should_stop: ShouldStop | None
    own: int | None = None
    checked_at: float = field(default_factory=time.monotonic)

    def do(self) -> None:
        jobs = [work.job for work in self.works.all]
        self.overall = OverallProgress(jobs, self.on_progress, self.board.n)
        while len(self.works.results) < len(jobs):
            self._hear()
            number = self._next()
            if number is not None:
                self._do(number)
            elif len(self.works.results) < len(jobs):
                self._wait()

    def _next(self) -> int | None:
        """The first job that waits for nothing and that nobody has taken."""
        known = self.works.results
        for number, work in enumerate(self.works.all):
            ready = number not in known and all(need in known for need in work.needs)
            if ready and not self.board.taken(number) and self.board.claim(number):
                return number
        return None

    def _do(self, number: int) -> None:
        work = self.works.all[number]
        self.own = number
        self._show_running()
        with self.overall.job(number) as heard:
            result = work.do(heard, self._stop)
        self.own = None
        self.board.post(number, result)
        self._take(number, result)

    def _hear(self) -> None:
        """Take in what others have done since."""
        if self.board.n == 1:
            return
        for number in range(len(self.works.all)):
            if number in self.works.results:
                continue
            found = self.board.result(number)
            if found is not None:
                self._take(number, found)
                self.overall.done(number)
        self._show_running()

    def _take(self, number: int, result: dict[str, Any]) -> None:
        self.works.results[number] = result
        place = self.works.all[number].place
        if place:
            self.keeper.take(place, Cell.from_dict(result))

    def _wait(self) -> None:
        self.board.check()
        stop = _pausing(self.should_stop)
        if stop:
            raise Cancelled(resumable=stop is Stop.PAUSE)
        time.sleep(_LOOK_EVERY_S)

    def _show_running(self) -> None:
        if not self.board.leads:
            return
        self.keeper.is_at(
            *(
                work.place
                for number, work in enumerate(self.works.all)
                if work.place
                and number not in self.works.results
                and (number == self.own or self.board.taken(number))
            )
        )

    def _stop(self) -> Stop | None:
        """The caller's wish; and while a long job goes on, now and then what became of others."""
        now = time.monotonic()
        if self.board.n > 1 and now - self.checked_at > _CHECK_EVERY_S:
            self.checked_at = now
            self.board.check()
            self._hear()
        return _pausing(self.should_stop)


def _pausing(should_stop: ShouldStop | None) -> Stop | None:
    asked = should_stop() if should_stop else None
    return Stop.PAUSE if asked is Stop.KEEP_BEST else asked


def _result(works: Works, table: PartialTable, device: str, run_s: float) -> ExperimentResult:
    plan, library = works.plan, works.library
    teachers = [
        SourceModel(
            role.name,
            works.model(number).id,
            works.model(number).metrics.get("loss"),
            _tested(works.results[works.tests[role]]) if role in works.tests else None,
        )
        for role, number in works.teachers.items()
    ]
    students = [
        SourceModel(f"{role.name}, seed {seed}", record.id, _end_of(record), None, str(role.loss))
        for (role, seed), number in works.students.items()
        for record in [works.model(number)]
    ]
    made = [model.model_id for model in (*teachers, *students)]
    made += [cell.model_id for cells in table.cells.values() for cell in cells]
    return ExperimentResult(
        settings=plan.settings,
        rows=tuple(
            ResultRow(method, n_labels, table.of(method, n_labels))
            for method in table.methods
            for n_labels in table.labels
        ),
        teachers=tuple(teachers),
        students=tuple(students),
        n_pairs_takes=len(plan.pairs),
        device=device,
        trained_s=_trained_s(library, made),
        run_s=run_s,
        versions=program_versions(),
        left_out=plan.lines.left_out,
        remarks=plan.remarks,
    )


def _tested(cell: Mapping[str, Any]) -> Scores | None:
    """The scores of a teacher's test."""
    scores = Cell.from_dict(cell).scores
    return scores if isinstance(scores, Scores) else None


def _end_of(student: ModelRecord) -> float | None:
    """What the loss of a transfer was at its end, whatever it is called."""
    own = [v for name, v in student.metrics.items() if not name.startswith(("validation", "test"))]
    return own[0] if own else None


def _trained_s(library: Library, model_ids: Sequence[str]) -> float:
    """Seconds that went into training models, each counted once."""
    described = (read_description(library, find_model(library, one)) for one in set(model_ids))
    return sum(float(one.get("training", {}).get("seconds", 0.0)) for one in described)


def _facts(result: ExperimentResult) -> dict[str, Any]:
    """What a finished table says besides its cells."""
    told = result.to_dict()
    names = ("teachers", "students", "n_takes_with_pairs", "spread", "trained_s", "run_s")
    return {name: told[name] for name in names} | {"sentences": list(summary(result))}
