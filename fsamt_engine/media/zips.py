"""Zips of any size, read in constant memory.

Python's own reader keeps an object for every member: a setup of NTU RGB+D's depth has a quarter of
a million. Here the central directory is walked, or searched, where it lies in the file.

Format: PKWARE's APPNOTE 6.3.10, 4.3 (records) and 4.5.3 (Zip64).
"""

import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from fsamt_engine.errors import FsamtError
from fsamt_engine.media.failures import unreadable

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LONGEST_COMMENT = 0xFFFF
_END64_PLACE = struct.Struct("<4sLQL")
_END64_PLACE_MARK = b"PK\x06\x07"
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_MARK = b"PK\x06\x06"
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MARK = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_IS_ENCRYPTED, _IS_UTF8 = 1, 1 << 11
_IN_EXTRA = 0xFFFFFFFF
_ZIP64 = 1
_LARGEST_MEMBER = 4 << 30
"""Bytes of what is unpacked into memory; no file of a data set comes near it."""


@dataclass(frozen=True)
class _Member:
    name: str
    flags: int
    method: int
    crc: int
    n_packed: int
    n_bytes: int
    offset: int
    next_entry: int


class ZipIndex:
    """The names in a zip, and their contents. For one thread.

    Raises:
        FsamtError: The file is not there, no zip, or cut off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise unreadable(path, error.strerror or "it cannot be opened") from error
        except ValueError as error:  # An empty file cannot be mapped.
            raise unreadable(path, "it is empty") from error
        try:
            self._start, self._stop, self._shift = self._directory()
            self._following = self._start
        except BaseException:
            self._map.close()
            raise

    def names(self) -> Iterator[str]:
        """Names of all members, in the order of the directory; folders end with "/"."""
        at = self._start
        while at < self._stop:
            member = self._entry(at)
            yield member.name
            at = member.next_entry

    def names_in(self, folder: str) -> list[str]:
        """Names of the files directly in a folder.

        Raises:
            FsamtError: There is no such folder.
        """
        prefix = folder.rstrip("/") + "/"
        found, is_there = [], False
        for member in self._beginning_with(prefix):
            is_there = True
            rest = member.name[len(prefix) :]
            if rest and "/" not in rest:
                found.append(rest)
        if not is_there:
            raise unreadable(self.path, f"there is no folder {folder} in it")
        return found

    def holds(self, name: str) -> bool:
        """Whether there is such a member, or for a name that ends with "/" anything in it."""
        members = self._beginning_with(name)
        return any(name.endswith("/") or member.name == name for member in members)

    def read(self, name: str) -> bytes:
        """The content of a member.

        Raises:
            FsamtError: It is not there, cut off, damaged, encrypted, packed in an unusual way or
                too large for the memory. No more is unpacked than the directory says.
        """
        member = self._member(name)
        if member.flags & _IS_ENCRYPTED:
            raise self._locked(f"{name} is locked with a password")
        if member.method not in (_STORED, _DEFLATED):
            raise self._locked(f"{name} is packed in an unusual way (method {member.method})")
        if member.n_bytes > _LARGEST_MEMBER:
            raise self._locked(f"{name} is too large to be unpacked into memory")
        try:
            at = member.offset + self._shift
            mark, *_, n_name, n_extra = _LOCAL.unpack_from(self._map, at)
            at += _LOCAL.size + n_name + n_extra
            packed = self._map[at : at + member.n_packed]
            content = packed if member.method == _STORED else _unpacked(packed, member.n_bytes)
        except (struct.error, zlib.error, OverflowError) as error:
            raise self._damaged(name) from error
        if (
            mark != _LOCAL_MARK
            or len(content) != member.n_bytes
            or zlib.crc32(content) != member.crc
        ):
            raise self._damaged(name)
        return content

    def size(self, name: str) -> tuple[int, int]:
        """Length in bytes and CRC-32 of a member, as the directory has them.

        Raises:
            FsamtError: It is not there.
        """
        member = self._member(name)
        return member.n_bytes, member.crc

    def close(self) -> None:
        """Lets go of the file."""
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _directory(self) -> tuple[int, int, int]:
        """First byte of the directory, its end, and what is to be added to every offset."""
        length = len(self._map)
        end = self._map.rfind(_END_MARK, max(0, length - _END.size - _LONGEST_COMMENT))
        if end < 0 or end + _END.size > length:
            raise unreadable(self.path, "it is cut off or no zip")
        size, start = _END.unpack_from(self._map, end)[5:7]
        stop = end
        place = end - _END64_PLACE.size
        if place >= 0 and self._map[place : place + 4] == _END64_PLACE_MARK:
            end64 = _END64_PLACE.unpack_from(self._map, place)[2]
            if end64 + _END64.size > length or self._map[end64 : end64 + 4] != _END64_MARK:
                raise unreadable(self.path, "its directory is damaged")
            size, start = _END64.unpack_from(self._map, end64)[8:10]
            stop = end64
        # Something before the zip (a self-extracting head) moves all that it says.
        shift = stop - size - start
        if shift < 0:
            raise unreadable(self.path, "it is cut off or no zip")
        return start + shift, stop, shift

    def _entry(self, at: int) -> _Member:
        try:
            fields = _ENTRY.unpack_from(self._map, at)
        except struct.error as error:
            raise unreadable(self.path, "its directory is damaged") from error
        mark, _, _, flags, method, _, _, crc, n_packed, n_bytes, n_name, n_extra, n_comment = (
            fields[:13]
        )
        if mark != _ENTRY_MARK:
            raise unreadable(self.path, "its directory is damaged")
        offset = fields[16]
        after_name = at + _ENTRY.size + n_name
        encoded = self._map[at + _ENTRY.size : after_name]
        name = encoded.decode("utf-8" if flags & _IS_UTF8 else "cp437", "replace")
        if _IN_EXTRA in (n_packed, n_bytes, offset):
            extra = self._map[after_name : after_name + n_extra]
            try:
                n_bytes, n_packed, offset = _large(extra, n_bytes, n_packed, offset)
            except struct.error as error:
                raise unreadable(self.path, "its directory is damaged") from error
        following = after_name + n_extra + n_comment
        return _Member(name, flags, method, crc, n_packed, n_bytes, offset, following)

    def _member(self, name: str) -> _Member:
        """The member of a name; whoever reads one after the other need not search."""
        if self._following < self._stop:
            member = self._entry(self._following)
            if member.name == name:
                self._following = member.next_entry
                return member
        for member in self._beginning_with(name):
            if member.name == name:
                self._following = member.next_entry
                return member
        raise unreadable(self.path, f"there is no {name} in it")

    def _beginning_with(self, prefix: str) -> Iterator[_Member]:
        """Members whose names begin so: the directory is searched for the bytes of the name."""
        if not prefix.isascii():
            yield from self._walked(prefix)
            return
        sought, at = prefix.encode("ascii"), self._start
        while (found := self._map.find(sought, at, self._stop)) >= 0:
            entry = found - _ENTRY.size
            at = found + 1
            if entry >= self._start and self._map[entry : entry + 4] == _ENTRY_MARK:
                member = self._entry(entry)
                if member.name.startswith(prefix):
                    yield member
                    at = member.next_entry

    def _walked(self, prefix: str) -> Iterator[_Member]:
        at = self._start
        while at < self._stop:
            member = self._entry(at)
            if member.name.startswith(prefix):
                yield member
            at = member.next_entry

    def _locked(self, what: str) -> FsamtError:
        return FsamtError(
            f"{self.path} cannot be read: {what}.", "Unpack the zip, and give the folder."
        )

    def _damaged(self, name: str) -> FsamtError:
        return FsamtError(
            f"{name} in {self.path} is damaged.", "Get the zip again, or leave the take out."
        )


def _unpacked(packed: bytes, n_bytes: int) -> bytes:
    """What was packed, or one byte more than there should be where there is more."""
    return zlib.decompressobj(-15).decompress(packed, n_bytes + 1)


def _large(extra: bytes, n_bytes: int, n_packed: int, offset: int) -> tuple[int, int, int]:
    """What does not fit 32 bits is in the extra field, in this order."""
    values = [n_bytes, n_packed, offset]
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64:
            longs = list(struct.unpack_from(f"<{size // 8}Q", extra, at + 4))
            values = [longs.pop(0) if v == _IN_EXTRA and longs else v for v in values]
            break
        at += 4 + size
    return values[0], values[1], values[2]
