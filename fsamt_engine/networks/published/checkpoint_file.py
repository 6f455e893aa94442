"""Checkpoint files of other programs: opened without executing anything that is in them."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fsamt_engine.errors import FsamtError

_STATES = ("state_dict", "model_state_dict", "model_state", "model")
"""Under which of these keys a checkpoint keeps the weights, where it is not the weights itself."""

_GLOBAL = re.compile(r"(?:Unsupported global: GLOBAL|Unsupported class) ([\w.]+)")
_AGAIN = "Fetch the file again, and compare its size with the one that is published."


@dataclass(frozen=True)
class Checkpoint:
    """What is in a checkpoint file.

    Attributes:
        name: Of the file, for sentences.
        state: The weights by key, on the CPU, without a prefix `module.`.
        had_prefix: Whether the keys had it: torch's `DataParallel` leaves it.
        config: The text of the configuration, where the file keeps one (mmcv does).
    """

    name: str
    state: dict[str, Tensor]
    had_prefix: bool
    config: str


def read_checkpoint(path: Path) -> Checkpoint:
    """Open a file that `torch.save` wrote.

    Only tensors, numbers, text and containers of them are taken out of it. Nothing is executed.

    Raises:
        FsamtError: It is missing, cut short, of another kind, or would have to be executed.
    """
    content = _loaded(path)
    state: object = content
    if isinstance(content, Mapping):
        state = next((content[key] for key in _STATES if key in content), content)
    if not isinstance(state, Mapping) or not state:
        raise FsamtError(
            f"{path.name} holds no weights by name, but {_kind(state)}.",
            "Choose the file with the weights (a state dict) of a published network.",
        )
    others = [str(key) for key, value in state.items() if not isinstance(value, Tensor)]
    if others:
        raise FsamtError(
            f"{path.name} holds more than weights: {', '.join(others[:3])}.",
            "Choose the file with the weights (a state dict) of a published network.",
        )
    had_prefix = all(str(key).startswith("module.") for key in state)
    weights = {str(key).removeprefix("module."): value for key, value in state.items()}
    meta = content.get("meta") if isinstance(content, Mapping) else None
    config = meta.get("config") if isinstance(meta, Mapping) else None
    return Checkpoint(path.name, weights, had_prefix, config if isinstance(config, str) else "")


def _loaded(path: Path) -> object:
    try:
        with path.open("rb") as file:
            beginning = file.read(256)
    except OSError as error:
        raise FsamtError(
            f"{path.name} cannot be read: {error.strerror}.", "Choose another file."
        ) from error
    _refuse_other_files(path, beginning)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _refusal(path, error) from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, AttributeError) as error:
        raise FsamtError(
            f"{path.name} is cut short or damaged, or no file of weights at all.", _AGAIN
        ) from error


def _refuse_other_files(path: Path, beginning: bytes) -> None:
    """What often lies where weights should be: a web page, a pointer, nothing."""
    text = beginning.lstrip().lower()
    if not beginning:
        raise FsamtError(f"{path.name} is empty.", _AGAIN)
    if text.startswith((b"<!doctype", b"<html")):
        raise FsamtError(
            f"{path.name} is a web page, not weights: what was downloaded is a message.",
            "Open the address in a browser, confirm what it asks, and fetch the file again.",
        )
    if text.startswith(b"version https://git-lfs"):
        raise FsamtError(
            f"{path.name} is a Git LFS pointer, not the weights themselves.",
            'Fetch them with "git lfs pull".',
        )
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            is_program = any(name.endswith("constants.pkl") for name in archive.namelist())
        if is_program:
            raise FsamtError(
                f"{path.name} is a TorchScript program: it would have to be executed.",
                "Choose the file with the weights alone (a state dict).",
            )


def _refusal(path: Path, error: pickle.UnpicklingError) -> FsamtError:
    named = _GLOBAL.search(str(error))
    if named is None:
        return FsamtError(
            f"{path.name} is cut short or damaged, or no file of weights at all.", _AGAIN
        )
    return FsamtError(
        f"{path.name} is refused: besides weights it holds {named[1]}, and to read that, code from"
        " the file would have to be executed, which could do anything.",
        "In the program that it comes from, save the state dict alone: "
        'torch.save(model.state_dict(), "weights.pth").',
    )


def _kind(value: object) -> str:
    return {"dict": "nothing", "Tensor": "one tensor"}.get(type(value).__name__, "something else")


def as_float(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """Weights in 32 bits, whatever precision they were stored in; counters as they are."""
    return {
        key: value.float() if value.is_floating_point() else value for key, value in state.items()
    }
