"""Finding the files of a data set, on disk and inside zips, and keeping what was found small."""

import os
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import overload

from fsamt_engine.datasets.reader import N_EXAMPLES, Missing, SourceTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place
from fsamt_engine.media.zips import ZipIndex

_MAX_FOLDERS_DOWN = 6
_NOTHING = -1

Describe = Callable[[str], tuple[str, tuple[str, ...]]]
"""From the key of a take to its participant and its actions."""
_Folder = tuple[Path, str | None, str | None]
"""Folder or zip, inside a zip the beginning of the name, and what follows the stem in the name."""


class FoundTakes(Sequence[SourceTake]):
    """Takes of a data set by key, each made when it is asked for.

    A take needs a few bytes: the number of a folder for each of its files. The name of a file
    begins with the take's stem, so that folder, stem and the rest of the name are enough.

    Args:
        describe: Tells participant and actions from a key.
        stem_of: From the key to what the names of all files of a take begin with.
        order: From the key to what the takes are ordered by; the key itself where None.
    """

    def __init__(
        self,
        describe: Describe,
        stem_of: Callable[[str], str] = str,
        order: Callable[[str], tuple[int, ...]] | None = None,
    ) -> None:
        self._describe, self._stem_of, self._order = describe, stem_of, order
        self._rows: dict[str, int] = {}
        self._n_rows = 0
        self._kinds: dict[str, array[int]] = {}
        self._folders: list[_Folder] = []
        self._numbers: dict[_Folder, int] = {}
        self._keys: list[str] | None = None
        self.broken_zips: list[Path] = []

    def add(self, key: str, kind: str, place: Place) -> None:
        """Notes a file of a take; the first of a kind stays."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._n_rows
            self._n_rows += 1
        self._keys = None
        column = self._kinds.setdefault(kind, array("i"))
        column.extend([_NOTHING] * (row + 1 - len(column)))
        if column[row] == _NOTHING:
            folder = _folder_of(place, self._stem_of(key))
            if folder not in self._numbers:
                self._numbers[folder] = len(self._folders)
                self._folders.append(folder)
            column[row] = self._numbers[folder]

    def drop(self, key: str, kind: str) -> None:
        """Forgets a file of a take, so that it comes without; a take of no other file is none."""
        row, column = self._rows.get(key), self._kinds.get(kind)
        if row is None or column is None or row >= len(column):
            return
        column[row] = _NOTHING
        columns = self._kinds.values()
        if all(row >= len(column) or column[row] == _NOTHING for column in columns):
            del self._rows[key]
            self._keys = None

    @property
    def take_keys(self) -> list[str]:
        """Keys of the takes, in order."""
        if self._keys is None:
            self._keys = sorted(self._rows, key=self._order)
        return self._keys

    def keys_with(self, kind: str) -> Iterator[str]:
        """Keys of the takes that have a file of a kind, in order."""
        column = self._kinds.get(kind, ())
        for key in self.take_keys:
            row = self._rows[key]
            if row < len(column) and column[row] != _NOTHING:
                yield key

    def places_of(self, kind: str) -> Iterator[tuple[str, Place]]:
        """Keys and places of all files of a kind, in order."""
        for key in self.keys_with(kind):
            yield key, self._place(self._kinds[kind][self._rows[key]], self._stem_of(key))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> SourceTake: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SourceTake]: ...
    def __getitem__(self, index: int | slice) -> SourceTake | Sequence[SourceTake]:
        if isinstance(index, slice):
            return [self._take(key) for key in self.take_keys[index]]
        return self._take(self.take_keys[index])

    def _take(self, key: str) -> SourceTake:
        row, stem = self._rows[key], self._stem_of(key)
        files = {
            kind: self._place(column[row], stem)
            for kind, column in self._kinds.items()
            if row < len(column) and column[row] != _NOTHING
        }
        participant, actions = self._describe(key)
        return SourceTake(key, files, participant, actions)

    def _place(self, number: int, stem: str) -> Place:
        path, member, rest = self._folders[number]
        if rest is None:
            return Place(path, member or "")
        if member is None:
            return Place(path / (stem + rest))
        return Place(path, member + stem + rest)


def places_in(
    source: Path, is_take_folder: Callable[[str], bool], broken_zips: list[Path]
) -> Iterator[Place]:
    """The files in a folder and in the zips in it, in the order of their names.

    Args:
        source: A folder, or one zip.
        is_take_folder: Tells from its name that a folder holds the pictures of one take: such a
            folder is given as a whole, so that nobody looks at millions of files.
        broken_zips: Gets the zips that cannot be read.
    """
    if source.is_file():
        yield from _in_zip(source, is_take_folder, broken_zips)
        return
    yield from _in_folder(source, is_take_folder, broken_zips, _MAX_FOLDERS_DOWN)


def require_folder(source: Path, hint: str) -> None:
    """Refuses a source that is neither a folder nor a zip.

    Raises:
        FsamtError: It is not there, or something else.
    """
    if not source.is_dir() and not (source.is_file() and _is_zip(source.name)):
        raise FsamtError(f"There is no folder {source}.", hint)


def lacking(
    found: FoundTakes, kinds: Mapping[str, str], known: Mapping[str, set[str]] | None = None
) -> list[Missing]:
    """Which takes lack what others have, and the zips that cannot be read.

    Args:
        found: The takes.
        kinds: What its lack is called, for each kind; several kinds of one name stand in for each
            other. A kind that no take has is not missed: it was not asked for.
        known: Keys by what their lack is called, of which it is known already.
    """
    missing = []
    for words in dict.fromkeys(kinds.values()):
        there: set[str] = set()
        for kind in (kind for kind, name in kinds.items() if name == words):
            there.update(found.keys_with(kind))
        if there:
            excused = (known or {}).get(words, set())
            keys = [key for key in found.take_keys if key not in there and key not in excused]
            missing.append(missing_of(words, keys))
    zips = [path.name for path in found.broken_zips]
    missing.append(missing_of("cut off or damaged, and what is in it", zips, "zip"))
    return [one for one in missing if one.n]


def missing_of(words: str, keys: Sequence[str], counts: str = "take") -> Missing:
    """That these takes lack something, or that these zips cannot be read."""
    return Missing(words, len(keys), tuple(keys[:N_EXAMPLES]), counts)


def _in_folder(
    folder: Path, is_take_folder: Callable[[str], bool], broken: list[Path], further_down: int
) -> Iterator[Place]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:  # A folder that may not be read is passed by, as if it were not there.
        return
    for name, is_folder in listed:
        path = folder / name
        if not is_folder:
            if _is_zip(name):
                yield from _in_zip(path, is_take_folder, broken)
            else:
                yield Place(path)
        elif is_take_folder(name):
            yield Place(path)
        elif further_down:
            yield from _in_folder(path, is_take_folder, broken, further_down - 1)


def _in_zip(
    path: Path, is_take_folder: Callable[[str], bool], broken: list[Path]
) -> Iterator[Place]:
    last = ""
    try:
        with ZipIndex(path) as index:
            for name in index.names():
                if last and name.startswith(last):
                    continue
                whole = _take_folder_of(name, is_take_folder)
                if whole:
                    last = whole
                    yield Place(path, whole)
                elif not name.endswith("/"):
                    yield Place(path, name)
    except FsamtError:
        broken.append(path)


def _take_folder_of(name: str, is_take_folder: Callable[[str], bool]) -> str:
    """The part of a member's name up to the folder of a take, or ""."""
    at = 0
    while (end := name.find("/", at)) >= 0:
        if is_take_folder(name[at:end]):
            return name[: end + 1]
        at = end + 1
    return ""


def _folder_of(place: Place, stem: str) -> _Folder:
    """Where a file is without its stem; of one whose name is written otherwise, all of it."""
    if not place.name.startswith(stem):
        return place.path, place.member or None, None
    if not place.member:
        return place.path.parent, None, place.path.name.removeprefix(stem)
    folder, slash, _ = place.member.rstrip("/").rpartition("/")
    beginning = folder + slash
    return place.path, beginning, place.member[len(beginning) :].removeprefix(stem)


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")
