"""Trouble that comes from outside the program, in words."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fsamt_engine.errors import FsamtError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def environment_errors(place: Path) -> Iterator[None]:
    """Turns errors of SQLite and of the file system into sentences; bugs pass through.

    Args:
        place: The folder or file to name in the sentence.

    Raises:
        FsamtError: The disk is full, the library is locked, damaged, or must not be written.
    """
    try:
        yield
    except sqlite3.Error as error:
        translated = _of_sqlite(error, place)
        if translated is None:
            raise
        raise translated from error
    except OSError as error:
        translated = _of_system(error, place)
        if translated is None:
            raise
        raise translated from error


def _of_sqlite(error: sqlite3.Error, place: Path) -> FsamtError | None:
    # e.g. SQLITE_IOERR_FSYNC: the first word after SQLITE_ names the kind.
    name = (getattr(error, "sqlite_errorname", None) or "").removeprefix("SQLITE_")
    match name.partition("_")[0]:
        case "FULL":
            return _full(place)
        case "BUSY" | "LOCKED":
            return FsamtError(
                f"Another program is writing to the library in {place}.",
                "Wait until it is done, or close it, then try again.",
            )
        case "READONLY" | "PERM":
            return _forbidden(place)
        case "CORRUPT" | "NOTADB":
            return FsamtError(
                f"The database of the library in {place} is damaged.",
                "Put back a copy of library.db; the files of takes and models are apart from it.",
            )
        case "IOERR" | "CANTOPEN":
            return FsamtError(
                f"The database of the library in {place} cannot be read or written ({error}).",
                "Check that the disk is connected and that its folder may be written to.",
            )
    return None


def _of_system(error: OSError, place: Path) -> FsamtError | None:
    if error.errno in _FULL:
        return _full(place)
    if error.errno in _FORBIDDEN:
        return _forbidden(Path(error.filename) if error.filename else place)
    return None


def _full(place: Path) -> FsamtError:
    return FsamtError(
        f"The disk with {place} is full; nothing was changed.",
        "Free some space (all of the library's cache folder may be deleted), then try again.",
    )


def _forbidden(place: Path) -> FsamtError:
    return FsamtError(
        f"{place} may not be written to.",
        "Change the rights of the folder, or copy the library to a place of your own.",
    )
