"""How a long function tells how far it is, and how it is asked to stop."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Stop(Enum):
    """What the caller of a long function wants of it."""

    PAUSE = "pause"
    """Stop and keep everything: the same call goes on exactly where it stopped."""
    CANCEL = "cancel"
    """Stop and throw the unfinished work away."""
    KEEP_BEST = "keep best"
    """Finish now, with the best weights so far as the result."""


@dataclass(frozen=True)
class Progress:
    """How far a long function is.

    Attributes:
        what: The present step in words, for the screen ("Transferring").
        done: Units of work done, of `total`.
        total: Units of work in this step.
        metrics: Numbers of this moment, by name ("loss", "accuracy", "clips_per_s").
        seconds_left: Estimate for this step, None while nothing is known.
        run_id: The run of the library whose curves these numbers belong to, where there is one.
        stage: Where this tells of work in several stages as one: the stage it is in.
    """

    what: str
    done: int
    total: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds_left: float | None = None
    run_id: int | None = None
    stage: "Stage | None" = None


@dataclass(frozen=True)
class Stage:
    """A stage of longer work, while it is under way.

    Attributes:
        name: For the screen ("Testing").
        number: Which of them, from 1.
        count: How many there are.
        progress: As the stage itself tells it.
        device: What it really runs on, "" where that is not known.
        breaks_off: Whether keeping the best breaks it off, rather than ending a training early.
    """

    name: str
    number: int
    count: int
    progress: Progress
    device: str = ""
    breaks_off: bool = False


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], Stop | None]


class Stopwatch:
    """Estimates the time left of `total` units from the pace since its making.

    Args:
        total: Units of work.
        done_before: Units that were already done (a resumed run), which say nothing of the pace.
    """

    def __init__(self, total: int, done_before: int = 0) -> None:
        self._total = total
        self._done_before = done_before
        self._started_at = time.monotonic()

    def seconds_left(self, done: int) -> float | None:
        """Seconds until `total` at the pace so far, or None before the first unit."""
        done_now = done - self._done_before
        if done_now <= 0:
            return None
        elapsed = time.monotonic() - self._started_at
        return elapsed / done_now * (self._total - done)
