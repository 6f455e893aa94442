"""Files that stay: hashed, and on the disk for good."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

_BLOCK = 1 << 20


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
