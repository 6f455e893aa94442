"""What an import will take, measured on a few of its takes before it starts.

They are really imported, into a small library that is thrown away: on the same disk, with the same
settings, as many at a time. Their median stands for all.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from fsamt_engine.datasets.importing import (
    EVERYTHING,
    ImportChoice,
    TakesToDo,
    default_workers,
    import_data_set,
)
from fsamt_engine.datasets.reader import DataSetReader, LoadedTake, Missing, SourceTake
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.takes import list_takes, take
from fsamt_engine.progress import OnProgress, ShouldStop, Stop

_TRIED = 8
_AT_MOST_S = 8.0


@dataclass(frozen=True)
class ImportEstimate:
    """What an import will take on this machine, as busy as it is now.

    Attributes:
        n_takes: Takes to come; those that are there already are not among them.
        n_already_there: Of the chosen takes.
        seconds: Of the import.
        n_bytes: By which the library grows.
        free_bytes: On its disk.
        n_frames: Main frames of all takes to come.
        n_colour_frames: Of those, frames that have colour.
        n_tried: Takes that were measured.
        n_failed: Takes that could not come, of as many as were looked at besides.
    """

    n_takes: int
    n_already_there: int
    seconds: float
    n_bytes: int
    free_bytes: int
    n_frames: int
    n_colour_frames: int
    n_tried: int
    n_failed: int

    @property
    def fits(self) -> bool:
        """Whether there is room for it on the disk."""
        return self.n_bytes < self.free_bytes


@contextmanager
def tried_out(
    library: Library,
    reader: DataSetReader,
    source: Path,
    choice: ImportChoice = EVERYTHING,
    *,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Iterator[tuple[ImportEstimate, Library]]:
    """Imports a few takes of a data set into a small library, which is gone at the end.

    Args:
        library: Where the takes are to go; nothing in it changes.
        reader: Knows the data set's layout.
        source: The data set's folder.
        choice: Which takes, and whether they are copied.
        workers: As of `import_data_set`.
        on_progress: Gets the progress of the trial.
        should_stop: Asked several times a second; any answer but None stops.

    Yields:
        The estimate, and the library with the takes that were tried.

    Raises:
        Cancelled: `should_stop` said so.
        FsamtError: There is nothing to import, or there is no room for a few takes.
    """
    source = source.expanduser().absolute()
    found = reader.find(source)
    to_do = TakesToDo(library, reader, found, choice)
    tried = _spread(to_do)
    until = time.monotonic() + _AT_MOST_S
    is_late = False

    def stop() -> Stop | None:
        nonlocal is_late
        asked = should_stop() if should_stop is not None else None
        is_late = asked is None and time.monotonic() > until
        return Stop.CANCEL if is_late else asked

    with environment_errors(library.root):
        folder = Path(tempfile.mkdtemp(prefix="trial-", dir=library.cache_folder))
    try:
        with Library.create(folder / "library") as trial:
            began, n_failed = time.monotonic(), 0
            if tried:
                try:
                    result = import_data_set(
                        trial,
                        _Some(reader, tried),
                        source,
                        replace(choice, participants=(), actions=()),
                        on_progress=on_progress,
                        should_stop=stop,
                        workers=default_workers() if workers is None else workers,
                    )
                    n_failed = len(result.skipped)
                except Cancelled:
                    if not is_late:
                        raise
            seconds = time.monotonic() - began
            yield _estimate(library, trial, to_do, seconds, n_failed), trial
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def estimate_import(
    library: Library,
    reader: DataSetReader,
    source: Path,
    choice: ImportChoice = EVERYTHING,
    *,
    workers: int | None = None,
    should_stop: ShouldStop | None = None,
) -> ImportEstimate:
    """What an import will take; see `tried_out`."""
    with tried_out(library, reader, source, choice, workers=workers, should_stop=should_stop) as (
        estimate,
        _,
    ):
        return estimate


class _Some:
    """A data set that seems to have only some of its takes."""

    def __init__(self, reader: DataSetReader, takes: Sequence[SourceTake]) -> None:
        self._reader, self._takes = reader, takes
        self.name, self.actions = reader.name, reader.actions

    def find(self, source: Path) -> Sequence[SourceTake]:
        return self._takes

    def missing(self, source: Path) -> Sequence[Missing]:
        return ()

    def load(self, take: SourceTake) -> LoadedTake:
        return self._reader.load(take)


def _spread(to_do: TakesToDo) -> list[SourceTake]:
    """A few takes from the beginning to the end."""
    n = min(_TRIED, len(to_do))
    wanted = set(np.linspace(0, len(to_do) - 1, n).round().astype(int).tolist()) if n else set()
    last = max(wanted, default=-1)
    return [one for place, one in enumerate(islice(to_do, last + 1)) if place in wanted]


def _estimate(
    library: Library, trial: Library, to_do: TakesToDo, seconds: float, n_failed: int
) -> ImportEstimate:
    free = shutil.disk_usage(library.root).free
    takes = [take(trial, row.id) for row in list_takes(trial)]
    n = len(to_do)
    if not takes:
        if n and n_failed:
            raise FsamtError(
                "None of the takes that were tried can be read.",
                "Import them to see what is wrong with each, or get the data set again.",
            )
        return ImportEstimate(n, to_do.n_already_there, 0.0, 0, free, 0, 0, 0, n_failed)
    a_take = float(np.median([sum(stream.n_bytes for stream in one.streams) for one in takes]))
    frames = float(np.mean([one.main.n_frames for one in takes]))
    with_colour = np.mean([one.stream(StreamKind.COLOUR) is not None for one in takes])
    return ImportEstimate(
        n,
        to_do.n_already_there,
        n * seconds / (len(takes) + n_failed),
        round(n * a_take),
        free,
        round(n * frames),
        round(n * frames * with_colour),
        len(takes),
        n_failed,
    )
