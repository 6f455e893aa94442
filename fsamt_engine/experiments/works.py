"""The jobs of a table, what each of them waits for, and what it gives.

What a job gives is plain, as JSON has it, so that it can be told to other processes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.detection.evaluate import evaluate_detector
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.train import train_detector
from fsamt_engine.evaluation.evaluate import evaluate
from fsamt_engine.experiments.detector_cost import detector_testing, detector_training
from fsamt_engine.experiments.keeping import Place
from fsamt_engine.experiments.methods import Method, TeacherRole, TransferRole
from fsamt_engine.experiments.overall import INFER_S, PREPARE_S, TRAIN_S, Job, Phase
from fsamt_engine.experiments.plan import Plan
from fsamt_engine.experiments.table import Cell
from fsamt_engine.learning import finetune, train_teacher, transfer
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.prepare import prepare, videos_of
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.store import load_model
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import model as find_model
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, ShouldStop

_WINDOWS_A_TAKE = 10
"""Teacher embeddings a take, as a guess for the time left."""

Given = dict[str, Any]
Do = Callable[[OnProgress, ShouldStop | None], Given]


@dataclass(frozen=True)
class Work:
    """A job of the table.

    Attributes:
        job: Its name, and what it is expected to cost.
        needs: Numbers of the jobs whose results it takes.
        do: Does it; what was computed before is found again.
        place: Of the cell that it gives.
    """

    job: Job
    needs: tuple[int, ...]
    do: Do
    place: Place | None = None


@dataclass
class Works:
    """All jobs of a table in an order in which one process can do them.

    Attributes:
        results: What is known, by number; whoever does the jobs fills it in.
        teachers: Numbers of the jobs that give them; likewise `tests`, `students` and `cells`.
    """

    library: Library
    plan: Plan
    device: str
    results: dict[int, Given] = field(default_factory=dict)
    all: list[Work] = field(default_factory=list)
    teachers: dict[TeacherRole, int] = field(default_factory=dict)
    tests: dict[TeacherRole, int] = field(default_factory=dict)
    students: dict[tuple[TransferRole, int], int] = field(default_factory=dict)
    cells: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prepared = tuple(self._prepare())
        for role in self.plan.teachers:
            self._teach(role, prepared)
        embedded: dict[TeacherRole, int] = {}
        for asked, seed in self.plan.transfers:
            if asked.teacher not in embedded:
                embedded[asked.teacher] = self._embed(asked, prepared)
            self._transfer(asked, seed, embedded[asked.teacher])
        for method in self.plan.methods:
            for n_labels, seed in self.plan.labels:
                self._fill(method, (method.name, n_labels, seed), prepared)

    def model(self, number: int) -> ModelRecord:
        """The model that a job gave."""
        return find_model(self.library, self.results[number]["model"])

    def _add(self, work: Work) -> int:
        self.all.append(work)
        return len(self.all) - 1

    def _prepare(self) -> Iterator[int]:
        """One after the other: what is seen of colour follows what was found in depth."""
        before: tuple[int, ...] = ()
        for modality, takes in self.plan.takes.items():

            def do(
                heard: OnProgress,
                stop: ShouldStop | None,
                modality: Modality = modality,
                takes: tuple[str, ...] = takes,
            ) -> Given:
                preparation = self.plan.settings.preparation
                prepare(self.library, takes, (modality,), preparation, heard, stop)
                return {}

            phase = _preparing(modality, len(takes))
            before = (self._add(Work(Job(f"Preparing {modality}", (phase,)), before, do)),)
            yield before[0]

    def _teach(self, role: TeacherRole, prepared: tuple[int, ...]) -> None:
        plan, own = self.plan, self.plan.settings
        if role.model_id:
            given = {"model": role.model_id}
            job = Job(f"Reading {role.model_id}", ())
            self.teachers[role] = self._add(Work(job, (), lambda heard, stop: given))
            return
        snapshot = plan.taught(role)

        def teach(heard: OnProgress, stop: ShouldStop | None) -> Given:
            made = train_teacher(
                self.library,
                snapshot,
                plan.teacher_settings(role),
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            return {"model": made.id}

        phase = _training(len(snapshot.train), own.teacher, "Training")
        job = Job(f"Training the {role.name}", (phase,))
        number = self.teachers[role] = self._add(Work(job, prepared, teach))
        items = () if role.knows_target else plan.source_test
        if not items:
            return

        def test(heard: OnProgress, stop: ShouldStop | None) -> Given:
            tested = evaluate(
                self.library,
                self.model(number),
                items,
                own.evaluation,
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            return Cell(0, tested.model_id, tested.scores).to_dict()

        phase = Phase("infer", INFER_S * own.evaluation.n_clips * len(items))
        job = Job(f"Testing the {role.name}", (phase,))
        self.tests[role] = self._add(Work(job, (number,), test))

    def _embed(self, role: TransferRole, prepared: tuple[int, ...]) -> int:
        """The embeddings of a teacher are the same for all of its transfers."""
        teacher, pairs = self.teachers[role.teacher], self.plan.pairs
        settings = self.plan.transfer_settings(role, 0)

        def do(heard: OnProgress, stop: ShouldStop | None) -> Given:
            chosen = choose_device(self.device)
            loaded = load_model(self.library, self.model(teacher), chosen)
            prepare(self.library, pairs, (role.teacher.modality,), loaded.preparation, heard, stop)
            teacher_embeddings(
                self.library,
                loaded,
                videos_of(self.library, pairs, settings.max_video_s),
                settings.window_stride,
                settings.augmentation.flip,
                chosen,
                on_progress=heard,
                should_stop=stop,
            )
            return {}

        cost = INFER_S * _WINDOWS_A_TAKE * len(pairs)
        named = "Computing teacher embeddings"
        phases = (Phase("infer", cost, named), Phase("infer", cost, f"{named} (mirrored)"))
        job = Job(f"Computing what the {role.teacher.name} says of the pairs", phases)
        return self._add(Work(job, (teacher, *prepared), do))

    def _transfer(self, role: TransferRole, seed: int, embedded: int) -> None:
        teacher, plan = self.teachers[role.teacher], self.plan

        def do(heard: OnProgress, stop: ShouldStop | None) -> Given:
            made = transfer(
                self.library,
                self.model(teacher),
                plan.pairs,
                plan.transfer_settings(role, seed),
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            return {"model": made.id}

        phase = _training(len(plan.pairs), plan.settings.transfer, "Transferring")
        job = Job(f"Transferring to the {role.name}", (phase,))
        self.students[role, seed] = self._add(Work(job, (teacher, embedded), do))

    def _fill(self, method: Method, place: Place, prepared: tuple[int, ...]) -> None:
        _, n_labels, seed = place
        start = self._start(method, seed)
        fill = self._recogniser if method.head is None else self._detector
        do, phases = fill(method, place, start)
        name = f"{method.name}, {n_labels} label{'' if n_labels == 1 else 's'}, seed {seed}"
        needs = prepared if start is None else (start, *prepared)
        work = Work(Job(f"Finetuning {name}", phases), needs, do, place)
        self.cells[place] = self._add(work)

    def _recogniser(
        self, method: Method, place: Place, start: int | None
    ) -> tuple[Do, tuple[Phase, ...]]:
        _, n_labels, seed = place
        plan, labels = self.plan, self.plan.labels[n_labels, seed]
        settings = plan.finetune_settings(labels, seed, method.network)

        def do(heard: OnProgress, stop: ShouldStop | None) -> Given:
            recogniser = finetune(
                self.library,
                None if start is None else self.model(start),
                labels,
                settings,
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            tested = evaluate(
                self.library,
                recogniser,
                labels.test,
                plan.settings.evaluation,
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            return Cell(seed, recogniser.id, tested.scores).to_dict()

        tested_s = INFER_S * plan.settings.evaluation.n_clips * len(labels.test)
        training = _training(len(labels.train), settings.fit, "Finetuning")
        return do, (training, Phase("infer", tested_s, "Testing"))

    def _detector(
        self, method: Method, place: Place, start: int | None
    ) -> tuple[Do, tuple[Phase, ...]]:
        _, n_labels, seed = place
        plan, labels = self.plan, self.plan.labels[n_labels, seed]
        settings = plan.detector_settings(DetectionHead(str(method.head)), seed, method.network)

        def do(heard: OnProgress, stop: ShouldStop | None) -> Given:
            detector = train_detector(
                self.library,
                None if start is None else self.model(start),
                labels,
                settings,
                device=self.device,
                on_progress=heard,
                should_stop=stop,
            )
            tested = evaluate_detector(
                self.library,
                detector,
                labels.test,
                device=self.device,
                on_progress=heard,
                should_stop=stop,
                watched_s=0.0,  # What it would tell live, and when, is no figure of the table.
            )
            return Cell(seed, detector.id, tested.scores, plan.settings.overlap).to_dict()

        testing = detector_testing(labels.test, settings)
        return do, (*detector_training(labels, settings), *testing)

    def _start(self, method: Method, seed: int) -> int | None:
        """Number of the job that gives the start of a finetuning."""
        if method.transfer:
            return self.students[method.transfer, seed % self.plan.settings.transfer_seeds]
        return self.teachers[method.teacher] if method.teacher else None


def _preparing(modality: Modality, n_takes: int) -> Phase:
    return Phase(f"prepare {modality}", PREPARE_S[modality] * n_takes)


def _training(n_items: int, fit: FitSettings, reports_as: str) -> Phase:
    n_clips = fit.epochs * steps_per_epoch(n_items, fit.batch_size) * fit.batch_size
    return Phase("train", TRAIN_S * n_clips, reports_as)
