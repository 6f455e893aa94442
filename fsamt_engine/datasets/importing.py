"""Bringing a data set into the library: the same for every data set.

An import of a hundred thousand takes needs no more memory than one of ten: takes are gone through,
not kept, and as many are under way at a time as there are workers.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from fsamt_engine.datasets.in_place import Folder
from fsamt_engine.datasets.reader import BrokenFileError, DataSetReader, Missing, SourceTake
from fsamt_engine.datasets.staging import CheckStop, StagedTake, source_key, stage_take
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.elsewhere import number_of
from fsamt_engine.library.incoming import add_take, sweep_orphans
from fsamt_engine.library.labels import enter_action
from fsamt_engine.library.library import Library
from fsamt_engine.library.takes import existing_source_keys, has_source_key
from fsamt_engine.library.wanted import wanted_actions, wanted_participants
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_MOST_WORKERS = 8
_STOP_IS_ASKED_EVERY_S = 0.1
_HERE = ("data set", "What its takes show is known when they are opened: import all.")


@dataclass(frozen=True)
class ImportChoice:
    """What of a data set comes in, and how.

    Attributes:
        participants: Only takes of these, by name or number; () for all.
        actions: Only takes with one of these, by name or number; () for all.
        in_place: Videos and pictures stay where they are, and the library reads them there.
        short_side: Pixels to which larger colour is reduced where it is copied; 0 keeps it as it
            is, None reduces what is much larger than networks look at.
    """

    participants: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    in_place: bool = False
    short_side: int | None = None

    def takes(self, take: SourceTake) -> bool:
        """Whether a take is among what was chosen."""
        return (not self.participants or take.participant in self.participants) and (
            not self.actions or not set(self.actions).isdisjoint(take.actions)
        )


EVERYTHING = ImportChoice()
"""All takes, copied."""


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
        found: Takes of the data set, those that were not chosen too.
        missing: What this copy of the data set lacks, by kind.
    """

    added: int
    already_there: int
    skipped: tuple[Skipped, ...]
    found: int = 0
    missing: tuple[Missing, ...] = ()


def default_workers() -> int:
    """Takes that are worked on at the same time where nobody says: one a processor, up to 8."""
    return max(1, min(_MOST_WORKERS, os.cpu_count() or 1))


def import_data_set(
    library: Library,
    reader: DataSetReader,
    source: Path,
    choice: ImportChoice = EVERYTHING,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    workers: int | None = None,
) -> ImportResult:
    """Adds every chosen take of a data set that the library does not have yet.

    Takes come whole and one by one, in the reader's order, so an import may be killed at any
    moment: the same call goes on after the last take, and the library ends up the same. A take with
    a broken file is left out and named; the others come. Repeating the import once the file is
    repaired adds it.

    Args:
        library: Where the takes go.
        reader: Knows the data set's layout.
        source: The data set's folder.
        choice: Which takes, and whether they are copied.
        on_progress: Gets "Importing", takes done of takes to do; metrics: "skipped".
        should_stop: Asked several times a second; any answer but None stops.
        workers: Takes that are read and encoded at the same time, in threads: FFmpeg and zlib,
            which do the work, let go of Python's lock. None: `default_workers`.

    Raises:
        Cancelled: `should_stop` said so. What was added stays.
        FsamtError: There is nothing to import, or the library cannot be written to (the disk is
            full). What was added stays.
    """
    sweep_orphans(library)
    source = source.expanduser().absolute()
    found = reader.find(source)
    to_do = TakesToDo(library, reader, found, choice)
    base = source if source.is_dir() else source.parent
    folder = Folder(number_of(library, base), base) if choice.in_place else None
    n_already_there = to_do.n_already_there
    n_added = 0
    skipped: list[Skipped] = []
    described: set[str] = set()
    watch = Stopwatch(len(to_do))

    def tell(done: int) -> None:
        if on_progress is not None:
            metrics = {"skipped": float(len(skipped))}
            on_progress(Progress("Importing", done, len(to_do), metrics, watch.seconds_left(done)))

    def stage(take: SourceTake, check_stop: CheckStop) -> StagedTake:
        return stage_take(
            library, reader, take, check_stop, stays_in=folder, short_side=choice.short_side
        )

    tell(0)
    n_workers = default_workers() if workers is None else workers
    with closing(_stage_in_order(stage, to_do, should_stop, n_workers)) as staged_takes:
        for done, staged in enumerate(staged_takes, 1):
            if isinstance(staged, BrokenFileError):
                skipped.append(Skipped(staged.file, staged.reason))
            elif _enter(library, reader, staged, described):
                n_added += 1
            else:
                n_already_there += 1
            tell(done)
    missing = tuple(reader.missing(source))
    return ImportResult(n_added, n_already_there, tuple(skipped), len(found), missing)


class TakesToDo:
    """The chosen takes of a data set that a library does not have yet, gone through one by one.

    Attributes:
        n_already_there: Chosen takes that it has.

    Raises:
        FsamtError: Nothing of the data set is chosen, or somebody or something that is not in it.
    """

    def __init__(
        self,
        library: Library,
        reader: DataSetReader,
        found: Sequence[SourceTake],
        choice: ImportChoice,
    ) -> None:
        choice = _named(reader, found, choice)
        self._reader, self._found, self._choice = reader, found, choice
        self._there = existing_source_keys(library, reader.name)
        n_chosen = sum(map(choice.takes, found))
        if not n_chosen:
            raise FsamtError(
                "No take of this data set is of these participants and actions.", "Choose others."
            )
        self._n = sum(1 for _ in self)
        self.n_already_there = n_chosen - self._n

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[SourceTake]:
        for take in self._found:
            if self._choice.takes(take) and source_key(self._reader, take) not in self._there:
                yield take


def _named(
    reader: DataSetReader, found: Sequence[SourceTake], choice: ImportChoice
) -> ImportChoice:
    """The choice with everybody and everything called as the data set calls it."""
    if not choice.participants and not choice.actions:
        return choice
    people, actions = set[str](), set[str]()
    for take in found:
        people.add(take.participant)
        actions.update(take.actions)
    described = {action: reader.actions.get(action, "") for action in sorted(actions)}
    return replace(
        choice,
        participants=wanted_participants(choice.participants, sorted(people), *_HERE),
        actions=wanted_actions(choice.actions, described, *_HERE),
    )


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
    stage_one: Callable[[SourceTake, CheckStop], StagedTake],
    takes: Iterable[SourceTake],
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
            return stage_one(take, check_stop)
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
