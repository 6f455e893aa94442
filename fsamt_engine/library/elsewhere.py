"""Folders outside the library in which frames of its takes lie; see `media.elsewhere`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Stream
from fsamt_engine.media.elsewhere import (
    ENDING,
    Reference,
    extent_of,
    place_of,
    read_folders,
    read_reference,
    write_folders,
)
from fsamt_engine.media.places import Place
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

_COMPARED = 300
"""Streams whose files are compared one by one when a folder was moved; of all others, whether their
folder, video or zip is there."""


@dataclass(frozen=True)
class Relocation:
    """What a new place of a folder turned out to hold.

    Attributes:
        folders: The new ones.
        n_found: Streams whose files are there.
        missing: Paths of those that are not, the first few.
        n_missing: How many.
    """

    folders: tuple[Path, ...]
    n_found: int
    n_missing: int
    missing: tuple[Path, ...]


def folders_elsewhere(library: Library) -> tuple[Path, ...]:
    """The folders outside the library that takes of it need, sorted."""
    return tuple(sorted(read_folders(library.root).values()))


def number_of(library: Library, folder: Path) -> str:
    """The number of a folder outside the library, which becomes known where it is not.

    Raises:
        FsamtError: The folder lies in the library itself, or the disk is full.
    """
    folder = folder.expanduser().absolute()
    if folder.resolve().is_relative_to(library.root.resolve()):
        raise FsamtError(
            f"{folder} lies in the library itself.",
            "Move the data set out of it, or copy the takes in.",
        )

    def change(_: Database) -> str:
        folders = read_folders(library.root)
        for number, known in folders.items():
            if known == folder:
                return number
        number = secrets.token_hex(4)
        write_folders(library.root, {**folders, number: folder})
        return number

    return library.write(change)


def video_of(library: Library, stream: Stream) -> Path | None:
    """The file of a stream that other programs can play; None for pictures, or inside a zip.

    Raises:
        FsamtError: What says where its frames lie is damaged.
    """
    path = library.absolute(stream.path)
    if not stream.is_elsewhere:
        return path
    reference = read_reference(path)
    is_video = not reference.pictures and not reference.member
    return place_of(path, reference).path if is_video else None


def relocate(
    library: Library,
    to: Path,
    moved_from: Path | None = None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Relocation:
    """Notes that a data set outside the library was moved; its files are compared first.

    Args:
        library: The library.
        to: Where it is now.
        moved_from: Where it was: a known folder or one that holds known ones. None where only one
            is known.
        on_progress: Gets "Looking for the files", streams done of all.
        should_stop: Asked at every stream; nothing is noted then.

    Raises:
        Cancelled: Asked to stop.
        FsamtError: It is not clear which folder was moved; nothing of it is in the new one, or
            something else.
    """
    to = to.expanduser().absolute()
    moved = _moved(library, to, moved_from)
    n_found, missing = _look(library, moved, on_progress, should_stop)
    if not n_found:
        raise FsamtError(
            f"Nothing of what the library needs is in {to}.",
            "Give the folder that the data set was moved to, in the order in which it was.",
        )

    def change(_: Database) -> None:
        write_folders(library.root, {**read_folders(library.root), **moved})

    library.write(change)
    return Relocation(tuple(moved.values()), n_found, len(missing), tuple(missing[:5]))


def _moved(library: Library, to: Path, moved_from: Path | None) -> dict[str, Path]:
    """The new places of the folders that were moved, by their numbers."""
    folders = read_folders(library.root)
    if not folders:
        raise FsamtError(
            "All takes of this library lie in the library itself.", "There is nothing to move."
        )
    if moved_from is None:
        if len(folders) > 1:
            known = ", ".join(str(folder) for folder in folders.values())
            raise FsamtError(
                "Takes of this library lie in several folders.",
                f"Say which was moved, with --from: {known}.",
            )
        return dict.fromkeys(folders, to)
    was = moved_from.expanduser().absolute()
    moved = {
        number: to / folder.relative_to(was)
        for number, folder in folders.items()
        if folder.is_relative_to(was)
    }
    if not moved:
        known = ", ".join(str(folder) for folder in folders.values())
        raise FsamtError(f"Nothing of this library lies in {was}.", f"It needs {known}.")
    return moved


def _look(
    library: Library,
    moved: Mapping[str, Path],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> tuple[int, list[Path]]:
    """How many streams are in the new places, and where there should be more."""
    paths = _references(library)
    every = max(1, len(paths) // _COMPARED)
    n_found, missing = 0, []
    for done, path in enumerate(paths):
        if should_stop is not None and should_stop() is not None:
            raise Cancelled
        if on_progress is not None:
            on_progress(Progress("Looking for the files", done, len(paths)))
        reference = read_reference(path)
        if reference.folder not in moved:
            continue
        place = Place(moved[reference.folder] / reference.path, reference.member)
        if not place.path.exists():
            missing.append(place.shown)
        elif done % every == 0 and not _is_same(place, reference):
            raise FsamtError(
                f"{place} is not the file that the library knows.",
                "Give the folder that the same data set was moved to.",
            )
        else:
            n_found += 1
    return n_found, missing


def _is_same(place: Place, reference: Reference) -> bool:
    try:
        return extent_of(place, reference.pictures) == reference.extent
    except FsamtError:
        return False


def _references(library: Library) -> list[Path]:
    rows = library.rows(f"SELECT path FROM streams WHERE path LIKE '%{ENDING}' ORDER BY path")
    return [library.absolute(path) for (path,) in rows]
