"""One progress and one time left for work of many different parts."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fsamt_engine.progress import OnProgress, Progress, Stage

PREPARE_S = {"depth": 0.1, "infrared": 0.1, "flow": 0.05, "rgb": 0.01, "skeleton": 0.005}
"""What preparing a take costs on 2 cores. Of all costs only the ratios matter, and only until the
pace of each kind of work was measured."""
TRAIN_S, INFER_S = 0.006, 0.002
"""What a training clip and a tested clip cost on 2 cores with r3d_tiny."""
_PARTS = 1000
"""Progress is told in thousandths of the whole."""
_ENOUGH_S = 2.0
"""Seconds of a kind of work after which its measured pace is trusted."""


@dataclass(frozen=True)
class Phase:
    """A part of the work, as an engine function reports it.

    Attributes:
        kind: Parts of one kind go at one pace: "prepare depth", "train", "infer".
        cost_s: What it is expected to take, in seconds of a machine that need not be this one.
        reports_as: How the `what` of its Progress begins; "" for anything.
    """

    kind: str
    cost_s: float
    reports_as: str = ""


@dataclass(frozen=True)
class Job:
    """One call of an engine function: its name for the screen, and its parts in order."""

    name: str
    phases: tuple[Phase, ...]


class OverallProgress:
    """Adds up jobs. The share done never falls; the time left comes from the pace on this machine.

    The pace of each kind of work is measured apart, over the time in which it really moved: what a
    resumed or repeated job had done before says nothing of the pace, and counts as done at once. A
    kind that was not met yet is expected to go by its cost, or slower if the others were slower:
    that they were quicker promises nothing, since what lies in a cache is quick.

    Args:
        jobs: All that is to be done, in order.
        on_progress: Told whenever a job tells something.
        n_workers: Processes that share the jobs; this one hears of its own, and of those of others
            when they are done.
    """

    def __init__(
        self, jobs: Sequence[Job], on_progress: OnProgress | None, n_workers: int = 1
    ) -> None:
        self._jobs = jobs
        self._n_workers = n_workers
        self._on_progress = on_progress
        self._total_s = sum(phase.cost_s for job in jobs for phase in job.phases) or 1.0
        self._done_s: dict[tuple[int, int], float] = {}
        self._spent: dict[str, float] = {}
        self._moved: dict[str, float] = {}
        self._share = 0.0

    @contextmanager
    def job(self, number: int) -> Iterator[OnProgress]:
        """While a job runs: what to give it as `on_progress`. Afterwards it counts as done."""
        job = self._jobs[number]
        listener = _Listener(self, number, job)
        self._tell(number, Progress(job.name, 0, 0))
        yield listener.hear
        self.done(number)

    def done(self, number: int) -> None:
        """A job is done, here or by another process."""
        job = self._jobs[number]
        for place, phase in enumerate(job.phases):
            self._done_s[number, place] = phase.cost_s
        self._tell(number, Progress(job.name, 1, 1))

    def seconds_left(self) -> float | None:
        """Estimate for all that is left, None while nothing was measured."""
        if sum(self._spent.values()) < _ENOUGH_S:
            return None
        general = max(1.0, sum(self._spent.values()) / max(1e-9, sum(self._moved.values())))
        left = 0.0
        for number, job in enumerate(self._jobs):
            for place, phase in enumerate(job.phases):
                known = self._spent.get(phase.kind, 0.0) >= _ENOUGH_S
                moved = self._moved.get(phase.kind, 0.0)
                pace = self._spent[phase.kind] / moved if known and moved else general
                left += pace * (phase.cost_s - self._done_s.get((number, place), 0.0))
        return left / self._n_workers

    def heard(
        self, number: int, place: int, share: float, moved: float, seconds: float, told: Progress
    ) -> None:
        """A part stands at `share`, of which it has moved `moved` in the last `seconds`."""
        job = self._jobs[number]
        phase = job.phases[place]
        self._done_s[number, place] = phase.cost_s * share
        for earlier in range(place):
            self._done_s[number, earlier] = job.phases[earlier].cost_s
        self._spent[phase.kind] = self._spent.get(phase.kind, 0.0) + seconds
        self._moved[phase.kind] = self._moved.get(phase.kind, 0.0) + moved * phase.cost_s
        self._tell(number, told)

    def _tell(self, number: int, told: Progress) -> None:
        self._share = max(self._share, min(1.0, sum(self._done_s.values()) / self._total_s))
        if self._on_progress:
            name, count = self._jobs[number].name, len(self._jobs)
            what = f"{name} ({number + 1} of {count})" if count > 1 else name
            done = int(self._share * _PARTS + 1e-9)
            left = self.seconds_left()
            stage = Stage(name, number + 1, count, told)
            self._on_progress(Progress(what, done, _PARTS, told.metrics, left, stage=stage))


class _Listener:
    """Finds out which part of a job a Progress is about, and how far that has moved since."""

    def __init__(self, overall: OverallProgress, number: int, job: Job) -> None:
        self._overall = overall
        self._number = number
        self._job = job
        self._place = 0
        self._what = ""
        self._share = 0.0
        self._heard_at = time.monotonic()

    def hear(self, told: Progress) -> None:
        phases = self._job.phases
        fitting = [
            place
            for place in range(self._place, len(phases))
            if told.what.startswith(phases[place].reports_as)
        ]
        if not fitting:
            return
        place = max(fitting, key=lambda place: len(phases[place].reports_as))
        now = time.monotonic()
        share = told.done / max(1, told.total)
        moved = seconds = 0.0
        # The first word of a part may tell of work from before a pause.
        if told.what == self._what and share > self._share:
            moved, seconds = share - self._share, now - self._heard_at
        self._place, self._what, self._share, self._heard_at = place, told.what, share, now
        self._overall.heard(self._number, place, share, moved, seconds, told)
