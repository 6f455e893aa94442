"""What a finetuning will take on this machine, measured before it is started."""

from PySide6.QtCore import QObject, QTimer

from app.pages.finetune.wizard import FinetuneWizard
from app.studio import Studio
from app.tasks import Problem, Task, Work
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop, Stop
from fsamt_engine.runs.requests import DETECTION, FinetuneRequest
from fsamt_engine.units import format_bytes, format_duration

_SETTLED_MS = 600


class Estimator(QObject):
    """Measures for the last step, once what was chosen has settled."""

    def __init__(self, studio: Studio, wizard: FinetuneWizard) -> None:
        super().__init__(wizard)
        self._studio = studio
        self._wizard = wizard
        self._task: Task | None = None
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self._begin)
        wizard.step_changed.connect(self.ask_soon)
        wizard.settings_step.changed.connect(self.ask_soon)

    @property
    def is_busy(self) -> bool:
        """Whether it measures, or is about to."""
        return self._task is not None or self._soon.isActive()

    def ask_soon(self) -> None:
        """Something is different now; what is being measured is not wanted any more."""
        if self._wizard.step is self._wizard.settings_step:
            self.stop()
            self._soon.start()

    def stop(self) -> None:
        """Measure no more."""
        self._soon.stop()
        if self._task is not None:
            self._task.stop(Stop.CANCEL)

    def let_go(self) -> None:
        """The library closes."""
        self.stop()
        if self._task is not None:
            self._task.wait(60_000)

    def _begin(self) -> None:
        library, request = self._studio.library, self._wizard.request
        settings = self._wizard.settings_step
        if self._task is not None:
            self._soon.start()
            return
        if library is None or request is None:
            settings.show_cost("")
            return
        if self._studio.runs.running is not None:
            settings.show_cost(self.tr("How long it takes is measured when nothing else runs."))
            return
        settings.show_cost(self.tr("Measuring how long it takes on this machine…"))
        task = Task(self.tr("Measuring"), estimating(library, request), self, gentle=True)
        task.finished.connect(settings.show_cost)
        task.failed.connect(self._say_failed)
        task.ended.connect(self._ended)
        self._task = task
        task.start()

    def _say_failed(self, problem: Problem) -> None:
        self._wizard.settings_step.show_cost(f"{problem.message} {problem.hint}".strip())

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)


def estimating(library: Library, request: FinetuneRequest) -> Work:
    """The measuring as a task's work; its result is a sentence.

    It also refuses what the run would refuse, before anything is started.
    """
    if request.task == DETECTION:
        return _estimating_detector(library, request)

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> str:
        from fsamt_engine.evaluation.curve import curve_clips
        from fsamt_engine.learning import FinetuneSettings
        from fsamt_engine.learning.clips import steps_per_epoch
        from fsamt_engine.learning.estimate import estimate_finetune
        from fsamt_engine.runs.finetuning import finetune_snapshot

        snapshot = finetune_snapshot(library, request)
        batch_size = FinetuneSettings().fit.batch_size
        n_steps = request.epochs * steps_per_epoch(len(snapshot.train), batch_size)
        more = 0
        if request.with_curve and snapshot.test:
            more = sum(curve_clips(snapshot, request.seed, n_steps, batch_size))
        found = estimate_finetune(
            library, request, snapshot, more_clips=more, should_stop=should_stop
        )
        return (
            f"About {format_duration(found.total_s)} on {found.device}, with "
            f"{format_bytes(found.memory_bytes)} of memory at most."
        )

    return work


def _estimating_detector(library: Library, request: FinetuneRequest) -> Work:
    """The same for a detector: the pace of a clip is measured, the number of clips is known."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> str:
        from fsamt_engine.experiments.detector_cost import detector_clips
        from fsamt_engine.learning.estimate import estimate_finetune
        from fsamt_engine.runs.detecting import detector_settings, detector_snapshot

        snapshot = detector_snapshot(library, request)
        measured = estimate_finetune(library, request, snapshot, should_stop=should_stop)
        n_trainings = 2 if request.with_scratch and request.start_id and snapshot.test else 1
        n_clips = detector_clips(snapshot, detector_settings(library, request))
        seconds = measured.prepare_s + n_trainings * n_clips * measured.clip_s
        return f"About {format_duration(seconds)} on {measured.device}."

    return work
