"""Where `fsamt recognise` puts what it recognises: the screen, files, the network."""

import os
import queue
import sys
import time
from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click
import numpy as np

from fsamt_engine.evaluation.detection_test import Delay
from fsamt_engine.library import ModelRecord
from fsamt_engine.recognition.events_out import JsonLines, answer_line, event_line
from fsamt_engine.recognition.kinds import live_actions
from fsamt_engine.recognition.lsl_out import LIVE_STREAM_NAME, EventMarkers
from fsamt_engine.recognition.state import Answer, LiveDelay, LiveEvent, LiveState
from fsamt_engine.recognition.truth import Truth
from fsamt_engine.units import format_duration, format_percent

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class Outlets:
    """Where it goes.

    Attributes:
        events: `STANDARD_OUTPUT`, which takes the place of words on the screen, a file, or None.
        answers: A file for what the network says of each frame, or None.
        with_markers: Whether events go out over the Lab Streaming Layer.
    """

    events: Path | None
    answers: Path | None
    with_markers: bool


class LiveOut:
    """Takes answers and events in the recogniser's thread, and sums them up in the caller's.

    Args:
        outlets: Where they go.
        record: The recogniser.
        source: What is watched.
        stack: Closes what is opened here.

    Raises:
        FsamtError: A file cannot be written, or there is no Lab Streaming Layer.
    """

    def __init__(
        self, outlets: Outlets, record: ModelRecord, source: str, stack: ExitStack
    ) -> None:
        self._record, self._source = record, source
        self._untold: queue.SimpleQueue[tuple[float, LiveEvent]] = queue.SimpleQueue()
        self._latencies_ms, self._times_s = array("f"), array("d")
        self._first: Answer | None = None
        self._last: Answer | None = None
        self._zero_us = 0
        self._n_events = 0
        self._to_stdout = outlets.events == STANDARD_OUTPUT
        self._events: JsonLines | None = None
        self._answers: JsonLines | None = None
        if outlets.events is not None:
            out: Path | BinaryIO = sys.stdout.buffer if self._to_stdout else outlets.events
            self._events = stack.enter_context(JsonLines(out))
        if outlets.answers is not None:
            self._answers = stack.enter_context(JsonLines(outlets.answers, "answers"))
        self._markers: EventMarkers | None = None
        if outlets.with_markers:
            self._markers = stack.enter_context(EventMarkers(record.id, source))
            click.echo(f'Events go out as the LSL stream "{LIVE_STREAM_NAME}".', err=True)

    @property
    def is_unread(self) -> bool:
        """Whether the program that read the standard output has ended."""
        return self._to_stdout and self._events is not None and self._events.failure is not None

    def take_answer(self, answer: Answer) -> None:
        """The next answer, in the recogniser's thread."""
        self._set_zero(answer)
        self._times_s.append(time.monotonic())
        self._latencies_ms.append(answer.timings.total_ms)
        if self._answers is not None:
            self._answers.write(answer_line(answer, live_actions(self._record)))

    def take_event(self, event: LiveEvent) -> None:
        """An event that began or ended, in the recogniser's thread."""
        self._n_events += event.offset_us is not None
        if self._events is not None:
            self._events.write(event_line(event, self._record.id, self._source))
        if self._markers is not None:
            self._markers.write(event)
        if not self._to_stdout:
            self._untold.put(((event.onset_us - self._zero_us) / 1e6, event))

    def _set_zero(self, answer: Answer) -> None:
        """The first answer is at 0 s; a camera that came back may count from anew."""
        first = self._first = self._first or answer
        before, self._last = self._last or answer, answer
        if answer is first:
            self._zero_us = answer.at_us
        elif answer.domain != before.domain or answer.at_us < before.at_us:
            self._zero_us = answer.at_us - (answer.host_at_us - first.host_at_us)

    def say_events(self) -> None:
        """Those that ended since the last time; not where the standard output is for JSON alone."""
        while not self._untold.empty():
            at_s, event = self._untold.get()
            if event.offset_us is None:
                continue
            lasted_s = (event.offset_us - event.onset_us) / 1e6
            judged = {None: "", True: "  right", False: "  wrong"}[event.was_right]
            sure = f"{event.confidence:.2f}{judged}"
            late = ""
            if event.delay_s is not None:
                late = f"  known {event.delay_s:.1f} s after its end"
            click.echo(f"{at_s:8.1f} s  {event.action:<24} {lasted_s:5.1f} s  {sure}{late}")

    def say_summary(self, state: LiveState, *, has_latency: bool) -> None:
        """How it went, after the last answer.

        Args:
            state: Of the recogniser that was closed.
            has_latency: Whether it ran in real time.
        """
        n = len(self._times_s)
        seconds = self._times_s[-1] - self._times_s[0] if n else 0.0
        rate = (n - 1) / seconds if seconds else 0.0
        parts = [
            f"{self._n_events} {'action' if self._n_events == 1 else 'actions'} in "
            f"{format_duration(seconds)}",
            f"{n} answers ({rate:.1f} a second)",
        ]
        if has_latency and n:
            half, most = np.percentile(self._latencies_ms, (50, 95))
            parts.append(f"latency {half:.0f} ms (95 %: {most:.0f} ms)")
        parts.append(f"{state.rates.skipped} frames skipped")
        click.echo(f"{'; '.join(parts)}.", err=True)
        if state.delay is not None:
            click.echo(_delay_words(state.delay), err=True)
        if state.truth is not None:
            click.echo(_truth_words(state.truth), err=True)

    def raise_for_lost(self) -> None:
        """Says it where lines are missing.

        Raises:
            FsamtError: Some could not be written.
        """
        if self.is_unread:
            # Python would complain once more when it flushes what nobody reads.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        for lines in (self._events, self._answers):
            missing = lines.missing if lines is not None else None
            if missing is not None:
                raise missing


def tested_words(delay: Delay | None) -> str:
    """How late a detector tells of an action, as its test found; None where it found nothing."""
    words = "A detector tells of an action only after its end."
    if delay is None:
        return f"{words} How long after was not tested; it is measured now."
    return (
        f"{words} In its test that was {delay.median_s:.1f} s after the labelled end for half of "
        f"{delay.n_told} actions, and within {delay.ninety_s:.1f} s for 90 % of them; the time to "
        f"compute comes on top. {delay.n_truth - delay.n_told} of {delay.n_truth} labelled actions "
        "were not told at all."
    )


def _delay_words(delay: LiveDelay) -> str:
    n = f"{delay.n} {'action' if delay.n == 1 else 'actions'}"
    return (
        f"Known {delay.median_s:.2f} s after the told end (90 %: {delay.most_s:.2f} s; {n}): "
        f"{delay.waiting_s:.2f} s of frames that had to come, {delay.computing_s:.2f} s of "
        "computing."
    )


def _truth_words(truth: Truth) -> str:
    share = "" if truth.share is None else f"Right at {format_percent(truth.share)} of "
    moments = f"{share}{truth.n_answers} labelled moments; " if truth.n_answers else ""
    alarms = f"{truth.n_false_alarms} false alarm{'' if truth.n_false_alarms == 1 else 's'}"
    found = f"{truth.n_found} of {truth.n_segments} labelled actions found"
    if truth.overlap is not None:
        found += f" (overlap {truth.overlap:g})"
    return f"{moments}{found}, {alarms}."
