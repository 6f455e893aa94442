"""What an interrupted training leaves so that the same call goes on exactly where it was.

A checkpoint is a file of tensors and plain values, written beside and then renamed, read with
`weights_only=True`: nothing in it is ever executed. It lies in the library's cache: deleting it
costs time, never a result.
"""

import errno
import os
import pickle
from pathlib import Path
from typing import Any

import torch

from fsamt_engine.errors import FsamtError


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` so that `path` is at every moment either the old file or the new one.

    Raises:
        FsamtError: The disk is full; the previous checkpoint is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        beside.unlink(missing_ok=True)
        # torch reports a short write as a RuntimeError of its zip writer.
        full = not isinstance(error, OSError) or error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise FsamtError(
            "The disk is full, so training stopped; what it learned until its last save is kept."
            if full
            else f"The checkpoint could not be written: {error}.",
            "Make room, then run the same command again: it goes on from there.",
        ) from error


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint; None where there is none, or where it is not readable any more."""
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
        path.unlink(missing_ok=True)
        return None
    return state
