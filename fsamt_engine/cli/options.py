"""Options that several commands share, and files that are written at their end."""

import json
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fsamt_engine.errors import FsamtError

if TYPE_CHECKING:
    from fsamt_engine.library import Library

_F = TypeVar("_F", bound=Callable[..., Any])


def names_option(flag: str, **settings: Any) -> Callable[[_F], _F]:
    """An option with a comma list, "1,3,5" or "wave,draw circle", as a tuple of texts."""

    def split(
        _context: click.Context, _option: click.Parameter, value: str | None
    ) -> tuple[str, ...] | None:
        if value is None:
            return None
        names = tuple(name.strip() for name in value.split(","))
        if not all(names):
            raise click.BadParameter(f"'{value}' has an empty name between its commas.")
        return names

    return click.option(flag, callback=split, metavar="A,B,...", **settings)


def numbers_option(flag: str, **settings: Any) -> Callable[[_F], _F]:
    """An option with a comma list of whole numbers above 0, as a tuple, each once."""

    def split(_context: click.Context, _option: click.Parameter, value: str) -> tuple[int, ...]:
        parts = [part.strip() for part in value.split(",")]
        if not all(part.isdecimal() and int(part) > 0 for part in parts):
            raise click.BadParameter(f"'{value}' is not a list of numbers such as 2,5.")
        return tuple(dict.fromkeys(int(part) for part in parts))

    return click.option(flag, callback=split, metavar="N,M,...", **settings)


def out_option(flag: str, name: str, **settings: Any) -> Callable[[_F], _F]:
    """An option with a file to be written at the end; whether it can be is found out at once."""

    def check(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
        return None if value is None else _writable(value.expanduser().absolute())

    return click.option(
        flag, name, callback=check, type=click.Path(path_type=Path), metavar="FILE", **settings
    )


def _writable(path: Path) -> Path:
    """The path, after a file was put beside it and taken away again."""
    hint = "Give a file in a folder that is there and may be written to."
    if path.is_dir():
        raise FsamtError(f"{path} is a folder, not a file that could be written.", hint)
    probe = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise FsamtError(f"{path} cannot be written ({reason}).", hint) from error
    return path


def examples(*lines: str) -> str:
    """What to write under a command's help. The backspace keeps click from joining the lines."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def write_json(path: Path, content: Any) -> None:
    """Write JSON beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the place may not be written to.
    """
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the place may not be written to.
    """
    from fsamt_engine.library.environment import environment_errors

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with environment_errors(path):
        try:
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def open_library(folder: Path) -> "AbstractContextManager[Library]":
    """The library in a folder; closed at the end of the block."""
    from fsamt_engine.library import Library

    return Library.open(folder)


def library_option(function: _F) -> _F:
    """`--library DIR`."""
    return click.option(
        "--library",
        "folder",
        type=click.Path(path_type=Path),
        required=True,
        metavar="DIR",
        help="Folder of the library.",
    )(function)


def library_argument(function: _F) -> _F:
    """`DIR`, where the command is about the library itself."""
    return click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")(function)


def device_option(function: _F) -> _F:
    """`--device`."""
    return click.option(
        "--device",
        default="auto",
        show_default=True,
        metavar="auto|cpu|cuda",
        help="Where networks run; auto takes a GPU where there is one.",
    )(function)


def json_option(function: _F) -> _F:
    """`--json`: the same answer for programs, on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(function)
