"""Bringing a data set into the library: the same for every data set."""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from fsamt_engine.datasets.reader import BrokenFileError, DataSetReader, SourceTake
from fsamt_engine.datasets.staging import StagedTake, source_key, stage_take
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.incoming import add_take, sweep_orphans
from fsamt_engine.library.labels import enter_action
from fsamt_engine.library.library import Library
from fsamt_engine.library.takes import existing_source_keys, has_source_key
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_WORKERS = 2
_STOP_IS_ASKED_EVERY_S = 0.1


@dataclass(frozen=True)
class Skipped:
    """A take that was left out.

    Attributes:
        file: The broken file.
        reason: One sentence.
    """

    file: Path
    reason: str


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        added: Takes that came into the library.
        already_there: Takes that had come before.
        skipped: What could not come, and why.
    """

    added: int
    already_there: int
    skipped: tuple[Skipped, ...]


def import_data_set(
    library: Library,
    reader: DataSetReader,
    source: Path,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    workers: int = _WORKERS,
) -> ImportResult:
    """Adds every take of a data set that the library does not have yet.

    Takes come whole and one by one, in the reader's order, so an import may be killed at any
    moment: the same call goes on after the last take, and the library ends up the same. A take with
    a broken file is left out and named; the others come. Repeating the import once the file is
    repaired adds it.

    Args:
        library: Where the takes go.
        reader: Knows the data set's layout.
        source: The data set's folder.
        on_progress: Gets "Importing", takes done of takes to do; metrics: "skipped".
        should_stop: Asked several times a second; any answer but None stops.
        workers: Takes that are read and encoded at the same time, in threads: FFmpeg and zlib,
            which do the work, let go of Python's lock.

    Raises:
        Cancelled: `should_stop` said so. What was added stays.
        FsamtError: There is nothing to import, or the library cannot be written to (the disk is
            full). What was added stays.
    """
    sweep_orphans(library)
    found = reader.find(source)
    there = existing_source_keys(library, reader.name)
    to_do = [take for take in found if source_key(reader, take) not in there]
    n_already_there = len(found) - len(to_do)
    n_added = 0
    skipped: list[Skipped] = []
    described: set[str] = set()
    watch = Stopwatch(len(to_do))

    def tell(done: int) -> None:
        if on_progress is not None:
            metrics = {"skipped": float(len(skipped))}
            on_progress(Progress("Importing", done, len(to_do), metrics, watch.seconds_left(done)))

    tell(0)
    with closing(_stage_in_order(library, reader, to_do, should_stop, workers)) as staged_takes:
        for done, staged in enumerate(staged_takes, 1):
            if isinstance(staged, BrokenFileError):
                skipped.append(Skipped(staged.file, staged.reason))
            elif _enter(library, reader, staged, described):
                n_added += 1
            else:
                n_already_there += 1
            tell(done)
    return ImportResult(n_added, n_already_there, tuple(skipped))


def _enter(
    library: Library, reader: DataSetReader, staged: StagedTake, described: set[str]
) -> bool:
    """Adds a take; False if another program added it meanwhile."""
    with staged.folder_holder:
        for action in {name for name, _, _ in staged.draft.segments} - described:
            enter_action(library, action, reader.actions.get(action, ""))
            described.add(action)
        try:
            add_take(library, staged.folder, staged.draft)
        except FsamtError:
            if has_source_key(library, staged.draft.source_key):
                return False
            raise
        return True


def _stage_in_order(
    library: Library,
    reader: DataSetReader,
    takes: Sequence[SourceTake],
    should_stop: ShouldStop | None,
    workers: int,
) -> Generator[StagedTake | BrokenFileError, None, None]:
    """Stages takes in threads, a few ahead, and gives them in the order in which they were asked.

    However this ends, no thread is left behind and no staged folder either.
    """
    stopped = Event()

    def check_stop() -> None:
        if stopped.is_set():
            raise Cancelled(resumable=True)

    def stage(take: SourceTake) -> StagedTake | BrokenFileError:
        check_stop()
        try:
            return stage_take(library, reader, take, check_stop)
        except BrokenFileError as error:
            return error

    waiting: deque[Future[StagedTake | BrokenFileError]] = deque()
    with ThreadPoolExecutor(workers, "import") as pool:
        try:
            for take in takes:
                waiting.append(pool.submit(stage, take))
                if len(waiting) > workers:
                    _wait(waiting[0], should_stop)
                    yield waiting.popleft().result()
            while waiting:
                _wait(waiting[0], should_stop)
                yield waiting.popleft().result()
        finally:
            stopped.set()
            for future in waiting:
                future.cancel()
            wait(waiting)
            for future in waiting:
                _discard(future)


def _wait(future: Future[StagedTake | BrokenFileError], should_stop: ShouldStop | None) -> None:
    while True:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled(resumable=True)
        if wait([future], _STOP_IS_ASKED_EVERY_S).done:
            return


def _discard(future: Future[StagedTake | BrokenFileError]) -> None:
    if future.cancelled() or future.exception() is not None:
        return
    staged = future.result()
    if isinstance(staged, StagedTake):
        staged.folder_holder.close()
