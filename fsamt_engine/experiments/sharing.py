"""Who does which job of a table: one process alone, or all those that torchrun started.

`torchrun --nproc-per-node 2 -m fsamt_engine.cli experiment ...`: each process takes the next job
that nobody has taken and that waits for nothing. Every job is computed exactly as one process alone
would compute it, so the table is the same. What processes tell each other goes through the store of
`torch.distributed`; models and tests go through the library.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.spread import share_out_processors
from fsamt_engine.library.processes import is_alive, n_started, this_process

_PATIENCE = timedelta(minutes=5)
"""How long processes wait for each other at the beginning and at the end."""
_LOOK_EVERY_S = 0.1


class Board(Protocol):
    """Where processes see what is taken, and what came of it."""

    n: int
    leads: bool
    """Whether this process tells and keeps the table."""

    def claim(self, number: int) -> bool:
        """Takes a job, if nobody has."""

    def post(self, number: int, result: dict[str, Any]) -> None:
        """What came of a job."""

    def result(self, number: int) -> dict[str, Any] | None:
        """What came of a job of another process; None while it is not done."""

    def taken(self, number: int) -> bool:
        """Whether another process is at a job, or has done it."""

    def check(self) -> None:
        """Looks after the others.

        Raises:
            Cancelled: One of them was paused or cancelled.
            FsamtError: One of them failed, or is gone.
        """


class Alone:
    """The board of one process."""

    n = 1
    leads = True

    def claim(self, number: int) -> bool:
        """Everything is free."""
        return True

    def post(self, number: int, result: dict[str, Any]) -> None:
        """Nobody needs to be told."""

    def result(self, number: int) -> dict[str, Any] | None:
        """There are no others."""
        return None

    def taken(self, number: int) -> bool:
        """There are no others."""
        return False

    def check(self) -> None:
        """There are no others."""


class Together:
    """The board of several processes, kept by the store that torchrun (or the first one) serves.

    Args:
        are_here: All processes run on this computer, so that it is known who lives.
    """

    def __init__(self, store: Store, rank: int, n: int, are_here: bool) -> None:
        self.n = n
        self.leads = rank == 0
        self._store = store
        self._rank = rank
        self._tokens: dict[int, str] = {}
        store.set(f"process/{rank}", this_process())
        for other in range(n):
            if other != rank:
                token = store.get(f"process/{other}").decode()
                self._tokens[other] = token if are_here else ""

    def claim(self, number: int) -> bool:
        """The first who asks gets it."""
        if self._store.add(f"claim/{number}", 1) != 1:
            return False
        self._store.set(f"by/{number}", str(self._rank))
        return True

    def post(self, number: int, result: dict[str, Any]) -> None:
        """For the others to read."""
        self._store.set(f"result/{number}", json.dumps(result))

    def result(self, number: int) -> dict[str, Any] | None:
        """Read from the store."""
        if not self._store.check([f"result/{number}"]):
            return None
        found: dict[str, Any] = json.loads(self._store.get(f"result/{number}"))
        return found

    def taken(self, number: int) -> bool:
        """By somebody."""
        return bool(self._store.check([f"by/{number}"]))

    def check(self) -> None:
        """What the others have said, and whether those that have not left still live."""
        if self._store.check(["stopped"]):
            kind, text, hint = json.loads(self._store.get("stopped"))
            if kind == "paused":
                raise Cancelled(resumable=True)
            raise FsamtError(text, hint)
        for other, token in self._tokens.items():
            if token and not is_alive(token) and not self._store.check([f"left/{other}"]):
                raise FsamtError(
                    f"Process {other} of {self.n} is gone before its work was done.",
                    "What was computed is kept: the same command goes on where it was.",
                )

    def stop(self, error: BaseException) -> None:
        """Tells the others why this process ends."""
        if isinstance(error, Cancelled | KeyboardInterrupt):
            said = ("paused", "", "")
        elif isinstance(error, FsamtError):
            said = ("failed", f"Process {self._rank} of {self.n}: {error.message}", error.hint)
        else:
            words = f"Process {self._rank} of {self.n} failed: {type(error).__name__}: {error}"
            said = ("failed", words, "")
        if not self._store.check(["stopped"]):
            self._store.set("stopped", json.dumps(said))

    def leave(self) -> None:
        """Says that this one is done; the one that may serve the store waits for the others."""
        self._store.set(f"left/{self._rank}", "")
        if not self.leads:
            return
        until = time.monotonic() + _PATIENCE.total_seconds()
        for other, token in self._tokens.items():
            while not self._store.check([f"left/{other}"]) and time.monotonic() < until:
                if token and not is_alive(token):
                    break
                time.sleep(_LOOK_EVERY_S)


@contextmanager
def board_of_this_run(key: str) -> Iterator[Board]:
    """The board for the table with this key, until it is done.

    Raises:
        FsamtError: The processes do not find each other.
    """
    n = n_started()
    if n == 1:
        yield Alone()
        return
    here = int(os.environ.get("LOCAL_WORLD_SIZE", n))
    share_out_processors()
    try:
        store, rank, _ = next(iter(rendezvous("env://", timeout=_PATIENCE)))
        board = Together(PrefixStore(f"experiment/{key}", store), rank, n, here == n)
    except (RuntimeError, ValueError) as error:
        raise FsamtError(
            f"The {n} processes of this table do not find each other: {str(error).splitlines()[0]}",
            "Start them with torchrun, all with the same command.",
        ) from error
    try:
        yield board
    except BaseException as error:
        board.stop(error)
        raise
    finally:
        board.leave()
