"""Weights on disk: safetensors, whole or not there at all."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError

_FULL = {errno.ENOSPC, errno.EDQUOT}


def save_weights(path: Path, weights: nn.Module | Mapping[str, Tensor]) -> None:
    """Write weights to `path`; whatever stood there stays until the new file is on the disk.

    Args:
        path: The file, in a folder that exists.
        weights: A module, or a state dict of one.

    Raises:
        FsamtError: The disk is full or cannot be written; nothing is left behind.
    """
    state = weights.state_dict() if isinstance(weights, nn.Module) else weights
    content = safetensors.torch.save({k: v.detach().cpu().contiguous() for k, v in state.items()})
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        _sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise FsamtError(
                f"The disk is full: the weights ({len(content) / 1e6:.1f} MB) could not be saved.",
                "Free some space, for example by deleting the library's cache folder.",
            ) from error
        raise FsamtError(
            f"The weights could not be written to {path}: {error.strerror}.",
            "Check that the folder exists and that you may write to it.",
        ) from error


def load_weights(path: Path) -> dict[str, Tensor]:
    """The state dict in a safetensors file, on the CPU.

    Raises:
        FsamtError: The file is missing, cut short, altered beyond reading, or of another format.
    """
    try:
        return safetensors.torch.load(path.read_bytes())
    except OSError as error:
        raise FsamtError(
            f"The weights {path} cannot be read: {error.strerror}.",
            "Check the library with the command fsamt library verify.",
        ) from error
    except (SafetensorError, ValueError, KeyError) as error:
        raise FsamtError(
            f"{path} is not a whole safetensors file: {error}.",
            "Train the model again, or put the file back from a copy.",
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut; Windows has no way to ask for it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
