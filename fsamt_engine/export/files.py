"""Files of an export: made in a folder beside their place, then renamed to it."""

import errno
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fsamt_engine import __version__
from fsamt_engine.errors import FsamtError
from fsamt_engine.export.settings import ExportFormat
from fsamt_engine.learning.bundles import BUNDLE_FORMAT, MANIFEST
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.processes import is_alive, this_process

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FILES = (".onnx", ".pt2")
_WORKSHOP, _OWNER = ".fsamt-export-", "owner"
_PACKED_WELL = (".json", ".md", ".py", "")


@contextmanager
def workshop(out: Path, replace: bool) -> Iterator[Path]:
    """An empty folder beside `out`, for what is being made; gone at the end, whatever happens.

    Raises:
        FsamtError: There is something at `out` already, its folder is missing or may not be
            written to, or the disk is full.
    """
    if out.is_dir() and any(out.iterdir()):
        raise FsamtError(f"The folder {out} is not empty.", "Give another name, or empty it.")
    if out.is_file() and not replace:
        raise FsamtError(f"{out} is there already.", "Give another name, or ask to replace it.")
    folder = out.parent / f".{out.name}{_WORKSHOP}{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        (folder / _OWNER).write_text(this_process(), encoding="utf-8")
        _sweep(out.parent)
        yield folder
    except FileNotFoundError as error:
        if out.parent.is_dir():
            raise
        raise FsamtError(f"There is no folder {out.parent}.", "Make it first.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise FsamtError(
                f"The disk with {out.parent} is full; nothing was written.",
                "Free some space, or export to another disk.",
            ) from error
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            raise FsamtError(
                f"{out.parent} may not be written to.", "Export to a folder of your own."
            ) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what exports that were killed have left here."""
    for folder in parent.glob(f".*{_WORKSHOP}*"):
        with suppress(OSError):
            if not is_alive((folder / _OWNER).read_text(encoding="utf-8", errors="replace")):
                shutil.rmtree(folder, ignore_errors=True)


def refuse_ending(out: Path, format: ExportFormat) -> None:
    """Refuse a name that says another kind of file than what would be in it.

    Raises:
        FsamtError: It does.
    """
    suffix = out.suffix.lower()
    if format.suffix and suffix != format.suffix:
        raise FsamtError(
            f"{out.name} would hold {format}, whose files end in {format.suffix}.",
            f"Write {out.with_suffix(format.suffix).name}.",
        )
    if not format.suffix and suffix in (*_FILES, ".safetensors"):
        raise FsamtError(
            f"{out.name} would be a folder: {format} is more than one file.",
            f"Write {out.with_suffix('').name} for a folder, or {out.with_suffix('.zip').name}.",
        )


def hand_over(made: Path, out: Path) -> None:
    """Move what was made to its place, in one step."""
    if out.is_dir():
        out.rmdir()
    os.replace(made, out)


def write_text(path: Path, content: str | Mapping[str, Any]) -> None:
    """Write a text, or JSON that people can read."""
    if not isinstance(content, str):
        content = json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"
    path.write_text(content, encoding="utf-8")


def write_manifest(folder: Path, model_id: str) -> None:
    """List every file of a folder with its length and SHA-256."""
    files = []
    for path in sorted(folder.iterdir()):
        n_bytes, sha256 = sha256_of(path)
        files.append({"path": path.name, "n_bytes": n_bytes, "sha256": sha256})
    write_text(
        folder / MANIFEST,
        {
            "format": BUNDLE_FORMAT,
            "program": f"FSAMT Studio {__version__}",
            "model": model_id,
            "files": files,
        },
    )


def pack(folder: Path, path: Path) -> None:
    """Put the files of a folder into a .zip, flat; weights are stored as they are."""
    with zipfile.ZipFile(path, "x") as archive:
        for file in sorted(folder.iterdir()):
            is_text = file.suffix in _PACKED_WELL
            archive.write(file, file.name, zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED)


def bytes_of(path: Path) -> int:
    """Of a file, or of all files of a folder."""
    files = path.iterdir() if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files)
