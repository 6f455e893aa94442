"""Moments at which the recogniser was of two minds."""

from collections.abc import Sequence
from dataclasses import dataclass

from fsamt_engine.recognition.state import Answer

SMALL_MARGIN = 0.2
SHORTEST_US = 500_000
LONGEST_US = 4_000_000
APART_US = 8_000_000
_PAUSE_US = 500_000


@dataclass(frozen=True)
class UncertainMoment:
    """A moment that may teach more than others when it is labelled.

    Attributes:
        number: Counts up from 1.
        guess: The action that was most probable; None where there was no answer.
        score: Its smoothed probability, 0..1.
        rival: The one after it; None for a moment that the user chose.
        rival_score: 0..1.
        host_at_us: When it was, microseconds since 1970 UTC.
        is_chosen: Whether the user asked for it, rather than that it was noticed.
    """

    number: int
    guess: str | None
    score: float
    rival: str | None
    rival_score: float
    host_at_us: int
    is_chosen: bool = False

    @property
    def margin(self) -> float:
        """How far the guess was ahead, 0..1; the smaller, the more a label teaches."""
        return self.score - self.rival_score


class UncertaintyWatch:
    """Notices when the two most probable actions stay close to each other.

    A moment is told when it is over, or has lasted `LONGEST_US`, and not within `APART_US` of the
    one before: a person who stands between two actions is one moment, not a hundred.

    Args:
        actions: Of the model, in the order of its probabilities.
    """

    def __init__(self, actions: Sequence[str]) -> None:
        self._actions = tuple(actions)
        self._number = 0
        self._since_us: int | None = None
        self._last_us = 0
        self._told_us: int | None = None
        self._closest: Answer | None = None

    def push(self, answer: Answer) -> UncertainMoment | None:
        """Take the next answer; what it ends, if that is worth a look."""
        if answer.number == self._number:
            return None
        self._number = answer.number
        at_us = answer.host_at_us
        has_paused = not 0 <= at_us - self._last_us <= _PAUSE_US
        self._last_us = at_us
        if has_paused:
            self._since_us = self._closest = None
        if not self._is_close(answer):
            return self._end(at_us)
        if self._since_us is None or self._closest is None:
            self._since_us, self._closest = at_us, answer
        elif _margin(answer) < _margin(self._closest):
            self._closest = answer
        return self._end(at_us) if at_us - self._since_us >= LONGEST_US else None

    @property
    def closest(self) -> Answer | None:
        """The answer of the moment that goes on in which the two are closest."""
        return self._closest

    def moment_of(self, answer: Answer | None, at_us: int, *, is_chosen: bool) -> UncertainMoment:
        """An answer as a moment, without a number yet.

        Args:
            at_us: Where there is no answer.
        """
        if answer is None or len(answer.smoothed) < 2 or answer.status != "answering":
            return UncertainMoment(0, None, 0.0, None, 0.0, at_us, is_chosen)
        first, second = _two_best(answer)
        return UncertainMoment(
            0,
            self._actions[first],
            answer.smoothed[first],
            self._actions[second],
            answer.smoothed[second],
            answer.host_at_us,
            is_chosen,
        )

    def _is_close(self, answer: Answer) -> bool:
        can_be = answer.status == "answering" and len(answer.smoothed) == len(self._actions) > 1
        return can_be and _margin(answer) < SMALL_MARGIN

    def _end(self, at_us: int) -> UncertainMoment | None:
        since_us, closest = self._since_us, self._closest
        self._since_us = self._closest = None
        if since_us is None or closest is None or at_us - since_us < SHORTEST_US:
            return None
        if self._told_us is not None and 0 <= at_us - self._told_us < APART_US:
            return None
        self._told_us = at_us
        return self.moment_of(closest, at_us, is_chosen=False)


def _two_best(answer: Answer) -> tuple[int, int]:
    order = sorted(range(len(answer.smoothed)), key=lambda i: -answer.smoothed[i])
    return order[0], order[1]


def _margin(answer: Answer) -> float:
    first, second = _two_best(answer)
    return answer.smoothed[first] - answer.smoothed[second]
