"""The answers of the last seconds as arrays, and which actions lead in them."""

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.recognition.state import Answer

KEPT_US = 20_000_000
_LEAST_ROOM = 256
_LEADING_US = 500_000
_AHEAD = 0.1


class AnswerHistory:
    """Grows at its end and is shifted now and then, so that looking at it copies nothing.

    Args:
        n_actions: Of the model.
    """

    def __init__(self, n_actions: int) -> None:
        self.n_actions = n_actions
        self._times = np.zeros(_LEAST_ROOM, np.int64)
        self._raw = np.zeros((_LEAST_ROOM, n_actions), np.float32)
        self._smoothed = np.zeros((_LEAST_ROOM, n_actions), np.float32)
        self._begin = self._end = 0
        self._number = 0

    @property
    def times_us(self) -> NDArray[np.int64]:
        """(n,) int64, microseconds since 1970 UTC, rising."""
        return self._times[self._begin : self._end]

    @property
    def raw(self) -> NDArray[np.float32]:
        """(n, A) float32, as the network gave them, 0..1."""
        return self._raw[self._begin : self._end]

    @property
    def smoothed(self) -> NDArray[np.float32]:
        """(n, A) float32, 0..1."""
        return self._smoothed[self._begin : self._end]

    def add(self, answer: Answer | None) -> bool:
        """Take in an answer; whether it was a new one with probabilities."""
        if answer is None or answer.number == self._number:
            return False
        self._number = answer.number
        if answer.status != "answering" or len(answer.smoothed) != self.n_actions:
            return False
        if self._end > self._begin and answer.host_at_us <= self._times[self._end - 1]:
            # The computer's clock was set back.
            self._begin = self._end = 0
        if self._end == len(self._times):
            self._make_room()
        self._times[self._end] = answer.host_at_us
        self._raw[self._end] = answer.probabilities
        self._smoothed[self._end] = answer.smoothed
        self._end += 1
        oldest = answer.host_at_us - KEPT_US
        self._begin += int(np.searchsorted(self.times_us, oldest))
        return True

    def begin_again(self) -> None:
        """Another recogniser: its answers are numbered from 1. What is drawn stays."""
        self._number = 0

    def leader(self, before: int | None) -> int | None:
        """The action that is most probable in the last half second.

        Args:
            before: The one that led; it goes on doing so until another is clearly ahead.
        """
        if self._end == self._begin:
            return before
        since = self._times[self._end - 1] - _LEADING_US
        recent = self.smoothed[int(np.searchsorted(self.times_us, since)) :].mean(axis=0)
        best = int(recent.argmax())
        if before is not None and recent[best] - recent[before] < _AHEAD:
            return before
        return best

    def leaders(self, n: int, leader: int | None) -> list[int]:
        """The `n` actions that reached most in the time that is kept, in the model's order."""
        if self._end == self._begin:
            return [] if leader is None else [leader]
        reached = self.smoothed.max(axis=0)
        if leader is not None:
            reached[leader] = np.inf
        return sorted(int(i) for i in np.argsort(-reached, kind="stable")[:n])

    def _make_room(self) -> None:
        n = self._end - self._begin
        room = max(_LEAST_ROOM, 2 * n)
        for name in ("_times", "_raw", "_smoothed"):
            before = getattr(self, name)
            after = np.zeros((room, *before.shape[1:]), before.dtype)
            after[:n] = before[self._begin : self._end]
            setattr(self, name, after)
        self._begin, self._end = 0, n
