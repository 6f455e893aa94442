"""Work that torchrun shares out over several processes: one of them tells, all stop together."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from fsamt_engine.cli.console import long_work, stop_on_interrupt
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.progress import OnProgress, ShouldStop, Stop

_OTHER_ENDED = (
    "\nAnother process of this work ended before its time, so this one stops, too. What was"
    " computed is kept: the same command goes on where it was.\n"
)


class SharedTraining(NamedTuple):
    """What each process gives to a training that all of them share.

    Attributes:
        device: Its own.
        tells: Whether it is the one that says what was made.
    """

    device: str
    on_progress: OnProgress | None
    should_stop: ShouldStop
    tells: bool


@contextmanager
def long_work_of_all() -> Iterator[tuple[OnProgress | None, ShouldStop]]:
    """`long_work` in every process that torchrun started; the first one alone shows progress.

    The end of another process is a wish to pause here: torchrun then sends SIGTERM.
    """
    from fsamt_engine.library.processes import is_first, n_started

    if n_started() == 1:
        with long_work() as alone:
            yield alone
        return
    told = False

    def ended(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if is_first() and not told:
            # Written past everything that the interrupted thread may hold.
            os.write(2, _OTHER_ENDED.encode())
        told = True

    before = signal.signal(signal.SIGTERM, ended)
    try:
        with _shown(is_first()) as (on_progress, should_stop):
            yield on_progress, lambda: Stop.PAUSE if told else should_stop()
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def training_of_all(device: str) -> Iterator[SharedTraining]:
    """One training by all processes that torchrun started, each on a device of its own.

    Raises:
        Cancelled: They were asked to stop.
        FsamtError: They do not find each other, or one of them is gone.
    """
    from fsamt_engine.learning.spread import local_device, spread_over_processes

    with long_work_of_all() as (on_progress, should_stop), spread_over_processes() as team:
        try:
            yield SharedTraining(local_device(device), on_progress, should_stop, team.leads)
        except FsamtError as error:
            if team.n > 1 and should_stop():  # the others have stopped already
                raise Cancelled(resumable=True) from error
            raise


@contextmanager
def _shown(is_first: bool) -> Iterator[tuple[OnProgress | None, ShouldStop]]:
    if is_first:
        with long_work() as work:
            yield work
        return
    with stop_on_interrupt("") as should_stop:
        yield None, should_stop
