"""One line about what is recorded now: drawn in place, or now and then in a log."""

import math
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from fsamt_engine.capture.feed import FeedStatus
from fsamt_engine.capture.recorder import RecorderStatus
from fsamt_engine.capture.script_runner import Phase
from fsamt_engine.capture.scripted import ScriptMoment
from fsamt_engine.cli.console import LINE_EVERY_S
from fsamt_engine.units import format_duration

_DRAWN_EVERY_S = 0.1
_FULL_QUEUE = 0.1
_MANY_HOURS_S = 100 * 3600.0


class LiveLine:
    """A line on stderr that says how it goes; sounds the terminal's bell, where there is one."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live = Live("", console=self._console, transient=True, auto_refresh=False)
        self._said_at = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, text: str, *, now: bool = False) -> None:
        """How it goes; in a log only every 15 s, or when it has to be `now`."""
        pause_s = _DRAWN_EVERY_S if self._console.is_terminal else LINE_EVERY_S
        if not now and time.monotonic() - self._said_at < pause_s:
            return
        self._said_at = time.monotonic()
        if self._console.is_terminal:
            line = Text(text, no_wrap=True, overflow="ellipsis")
            self._live.update(line, refresh=True)
        else:
            click.echo(text, err=True)

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False, soft_wrap=True)

    def ring(self) -> None:
        """The terminal's bell."""
        if self._console.is_terminal:
            self._console.bell()


def recording_words(
    status: RecorderStatus, feeds: Sequence[FeedStatus], seconds: float | None
) -> str:
    """A recording in one line: time, rates, drops, skew, queues, disk.

    Args:
        status: Of the recorder.
        feeds: Of its cameras.
        seconds: How long it is to be, None if until it is stopped.
    """
    if status.message:
        return status.message
    until = "" if seconds is None else f" of {_clock(seconds)}"
    queue = [f"queue {status.queue_fill * 100:.0f} %"] if status.queue_fill > _FULL_QUEUE else []
    disk_s = min(status.disk_seconds_left, _MANY_HOURS_S)
    numbers = [*_numbers(status, feeds), *queue, f"disk {format_duration(disk_s)}"]
    return f"{status.state.capitalize()} {_clock(status.seconds)}{until}: {', '.join(numbers)}"


def _numbers(status: RecorderStatus, feeds: Sequence[FeedStatus]) -> list[str]:
    rates = [" + ".join(f"{one.rate_hz:.1f}" for one in feed.streams) for feed in feeds]
    numbers = [f"{status.n_dropped} dropped", f"{' | '.join(filter(None, rates)) or 0} fps"]
    skews_us = [feed.skew_us for feed in feeds if feed.skew_us is not None]
    return [*numbers, f"skew {max(skews_us) / 1000:.1f} ms"] if skews_us else numbers


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def script_words(moment: ScriptMoment, feeds: Sequence[FeedStatus]) -> str:
    """A script in one line: what to do now, and for how long.

    Args:
        moment: Where it is.
        feeds: Of its cameras.
    """
    take = moment.take
    if moment.message:
        return moment.message
    if take is None:
        return "The script is finished"
    which = f"{take.action} ({take.number} of {take.of})"
    seconds = f"{math.ceil(moment.seconds_left or 0.0)} s"
    match moment.phase:
        case Phase.RECORDING if moment.recorder is not None:
            numbers = ", ".join(_numbers(moment.recorder, feeds))
            return f"NOW {which}, {seconds} left: {numbers}"
        case Phase.COUNTDOWN:
            now = f"{which} in {seconds}"
        case Phase.REST:
            now = f"Rest {seconds}, then {which}"
        case _:
            now = f"{moment.phase.capitalize()}, then {which}"
    left = f"{moment.n_left} take{'s' if moment.n_left > 1 else ''}"
    return f"{now}; left: {left}, {format_duration(moment.script_seconds_left)}"
