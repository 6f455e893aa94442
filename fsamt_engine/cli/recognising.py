"""What `fsamt recognise` does, step by step; imported when it is asked for."""

import logging
import math
import queue
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace

import click

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import CameraFeed, FeedState, OpenedCamera
from fsamt_engine.cli.console import long_work, stop_on_interrupt
from fsamt_engine.cli.live_line import LiveLine
from fsamt_engine.cli.live_out import LiveOut, Outlets, tested_words
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detection_test import kept_detection_test
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import ShouldStop
from fsamt_engine.recognition.keeping import keep_moment
from fsamt_engine.recognition.kinds import is_detector
from fsamt_engine.recognition.opened import stream_line
from fsamt_engine.recognition.opening import open_watcher
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.sources import open_source
from fsamt_engine.recognition.state import Answer, LiveState
from fsamt_engine.recognition.uncertainty import LONGEST_US, UncertainMoment, UncertaintyWatch
from fsamt_engine.recognition.watcher import Watcher
from fsamt_engine.recognition.watching import known_of

_POLL_S = 0.1
_AHEAD_S = 1.0
"""How far the newest frame may be ahead of the newest answer."""

# What is logged is said here as well, in its place.
logging.getLogger("fsamt_engine.recognition").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Watch:
    """What is to be watched.

    Attributes:
        source: "realsense:SERIAL", "file:PATH", "simulated", "take:TAKE_ID".
        seconds: None until it is stopped, or the recording ends.
        every_frame: Not in real time.
        outlets: Where it goes.
        keep_uncertain: Whether uncertain moments are kept for labelling.
    """

    source: str
    settings: RecognitionSettings
    seconds: float | None
    every_frame: bool
    outlets: Outlets
    keep_uncertain: bool
    device: str


def watch(library: Library, record: ModelRecord, plan: Watch) -> None:
    """Recognises until the end, Ctrl-C or the time that was given; then sums it up.

    Raises:
        Cancelled: Ctrl-C before it began.
        FsamtError: The source cannot be opened, or something could not be written.
    """
    known = known_of(library, plan.source)
    with ExitStack() as stack:
        out = LiveOut(plan.outlets, record, plan.source, stack)
        with long_work() as (on_progress, should_stop):
            model = open_watcher(library, record, plan.device, on_progress=on_progress)
            if should_stop():
                raise Cancelled
        click.echo(f"{record.id} runs on {model.computed_by}.", err=True)
        if is_detector(record):
            tested = kept_detection_test(library, record)
            click.echo(tested_words(tested.delay if tested is not None else None), err=True)
        should_stop = stack.enter_context(stop_on_interrupt("Stopping"))
        feed = stack.enter_context(
            open_source(library, plan.source, real_time=not plan.every_frame)
        )
        _wait_until_open(feed)
        streams = stream_line(feed).words
        click.echo(streams, err=True)
        keeper = _Keeper(library, model, feed) if plan.keep_uncertain else None

        def take_answer(answer: Answer) -> None:
            out.take_answer(answer)
            if keeper is not None:
                keeper.take_answer(answer)

        recogniser = Recogniser(
            feed,
            model,
            plan.settings,
            on_answer=take_answer,
            on_event=out.take_event,
            region=known.region,
            segments=known.segments,
            warm_up=known.warm_up,
        )
        stack.callback(recogniser.close)
        if keeper is not None:
            keeper.follow(recogniser)
        with LiveLine() as line:
            follow = _Following(feed, recogniser, out, line, streams, keeper)
            state = follow.until_over(plan.seconds, should_stop)
            recogniser.close()
            out.say_events()
            if keeper is not None:
                keeper.say(line)
        out.say_summary(recogniser.state(), has_latency=not plan.every_frame)
    failure = state.failure
    if failure is None and state.source.state == FeedState.FAILED:
        failure = state.source.failure
    if failure is not None:
        raise failure
    out.raise_for_lost()


def _wait_until_open(feed: CameraFeed) -> None:
    try:
        feed.wait_until_open()
    except FsamtError as error:
        # Not there, says the driver; the feed itself goes on looking for it.
        raise feed.status().failure or error from None


class _Following:
    """Shows how it goes."""

    def __init__(
        self,
        feed: CameraFeed,
        recogniser: Recogniser,
        out: LiveOut,
        line: LiveLine,
        streams: str,
        keeper: "_Keeper | None",
    ) -> None:
        self._feed, self._recogniser = feed, recogniser
        self._out, self._line, self._keeper = out, line, keeper
        self._streams = streams

    def until_over(self, seconds: float | None, should_stop: ShouldStop) -> LiveState:
        """Until the source has ended, the time is over, or nobody wants more; the state then."""
        until = time.monotonic() + (math.inf if seconds is None else seconds)
        while True:
            is_over = self._recogniser.wait_until_over(_POLL_S)
            state = self._recogniser.state()
            self._show(state)
            if is_over or time.monotonic() > until or should_stop() or self._out.is_unread:
                return state

    def _show(self, state: LiveState) -> None:
        streams = stream_line(self._feed)
        if streams.streams and streams.words != self._streams:
            self._streams = streams.words
            self._line.say(streams.words)
        self._out.say_events()
        if self._keeper is not None:
            self._keeper.say(self._line)
        self._line.show(_words(state))


def _words(state: LiveState) -> str:
    """How it goes, in one line."""
    if state.source.message:
        return state.source.message
    now, rates = state.now, state.rates
    said = {"action": f"{now.action} {now.confidence:.2f}", "gathering": "looking"}
    numbers = [f"{rates.camera_hz:.1f} frames/s", f"{rates.answers_hz:.1f} answers/s"]
    if state.timings_p50 is not None and state.timings_p95 is not None:
        most = state.timings_p95.total_ms
        numbers.append(f"{state.timings_p50.total_ms:.0f} ms (95 %: {most:.0f} ms)")
    if rates.skipped:
        numbers.append(f"{rates.skipped} skipped")
    return f"{said.get(now.kind, now.kind)}: {', '.join(numbers)}"


class _Keeper:
    """Keeps the moments at which the model was of two minds.

    They are noticed in the recogniser's thread, with the frames of that moment. What a camera saw
    is stored in the caller's thread meanwhile; a recording that is not played in real time waits.

    Args:
        model: That answers.
        feed: Of what is watched.
    """

    def __init__(self, library: Library, model: Watcher, feed: CameraFeed) -> None:
        self._library, self._model, self._feed = library, model, feed
        self._recogniser: Recogniser | None = None
        self._watch = UncertaintyWatch(model.actions)
        self._noticed: queue.SimpleQueue[_Noticed] = queue.SimpleQueue()
        self._unsaid: queue.SimpleQueue[str] = queue.SimpleQueue()

    def follow(self, recogniser: Recogniser) -> None:
        """The frames of a moment come from here."""
        self._recogniser = recogniser

    def take_answer(self, answer: Answer) -> None:
        """The next answer, in the recogniser's thread."""
        opened = self._feed.opened
        if opened is None or self._recogniser is None:
            return
        if not opened.is_live:
            # However quickly it is played.
            answer = replace(answer, host_at_us=answer.at_us)
        moment = self._watch.push(answer)
        if moment is None:
            return
        newest = self._recogniser.last_frames(LONGEST_US / 1e6 + _AHEAD_S)
        since_us = answer.at_us - LONGEST_US
        frames = [frame for frame in newest if since_us < frame.at_us <= answer.at_us]
        self._noticed.put(_Noticed(moment, frames, opened))
        if not opened.is_live:
            self._keep()

    def say(self, line: LiveLine) -> None:
        """Keeps what was noticed, and says what came of it."""
        self._keep()
        while not self._unsaid.empty():
            line.say(self._unsaid.get())

    def _keep(self) -> None:
        while True:
            try:
                one = self._noticed.get_nowait()
            except queue.Empty:
                return
            self._unsaid.put(self._kept(one))

    def _kept(self, one: "_Noticed") -> str:
        moment = one.moment
        words = f"{moment.guess} ({moment.score:.2f}) or {moment.rival} ({moment.rival_score:.2f})"
        try:
            take_id = keep_moment(
                self._library,
                one.frames,
                one.opened,
                guess=moment.guess,
                score=1 - moment.margin,
                model_id=self._model.record.id,
                reason=f"Live it could have been {words}.",
            )
        except FsamtError as error:
            return str(error)
        return f"Kept for labelling as {take_id}: {words}."


@dataclass(frozen=True)
class _Noticed:
    """An uncertain moment, with its depth in memory."""

    moment: UncertainMoment
    frames: list[Frame]
    opened: OpenedCamera
