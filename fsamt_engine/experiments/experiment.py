"""Runs an experiment: teachers, transfers, and a finetuning and a test for each cell of its table.

Each of these is found again by what it is made from, so a table that was interrupted, or that
shares parts with another one, computes only what is not there yet.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fsamt_engine.evaluation.answers import Evaluation
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.experiments.overall import (
    INFER_S,
    PREPARE_S,
    TRAIN_S,
    Job,
    OverallProgress,
    Phase,
)
from fsamt_engine.experiments.plan import Method, Plan, make_plan
from fsamt_engine.experiments.report import program_versions
from fsamt_engine.experiments.result import Cell, ExperimentResult, ResultRow, SourceModel
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.learning import Granularity, Start, finetune, train_teacher, transfer
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.keys import without_later_defaults
from fsamt_engine.learning.prepare import prepare
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, ShouldStop

_WINDOWS_A_TAKE = 10
"""Teacher embeddings a take, as a guess for the time left."""


def run_experiment(
    library: Library,
    settings: ExperimentSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ExperimentResult:
    """Fill in a table; nothing that is there already is computed again.

    Raises:
        Cancelled: Paused or cancelled; the same call goes on where it stopped.
        FsamtError: The settings do not fit the library (told before the first training), no such
            device, full disk.
    """
    began = time.monotonic()
    chosen = choose_device(device)
    plan = make_plan(library, settings)
    described = plan.settings.to_dict()
    key = hashlib.sha256(
        json.dumps(["experiment", without_later_defaults(described)]).encode()
    ).hexdigest()
    with recorded_run(library, "experiment", key, described, on_progress) as run:
        work = _Work(library, plan, device, run.on_progress, should_stop)
        work.do()
    return ExperimentResult(
        settings=plan.settings,
        rows=tuple(
            ResultRow(method.name, n_labels, tuple(work.cells[method.name, n_labels]))
            for method in plan.methods
            for n_labels in plan.settings.labels_per_action
        ),
        teachers=tuple(work.teacher_facts()),
        students=tuple(work.student_facts()),
        n_pairs_takes=len(plan.pairs),
        device=chosen.name,
        trained_s=work.trained_s(),
        run_s=time.monotonic() - began,
        versions=program_versions(),
    )


@dataclass
class _Work:
    """The table while it is filled in."""

    library: Library
    plan: Plan
    device: str
    on_progress: OnProgress | None
    should_stop: ShouldStop | None
    teachers: dict[Modality, ModelRecord] = field(default_factory=dict)
    teacher_tests: dict[Modality, Evaluation] = field(default_factory=dict)
    students: dict[tuple[Modality, Granularity, int], ModelRecord] = field(default_factory=dict)
    recognisers: list[ModelRecord] = field(default_factory=list)
    cells: dict[tuple[str, int], list[Cell]] = field(default_factory=dict)

    def do(self) -> None:
        jobs = list(self._jobs())
        self._overall = OverallProgress(jobs, self.on_progress)
        self._number = 0
        for modality, takes in self.plan.takes.items():
            with self._job() as heard:
                preparation = self.plan.settings.preparation
                prepare(self.library, takes, (modality,), preparation, heard, self.should_stop)
        for modality in self.plan.teachers:
            self._teach(modality)
        for modality, granularity, seed in self.plan.transfers:
            with self._job() as heard:
                self.students[modality, granularity, seed] = transfer(
                    self.library,
                    self.teachers[modality],
                    self.plan.pairs,
                    self.plan.transfer_settings(granularity, seed),
                    device=self.device,
                    on_progress=heard,
                    should_stop=self.should_stop,
                )
        for method in self.plan.methods:
            for n_labels, seed in self.plan.labels:
                self._fill(method, n_labels, seed)

    def _teach(self, modality: Modality) -> None:
        with self._job() as heard:
            self.teachers[modality] = train_teacher(
                self.library,
                self.plan.source,
                self.plan.teacher_settings(modality),
                device=self.device,
                on_progress=heard,
                should_stop=self.should_stop,
            )
        if items := self.plan.source_test:
            with self._job() as heard:
                self.teacher_tests[modality] = evaluate(
                    self.library,
                    self.teachers[modality],
                    items,
                    self.plan.settings.evaluation,
                    device=self.device,
                    on_progress=heard,
                    should_stop=self.should_stop,
                )

    def _fill(self, method: Method, n_labels: int, seed: int) -> None:
        labels = self.plan.labels[n_labels, seed]
        with self._job() as heard:
            recogniser = finetune(
                self.library,
                self._start(method, seed),
                labels,
                self.plan.finetune_settings(labels, seed),
                device=self.device,
                on_progress=heard,
                should_stop=self.should_stop,
            )
        with self._job() as heard:
            tested = evaluate(
                self.library,
                recogniser,
                labels.test,
                self.plan.settings.evaluation,
                device=self.device,
                on_progress=heard,
                should_stop=self.should_stop,
            )
        self.recognisers.append(recogniser)
        cell = Cell(seed, recogniser.id, tested.scores)
        self.cells.setdefault((method.name, n_labels), []).append(cell)

    def _start(self, method: Method, seed: int) -> ModelRecord | None:
        if method.start is Start.SCRATCH or method.teacher is None:
            return None
        if method.granularity is None:
            return self.teachers[method.teacher]
        turn = seed % self.plan.settings.transfer_seeds
        return self.students[method.teacher, method.granularity, turn]

    @contextmanager
    def _job(self) -> Iterator[OnProgress]:
        with self._overall.job(self._number) as heard:
            yield heard
        self._number += 1

    def _jobs(self) -> Iterator[Job]:
        """Everything that `do` does, in its order."""
        plan, own = self.plan, self.plan.settings
        for modality, takes in plan.takes.items():
            phase = Phase(f"prepare {modality}", PREPARE_S[modality] * len(takes))
            yield Job(f"Preparing {modality}", (phase,))
        tested = INFER_S * own.evaluation.n_clips
        source_test = tested * len(plan.source_test)
        for modality in plan.teachers:
            phase = _training(len(plan.source.train), own.teacher, "Training")
            yield Job(f"Training the {modality} teacher", (phase,))
            if source_test:
                yield Job(f"Testing the {modality} teacher", (Phase("infer", source_test),))
        windows = INFER_S * _WINDOWS_A_TAKE * len(plan.pairs)
        for modality, granularity, seed in plan.transfers:
            # The embeddings of a teacher are the same for all of its transfers.
            first = seed == 0 and granularity is plan.transfers[0][1]
            cost = windows if first else 0.0
            yield Job(
                f"Transferring {modality} to depth, {granularity}",
                (
                    Phase("infer", cost, "Computing teacher embeddings"),
                    Phase("infer", cost, "Computing teacher embeddings (mirrored)"),
                    _training(len(plan.pairs), own.transfer, "Transferring"),
                ),
            )
        for method in plan.methods:
            for (n_labels, seed), labels in plan.labels.items():
                fit = plan.finetune_settings(labels, seed).fit
                name = f"{method.name}, {n_labels} labels, seed {seed}"
                phase = _training(len(labels.train), fit, "Finetuning")
                yield Job(f"Finetuning {name}", (phase,))
                yield Job(f"Testing {name}", (Phase("infer", tested * len(labels.test)),))

    def teacher_facts(self) -> Iterator[SourceModel]:
        """The teachers as the result shows them."""
        for modality, model in self.teachers.items():
            test = self.teacher_tests.get(modality)
            scores = test.scores if test else None
            yield SourceModel(f"{modality} teacher", model.id, model.metrics["loss"], scores)

    def student_facts(self) -> Iterator[SourceModel]:
        """The students as the result shows them."""
        for (modality, granularity, seed), model in self.students.items():
            name = f"student of the {modality} teacher, {granularity}, seed {seed}"
            yield SourceModel(name, model.id, model.metrics["cosine_distance"])

    def trained_s(self) -> float:
        """Seconds that went into training everything."""
        models = [*self.teachers.values(), *self.students.values(), *self.recognisers]
        return sum(
            float(read_description(self.library, model)["training"]["seconds"]) for model in models
        )


def _training(n_items: int, fit: FitSettings, reports_as: str) -> Phase:
    n_clips = fit.epochs * steps_per_epoch(n_items, fit.batch_size) * fit.batch_size
    return Phase("train", TRAIN_S * n_clips, reports_as)
