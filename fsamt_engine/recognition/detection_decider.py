"""From what a detector found to actions with an onset and an offset of their own."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.streaming import Teller
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.frame_track import FrameTrack
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Answer, LiveEvent, Now, NowKind

_LOST_TRACK_US = 2_000_000
_SURE = 0.5
"""What is likelier than everything else together is what goes on now."""


class DetectionDecider:
    """Tells of an action once it is known where it began and where it ended.

    What goes on at this moment is the action (or `background`) that is likelier than all others
    together; "unknown" where there is none. That is for the eye alone: events come from the
    detections, each with its onset and offset in the past and the moment at which it was known.
    Where nobody was there for most of its time, nothing is told.

    Args:
        actions: Of the watcher, in the order of its probabilities: the detector's, then
            `background`.
        settle: Of the detector's stream.
        rate_hz: Frames a second that the detector counts.
        settings: Where an action begins to count is the least score of its detections; can be
            changed at any time.
        first_number: Of the next event.
    """

    def __init__(
        self,
        actions: Sequence[str],
        settle: int,
        rate_hz: float,
        settings: RecognitionSettings,
        first_number: int = 1,
    ) -> None:
        self._actions, self._settle = tuple(actions), settle
        self._tellers = [Teller(settings.of(action).on, settle) for action in self._actions]
        self._track = FrameTrack(rate_hz)
        self._next_number = first_number
        self._last: Answer | None = None
        self._now = Now("gathering")

    @property
    def next_number(self) -> int:
        """Of the next event: a decider that takes over counts on from here."""
        return self._next_number

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Tells by these from the next answer on; what was told is not told again."""
        for action, teller in zip(self._actions, self._tellers, strict=True):
            teller.change_threshold(settings.of(action).on)

    def push(self, answer: Answer) -> tuple[Now, tuple[LiveEvent, ...]]:
        """Takes the next answer, with its smoothed probabilities and what was found.

        Returns:
            What is to be said now, and each action that became known with it: once as it began,
            once as it ended.
        """
        events = self.end() if self._has_lost_track(answer) else ()
        self._last = answer
        self._track.note(answer)
        told = self._told(answer, answer.seen)
        return self._say(self._now_of(answer)), (*events, *told)

    def end(self) -> tuple[LiveEvent, ...]:
        """Tells what has begun and may still be told, because no more answers follow."""
        last, self._last = self._last, None
        told = self._told(last, last.seen + self._settle) if last is not None else ()
        self._track.forget()
        for teller in self._tellers:
            teller.forget()
        self._now = Now("gathering")
        return told

    def _told(self, answer: Answer, at_frame: int) -> tuple[LiveEvent, ...]:
        """What is known with this answer, the earliest onset first."""
        if answer.found is None:
            return ()
        found = answer.found.rounded()
        told = Candidates.joined(
            [
                teller.look(found.at(found.actions == place), at_frame)
                for place, teller in enumerate(self._tellers)
            ]
        )
        events: list[LiveEvent] = []
        for place in np.argsort(told.spans[:, 0], kind="stable"):
            start, end = told.spans[place].tolist()
            if not self._track.is_empty(start, end):
                action = self._actions[told.actions[place]]
                events += self._events(action, start, end, float(told.scores[place]), answer)
        return tuple(events)

    def _events(
        self, action: str, start: float, end: float, score: float, answer: Answer
    ) -> tuple[LiveEvent, LiveEvent]:
        """An action as it began and as it ended, both known with this answer."""
        number, self._next_number = self._next_number, self._next_number + 1
        onset, offset = self._track.moment(start), self._track.moment(end)
        computing_ms = answer.timings.total_ms
        begun = LiveEvent(
            number,
            action,
            onset.at_us,
            None,
            answer.domain,
            onset.host_at_us,
            score,
            onset.frame,
            known_us=answer.at_us + round(1e3 * computing_ms),
            known_frame=answer.frame_number,
            computing_ms=computing_ms,
        )
        return begun, replace(begun, offset_us=offset.at_us, offset_frame=offset.frame)

    def _has_lost_track(self, answer: Answer) -> bool:
        before = self._last
        if before is None:
            return False
        pause_us = answer.at_us - before.at_us
        return (
            answer.domain != before.domain
            or answer.seen <= before.seen
            or not 0 <= pause_us <= _LOST_TRACK_US
        )

    def _now_of(self, answer: Answer) -> Now:
        if answer.status != "answering":
            return Now(answer.status, since_us=answer.at_us)
        place = int(np.argmax(answer.smoothed))
        action, share = self._actions[place], answer.smoothed[place]
        if share < _SURE:
            return Now("unknown", None, share, answer.at_us)
        kind: NowKind = "background" if action == BACKGROUND else "action"
        return Now(kind, action, share, answer.at_us)

    def _say(self, now: Now) -> Now:
        before = self._now
        if (before.kind, before.action) == (now.kind, now.action):
            now = replace(now, since_us=before.since_us)
        self._now = now
        return now
