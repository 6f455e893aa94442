"""Bundles: a model with all that belongs to it in one .zip, read as if a stranger had made it.

A bundle is flat: no folders, no links, and nothing that its manifest does not name, with the length
and SHA-256 of every file. Only `model.json` and `weights.safetensors` are ever written to the disk,
under these names; the rest is hashed and let go. Nothing in a bundle is executed or unpickled.
"""

import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.models import NEEDED_FILES

MANIFEST = "manifest.json"
BUNDLE_FORMAT = 1
"""Of the manifest; a bundle of a newer format is refused."""

_BLOCK = 1 << 20
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE, _END_64_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_LONGEST_COMMENT = 0xFFFF
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed: others name the memory that unpacking takes themselves, up to 4 GB."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ASK_AGAIN = "Ask for the bundle again, or export it again; nothing of this one was brought in."


@dataclass(frozen=True)
class Limits:
    """How large a bundle may be; what passes them is refused before it is unpacked.

    Attributes:
        n_files: How many.
        directory_bytes: Length of the archive's own list of its files.
        text_bytes: Of `model.json` and of the manifest.
        file_bytes: Of one file, unpacked.
        total_bytes: Of all, unpacked.
        ratio: How many times larger a file of a megabyte and more may be than it is packed.
    """

    n_files: int = 32
    directory_bytes: int = 1 << 16
    text_bytes: int = 64 << 20
    file_bytes: int = 1 << 30
    total_bytes: int = 2 << 30
    ratio: float = 100.0


LIMITS = Limits()


@dataclass(frozen=True)
class _Listed:
    """A file as the manifest has it."""

    n_bytes: int
    sha256: str


def unpack_bundle(source: Path, folder: Path, limits: Limits = LIMITS) -> None:
    """Check a bundle whole, and put its model into a folder.

    Args:
        source: The .zip.
        folder: An empty folder for `model.json` and `weights.safetensors`.
        limits: How large it may be.

    Raises:
        FsamtError: It is damaged, hostile, too large, or no bundle; or the disk is full.
    """
    try:
        with source.open("rb") as file:
            _check_directory(source, file, limits)
            with zipfile.ZipFile(file) as archive:
                members = _members(source, archive, limits)
                listed = _manifest(source, archive, members, limits)
                for name, member in members.items():
                    if name != MANIFEST:
                        _take_out(source, archive, member, listed[name], folder)
    except OSError as error:
        raise FsamtError(
            f"{source} cannot be read ({error.strerror or error}).", "Choose another file."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(source, str(error) or "it is cut short") from error
    except UnicodeDecodeError as error:
        raise _damaged(source, "a name in it is no text") from error


def _check_directory(source: Path, file: BinaryIO, limits: Limits) -> None:
    """Look at the length of the archive's list before `zipfile` reads it into memory.

    The layout is that of PKWARE's APPNOTE 6.3, section 4.3.16.
    """
    n_bytes = file.seek(0, 2)
    if n_bytes > limits.total_bytes:
        raise _hostile(source, f"it has {n_bytes / 1e9:.1f} GB")
    file.seek(max(0, n_bytes - _LONGEST_COMMENT - _END.size - 20))
    tail = file.read()
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise _damaged(source, "it is no zip file, or cut short")
    n_files, directory_bytes = _END.unpack_from(tail, at)[4:6]
    if tail[max(0, at - 20) : at].startswith(_END_64_SIGNATURE):
        raise _hostile(source, "it is of the kind that holds more than 4 GB")
    if n_files > limits.n_files or directory_bytes > limits.directory_bytes:
        raise _hostile(source, f"it lists {n_files} files or more")
    file.seek(0)


def _members(
    source: Path, archive: zipfile.ZipFile, limits: Limits
) -> Mapping[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not _NAME.fullmatch(name):
            raise _hostile(source, f"the name {name[:80]!r} leads out of its folder")
        if kind not in (0, stat.S_IFREG):
            raise _hostile(source, f"{name} is no ordinary file")
        if name.casefold() in (known.casefold() for known in members):
            raise _hostile(source, f"{name} is in it twice")
        if member.flag_bits & 1:
            raise _hostile(source, f"{name} is encrypted")
        if member.compress_type not in _PACKED:
            raise _hostile(source, f"{name} is packed in another way")
        if member.file_size > limits.file_bytes:
            raise _hostile(source, f"{name} has {member.file_size / 1e9:.1f} GB")
        packed = max(member.compress_size, 1)
        if member.file_size > max(1 << 20, limits.ratio * packed):
            raise _hostile(source, f"{name} grows {member.file_size // packed} times")
        members[name] = member
    if len(members) > limits.n_files:
        raise _hostile(source, f"it lists {len(members)} files")
    if sum(member.file_size for member in members.values()) > limits.total_bytes:
        raise _hostile(source, "it is larger than any model")
    for name in (MANIFEST, *NEEDED_FILES):
        if name not in members:
            raise FsamtError(
                f"{source.name} is no bundle of this program: it has no {name}.",
                "Choose a .zip that was exported as a bundle, or as safetensors.",
            )
    for name in (MANIFEST, "model.json"):
        if members[name].file_size > limits.text_bytes:
            raise _hostile(source, f"{name} has {members[name].file_size / 1e6:.0f} MB")
    return members


def _manifest(
    source: Path,
    archive: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    limits: Limits,
) -> Mapping[str, _Listed]:
    with archive.open(members[MANIFEST]) as file:
        text = file.read(limits.text_bytes)
    try:
        content: dict[str, Any] = json.loads(text)
        if int(content["format"]) > BUNDLE_FORMAT:
            raise FsamtError(
                f"{source.name} was made by a newer version of the program.", "Update FSAMT Studio."
            )
        listed = {
            str(one["path"]): _Listed(int(one["n_bytes"]), str(one["sha256"]))
            for one in content["files"]
        }
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise _damaged(source, f"its {MANIFEST} cannot be read") from error
    if not all(_SHA256.fullmatch(one.sha256) for one in listed.values()):
        raise _damaged(source, f"its {MANIFEST} cannot be read")
    if strange := sorted(set(members) - set(listed) - {MANIFEST}):
        raise _hostile(source, f"its manifest does not name {strange[0]}")
    if missing := sorted(set(listed) - set(members)):
        raise _damaged(source, f"{missing[0]} is missing")
    return listed


def _take_out(
    source: Path,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    listed: _Listed,
    folder: Path,
) -> None:
    """Hash a file, and keep it where it is one of a model's."""
    digest, n_bytes = hashlib.sha256(), 0
    kept = None
    if member.filename in NEEDED_FILES:
        with environment_errors(folder):
            kept = (folder / member.filename).open("xb")
    try:
        with archive.open(member) as file:
            while n_bytes <= listed.n_bytes and (block := file.read(_BLOCK)):
                n_bytes += len(block)
                digest.update(block)
                if kept is not None:
                    with environment_errors(folder):
                        kept.write(block)
    finally:
        if kept is not None:
            with environment_errors(folder):
                kept.close()
    if (n_bytes, digest.hexdigest()) != (listed.n_bytes, listed.sha256):
        raise _damaged(source, f"{member.filename} is not what its manifest says")


def _damaged(source: Path, why: str) -> FsamtError:
    return FsamtError(f"{source.name} is damaged: {why}.", _ASK_AGAIN)


def _hostile(source: Path, why: str) -> FsamtError:
    return FsamtError(f"{source.name} is refused: {why}, as no bundle does.", _ASK_AGAIN)
