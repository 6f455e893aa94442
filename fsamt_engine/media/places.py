"""Where something lies that was not written by this program: on disk, or inside a zip."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from fsamt_engine.media.failures import unreadable
from fsamt_engine.media.zips import ZipIndex


@dataclass(frozen=True, order=True)
class Place:
    """A file, or a folder of files; either on disk or inside a zip.

    Attributes:
        path: Of the file or folder; of the zip where `member` says what inside is meant.
        member: Name inside the zip; a folder's ends with "/". "" for what lies on disk.
    """

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.member.rstrip("/").rpartition("/")[2] if self.member else self.path.name

    @property
    def shown(self) -> Path:
        """One path that names it in a sentence; inside a zip there is no such file."""
        return self.path / self.member if self.member else self.path

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which may not exist."""
        return self.member.endswith("/") if self.member else self.path.is_dir()

    def __str__(self) -> str:
        return str(self.shown)

    def __truediv__(self, name: str) -> Self:
        """The file `name` of this folder."""
        if self.member:
            return type(self)(self.path, f"{self.member.rstrip('/')}/{name}")
        return type(self)(self.path / name)

    def exists(self) -> bool:
        """Whether it is there and, inside a zip, whether the zip can be read."""
        if not self.member:
            return self.path.exists()
        if not self.path.is_file():
            return False
        with ZipIndex(self.path) as index:
            return index.holds(self.member)

    def names(self) -> list[str]:
        """Names of the files directly in this folder, sorted.

        Raises:
            FsamtError: The folder, or its zip, is not there or cannot be read.
        """
        if self.member:
            with ZipIndex(self.path) as index:
                return sorted(index.names_in(self.member))
        try:
            return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())
        except OSError as error:
            raise unreadable(self.path, error.strerror or "it is no folder") from error

    def read(self) -> bytes:
        """The whole content of the file; inside a zip its checksum is compared.

        Raises:
            FsamtError: The file, or its zip, is missing, cut off or damaged.
        """
        if self.member:
            with ZipIndex(self.path) as index:
                return index.read(self.member)
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise unreadable(self.path, error.strerror or "it cannot be opened") from error

    def open(self) -> BinaryIO:
        """The file for reading, from any position; a member of a zip is unpacked into memory.

        Raises:
            FsamtError: As for `read`.
        """
        if self.member:
            return io.BytesIO(self.read())
        try:
            return self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error.strerror or "it cannot be opened") from error
