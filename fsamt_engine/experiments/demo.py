"""The main job on simulated takes, with settings that need some minutes on two cores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings, add_simulated_takes
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.result import ExperimentResult
from fsamt_engine.experiments.settings import ExperimentSettings, from_dict
from fsamt_engine.library import Library
from fsamt_engine.library.library import DATABASE
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

SETTINGS_FILE = Path(__file__).parents[2] / "resources" / "demo.json"
_SIMULATION_SHARE = 0.16
"""Of the time of the whole, as measured on two cores."""
_ENOUGH_TAKES = 8
"""The first takes also pay for the start of the processes that make them."""
_PARTS = 1000


@dataclass(frozen=True)
class DemoSettings:
    """What the demo simulates, and the table that it fills in.

    Attributes:
        takes: With all participants; those who train are the first ones.
        experiment: Its source actions are simulated only for those who train.
    """

    takes: SimulatedLibrarySettings
    experiment: ExperimentSettings

    @classmethod
    def load(cls, path: Path = SETTINGS_FILE) -> "DemoSettings":
        """The settings of a JSON file; what it does not name keeps its default."""
        return from_dict(cls, json.loads(path.read_text(encoding="utf-8")))


def demo_library(folder: Path) -> Library:
    """The library of the demo: the one that an earlier start left, or a new one.

    Raises:
        FsamtError: The folder holds something else, or may not be written to.
    """
    if (folder.expanduser() / DATABASE).exists():
        return Library.open(folder)
    try:
        return Library.create(folder)
    except FsamtError as error:
        raise FsamtError(
            error.message, "Name a new folder for the demo: `fsamt demo --library DIR`."
        ) from error


def run_demo(
    library: Library,
    settings: DemoSettings | None = None,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ExperimentResult:
    """Simulate takes, and fill in the table on them; goes on where it was stopped or killed.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: No such device, full disk.
    """
    used = settings or DemoSettings.load()
    orders = _orders(used)
    n_takes = sum(order.n_takes for order in orders)
    n_later = n_takes
    for order in orders:
        n_later -= order.n_takes
        add_simulated_takes(
            library,
            order,
            on_progress=on_progress and _simulating(on_progress, n_later, n_takes),
            should_stop=should_stop,
        )
    return run_experiment(
        library,
        used.experiment,
        device=device,
        on_progress=on_progress and _afterwards(on_progress),
        should_stop=should_stop,
    )


def _orders(settings: DemoSettings) -> Sequence[SimulatedLibrarySettings]:
    """The source actions of those who train, then the target actions of all."""
    takes, own = settings.takes, settings.experiment
    return (
        replace(takes, participants=len(own.train_participants), actions=own.source_actions),
        replace(takes, actions=own.target_actions),
    )


def _simulating(on_progress: OnProgress, n_later: int, n_takes: int) -> OnProgress:
    """Progress of the simulation as the beginning of the whole.

    What is left of the whole is guessed from the pace of simulating.

    Args:
        n_later: Takes that other calls simulate afterwards.
        n_takes: All takes of the demo.
    """

    def hear(told: Progress) -> None:
        n_now = told.total - told.done
        seconds_left = None
        if told.seconds_left is not None and told.done >= _ENOUGH_TAKES and n_now:
            rest = n_later + n_takes * (1 - _SIMULATION_SHARE) / _SIMULATION_SHARE
            seconds_left = told.seconds_left * (1 + rest / n_now)
        done = int(_PARTS * _SIMULATION_SHARE * (1 - (n_now + n_later) / n_takes))
        on_progress(Progress(told.what, done, _PARTS, told.metrics, seconds_left))

    return hear


def _afterwards(on_progress: OnProgress) -> OnProgress:
    """Progress of the experiment as the rest of the whole."""

    def hear(told: Progress) -> None:
        share = _SIMULATION_SHARE + (1 - _SIMULATION_SHARE) * told.done / told.total
        done = int(_PARTS * share + 1e-9)
        on_progress(Progress(told.what, done, _PARTS, told.metrics, told.seconds_left))

    return hear
