"""Arrays on disk that are written frame by frame and mapped, not read."""

import errno
import io
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError

_ABANDONED_S = 3600.0


class ArrayWriter:
    """Writes an .npy file beside its place and renames it there once it is whole.

    A context manager: leaving it by an exception leaves nothing behind. Several processes may write
    the same file at the same time; the last one wins.

    Raises:
        FsamtError: The disk is full.
    """

    def __init__(self, path: Path, shape: Sequence[int], dtype: npt.DTypeLike) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        self._shape = tuple(shape)
        self._dtype = np.dtype(dtype)
        self._n_written = 0

    def __enter__(self) -> "ArrayWriter":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._file = self._beside.open("wb")
            self._file.write(header(self._shape, self._dtype))
        except OSError as error:
            self._beside.unlink(missing_ok=True)
            raise _explained(error, self._path) from error
        return self

    def write(self, frame: npt.NDArray[np.generic]) -> None:
        """Appends one frame: an entry of the first axis."""
        if frame.shape != self._shape[1:]:
            raise ValueError(f"a frame of shape {frame.shape} in an array of {self._shape}")
        try:
            self._file.write(np.ascontiguousarray(frame, self._dtype).tobytes())
        except OSError as error:
            raise _explained(error, self._path) from error
        self._n_written += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        whole = kind is None and self._n_written == self._shape[0]
        try:
            self._file.close()
            if whole:
                self._put_in_place()
        except OSError as problem:
            raise _explained(problem, self._path) from problem
        finally:
            self._beside.unlink(missing_ok=True)
        if kind is None and not whole:
            raise ValueError(f"{self._n_written} frames for an array of {self._shape}")

    def _put_in_place(self) -> None:
        try:
            os.replace(self._beside, self._path)
        except PermissionError:
            # Windows does not replace a file that another process has mapped: the same array.
            if not self._path.exists():
                raise

    def _sweep(self) -> None:
        """Removes what processes that were killed have left of this file."""
        for left in self._path.parent.glob(f".{self._path.name}.*"):
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                left.unlink(missing_ok=True)


def map_array(path: Path, shape: Sequence[int], dtype: npt.DTypeLike) -> npt.NDArray[Any] | None:
    """Maps an .npy file for reading; None where it is missing, cut short or something else.

    `np.load` would parse the header as Python source, which CPython 3.11 cannot do in two threads
    at once ("AST constructor recursion depth mismatch", gh-106905). What it says is known anyway.
    """
    expected = header(shape, dtype)
    try:
        with path.open("rb") as file:
            if file.read(len(expected)) != expected:
                return None
        return np.memmap(path, dtype, "r", len(expected), tuple(shape))
    except (OSError, ValueError):
        return None


def header(shape: Sequence[int], dtype: npt.DTypeLike) -> bytes:
    """What an .npy file (version 1.0) of this shape begins with."""
    written = io.BytesIO()
    described = {
        "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
        "fortran_order": False,
        "shape": tuple(shape),
    }
    np.lib.format.write_array_header_1_0(written, described)
    return written.getvalue()


def _explained(error: OSError, path: Path) -> FsamtError | OSError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FsamtError(
            f"The disk is full: {path.name} could not be written to the cache.",
            "Free some space; what is in the cache can be deleted and comes back by itself.",
        )
    return error
