"""What a terminal sees: progress with the time left, tables, and the wish to stop."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop
from fsamt_engine.units import format_duration

LINE_EVERY_S = 15.0
"""Pause between two lines of progress where there is no terminal to draw a bar on."""
_SHOWN = {"loss": "loss {:.3f}", "clips_per_s": "{:.0f} clips/s"}


@contextmanager
def long_work() -> Iterator[tuple[OnProgress, ShouldStop]]:
    """While a long function runs: its progress on stderr, and Ctrl-C as a wish to pause.

    A second Ctrl-C ends the program at once; the library stays sound then, too.
    """
    console = Console(stderr=True)
    with stop_on_interrupt("Stopping after this step") as should_stop:
        if console.is_terminal:
            with _Bar(console) as shown:
                yield shown.show, should_stop
        else:
            yield _Lines().show, should_stop


@contextmanager
def stop_on_interrupt(words: str) -> Iterator[ShouldStop]:
    """Takes Ctrl-C as a wish to stop, and says so; a second one ends the program at once.

    Args:
        words: What happens then ("Stopping after this step"); "" to say nothing.
    """
    console = Console(stderr=True)
    asked = False

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            console.show_cursor(True)
            os._exit(130)
        asked = True
        if words:
            # Written past rich, whose lock the interrupted thread may hold.
            os.write(2, f"\n{words} (Ctrl-C again: at once) ...\n".encode())

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield lambda: Stop.PAUSE if asked else None
    finally:
        signal.signal(signal.SIGINT, before)


class _TimeLeft(ProgressColumn):
    def render(self, task: Task) -> Text:
        seconds = task.fields["seconds_left"]
        return Text("" if seconds is None else f"{format_duration(seconds)} left")


class _Bar:
    """A bar that is drawn in place."""

    def __init__(self, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(30),
            TextColumn("{task.percentage:>3.0f} %"),
            _TimeLeft(),
            TextColumn("{task.fields[numbers]}", style="dim", markup=False),
            console=console,
            transient=True,
            refresh_per_second=5,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        fields: dict[str, Any] = {
            "numbers": _numbers(progress),
            "seconds_left": progress.seconds_left,
        }
        if self._task is None:
            self._task = self._bar.add_task(progress.what, total=progress.total, **fields)
        self._bar.update(
            self._task,
            description=progress.what,
            completed=progress.done,
            total=progress.total,
            **fields,
        )


class _Lines:
    """A line now and then, for a log."""

    def __init__(self) -> None:
        self._said_at = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._said_at < LINE_EVERY_S:
            return
        self._said_at = now
        parts = [f"{progress.what}: {100 * progress.done / max(1, progress.total):.0f} %"]
        if progress.seconds_left is not None:
            parts.append(f"{format_duration(progress.seconds_left)} left")
        if numbers := _numbers(progress):
            parts.append(numbers)
        click.echo(", ".join(parts), err=True)


def _numbers(progress: Progress) -> str:
    known = (
        text.format(progress.metrics[n]) for n, text in _SHOWN.items() if n in progress.metrics
    )
    return ", ".join(known)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, numbers set to the right; in a pipe no line is ever broken."""
    table = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        numeric = bool(values) and all(isinstance(value, int | float) for value in values)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    with console.capture() as captured:
        console.print(table)
    lines = (line.rstrip() for line in captured.get().splitlines())
    click.echo("\n".join(lines))
