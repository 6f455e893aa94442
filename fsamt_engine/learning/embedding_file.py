"""Embeddings on disk: computed row by row, going on after a kill, mapped and not read.

Embeddings of NTU RGB+D are some gigabytes, and take a large teacher hours: neither memory nor the
work of an evening may hang on them.
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import FloatArray
from fsamt_engine.modalities.arrays import header, map_array

N_SIDES = 2
"""As the clips are, and mirrored."""
_COPIED_BYTES = 1 << 24
_ASK_EVERY_S = 0.5


@dataclass(frozen=True)
class EmbeddingFile:
    """A file of (2, W, D) float32: of W windows as they are and mirrored, D numbers each.

    While it is made its rows stand in parts beside it, one of each process: first those of its
    windows as they are, then the mirrored ones.
    """

    path: Path
    n_windows: int
    dim: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(2, W, D)."""
        return N_SIDES, self.n_windows, self.dim

    def read(self) -> FloatArray | None:
        """The embeddings, mapped; None where they have to be made."""
        return map_array(self.path, self.shape, "<f4")

    def part(self, rank: int, n: int) -> Path:
        """Where one of n processes puts its rows."""
        return self.path.with_suffix(f".{rank}-of-{n}.part")

    @contextmanager
    def growing(
        self, rank: int, n: int, while_waiting: Callable[[], None]
    ) -> Iterator[tuple[int, Callable[[FloatArray], None]]]:
        """The rows of a process that are there from before, and a way to add further ones.

        Waits while another program adds to the same part.

        Args:
            while_waiting: Called now and then; what it raises ends the waiting.

        Raises:
            FsamtError: The disk is full; what was added before stays.
        """
        path, row_bytes = self.part(rank, n), self.dim * 4
        with _told_when_full():
            path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(path, while_waiting), path.open("ab") as file:
                n_there = file.tell() // row_bytes
                file.truncate(n_there * row_bytes)

                def add(rows: FloatArray) -> None:
                    file.write(np.ascontiguousarray(rows, "<f4").tobytes())

                yield n_there, add

    def put_together(self, own_windows: Sequence[int], mirrored: bool) -> None:
        """Make the file of the parts, which are removed; one that another program made stays.

        Args:
            own_windows: How many each process has, in order.
            mirrored: Whether the parts hold mirrored rows; otherwise the others stand for them.

        Raises:
            FsamtError: The disk is full; the parts stay.
        """
        n = len(own_windows)
        parts = [self.part(rank, n) for rank in range(n)]
        beside = self.path.with_suffix(f".{os.getpid()}.new")
        with _told_when_full(), _locked(self.path, lambda: None):
            try:
                if self.read() is None:
                    with beside.open("wb") as file:
                        file.write(header(self.shape, "<f4"))
                        for side in range(N_SIDES):
                            for path, count in zip(parts, own_windows, strict=True):
                                n_bytes = count * self.dim * 4
                                _copy(path, side * n_bytes if mirrored else 0, n_bytes, file)
                    os.replace(beside, self.path)
            finally:
                beside.unlink(missing_ok=True)
            self.forget_parts()

    def forget_parts(self) -> None:
        """Remove what was computed of a file that is not whole, by however many processes."""
        for path in self.path.parent.glob(f"{self.path.stem}.*.part"):
            path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """As the only program that writes to this file; the system frees the lock of a dead one."""
    lock = FileLock(path.with_suffix(".lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_ASK_EVERY_S)
        except Timeout:
            while_waiting()
    try:
        yield
    finally:
        lock.release()


def _copy(path: Path, at: int, n_bytes: int, to: BinaryIO) -> None:
    with path.open("rb") as file:
        file.seek(at)
        while n_bytes:
            block = file.read(min(n_bytes, _COPIED_BYTES))
            if not block:
                raise EOFError(f"{path} ends too early")
            to.write(block)
            n_bytes -= len(block)


@contextmanager
def _told_when_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FsamtError(
            "The disk is full, so embeddings could not be kept.",
            "Make room, then run the same command again: it goes on where it was.",
        ) from error
