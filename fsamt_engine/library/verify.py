"""Whether everything that the library knows is there, and is what it was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.bin import binned_files, list_bin
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.incoming import awaits_bin, is_entered, is_recording, owner_of
from fsamt_engine.library.library import Library
from fsamt_engine.library.processes import is_alive
from fsamt_engine.library.records import ELSEWHERE
from fsamt_engine.library.snapshots import content_id
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch
from fsamt_engine.units import format_bytes

_LOOK_ELSEWHERE = (
    "Connect the disk, say where they were moved with `fsamt library relocate`, or put back a copy"
    " of the files."
)
_RESTORE = "Put back a copy of library.db, or import and train again what is named here."


@dataclass(frozen=True)
class Problem:
    """Something that is not as it has to be.

    Attributes:
        what: One sentence.
        hint: What to do about it.
        take_id: The take that it spoils, if it is a take; it may be in the bin.
        model_id: The model that it spoils, if it is a model.
        path: The file or folder, relative to the library.
        harmless: Something is there that nobody needs; all that the library knows is untouched.
        folder: The folder outside the library in which frames of a take were, and are no longer.
    """

    what: str
    hint: str
    take_id: str | None = None
    model_id: str | None = None
    path: str | None = None
    harmless: bool = False
    folder: str | None = None


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Attributes:
        sound: Ids, sorted, of the takes whose every file is there byte by byte.
        problems: Everything else, the harmless too.
    """

    sound: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing that the library knows is missing or altered."""
        return all(problem.harmless for problem in self.problems)

    @property
    def told(self) -> tuple[Problem, ...]:
        """The problems for people: one for all streams of a folder that was moved."""
        lost: dict[str | None, list[Problem]] = {}
        for problem in self.problems:
            lost.setdefault(problem.folder, []).append(problem)
        kept = lost.pop(None, [])
        return (*kept, *(_of_folder(str(folder), own) for folder, own in lost.items()))


@dataclass(frozen=True)
class _File:
    """A file as the database knows it, and whose it is."""

    path: str
    n_bytes: int
    sha256: str
    take_id: str | None = None
    model_id: str | None = None
    is_binned: bool = False

    def problem(self, what: str) -> Problem:
        hint = "remove the model and train it again" if self.model_id else "do without the take"
        if self.is_binned:
            hint = "empty the bin"
        return Problem(
            f"{self.path} {what}.",
            f"Put back a copy of the file, or {hint}.",
            self.take_id,
            self.model_id,
            self.path,
        )


def _of_folder(folder: str, problems: Sequence[Problem]) -> Problem:
    if len(problems) == 1:
        return problems[0]
    n_takes = len({problem.take_id for problem in problems})
    what = (
        f"{len(problems):,} streams of {n_takes:,} take{'' if n_takes == 1 else 's'} are no longer"
        f" in {folder}, which lies outside the library."
    )
    return Problem(what, _LOOK_ELSEWHERE, folder=folder)


def verify(
    library: Library,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Verification:
    """Reads every file of every take and model, the bin too, and the database; writes nothing.

    Args:
        library: The library; others may be adding to it, or throwing takes away, meanwhile.
        on_progress: Told the bytes read, of all that there are to read.
        should_stop: Asked about once a megabyte; any answer stops.

    Raises:
        Cancelled: It was asked to stop.
        FsamtError: The database is too damaged to be read at all.
    """
    problems = list(_database_problems(library))
    files = [*_take_files(library), *_binned_files(library), *_model_files(library)]
    total, done = sum(file.n_bytes for file in files), 0
    watch = Stopwatch(total)

    def tell(before: int, more: int = 0) -> None:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled
        if on_progress is not None:
            left = watch.seconds_left(before + more)
            on_progress(Progress("Verifying", before + more, total, seconds_left=left))

    for file in files:
        tell(done)
        problem = _file_problem(library, file, partial(tell, done))
        if problem is not None and not _has_moved(library, file):
            problems.append(problem)
        done += file.n_bytes
    tell(total)
    problems += [*_leftover_takes(library), *_leftovers_in_bin(library)]
    problems += _leftover_models(library)
    spoiled = {problem.take_id for problem in problems}
    kept = [file for file in files if not file.is_binned]
    take_ids = sorted({file.take_id for file in kept if file.take_id is not None})
    return Verification(tuple(t for t in take_ids if t not in spoiled), tuple(problems))


def _take_files(library: Library) -> list[_File]:
    rows = library.rows("SELECT path, n_bytes, sha256, take_id FROM streams ORDER BY take_id, kind")
    return [
        _File(path, n_bytes, sha256, take_id=take_id) for path, n_bytes, sha256, take_id in rows
    ]


def _binned_files(library: Library) -> list[_File]:
    return [
        _File(path, n_bytes, sha256, take_id=take_id, is_binned=True)
        for take_id, path, n_bytes, sha256 in binned_files(library)
    ]


def _has_moved(library: Library, file: _File) -> bool:
    """Whether a take was thrown away, or came back, since its files were listed."""
    if file.take_id is None or file.path.startswith("bin/"):
        return False
    return file.is_binned == is_entered(library, file.take_id)


def _model_files(library: Library) -> list[_File]:
    rows = library.rows(
        "SELECT models.path || '/' || model_files.path, n_bytes, sha256, id"
        " FROM model_files JOIN models ON id = model_id ORDER BY id, model_files.path"
    )
    return [_File(path, n_bytes, sha256, model_id=id) for path, n_bytes, sha256, id in rows]


def _file_problem(
    library: Library, file: _File, after_block: Callable[[int], None]
) -> Problem | None:
    """Looks at the length first, which takes no time, and at the content then."""
    try:
        path = library.absolute(file.path)
        n_bytes = path.stat().st_size
        if n_bytes < file.n_bytes:
            sizes = f"{format_bytes(n_bytes)} of {format_bytes(file.n_bytes)}"
            return file.problem(f"is truncated: {sizes} are there")
        if n_bytes > file.n_bytes or sha256_of(path, after_block=after_block)[1] != file.sha256:
            return file.problem("was altered after it was added")
        if file.path.endswith(ELSEWHERE):
            return _problem_elsewhere(file, path)
    except FileNotFoundError:
        return file.problem("is missing")
    except (OSError, FsamtError) as error:
        return file.problem(f"cannot be read ({error})")
    return None


def _problem_elsewhere(file: _File, path: Path) -> Problem | None:
    """Whether the frames that a stream's file refers to are there, and as large as they were."""
    from fsamt_engine.media.elsewhere import lost_folder, trouble_of

    trouble = trouble_of(path)
    if trouble is None:
        return None
    lost = lost_folder(path)
    return Problem(
        trouble, _LOOK_ELSEWHERE, file.take_id, None, file.path, folder=str(lost) if lost else None
    )


def _database_problems(library: Library) -> Iterator[Problem]:
    for (message,) in library.rows("PRAGMA integrity_check"):
        if message != "ok":
            yield Problem(f"The database is damaged: {message}.", _RESTORE, path="library.db")
    for table, _, parent, _ in library.rows("PRAGMA foreign_key_check"):
        what = f"The database is damaged: {table} names a row of {parent} that is not there."
        yield Problem(what, _RESTORE, path="library.db")
    for (take_id,) in library.rows(
        "SELECT id FROM takes WHERE NOT EXISTS (SELECT 1 FROM streams WHERE take_id = id)"
        " UNION SELECT take_id FROM streams LEFT JOIN frames USING (take_id, kind)"
        " WHERE length(timestamps_us) IS NOT 8 * n_frames"
        " UNION SELECT id FROM takes LEFT JOIN pairs ON take_id = id"
        " WHERE COALESCE(length(content), 0) <> 24 * n_pairs"
    ):
        what = f"The database lacks streams, times or pairs of take {take_id}."
        yield Problem(what, _RESTORE, take_id=take_id, path="library.db")
    for snapshot_id, content in library.rows("SELECT id, content FROM snapshots"):
        if content_id(content) != snapshot_id:
            what = f"The snapshot {snapshot_id} was altered after it was made."
            yield Problem(what, "Do not trust results that name it.", path="library.db")


def _leftover_takes(library: Library) -> Iterator[Problem]:
    for folder in sorted(library.takes_folder.iterdir()):
        # The owner is read before the row is looked for: an import ends in the other order.
        owner = owner_of(folder)
        if (owner is not None and is_alive(owner)) or is_entered(library, folder.name):
            continue
        if awaits_bin(library, folder.name):
            continue
        if owner is None:
            what, hint = f"No take of the library is in takes/{folder.name}.", "Move it elsewhere."
        elif is_recording(folder):
            what = f"takes/{folder.name} is a recording that was broken off."
            hint = "The next start of the program, or `fsamt record`, makes a take of it."
        else:
            what = f"takes/{folder.name} was left by an import that was broken off."
            hint = "The next import removes it."
        yield Problem(what, hint, path=f"takes/{folder.name}", harmless=True)


def _leftovers_in_bin(library: Library) -> Iterator[Problem]:
    folders = sorted(library.bin_folder.iterdir())
    known = {take.id for take in list_bin(library)}
    for folder in folders:
        if folder.name not in known:
            what = f"bin/{folder.name} was left when the bin was emptied."
            yield Problem(what, "Empty the bin again.", path=f"bin/{folder.name}", harmless=True)


def _leftover_models(library: Library) -> Iterator[Problem]:
    # The folders are read before the rows: a training ends in that order.
    folders = sorted(library.models_folder.iterdir())
    known = {path for (path,) in library.rows("SELECT path FROM models")}
    for folder in folders:
        path = f"models/{folder.name}"
        if path not in known:
            what = f"{path} is not a finished model: a training was broken off, or is going on."
            yield Problem(what, "Train again to finish it, or delete it.", path=path, harmless=True)
