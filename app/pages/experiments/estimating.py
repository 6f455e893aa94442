"""What a table will take on this machine, found out before it is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.tasks import Work
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.experiments.plan import Plan

_INFERENCE = 1 / 3
"""Of what a clip costs in training: forward without backward."""
_WINDOWS_A_TAKE = 10
"""Teacher embeddings a take, as a guess."""


@dataclass(frozen=True)
class Cost:
    """What there is to do.

    Attributes:
        rows: All that the table can have, chosen or not.
        left_out: Which of its usual rows it lacks, and why, in sentences.
        seconds: On `device`; None where it was not measured.
        refusal: Why it cannot be started, with what to do; "" where it can.
    """

    rows: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    n_teachers: int = 0
    n_students: int = 0
    n_recognisers: int = 0
    seconds: float | None = None
    device: str = ""
    refusal: str = ""

    @property
    def n_trainings(self) -> int:
        """All together."""
        return self.n_teachers + self.n_students + self.n_recognisers


def estimating(
    library: Library,
    settings: Mapping[str, Any],
    chosen_rows: tuple[str, ...],
    device: str,
    *,
    measured: bool,
) -> Work:
    """The looking and measuring as a task's work; its result is a `Cost`.

    Args:
        settings: Of the experiment, without a choice of rows.
        chosen_rows: The rows that are wanted; all where there is none.
        measured: Whether a few steps are trained to see how long it takes.
    """

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Cost:
        from fsamt_engine.experiments.plan import make_plan
        from fsamt_engine.experiments.settings import ExperimentSettings

        try:
            whole = make_plan(library, ExperimentSettings.from_dict(settings))
            rows = tuple(method.name for method in whole.methods)
            wanted = [name for name in rows if name in chosen_rows]
            if not wanted or len(wanted) == len(rows):
                plan = whole
            else:
                chosen = ExperimentSettings.from_dict({**settings, "methods": wanted})
                plan = make_plan(library, chosen)
        except FsamtError as error:
            return Cost(refusal=f"{error.message} {error.hint}".strip())
        seconds, name = None, ""
        if measured:
            seconds, name = _measure(library, plan, device, should_stop)
        return Cost(
            rows=rows,
            left_out=plan.lines.left_out,
            n_teachers=sum(not role.model_id for role in plan.teachers),
            n_students=len(plan.transfers),
            n_recognisers=len(plan.methods) * len(plan.labels),
            seconds=seconds,
            device=name,
        )

    return work


def _measure(
    library: Library, plan: "Plan", device: str, should_stop: ShouldStop
) -> tuple[float, str]:
    """Seconds of the whole table from the pace of a few steps of each network, and the device."""
    from fsamt_engine.experiments.detector_cost import detector_clips
    from fsamt_engine.learning.clips import steps_per_epoch
    from fsamt_engine.learning.settings import FitSettings

    def trained(n_items: int, fit: FitSettings) -> int:
        return fit.epochs * steps_per_epoch(max(1, n_items), fit.batch_size) * fit.batch_size

    own = plan.settings
    pace = _Pace(library, plan, device, should_stop)
    for role in plan.teachers:
        if not role.model_id:
            pace.add(role.network, trained(len(plan.taught(role).train), own.teacher))
        windows = len(plan.pairs) * _WINDOWS_A_TAKE
        pace.add(role.network, windows * _INFERENCE)
    for transfer, _ in plan.transfers:
        pace.add(transfer.network, trained(len(plan.pairs), own.transfer))
    tested = len(plan.test) * own.evaluation.n_clips * _INFERENCE
    for method in plan.methods:
        for (_, seed), labels in plan.labels.items():
            if method.head is not None:
                settings = plan.detector_settings(method.head, seed, method.network)
                pace.add(method.network, detector_clips(labels, settings))
                continue
            fit = plan.finetune_settings(labels, seed, method.network).fit
            pace.add(method.network, trained(len(labels.train), fit) + tested)
    return pace.seconds, pace.device_name


class _Pace:
    """Adds clips up, at the pace of their network."""

    def __init__(
        self, library: Library, plan: "Plan", device: str, should_stop: ShouldStop
    ) -> None:
        self.seconds = 0.0
        self.device_name = ""
        self._device = device
        self._library = library
        self._plan = plan
        self._should_stop = should_stop
        self._clip_s: dict[str, float] = {}

    def add(self, network: str, n_clips: float) -> None:
        """So many clips of a training."""
        if network not in self._clip_s:
            self._clip_s[network] = self._measured(network)
        self.seconds += n_clips * self._clip_s[network]

    def _measured(self, network: str) -> float:
        from fsamt_engine.learning.estimate import estimate_finetune
        from fsamt_engine.runs import FinetuneRequest

        own = self._plan.settings
        asked = FinetuneRequest(
            start_id=None,
            actions=own.target_actions,
            train_participants=own.train_participants,
            test_participants=own.test_participants,
            labels_per_action=None,
            network=network,
            epochs=1,
            device=self._device,
            with_scratch=False,
            with_curve=False,
        )
        labels = next(iter(self._plan.labels.values()))
        found = estimate_finetune(self._library, asked, labels, should_stop=self._should_stop)
        self.seconds += found.prepare_s
        self.device_name = found.device
        return found.clip_s
