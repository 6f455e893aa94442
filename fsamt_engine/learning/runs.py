"""A training as a run of the library: found again, recorded while it goes, ended in every case."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.loop import Epoch
from fsamt_engine.learning.spread import processes
from fsamt_engine.learning.store import checkpoint_path
from fsamt_engine.library import Library, RunStatus
from fsamt_engine.library.runs import finish_run, record_metrics, start_run, update_run
from fsamt_engine.progress import OnProgress, Progress

WRITE_EVERY_S = 2.0


class RecordedRun:
    """Writes a run's progress and metrics to the library, and passes progress on to the caller."""

    def __init__(self, library: Library, run_id: int, on_progress: OnProgress | None) -> None:
        self.model_id: str | None = None
        self._library = library
        self._id = run_id
        self._on_progress = on_progress
        self._latest: Progress | None = None
        self._written_at = 0.0

    def on_progress(self, progress: Progress) -> None:
        """For the engine function's `on_progress`."""
        self._latest = progress
        if time.monotonic() - self._written_at >= WRITE_EVERY_S:
            self.write_latest()
        if self._on_progress:
            self._on_progress(replace(progress, run_id=self._id))

    def write_latest(self) -> None:
        """Write how far the run is, if that is not written yet."""
        latest, self._latest = self._latest, None
        if latest is not None:
            self._written_at = time.monotonic()
            update_run(self._library, self._id, latest.done, latest.total, latest.what)

    def on_epoch(self, epoch: Epoch) -> None:
        """For the loop's `on_epoch`."""
        values = {"loss": epoch.loss} | {f"validation_{k}": v for k, v in epoch.metrics.items()}
        record_metrics(self._library, self._id, epoch.step, values)


class _Follower(RecordedRun):
    """A run that another process records."""

    def on_progress(self, progress: Progress) -> None:
        """Told by the first process."""

    def write_latest(self) -> None:
        """Written by the first process."""

    def on_epoch(self, epoch: Epoch) -> None:
        """Written by the first process."""


@contextmanager
def recorded_run(
    library: Library,
    kind: str,
    key: str,
    settings: Mapping[str, Any],
    on_progress: OnProgress | None,
) -> Iterator[RecordedRun]:
    """A run from its start to whatever end it takes.

    Of the processes that share a training the first one alone records it.
    """
    if not processes().leads:
        yield _Follower(library, 0, None)
        return
    run = start_run(library, kind, key, dict(settings), total=0)
    recorded = RecordedRun(library, run.id, on_progress)

    def end(status: RunStatus, message: str = "") -> None:
        recorded.write_latest()
        finish_run(library, run.id, status, message, recorded.model_id)

    try:
        yield recorded
    except (Cancelled, KeyboardInterrupt) as cancelled:
        goes_on = isinstance(cancelled, KeyboardInterrupt) or cancelled.resumable
        if not goes_on:
            # Cancelled while it got ready to go on: its steps of before are thrown away as well.
            checkpoint_path(library, key).unlink(missing_ok=True)
        end(RunStatus.PAUSED if goes_on else RunStatus.CANCELLED)
        raise
    except Exception as error:
        known = isinstance(error, FsamtError)
        message = str(error) if known else f"{type(error).__name__}: {error}"
        # The disk may be full for the database as well; that must not hide the failure itself.
        with suppress(FsamtError):
            end(RunStatus.FAILED, message)
        raise
    end(RunStatus.FINISHED)
