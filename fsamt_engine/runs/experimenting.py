"""A table by request: filled in, kept, and reported."""

from collections.abc import Callable
from dataclasses import replace

from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.settings import ExperimentSettings
from fsamt_engine.experiments.stored import experiment_id
from fsamt_engine.learning.device import Device
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, Progress, ShouldStop
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import ExperimentRequest


def fill_in_table(
    library: Library,
    request: ExperimentRequest,
    device: Device,
    told: Callable[[Outcome], None],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Outcome:
    """Fill in the table of a request, from where it is.

    Its cells are found again by what they are made from, so a pause loses none.

    Raises:
        Cancelled: Paused or cancelled; the cells that are known stay.
        FsamtError: The settings do not fit the library, full disk.
    """

    def hear(progress: Progress) -> None:
        if on_progress and progress.stage:
            used = device.used_bytes()
            memory = {} if used is None else {"memory_bytes": float(used)}
            stage = replace(progress.stage, device=device.name)
            metrics = {**progress.metrics, **memory}
            on_progress(replace(progress, metrics=metrics, stage=stage))

    settings = ExperimentSettings.from_dict(request.settings)
    result = run_experiment(
        library,
        settings,
        device=request.device,
        on_progress=hear,
        should_stop=should_stop,
        on_begun=lambda name: told(Outcome(experiment_id=name)),
    )
    return Outcome(experiment_id=experiment_id(settings.kind, result.settings.key))
