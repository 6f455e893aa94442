"""Streams whose frames stay where they are: files of a data set that belong to somebody else.

In the place of such a stream's file, the take's folder holds a small one that ends with
`.elsewhere`: JSON that says where the frames are (a video, or a folder of pictures; on disk or
inside a zip) and how large these files were. So a take can be thrown away, brought back and copied
like any other, and never is anything of the data set touched.

Paths in it are relative to a folder whose number it names. Which folder that is stands in one file
at the library's root, `elsewhere.json`: a data set of 100,000 takes is moved by changing one line.

Whether files are what they were is told by their names and sizes; inside a zip, by their checksums
too. Not by their times, which a copy to another disk changes; and a damaged picture is noticed when
it is read.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.media.failures import storing, unreadable
from fsamt_engine.media.places import Place
from fsamt_engine.media.zips import ZipIndex

ENDING = ".elsewhere"
"""Of the file that stands for a stream's."""
FOLDERS = "elsewhere.json"
"""At the root of a library: absolute paths of folders by their numbers."""
_CHANGED = "is not what it was when the take was added: its size is another."
_FOLDERS_DOWN = 2
"""From the root of a library to the folder of a take, be it in takes or in the bin."""


@dataclass(frozen=True)
class Extent:
    """How large the files of a stream are.

    Attributes:
        n_bytes: All together.
        digest: SHA-256 (hex) over names and sizes, and inside a zip over checksums.
    """

    n_bytes: int
    digest: str


@dataclass(frozen=True)
class Reference:
    """What stands for a stream's file.

    Attributes:
        folder: Number of the folder, in the library's list.
        path: Of the video, folder or zip in that folder, with "/".
        member: Inside a zip, as in `Place`; "" for what lies on disk.
        pictures: Names of the files, one a frame; () for a video.
        width, height: Pixels.
        rate_hz: Nominal frames a second.
        extent: Of the files when they were referred to.
    """

    folder: str
    path: str
    member: str
    pictures: tuple[str, ...]
    width: int
    height: int
    rate_hz: float
    extent: Extent


def is_elsewhere(path: Path) -> bool:
    """Whether a stream's file only says where the frames are."""
    return path.suffix == ENDING


def write_reference(path: Path, reference: Reference) -> None:
    """Writes what stands for a stream's file.

    Raises:
        FsamtError: The disk is full.
    """
    with storing(path):
        text = json.dumps(asdict(reference), separators=(",", ":"), ensure_ascii=False)
        path.write_text(text, encoding="utf-8")


def read_reference(path: Path) -> Reference:
    """What stands for a stream's file.

    Raises:
        FsamtError: It is missing or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["pictures"] = tuple(content["pictures"])
        content["extent"] = Extent(**content["extent"])
        return Reference(**content)
    except FileNotFoundError as error:
        raise unreadable(path, "there is no such file") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise unreadable(path, "it is damaged") from error


def read_folders(root: Path) -> dict[str, Path]:
    """The folders outside a library in which frames of it lie, by their numbers.

    Raises:
        FsamtError: The list is damaged.
    """
    path = root / FOLDERS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(number): Path(folder) for number, folder in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise unreadable(path, "it is damaged") from error


def write_folders(root: Path, folders: Mapping[str, Path]) -> None:
    """Writes the list of folders, whole or not at all.

    Raises:
        FsamtError: The disk is full.
    """
    path = root / FOLDERS
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    with storing(path):
        try:
            content = {number: str(folder) for number, folder in folders.items()}
            with beside.open("w", encoding="utf-8") as file:
                json.dump(content, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def place_of(path: Path, reference: Reference) -> Place:
    """Where the frames are.

    Args:
        path: Of the file that stands for the stream's, in the folder of its take.
        reference: What is in it.

    Raises:
        FsamtError: The library does not know the folder any more.
    """
    folder = read_folders(path.parents[_FOLDERS_DOWN]).get(reference.folder)
    if folder is None:
        raise FsamtError(
            f"Where the frames of {path.parent.name} lie is not known any more: {FOLDERS} of the"
            " library lacks their folder.",
            f"Put back a copy of {FOLDERS}.",
        )
    return Place(folder / reference.path, reference.member)


def find_place(path: Path, reference: Reference) -> Place:
    """Where the frames are, after a look whether anything is there.

    Raises:
        FsamtError: Nothing is there: the disk is not connected, or the data set was moved.
    """
    place = place_of(path, reference)
    if not place.path.exists():
        raise FsamtError(
            f"{place} is not there: the frames of this take lie outside the library.",
            "Connect the disk that they are on; if they were moved, say where to with"
            " `fsamt library relocate`.",
        )
    return place


def extent_of(place: Place, pictures: tuple[str, ...]) -> Extent:
    """How large the files of a stream are; none is opened.

    Raises:
        FsamtError: One is not there.
    """
    digest, n_bytes = hashlib.sha256(), 0
    for name, size, checksum in _files(place, pictures):
        n_bytes += size
        digest.update(f"{name}\0{size}\0{checksum}\n".encode())
    return Extent(n_bytes, digest.hexdigest())


def check_video(place: Place, reference: Reference) -> None:
    """Refuses a video in whose place there is another one now.

    Pictures are not looked at: there are many, and which one is gone or damaged shows by itself.

    Raises:
        FsamtError: Its size, or inside a zip its checksum, is another.
    """
    if extent_of(place, ()) != reference.extent:
        raise FsamtError(
            f"{place} {_CHANGED}",
            "Put back a copy of the file, or throw the take away and import it again.",
        )


def trouble_of(path: Path) -> str | None:
    """What is wrong with frames that lie elsewhere, in a sentence; None where nothing is."""
    try:
        reference = read_reference(path)
        place = find_place(path, reference)
        extent = extent_of(place, reference.pictures)
    except FsamtError as error:
        return error.message
    if extent != reference.extent:
        return f"{place} {_CHANGED}"
    return None


def lost_folder(path: Path) -> Path | None:
    """The folder outside the library that lacks the frames of a stream; None where they are there.

    None, too, where the library does not know the folder any more.
    """
    try:
        reference = read_reference(path)
        place = place_of(path, reference)
    except FsamtError:
        return None
    folder = read_folders(path.parents[_FOLDERS_DOWN]).get(reference.folder)
    return None if place.path.exists() else folder


def _files(place: Place, pictures: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """Name, size and checksum (0 on disk) of every file."""
    if place.member:
        with ZipIndex(place.path) as index:
            names = [f"{place.member.rstrip('/')}/{name}" for name in pictures] or [place.member]
            for name in names:
                size, checksum = index.size(name)
                yield name.rpartition("/")[2], size, checksum
        return
    try:
        if not pictures:
            yield place.name, place.path.stat().st_size, 0
            return
        with os.scandir(place.path) as entries:
            wanted = set(pictures)
            sizes = {entry.name: entry.stat().st_size for entry in entries if entry.name in wanted}
    except OSError as error:
        raise unreadable(place.path, error.strerror or "it cannot be opened") from error
    for name in pictures:
        if name not in sizes:
            raise unreadable(place.path / name, "there is no such file")
        yield name, sizes[name], 0
