"""Goes through a script: countdown, recording, rest, and again. Knows no camera, thread or window.

Who drives it calls `advance` some times a second and does what the cues say: record, stop, sound.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fsamt_engine.capture.script import Script, ScriptTake


class Phase(StrEnum):
    """What the participant does now."""

    READY = "ready"
    COUNTDOWN = "countdown"
    RECORDING = "recording"
    REST = "rest"
    PAUSED = "paused"
    FINISHED = "finished"


class CueKind(StrEnum):
    """What whoever drives the script has to do."""

    COUNT = "count"
    """A second of the countdown: show and sound it. `seconds` are left."""
    START = "start"
    """Start recording this take."""
    KEEP = "keep"
    """Stop recording; the take is good."""
    DISCARD = "discard"
    """Stop recording; the take is not wanted."""
    THROW_AWAY = "throw away"
    """The take that was kept last is not wanted; it is performed again."""
    FINISH = "finish"
    """Nothing is left."""


@dataclass(frozen=True)
class Cue:
    """Something to do now. `take` is None at the finish."""

    kind: CueKind
    take: ScriptTake | None = None
    seconds: int = 0


class ScriptRunner:
    """Where a script is.

    A phase begins when `advance` notices that the one before is over: saving a take that takes
    long shortens a rest, never a countdown or a take.

    Args:
        script: What to go through.
        clock: Seconds that never go back.
    """

    def __init__(self, script: Script, clock: Callable[[], float] = time.monotonic) -> None:
        self.script = script
        self._clock = clock
        self._waiting = deque(script.takes)
        self._kept: list[ScriptTake] = []
        self._phase = Phase.READY
        self._until = math.inf
        self._counted = 0

    @property
    def phase(self) -> Phase:
        """What the participant does now."""
        return self._phase

    @property
    def take(self) -> ScriptTake | None:
        """The take that is recorded, or comes next; None when nothing is left."""
        return self._waiting[0] if self._waiting else None

    @property
    def n_kept(self) -> int:
        """Takes that were performed and kept."""
        return len(self._kept)

    @property
    def n_left(self) -> int:
        """Takes that are still to be performed, the present one included."""
        return len(self._waiting)

    @property
    def seconds_left(self) -> float | None:
        """Of this phase; None where it has no end of its own."""
        return max(0.0, self._until - self._clock()) if math.isfinite(self._until) else None

    @property
    def script_seconds_left(self) -> float:
        """Until the end of the script, if all goes on as planned."""
        left = [self.script.countdown_s + one.seconds + one.rest_s for one in self._waiting]
        if not left:
            return 0.0
        spent = 0.0
        if self._phase in (Phase.COUNTDOWN, Phase.RECORDING):
            spent = self.script.countdown_s - (self.seconds_left or 0.0)
        if self._phase == Phase.RECORDING:
            spent += self._waiting[0].seconds
        resting = (self.seconds_left or 0.0) if self._phase == Phase.REST else 0.0
        return sum(left) - self._waiting[-1].rest_s - spent + resting

    def start(self) -> list[Cue]:
        """Begin, with a countdown; again after a pause. Nothing happens in any other phase."""
        if self._phase not in (Phase.READY, Phase.PAUSED):
            return []
        return self._count_down()

    def advance(self) -> list[Cue]:
        """What the time that went by asks for."""
        is_over = self._clock() >= self._until
        match self._phase:
            case Phase.COUNTDOWN if is_over:
                return self._record()
            case Phase.COUNTDOWN:
                return self._count()
            case Phase.RECORDING if is_over:
                return self._keep()
            case Phase.REST if is_over:
                return self._count_down()
        return []

    def recording_began(self) -> None:
        """The take's time counts from now, since to start the recording took a while."""
        if self._phase == Phase.RECORDING:
            self._enter(Phase.RECORDING, self._waiting[0].seconds)

    def pause(self) -> list[Cue]:
        """Wait for `start`. A take that is being recorded is discarded, and performed again."""
        if self._phase not in (Phase.COUNTDOWN, Phase.RECORDING, Phase.REST):
            return []
        cues = self._discard()
        self._enter(Phase.PAUSED)
        return cues

    def skip(self) -> list[Cue]:
        """Leave the present take out, or the next one where none is recorded."""
        if not self._waiting:
            return []
        cues = self._discard()
        self._waiting.popleft()
        if not self._waiting:
            return [*cues, *self._finish()]
        if self._phase in (Phase.COUNTDOWN, Phase.RECORDING):
            cues += self._count_down()
        return cues

    def repeat(self) -> list[Cue]:
        """Perform the present take again from its countdown; where none is recorded, the last one.

        What was recorded of it is not wanted. Nothing happens where nothing was recorded yet.
        """
        cues = self._discard()
        if not cues:
            if not self._kept:
                return []
            again = self._kept.pop()
            self._waiting.appendleft(again)
            cues = [Cue(CueKind.THROW_AWAY, again)]
        return cues if self._phase == Phase.PAUSED else [*cues, *self._count_down()]

    def _enter(self, phase: Phase, seconds: float = math.inf) -> None:
        self._phase = phase
        self._until = self._clock() + seconds

    def _count_down(self) -> list[Cue]:
        self._enter(Phase.COUNTDOWN, self.script.countdown_s)
        self._counted = 0
        return self._count() if self.script.countdown_s else self._record()

    def _count(self) -> list[Cue]:
        seconds = math.ceil(self._until - self._clock())
        if seconds == self._counted:
            return []
        self._counted = seconds
        return [Cue(CueKind.COUNT, self._waiting[0], seconds)]

    def _record(self) -> list[Cue]:
        take = self._waiting[0]
        self._enter(Phase.RECORDING, take.seconds)
        return [Cue(CueKind.START, take)]

    def _keep(self) -> list[Cue]:
        take = self._waiting.popleft()
        self._kept.append(take)
        cues = [Cue(CueKind.KEEP, take)]
        if not self._waiting:
            return [*cues, *self._finish()]
        self._enter(Phase.REST, take.rest_s)
        return cues

    def _discard(self) -> list[Cue]:
        if self._phase != Phase.RECORDING:
            return []
        return [Cue(CueKind.DISCARD, self._waiting[0])]

    def _finish(self) -> list[Cue]:
        self._enter(Phase.FINISHED)
        return [Cue(CueKind.FINISH)]
