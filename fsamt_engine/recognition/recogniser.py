"""A model that watches a camera: frames come in, answers and events come out, nothing piles up."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import CameraFeed, FeedState, FeedStatus, OpenedCamera
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Region, Segment, StreamKind
from fsamt_engine.recognition.delay import DelayLog
from fsamt_engine.recognition.interpreter import Interpreter, Said
from fsamt_engine.recognition.keeping import MomentRing
from fsamt_engine.recognition.preparing import Arrived, CameraEnded, DepthSink, Prepared, Preparing
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.slot import Slot
from fsamt_engine.recognition.state import Answer, LiveDelay, LiveEvent, LiveState, Now, Rates
from fsamt_engine.recognition.timing import TimingLog, now_us
from fsamt_engine.recognition.truth import Truth

if TYPE_CHECKING:
    from fsamt_engine.recognition.watcher import Sight, Watcher

_LOG = logging.getLogger("fsamt_engine.recognition")
_POLL_S = 0.05
_JOIN_S = 10.0
_N_EVENTS = 200
_MOMENTS_S = 5.0
_OVER = (FeedState.ENDED, FeedState.FAILED, FeedState.CLOSED)


class Recogniser:
    """Watches a camera with a model, from its making until `close`.

    Three threads: the camera's, one that prepares, one that computes the network. Between them
    stands one frame, then one clip: the newest wins, so that a slow computer answers less often but
    never later. Where the camera is not live (a recording frame by frame), it waits instead, and
    every frame is answered. A camera that was unplugged is watched again as soon as it is back.

    An error in one of the threads ends recognition and is kept in `LiveState.failure`.

    Args:
        feed: Of the camera, with depth open; it stays its owner's, who closes it after this.
        model: Can be changed while it runs.
        settings: When an answer counts; can be changed while it runs.
        on_answer: Called with every answer, in the network's thread.
        on_event: Called with every event that begins or ends, in the network's thread.
        region: Where the participant is, as a person drew it in a take.
        segments: Labels of the take that is played, to tell right from wrong.
        warm_up: Frames (H, W) uint16 of the take that is played, from which its still background
            is known at the start; none of a camera.
    """

    def __init__(
        self,
        feed: CameraFeed,
        model: "Watcher",
        settings: RecognitionSettings,
        *,
        on_answer: Callable[[Answer], None] | None = None,
        on_event: Callable[[LiveEvent], None] | None = None,
        region: Region | None = None,
        segments: Sequence[Segment] = (),
        warm_up: Sequence[npt.NDArray[np.uint16]] = (),
    ) -> None:
        self._feed, self._model, self._settings = feed, model, settings
        self._on_answer, self._on_event = on_answer, on_event
        self._region, self._segments, self._warm_up = region, tuple(segments), tuple(warm_up)
        self._frames: Slot[Arrived | CameraEnded] = Slot()
        self._clips: Slot[Prepared | CameraEnded] = Slot()
        self._moments = MomentRing(_MOMENTS_S)
        self._timings = TimingLog()
        self._closing = threading.Event()
        self._lock = threading.Condition()
        self._attached: tuple[OpenedCamera, DepthSink] | None = None
        self._n_attached = self._n_ended = 0
        self._n_answers = 0
        self._answer: Answer | None = None
        self._now = Now("gathering")
        self._events: tuple[LiveEvent, ...] = ()
        self._truth: Truth | None = None
        self._delay: LiveDelay | None = None
        self._failure: Exception | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (
                ("recogniser preparing", self._prepare),
                ("recogniser network", self._compute),
            )
        ]
        for thread in self._threads:
            thread.start()

    def state(self) -> LiveState:
        """Everything as it is now; cheap, from any thread."""
        source = self._feed.status()
        percentiles = self._timings.percentiles()
        with self._lock:
            model, answer = self._model, self._answer
            now, events, truth, failure = self._now, self._events, self._truth, self._failure
            delay = self._delay
        if answer is not None:
            timings = self._timings.timings(answer.number) or answer.timings
            answer = replace(answer, timings=timings)
        return LiveState(
            source,
            self._feed.opened,
            self._feed.latest(StreamKind.DEPTH),
            model.record.id,
            model.computed_by,
            model.measured,
            answer,
            now,
            events,
            percentiles[0] if percentiles else None,
            percentiles[1] if percentiles else None,
            self._rates(source, model.look.every),
            failure,
            truth,
            delay,
        )

    def change_model(self, model: "Watcher") -> None:
        """Answers with another model from the next frame on; what was going on ends."""
        with self._lock:
            self._model = model
            self._answer, self._now, self._delay = None, Now("gathering"), None

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Decides by these from the next answer on; what is going on stays."""
        self._settings = settings

    def shown(self, answer_number: int) -> None:
        """Notes that an answer stands on the screen from now on."""
        self._timings.shown(answer_number, now_us())

    def last_frames(self, seconds: float) -> list[Frame]:
        """The raw depth of the last seconds (five at most), oldest first, for `keep_moment`.

        It is in memory alone; frames of a camera that was opened anew do not mix with older ones.
        """
        return self._moments.last(seconds)

    def wait_until_over(self, timeout_s: float | None = None) -> bool:
        """Waits until the camera has ended and its last frame is answered, or a failure.

        Returns:
            Whether it came to that in time.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        with self._lock:
            while not self._is_over():
                left_s = _POLL_S if until is None else min(_POLL_S, until - time.monotonic())
                if left_s <= 0:
                    return False
                self._lock.wait(left_s)
        return True

    def close(self) -> None:
        """Ends recognition: what is going on ends with the last answer. Twice is fine."""
        self._stop()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def _is_over(self) -> bool:
        if self._failure is not None or self._closing.is_set():
            return True
        return self._feed.status().state in _OVER and self._n_attached == self._n_ended

    def _rates(self, source: FeedStatus, every: int) -> Rates:
        depth = next((s for s in source.streams if s.mode.kind == StreamKind.DEPTH), None)
        return Rates(
            depth.rate_hz if depth else 0.0,
            self._timings.answers_hz(),
            self._frames.n_replaced + self._clips.n_replaced,
            depth.n_missing if depth else 0,
            every,
        )

    def _stop(self) -> None:
        self._closing.set()
        with self._lock:
            attached, self._attached = self._attached, None
            self._lock.notify_all()
        if attached is not None:
            self._feed.detach(attached[1])
        self._frames.close()
        self._clips.close()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - kept for whoever asks for the state
            is_bug = not isinstance(error, FsamtError)
            _LOG.error("Recognition has failed: %s", error, exc_info=is_bug)
            with self._lock:
                self._failure = self._failure or error
            self._stop()

    def _prepare(self) -> None:
        """The preparing thread: frames to clips."""
        preparing = Preparing(self._region, self._warm_up)
        while not self._closing.is_set():
            self._attach_if_open()
            item = self._frames.get(_POLL_S)
            if isinstance(item, CameraEnded):
                preparing.forget()
                self._clips.mark(item)
            elif item is not None and (prepared := preparing.push(item, self._model)):
                put = self._clips.put if item.opened.is_live else self._clips.put_waiting
                put(prepared)

    def _attach_if_open(self) -> None:
        opened = self._feed.opened
        if opened is None or (self._attached is not None and self._attached[0] is opened):
            return
        sink = DepthSink(opened, self._frames, self._moments)
        with self._lock:
            if self._closing.is_set():
                return
            self._n_attached += 1
            self._attached = (opened, sink)
        if not self._feed.attach(sink, opened):
            with self._lock:
                self._n_attached -= 1
                self._attached = None
        elif self._closing.is_set():
            self._feed.detach(sink)

    def _compute(self) -> None:
        """The network's thread: clips to answers."""
        model = self._model
        interpreter = self._interpreter(model, 1)
        sight: Sight | None = None
        delays = DelayLog()
        part = 0
        try:
            while not self._closing.is_set():
                item = self._clips.get(_POLL_S)
                if item is None:
                    continue
                if isinstance(item, CameraEnded):
                    self._end(interpreter)
                    with self._lock:
                        self._now = Now("gathering")
                        self._n_ended += 1
                        self._lock.notify_all()
                    continue
                if sight is None or item.model is not model or item.part != part:
                    self._end(interpreter)
                    part, sight = item.part, item.model.sight()
                if item.model is not model:
                    model, delays = item.model, DelayLog()
                    interpreter = self._interpreter(model, interpreter.next_number)
                interpreter.change_settings(self._settings)
                said = interpreter.push(self._answered(item, sight))
                self._publish(model, said, delays.add(said.events))
        finally:
            self._end(interpreter)

    def _interpreter(self, model: "Watcher", first_number: int) -> Interpreter:
        return Interpreter(model, self._settings, self._segments, first_number)

    def _answered(self, item: Prepared, sight: "Sight") -> Answer:
        began_us = now_us()
        seen = sight.see(item.clip.pixels, item.clip.seen)
        done_us = now_us()
        self._n_answers += 1
        answer = item.answer(self._n_answers, seen, began_us, done_us)
        self._timings.add(answer.number, done_us, answer.timings)
        return answer

    def _publish(self, model: "Watcher", said: Said, delay: LiveDelay | None) -> None:
        with self._lock:
            if model is self._model:
                self._answer, self._now, self._delay = said.answer, said.now, delay
            self._truth = said.truth
        self._tell(said.events)
        if self._on_answer is not None:
            self._on_answer(said.answer)

    def _end(self, interpreter: Interpreter) -> None:
        """Ends what is going on; what that tells counts, too."""
        events = interpreter.end()
        with self._lock:
            self._truth = interpreter.truth or self._truth
        self._tell(events)

    def _tell(self, events: tuple[LiveEvent, ...]) -> None:
        for event in events:
            with self._lock:
                before = tuple(e for e in self._events if e.number != event.number)
                self._events = (*before, event)[-_N_EVENTS:]
            if self._on_event is not None:
                self._on_event(event)
