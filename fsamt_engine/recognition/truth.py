"""Whether live answers on a take are right: its labels, beside what was recognised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsamt_engine.library.records import BACKGROUND, Segment
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.recognition.state import Answer, LiveEvent, Now


@dataclass(frozen=True)
class Truth:
    """How recognition does on a take with labels, so far.

    Attributes:
        expected: The action that a person labelled here, `background` included; None where there
            is no label, so that nothing is right or wrong.
        is_right: Whether what stands on the screen now is that; None where there is no label.
        n_right: Answers at labelled moments that were right.
        n_answers: Answers at labelled moments.
        n_found: Labelled actions that are over, or going on, and were recognised.
        n_segments: Labelled actions that are over, or going on (without `background`).
        n_false_alarms: Actions that were recognised where a person labelled something else.
        overlap: A detector's actions are found where they overlap the label by this (time of both
            over the time of either); None of a recogniser.
    """

    expected: str | None = None
    is_right: bool | None = None
    n_right: int = 0
    n_answers: int = 0
    n_found: int = 0
    n_segments: int = 0
    n_false_alarms: int = 0
    overlap: float | None = None

    @property
    def share(self) -> float | None:
        """Share of the labelled moments with a right answer; None before the first."""
        return self.n_right / self.n_answers if self.n_answers else None


class Judge:
    """Compares what is recognised on a take with the labels that people gave it.

    A moment is right if the labelled action stands on the screen; where `background` is labelled,
    or an action that the model does not know, if no action does. An event is right if it overlaps a
    segment of its action. It may come later by half a clip: so long the network still sees more of
    the action than of what follows. Where nobody labelled anything, nothing is right or wrong.

    Args:
        segments: Of the take that is played.
        actions: Of the model.
        shape: Of its clips.
    """

    def __init__(
        self, segments: Sequence[Segment], actions: Sequence[str], shape: ClipShape
    ) -> None:
        self._segments = tuple(segments)
        self._actions = frozenset(actions) - {BACKGROUND}
        self._lag = shape.span // 2
        self._frame = -1
        self._met: set[int] = set()
        self._found: set[int] = set()
        self._lasting: LiveEvent | None = None
        self._truth = Truth()

    @property
    def found(self) -> tuple[Segment, ...]:
        """The labelled actions that were recognised, of this time through the take."""
        return tuple(self._segments[place] for place in sorted(self._found))

    def push(
        self, answer: Answer, now: Now, events: Sequence[LiveEvent]
    ) -> tuple[Truth, tuple[LiveEvent, ...]]:
        """Judges an answer, and what a decider said to it.

        Returns:
            How it does so far, and the events with `was_right`; of one that lasts, so far.
        """
        frame = answer.frame_number
        if frame is None:
            return self._truth, tuple(events)
        if frame < self._frame:
            self._start_over()
        self._meet(frame)
        judged = tuple(self._judge(event, frame) for event in events)
        if self._lasting is not None:
            self._judge(self._lasting, frame)
        expected = next((s.action for s in self._segments if s.start <= frame < s.end), None)
        self._count(expected, now)
        return self._truth, judged

    def _start_over(self) -> None:
        """The take is played again: what was counted stays."""
        self._frame = -1
        self._met.clear()
        self._found.clear()

    def _meet(self, frame: int) -> None:
        """Counts the segments that were reached since the last frame."""
        for place, segment in enumerate(self._segments):
            is_reached = segment.start <= frame and segment.end > self._frame
            if is_reached and place not in self._met and segment.action in self._actions:
                self._met.add(place)
                self._truth = replace(self._truth, n_segments=self._truth.n_segments + 1)
        self._frame = frame

    def _judge(self, event: LiveEvent, frame: int) -> LiveEvent:
        self._lasting = event if event.offset_us is None else None
        if event.onset_frame is None:
            return event
        end = frame + 1 if event.offset_frame is None else event.offset_frame
        was_right = self._was_right(event.action, event.onset_frame, end)
        if was_right is False and event.offset_us is not None:
            n_false_alarms = self._truth.n_false_alarms + 1
            self._truth = replace(self._truth, n_false_alarms=n_false_alarms)
        return replace(event, was_right=was_right)

    def _was_right(self, action: str, start: int, end: int) -> bool | None:
        is_right = is_labelled = False
        for place, segment in enumerate(self._segments):
            if segment.action == action and segment.start < end and start < segment.end + self._lag:
                is_right = True
                self._find(place)
            is_labelled |= segment.start < end and start < segment.end
        return True if is_right else (False if is_labelled else None)

    def _find(self, place: int) -> None:
        if place not in self._found:
            self._found.add(place)
            self._truth = replace(self._truth, n_found=self._truth.n_found + 1)

    def _count(self, expected: str | None, now: Now) -> None:
        truth = self._truth
        if expected is None or now.kind == "gathering":
            self._truth = replace(truth, expected=expected, is_right=None)
            return
        said = now.action if now.kind == "action" else None
        is_right = said == (expected if expected in self._actions else None)
        self._truth = replace(
            truth,
            expected=expected,
            is_right=is_right,
            n_right=truth.n_right + is_right,
            n_answers=truth.n_answers + 1,
        )
