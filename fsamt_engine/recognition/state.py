"""What a running recogniser says of itself: plain records, cheap to copy, read without PyTorch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import FeedStatus, OpenedCamera
from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.modalities.boxes import View

if TYPE_CHECKING:
    from fsamt_engine.recognition.truth import Truth

AnswerStatus = Literal["gathering", "nobody", "answering"]
"""Less than half a clip so far; nobody to be seen, yet or any more; an answer like any other."""

NowKind = Literal["gathering", "nobody", "background", "unknown", "action"]


@dataclass(frozen=True)
class Measured:
    """One way to compute the network, as it was measured when the model was opened.

    Attributes:
        name: For people: "ONNX Runtime, CPU, 2 threads".
        ms: For one clip, in the quicker quarter of some runs; None where it could not be used.
        chosen: Whether it answers now.
        reason: Why it was chosen, or was not.
    """

    name: str
    ms: float | None
    chosen: bool
    reason: str


@dataclass(frozen=True)
class Timings:
    """Where the time of one answer went, from the exposure of its newest frame on.

    Attributes:
        waiting_ms: From the exposure until the frame was prepared, and from then until the network
            began, without the preparing itself: the way through the camera, and queues.
        preparing_ms: Finding the person, cutting, shrinking.
        network_ms: The network alone.
        display_ms: From the result to the screen, with smoothing and deciding; None until it was
            painted, or where nobody looks.
    """

    waiting_ms: float
    preparing_ms: float
    network_ms: float
    display_ms: float | None = None

    @property
    def total_ms(self) -> float:
        """From the exposure of the newest frame to the result, and to the screen if painted."""
        return self.waiting_ms + self.preparing_ms + self.network_ms + (self.display_ms or 0.0)


@dataclass(frozen=True)
class Percentiles:
    """A percentile of each timing over the last ten seconds; that of the total is its own.

    Attributes:
        display_ms: None where nothing was painted.
    """

    waiting_ms: float
    preparing_ms: float
    network_ms: float
    display_ms: float | None
    total_ms: float


@dataclass(frozen=True)
class Answer:
    """What the network said of the clip that ends with one frame.

    Attributes:
        number: Counts up from 1.
        at_us: Exposure of the newest frame, by the clock of `domain`.
        domain: "device", "host" or "nominal".
        host_at_us: The same moment by the computer's clock, microseconds since 1970 UTC.
        frame_number: As the camera counts, or the frame's place in the take; None where unknown.
        clip_share: How much of the clip was seen and not repeated, 0..1.
        probabilities: One for each action of the model, as the network gave them.
        smoothed: The same, smoothed over time.
        view: The square that the network sees, in the newest frame.
        seen: Frames that came so far, at the pace of the model; the newest is `seen - 1`.
        found: What a detector takes for actions so far, in these frames; None of a recogniser.
    """

    number: int
    at_us: int
    domain: str
    host_at_us: int
    frame_number: int | None
    status: AnswerStatus
    clip_share: float
    probabilities: tuple[float, ...]
    smoothed: tuple[float, ...]
    view: View
    timings: Timings
    seen: int = 0
    found: Candidates | None = None


@dataclass(frozen=True)
class Now:
    """What is to be said of this moment.

    Attributes:
        action: With `background` and "action".
        confidence: The smoothed probability of what is said, 0..1.
        since_us: Since when it has been so, by the camera's clock.
    """

    kind: NowKind
    action: str | None = None
    confidence: float = 0.0
    since_us: int = 0


@dataclass(frozen=True)
class LiveEvent:
    """An action that was recognised.

    Attributes:
        number: Counts up from 1; the same for its begin and its end.
        onset_us, offset_us: By the clock of `domain`; the offset is None while it lasts.
        host_onset_us: The onset by the computer's clock, microseconds since 1970 UTC.
        confidence: The largest smoothed probability so far, 0..1; of a detection, its score.
        onset_frame, offset_frame: Where the camera counts its frames.
        was_right: On a take with segments; None where nobody labelled.
        known_us: When a detector knew it, by the clock of `domain`, with the computing: onset and
            offset lie before it. None of a recogniser, whose own offset is the moment it decides.
        known_frame: The newest frame that had been seen by then.
        computing_ms: How long after that frame's exposure it was known.
    """

    number: int
    action: str
    onset_us: int
    offset_us: int | None
    domain: str
    host_onset_us: int
    confidence: float
    onset_frame: int | None = None
    offset_frame: int | None = None
    was_right: bool | None = None
    known_us: int | None = None
    known_frame: int | None = None
    computing_ms: float = 0.0

    @property
    def delay_s(self) -> float | None:
        """Seconds from the end to the moment at which it was known; None of a recogniser."""
        if self.known_us is None or self.offset_us is None:
            return None
        return (self.known_us - self.offset_us) / 1e6


@dataclass(frozen=True)
class LiveDelay:
    """How long after an action's end it was known, over the events of a detector.

    Attributes:
        n: Events.
        median_s: Half of them were known this soon after the end that was told, or sooner.
        most_s: The same of 90 %.
        waiting_s: Of the median event's delay: frames that had to come after the end.
        computing_s: And the rest of it: from the newest frame's exposure to the result.
    """

    n: int
    median_s: float
    most_s: float
    waiting_s: float
    computing_s: float


@dataclass(frozen=True)
class Rates:
    """How it keeps up.

    Attributes:
        camera_hz: Depth frames that came, a second, over the last two seconds.
        answers_hz: Answers a second, over the last two seconds.
        skipped: Frames that came and have no answer of their own, because a newer one was there.
        dropped: Frames that the camera counted but that never came.
        every: There is an answer to every so many frames where it keeps up.
    """

    camera_hz: float = 0.0
    answers_hz: float = 0.0
    skipped: int = 0
    dropped: int = 0
    every: int = 1


@dataclass(frozen=True)
class LiveState:
    """Everything about a recogniser at one moment.

    Attributes:
        opened: The camera as it is open now; None while it is gone.
        frame: The newest depth frame; its pixels must not be changed.
        backend_name: What computes the network, for people.
        measured: What was measured to choose it.
        answer: The newest.
        events: The newest 200, in the order of their onset.
        timings_p50, timings_p95: Over the last ten seconds; None before the first answer.
        failure: Why it stopped; a bug if it is no FsamtError.
        truth: On a take with segments.
        delay: Of a detector, since it began to watch; None before its first event.
    """

    source: FeedStatus
    opened: OpenedCamera | None
    frame: Frame | None
    model_id: str
    backend_name: str
    measured: tuple[Measured, ...]
    answer: Answer | None
    now: Now
    events: tuple[LiveEvent, ...]
    timings_p50: Percentiles | None
    timings_p95: Percentiles | None
    rates: Rates
    failure: Exception | None
    truth: "Truth | None"
    delay: LiveDelay | None = None
