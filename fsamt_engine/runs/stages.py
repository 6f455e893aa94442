"""The stages of a run: one progress, one time left, and stops that reach the right stage."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from fsamt_engine.experiments.overall import (
    INFER_S,
    PREPARE_S,
    TRAIN_S,
    Job,
    OverallProgress,
    Phase,
)
from fsamt_engine.learning.device import Device
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

_MEMORY_EVERY_S = 1.0


class Stages:
    """Goes through jobs in their order.

    Pausing and cancelling end the whole run. Keeping the best ends the stage in which it was asked
    for, as soon as there is something to keep, and the stages after it follow as if nothing had
    been asked.

    Args:
        jobs: All stages, in order.
        device: What they run on, to be shown.
        on_progress: Told of the run as a whole, with the stage in `Progress.stage`.
        should_stop: The wish of whoever started the run.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        device: Device,
        on_progress: OnProgress | None,
        should_stop: ShouldStop | None,
    ) -> None:
        self._device = device
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._overall = OverallProgress(jobs, self._told)
        self._number = 0
        self._was_heeded = False
        self._breaks_off = False
        self._memory = -1.0
        self._measured_at = float("-inf")

    @contextmanager
    def stage(self, *, breaks_off: bool = False) -> Iterator[tuple[OnProgress, ShouldStop]]:
        """The next stage: what to give to its engine function.

        Args:
            breaks_off: Pass the wish to keep the best on at once, for work that is more than one
                training.
        """
        self._breaks_off = breaks_off
        wish = _Wish(self._should_stop, self._was_heeded, has_best=breaks_off)
        with self._overall.job(self._number) as heard:

            def hear(told: Progress) -> None:
                wish.has_best |= "epoch_loss" in told.metrics
                heard(told)

            yield hear, wish
        self._number += 1
        self._was_heeded = wish.is_heeded

    def skip(self) -> None:
        """The next stage was done before."""
        with self._overall.job(self._number):
            pass
        self._number += 1

    def _told(self, progress: Progress) -> None:
        if self._on_progress is None or progress.stage is None:
            return
        now = time.monotonic()
        if now - self._measured_at >= _MEMORY_EVERY_S:
            self._measured_at, used = now, self._device.used_bytes()
            self._memory = -1.0 if used is None else float(used)
        metrics = dict(progress.metrics)
        if self._memory >= 0:
            metrics["memory_bytes"] = self._memory
        stage = replace(progress.stage, device=self._device.name, breaks_off=self._breaks_off)
        self._on_progress(replace(progress, metrics=metrics, stage=stage))


class _Wish:
    """The wish to stop as one stage hears it."""

    def __init__(self, asked: ShouldStop | None, was_heeded: bool, *, has_best: bool) -> None:
        self.has_best = has_best
        self.is_heeded = was_heeded
        """Whether the wish to keep the best that still stands was for this or an earlier stage."""
        self._asked = asked
        self._is_old = was_heeded

    def __call__(self) -> Stop | None:
        stop = self._asked() if self._asked else None
        if stop is not Stop.KEEP_BEST:
            self.is_heeded = self._is_old = False
            return stop
        if self._is_old:
            return None
        self.is_heeded = True
        return stop if self.has_best else None


def preparing(modality: str, n_takes: int) -> Phase:
    """Takes that are made ready for a modality, as far as they are not yet."""
    return Phase(f"prepare {modality}", PREPARE_S[modality] * n_takes, "Preparing")


def training(n_clips: int, reports_as: str) -> Phase:
    """A training that sees so many clips in all."""
    return Phase("train", TRAIN_S * n_clips, reports_as)


def inferring(n_clips: int, reports_as: str) -> Phase:
    """Clips that go through a network without learning."""
    return Phase("infer", INFER_S * n_clips, reports_as)
