"""Files that stay: hashed, and on the disk for good."""

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

_BLOCK = 1 << 20
GONE = ".gone-"
"""Prefix of a folder whose content nobody needs any more."""


def sha256_of(
    path: Path, *, sync: bool = False, after_block: Callable[[int], None] | None = None
) -> tuple[int, str]:
    """Length in bytes and SHA-256 (hex) of a file.

    Args:
        path: The file.
        sync: Also wait until the file is on the disk for good.
        after_block: Called with the bytes read so far, about once a megabyte.
    """
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb+" if sync else "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            n_bytes += len(block)
            if after_block is not None:
                after_block(n_bytes)
        if sync:
            os.fsync(file.fileno())
    return n_bytes, digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk for good (where the system can say so)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(folder: Path, place: Path) -> None:
    """Moves a folder that nobody needs any more into `place`, under a name that says so."""
    folder.rename(place / f"{GONE}{secrets.token_hex(4)}")


def move_over(folder: Path, target: Path) -> None:
    """Moves a folder; one that is at the target is set aside beside it."""
    if target.exists():
        set_aside(target, target.parent)
    folder.rename(target)
