"""Whether what a detector tells on a take is right: its onset and offset beside the labels."""

from collections.abc import Sequence
from dataclasses import replace

from fsamt_engine.evaluation.detections import overlap
from fsamt_engine.library.records import BACKGROUND, Segment
from fsamt_engine.recognition.state import Answer, LiveEvent, Now
from fsamt_engine.recognition.truth import Truth

RIGHT_OVERLAP = 0.5
"""Time of both over the time of either, as usual in the literature."""


class DetectionJudge:
    """Compares the events of a detector with the labels of the take that is played.

    An event is right if it overlaps a segment of its action by `RIGHT_OVERLAP` that no other event
    has taken; else it is a false alarm, also where nobody labelled anything: to a detector, what
    has no label is background. A segment counts when it is over. What is said of the moment is not
    judged: it speaks of a clip that began long before, and what the detector means it tells later.

    Args:
        segments: Of the take that is played.
        actions: Of the detector.
    """

    def __init__(self, segments: Sequence[Segment], actions: Sequence[str]) -> None:
        self._segments = tuple(segments)
        self._actions = frozenset(actions) - {BACKGROUND}
        self._frame = -1
        self._over: set[int] = set()
        self._found: set[int] = set()
        self._truth = Truth(overlap=RIGHT_OVERLAP)

    @property
    def found(self) -> tuple[Segment, ...]:
        """The labelled actions that were recognised, of this time through the take."""
        return tuple(self._segments[place] for place in sorted(self._found))

    def push(
        self, answer: Answer, now: Now, events: Sequence[LiveEvent]
    ) -> tuple[Truth, tuple[LiveEvent, ...]]:
        """Judges an answer, and what was said to it.

        Returns:
            How it does so far, and the events with `was_right`.
        """
        frame = answer.frame_number
        if frame is None:
            return self._truth, tuple(events)
        judged = self._judged(events)
        if frame < self._frame:
            # The take is played again: what was counted stays.
            self._over.clear()
            self._found.clear()
        self._frame = frame
        self._note_over(frame)
        expected = next((s.action for s in self._segments if s.start <= frame < s.end), None)
        self._truth = replace(self._truth, expected=expected)
        return self._truth, judged

    def _judged(self, events: Sequence[LiveEvent]) -> tuple[LiveEvent, ...]:
        """Each with its verdict; a begin has that of the end which came with it."""
        verdicts = {
            event.number: self._was_right(event.action, event.onset_frame, event.offset_frame)
            for event in events
            if event.onset_frame is not None and event.offset_frame is not None
        }
        n_false = sum(not was_right for was_right in verdicts.values())
        truth = self._truth
        self._truth = replace(truth, n_false_alarms=truth.n_false_alarms + n_false)
        return tuple(replace(one, was_right=verdicts.get(one.number)) for one in events)

    def _was_right(self, action: str, start: int, end: int) -> bool:
        """Whether it takes a segment; of several the one that it overlaps most."""
        free = [
            (float(overlap(start, end, segment.start, segment.end)), place)
            for place, segment in enumerate(self._segments)
            if segment.action == action and place not in self._found
        ]
        shared, place = max(free, default=(0.0, 0))
        if shared < RIGHT_OVERLAP:
            return False
        self._found.add(place)
        self._truth = replace(self._truth, n_found=self._truth.n_found + 1)
        return True

    def _note_over(self, frame: int) -> None:
        for place, segment in enumerate(self._segments):
            is_over = segment.end <= frame + 1 or place in self._found
            if is_over and place not in self._over and segment.action in self._actions:
                self._over.add(place)
                self._truth = replace(self._truth, n_segments=self._truth.n_segments + 1)
