"""What was recognised in the last minutes, on one line of time: the computer's clock."""

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.state import LiveEvent, LiveState

KEPT_US = 300_000_000
NAMES_APART_US = 8_000_000
"""Where takes are shorter than this, not each of them is named: names would cover each other."""

_TAKE = "take:"
_UNSEEN = ("nobody", "gathering")


@dataclass(frozen=True)
class PastEvent:
    """An event, where on the line it lies, and in which take.

    Attributes:
        n_start: Which start of the recogniser it belongs to; each numbers its events from 1.
        take_id: "" where a camera is watched.
        start_us, end_us: Microseconds since 1970 UTC; the end is None while it lasts.
        known_us: The same of when a detector knew it; None of a recogniser.
    """

    event: LiveEvent
    n_start: int
    take_id: str
    start_us: int
    end_us: int | None
    known_us: int | None = None

    @property
    def frames(self) -> tuple[int, int] | None:
        """First frame, and the one after the last, in its take; None where there is no take."""
        first, last = self.event.onset_frame, self.event.offset_frame
        if not self.take_id or first is None:
            return None
        return first, max(first, last if last is not None else first) + 1


@dataclass(frozen=True)
class Span:
    """A time in which one thing was so; `end_us` is None while it is.

    Attributes:
        word: The labelled action, or why nobody was watched.
    """

    word: str
    start_us: int
    end_us: int | None = None


class _Timed(Protocol):
    @property
    def end_us(self) -> int | None: ...


_T = TypeVar("_T", bound=_Timed)


class EventHistory:
    """Collects what `LiveState` says, moment by moment, and forgets what is older than minutes."""

    def __init__(self) -> None:
        self.events: list[PastEvent] = []
        self.labelled: list[Span] = []
        self.absent: list[Span] = []
        self.starts: list[tuple[int, str]] = []
        self._n_start = 0
        self._place: dict[int, int] = {}
        self._read: tuple[LiveEvent, ...] = ()
        self._n_answer = 0
        self._newest_us = 0

    def begin(self, at_us: int, words: str) -> None:
        """Another source, or the same one anew: what lasts ends here, numbers begin again."""
        self.end(at_us)
        self._n_start += 1
        self._place = {}
        self._read, self._n_answer = (), 0
        named_us = max((at for at, name in self.starts if name), default=None)
        has_room = named_us is None or abs(at_us - named_us) >= NAMES_APART_US
        self.starts.append((at_us, words if has_room else ""))

    def end(self, at_us: int) -> None:
        """Nothing more comes: what lasts ends at the newest moment that was seen."""
        end_us = min(at_us, self._newest_us) if self._newest_us else at_us
        self.events = [
            one if one.end_us is not None else replace(one, end_us=max(one.start_us, end_us))
            for one in self.events
        ]
        for spans in (self.labelled, self.absent):
            _follow(spans, "", end_us)

    def add(self, state: LiveState) -> bool:
        """Take in what is new; whether anything was."""
        answer = state.answer
        is_new = answer is not None and answer.number != self._n_answer
        if answer is not None and is_new:
            self._n_answer = answer.number
            self._newest_us = answer.host_at_us
            expected = state.truth.expected if state.truth else None
            labelled = expected if expected and expected != BACKGROUND else ""
            _follow(self.labelled, labelled, self._newest_us)
            absent = state.now.kind if state.now.kind in _UNSEEN else ""
            _follow(self.absent, absent, self._newest_us)
        if state.events is not self._read:
            is_new = self._add_events(state) or is_new
        return is_new

    def forget(self, now_us: int) -> None:
        """Let go of what left the longest time that is shown."""
        oldest = now_us - KEPT_US
        if self.starts and self.starts[0][0] < oldest:
            self.starts = [one for one in self.starts if one[0] >= oldest]
        self.labelled = _since(self.labelled, oldest)
        self.absent = _since(self.absent, oldest)
        kept = _since(self.events, oldest)
        if len(kept) != len(self.events):
            self.events = kept
            self._place = {
                one.event.number: place
                for place, one in enumerate(kept)
                if one.n_start == self._n_start
            }

    def _add_events(self, state: LiveState) -> bool:
        camera_id = state.opened.info.id if state.opened else ""
        take_id = camera_id.removeprefix(_TAKE) if camera_id.startswith(_TAKE) else ""
        before = {event.number: event for event in self._read}
        is_new = False
        for event in state.events:
            known, place = before.get(event.number), self._place.get(event.number)
            if known is event or (known is not None and place is None):
                continue
            is_new = True
            if place is None:
                self._place[event.number] = len(self.events)
                self.events.append(self._past(event, take_id))
            else:
                self.events[place] = self._past(event, self.events[place].take_id or take_id)
        self._read = state.events
        return is_new

    def _past(self, event: LiveEvent, take_id: str) -> PastEvent:
        end_us = known_us = None
        if event.offset_us is not None:
            end_us = event.host_onset_us + max(0, event.offset_us - event.onset_us)
        if event.known_us is not None:
            known_us = event.host_onset_us + max(0, event.known_us - event.onset_us)
        return PastEvent(event, self._n_start, take_id, event.host_onset_us, end_us, known_us)


def _follow(spans: list[Span], word: str, now_us: int) -> None:
    """Go on with the last span, or end it and begin another; "" for none."""
    lasting = spans[-1] if spans and spans[-1].end_us is None else None
    if lasting is not None and lasting.word != word:
        spans[-1] = replace(lasting, end_us=max(lasting.start_us, now_us))
        lasting = None
    if lasting is None and word:
        spans.append(Span(word, now_us))


def _since(timed: list[_T], oldest_us: int) -> list[_T]:
    if not timed or timed[0].end_us is None or timed[0].end_us >= oldest_us:
        return timed
    return [one for one in timed if one.end_us is None or one.end_us >= oldest_us]
