"""From answers to actions: what begins, what ends, what is to be said of this moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Answer, LiveEvent, Now

_LOST_TRACK_US = 2_000_000
"""A longer pause between two answers: what was going on before ended with the older one."""


@dataclass
class _Rise:
    """An action since its probability rose above its lower threshold."""

    first: Answer
    peak: float


class Decider:
    """Decides which action is going on, one at a time.

    An action is a candidate when its smoothed probability reaches the upper threshold, and until
    it falls below the lower one; a more probable candidate takes its place. It began when it rose
    above the lower threshold, yet not before the end of the one before. It is told once it has
    lasted `shortest_s`; what ends earlier was never there. `background` is decided in the same way,
    but is no event. Where nothing is told, the moment is "unknown".

    An event lags behind what happens: a clip knows an action only after a good part of it.

    Args:
        actions: Of the model, in the order of its probabilities.
        settings: Can be changed at any time.
        first_number: Of the next event.
    """

    def __init__(
        self, actions: Sequence[str], settings: RecognitionSettings, first_number: int = 1
    ) -> None:
        self._actions = tuple(actions)
        self._settings = settings
        self._next_number = first_number
        self._rises: dict[int, _Rise] = {}
        self._candidate: int | None = None
        self._event: LiveEvent | None = None
        self._free_since: Answer | None = None
        self._last: Answer | None = None
        self._now = Now("gathering")

    @property
    def next_number(self) -> int:
        """Of the next event: a decider that takes over counts on from here."""
        return self._next_number

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Decides by these from the next answer on; what is going on stays."""
        self._settings = settings

    def push(self, answer: Answer) -> tuple[Now, tuple[LiveEvent, ...]]:
        """Takes the next answer, with its smoothed probabilities.

        Returns:
            What is to be said now, and the events that ended or began with it. An event that lasts
            has no offset; when it ends, it comes again under the same number.
        """
        ended = self.end() if self._has_lost_track(answer) else ()
        self._last = answer
        if answer.status != "answering":
            ended += self._end_event(answer)
            self._rises.clear()
            self._candidate = None
            return self._say(Now(answer.status, since_us=answer.at_us)), ended
        self._note_rises(answer)
        if self._candidate is not None and self._candidate not in self._rises:
            ended += self._end_event(answer)
            self._candidate = None
        strongest = self._strongest(answer)
        if strongest not in (None, self._candidate):
            ended += self._end_event(answer)
            self._candidate = strongest
        return self._decide(answer, ended)

    def end(self) -> tuple[LiveEvent, ...]:
        """Ends what is going on with the last answer, because no more follow, and starts anew."""
        ended = self._end_event(self._last) if self._last is not None else ()
        self._rises.clear()
        self._candidate = self._free_since = self._last = None
        self._now = Now("gathering")
        return ended

    def _has_lost_track(self, answer: Answer) -> bool:
        before = self._last
        if before is None:
            return False
        pause_us = answer.at_us - before.at_us
        return answer.domain != before.domain or not 0 <= pause_us <= _LOST_TRACK_US

    def _note_rises(self, answer: Answer) -> None:
        for place, probability in enumerate(answer.smoothed):
            if probability < self._settings.of(self._actions[place]).off:
                self._rises.pop(place, None)
                continue
            rise = self._rises.setdefault(place, _Rise(answer, probability))
            rise.peak = max(rise.peak, probability)

    def _strongest(self, answer: Answer) -> int | None:
        """The most probable of the actions that reach their threshold or hold it already."""
        reaching = [
            place
            for place in self._rises
            if place == self._candidate
            or answer.smoothed[place] >= self._settings.of(self._actions[place]).on
        ]
        return max(reaching, key=lambda place: answer.smoothed[place], default=None)

    def _decide(
        self, answer: Answer, ended: tuple[LiveEvent, ...]
    ) -> tuple[Now, tuple[LiveEvent, ...]]:
        best = max(answer.smoothed, default=0.0)
        place = self._candidate
        if place is None:
            return self._say(Now("unknown", None, best, answer.at_us)), ended
        action, rise = self._actions[place], self._rises[place]
        onset = self._onset(rise)
        if answer.at_us - onset.at_us < 1e6 * self._settings.shortest_s and self._event is None:
            return self._say(Now("unknown", None, best, answer.at_us)), ended
        if action == BACKGROUND:
            now = Now("background", action, answer.smoothed[place], onset.at_us)
            return self._say(now), ended
        began: tuple[LiveEvent, ...] = ()
        if self._event is None:
            self._event = self._begin(action, onset, rise.peak)
            began = (self._event,)
        self._event = replace(self._event, confidence=max(self._event.confidence, rise.peak))
        now = Now("action", action, answer.smoothed[place], self._event.onset_us)
        return self._say(now), ended + began

    def _onset(self, rise: _Rise) -> Answer:
        free = self._free_since
        return free if free is not None and free.at_us > rise.first.at_us else rise.first

    def _begin(self, action: str, onset: Answer, confidence: float) -> LiveEvent:
        number, self._next_number = self._next_number, self._next_number + 1
        return LiveEvent(
            number,
            action,
            onset.at_us,
            None,
            onset.domain,
            onset.host_at_us,
            confidence,
            onset.frame_number,
        )

    def _end_event(self, answer: Answer) -> tuple[LiveEvent, ...]:
        """Ends the event that was told, if there is one, at this answer."""
        event, self._event = self._event, None
        if event is None:
            return ()
        self._free_since = answer
        return (replace(event, offset_us=answer.at_us, offset_frame=answer.frame_number),)

    def _say(self, now: Now) -> Now:
        before = self._now
        if (before.kind, before.action) == (now.kind, now.action):
            now = replace(now, since_us=before.since_us)
        self._now = now
        return now
