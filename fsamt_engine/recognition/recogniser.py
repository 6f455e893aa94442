"""A model that watches a camera: frames come in, answers and events come out, nothing piles up."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import CameraFeed, FeedState, FeedStatus, OpenedCamera
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import RecordingEnd, Region, Segment, StreamKind
from fsamt_engine.recognition.interpreter import Interpreter, Said
from fsamt_engine.recognition.live_model import LiveModel
from fsamt_engine.recognition.pipeline import ClipPipeline, NewestClip
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.slot import Slot
from fsamt_engine.recognition.state import Answer, LiveEvent, LiveState, Now, Rates, Timings
from fsamt_engine.recognition.timing import ExposureClock, TimingLog, now_us
from fsamt_engine.recognition.truth import Truth

_LOG = logging.getLogger("fsamt_engine.recognition")
_POLL_S = 0.05
_JOIN_S = 10.0
_N_EVENTS = 200
_OVER = (FeedState.ENDED, FeedState.FAILED, FeedState.CLOSED)


@dataclass(frozen=True)
class _Arrived:
    """A frame, with the opening of the camera that it came from."""

    opened: OpenedCamera
    frame: Frame
    came_us: int


@dataclass(frozen=True)
class _CameraEnded:
    """No more frames come from one opening of the camera."""


@dataclass(frozen=True)
class _Prepared:
    """A clip on its way to the network.

    Attributes:
        part: Counts the times that everything started anew.
        exposed_us: By the computer's clock, for latencies.
        host_at_us: By the computer's clock, as it is told.
    """

    model: LiveModel
    clip: NewestClip
    part: int
    frame: Frame
    exposed_us: int
    host_at_us: int
    began_us: int
    done_us: int


class _Sink:
    """Takes the frames of one opening of the camera, in the camera's thread."""

    def __init__(self, opened: OpenedCamera, frames: "Slot[_Arrived | _CameraEnded]") -> None:
        self._opened, self._frames = opened, frames

    def take_frame(self, frame: Frame) -> None:
        """Hands depth on; only a camera that is not live waits."""
        if frame.kind == StreamKind.DEPTH:
            put = self._frames.put if self._opened.is_live else self._frames.put_waiting
            put(_Arrived(self._opened, frame, now_us()))

    def camera_ended(self, how: RecordingEnd) -> None:
        """Tells both threads, behind the last frame."""
        self._frames.mark(_CameraEnded())


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
    """

    def __init__(
        self,
        feed: CameraFeed,
        model: LiveModel,
        settings: RecognitionSettings,
        *,
        on_answer: Callable[[Answer], None] | None = None,
        on_event: Callable[[LiveEvent], None] | None = None,
        region: Region | None = None,
        segments: Sequence[Segment] = (),
    ) -> None:
        self._feed, self._model, self._settings = feed, model, settings
        self._on_answer, self._on_event = on_answer, on_event
        self._region, self._segments = region, tuple(segments)
        self._frames: Slot[_Arrived | _CameraEnded] = Slot()
        self._clips: Slot[_Prepared | _CameraEnded] = Slot()
        self._timings = TimingLog()
        self._closing = threading.Event()
        self._lock = threading.Condition()
        self._attached: tuple[OpenedCamera, _Sink] | None = None
        self._n_attached = self._n_ended = 0
        self._n_answers = 0
        self._answer: Answer | None = None
        self._now = Now("gathering")
        self._events: tuple[LiveEvent, ...] = ()
        self._truth: Truth | None = None
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
        if answer is not None:
            timings = self._timings.timings(answer.number) or answer.timings
            answer = replace(answer, timings=timings)
        return LiveState(
            source,
            self._feed.opened,
            self._feed.latest(StreamKind.DEPTH),
            model.record.id,
            model.backend.name,
            model.measured,
            answer,
            now,
            events,
            percentiles[0] if percentiles else None,
            percentiles[1] if percentiles else None,
            self._rates(source),
            failure,
            truth,
        )

    def change_model(self, model: LiveModel) -> None:
        """Answers with another model from the next frame on; what was going on ends."""
        with self._lock:
            self._model = model
            self._answer, self._now = None, Now("gathering")

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Decides by these from the next answer on; what is going on stays."""
        self._settings = settings

    def shown(self, answer_number: int) -> None:
        """Notes that an answer stands on the screen from now on."""
        self._timings.shown(answer_number, now_us())

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

    def _rates(self, source: FeedStatus) -> Rates:
        depth = next((s for s in source.streams if s.mode.kind == StreamKind.DEPTH), None)
        return Rates(
            depth.rate_hz if depth else 0.0,
            self._timings.answers_hz(),
            self._frames.n_replaced + self._clips.n_replaced,
            depth.n_missing if depth else 0,
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
        clock = ExposureClock()
        pipeline: ClipPipeline | None = None
        opened: OpenedCamera | None = None
        part = 0
        while not self._closing.is_set():
            self._attach_if_open()
            item = self._frames.get(_POLL_S)
            if isinstance(item, _CameraEnded):
                pipeline = None
                self._clips.mark(item)
                continue
            if item is None:
                continue
            began_us, model = now_us(), self._model
            if pipeline is None or item.opened is not opened or pipeline.look != model.look:
                opened, pipeline = item.opened, self._pipeline(item.opened, model)
                clock = ExposureClock()
            clip = pipeline.push(item.frame)
            host_at_us = exposed_us = clock.host_us(
                item.frame.at_us, item.frame.domain, item.frame.arrived_at_us
            )
            if clip is None:
                continue
            if not opened.is_live:
                host_at_us, exposed_us = item.frame.arrived_at_us, item.came_us
            part += clip.is_fresh
            prepared = _Prepared(
                model, clip, part, item.frame, exposed_us, host_at_us, began_us, now_us()
            )
            put = self._clips.put if opened.is_live else self._clips.put_waiting
            put(prepared)

    def _attach_if_open(self) -> None:
        opened = self._feed.opened
        if opened is None or (self._attached is not None and self._attached[0] is opened):
            return
        sink = _Sink(opened, self._frames)
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

    def _pipeline(self, opened: OpenedCamera, model: LiveModel) -> ClipPipeline:
        stream = opened.stream(StreamKind.DEPTH)
        unit_m = stream.unit_m if stream else None
        return ClipPipeline(model.look, unit_m, opened.calibration.depth, self._region)

    def _compute(self) -> None:
        """The network's thread: clips to answers."""
        model = self._model
        interpreter = self._interpreter(model, 1)
        part = 0
        while not self._closing.is_set():
            item = self._clips.get(_POLL_S)
            if item is None:
                continue
            if isinstance(item, _CameraEnded):
                self._tell(interpreter.end())
                with self._lock:
                    self._now = Now("gathering")
                    self._n_ended += 1
                    self._lock.notify_all()
                continue
            if item.model is not model or item.part != part:
                self._tell(interpreter.end())
                part = item.part
            if item.model is not model:
                model = item.model
                interpreter = self._interpreter(model, interpreter.next_number)
            interpreter.change_settings(self._settings)
            self._publish(model, interpreter.push(self._answered(item)))
        self._tell(interpreter.end())

    def _interpreter(self, model: LiveModel, first_number: int) -> Interpreter:
        return Interpreter(model.actions, model.shape, self._settings, self._segments, first_number)

    def _answered(self, item: _Prepared) -> Answer:
        began_us = now_us()
        values = item.model.backend.probabilities(item.clip.pixels)
        done_us = now_us()
        waiting_us = (item.began_us - item.exposed_us) + (began_us - item.done_us)
        timings = Timings(
            max(0.0, waiting_us / 1000),
            (item.done_us - item.began_us) / 1000,
            (done_us - began_us) / 1000,
        )
        self._n_answers += 1
        self._timings.add(self._n_answers, done_us, timings)
        probabilities = tuple(float(value) for value in values)
        return Answer(
            self._n_answers,
            item.frame.at_us,
            item.frame.domain,
            item.host_at_us,
            item.frame.number,
            item.clip.status,
            item.clip.share,
            probabilities,
            probabilities,
            item.clip.view,
            timings,
        )

    def _publish(self, model: LiveModel, said: Said) -> None:
        with self._lock:
            if model is self._model:
                self._answer, self._now = said.answer, said.now
            self._truth = said.truth
        self._tell(said.events)
        if self._on_answer is not None:
            self._on_answer(said.answer)

    def _tell(self, events: tuple[LiveEvent, ...]) -> None:
        for event in events:
            with self._lock:
                before = tuple(e for e in self._events if e.number != event.number)
                self._events = (*before, event)[-_N_EVENTS:]
            if self._on_event is not None:
                self._on_event(event)
