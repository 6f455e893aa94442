"""From the raw answers of one model to what is said: smoothed, decided, judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsamt_engine.library.records import Segment
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.smoothing import Smoother
from fsamt_engine.recognition.state import Answer, LiveEvent, Now
from fsamt_engine.recognition.truth import Truth
from fsamt_engine.recognition.watcher import Watcher


@dataclass(frozen=True)
class Said:
    """What comes of one answer.

    Attributes:
        answer: With its smoothed probabilities.
        events: That became known with it: they began or ended.
        truth: On a take with segments.
    """

    answer: Answer
    now: Now
    events: tuple[LiveEvent, ...]
    truth: Truth | None


class Interpreter:
    """Smooths the answers of a model, decides what goes on, and judges it where labels are.

    Args:
        watcher: The model.
        settings: Can be changed at any time.
        segments: Labels of the take that is played; none for a camera.
        first_number: Of the next event.
    """

    def __init__(
        self,
        watcher: Watcher,
        settings: RecognitionSettings,
        segments: Sequence[Segment] = (),
        first_number: int = 1,
    ) -> None:
        self._smoother = Smoother(settings.smoothing_s)
        self._decider = watcher.decider(settings, first_number)
        self._judge = watcher.judge(segments) if segments else None
        self._settings = settings
        self._last: Said | None = None

    @property
    def next_number(self) -> int:
        """Of the next event."""
        return self._decider.next_number

    @property
    def truth(self) -> Truth | None:
        """How it does so far on a take with segments, what `end` ended included."""
        return self._last.truth if self._last is not None else None

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Goes on with these; what is going on stays."""
        if settings is not self._settings:
            self._settings = settings
            self._smoother.seconds = settings.smoothing_s
            self._decider.change_settings(settings)

    def push(self, answer: Answer) -> Said:
        """Takes the next answer; its `smoothed` is not read."""
        smoothed = self._smoother.push(answer.probabilities, answer.at_us)
        answer = replace(answer, smoothed=smoothed)
        now, events = self._decider.push(answer)
        truth = None
        if self._judge is not None:
            truth, events = self._judge.push(answer, now, events)
        self._last = Said(answer, now, events, truth)
        return self._last

    def end(self) -> tuple[LiveEvent, ...]:
        """No more answers follow, or nothing before the next one counts: ends what is going on."""
        self._smoother.reset()
        events = self._decider.end()
        if self._judge is not None and self._last is not None and events:
            truth, events = self._judge.push(self._last.answer, Now("gathering"), events)
            if (said := self._last.truth) is not None:  # The last moment keeps its verdict.
                truth = replace(truth, expected=said.expected, is_right=said.is_right)
            self._last = replace(self._last, truth=truth)
        return events
