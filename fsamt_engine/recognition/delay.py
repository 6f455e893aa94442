"""How long after an action's end a detector knows it, as it is measured while it watches."""

from collections import deque
from collections.abc import Iterable

import numpy as np

from fsamt_engine.recognition.state import LiveDelay, LiveEvent

_N_EVENTS = 1000


class DelayLog:
    """The delays of the newest events of one detector."""

    def __init__(self) -> None:
        self._delays: deque[tuple[float, float]] = deque(maxlen=_N_EVENTS)
        self._summary: LiveDelay | None = None

    def add(self, events: Iterable[LiveEvent]) -> LiveDelay | None:
        """Notes those of these events that have a delay; all so far, None where there is none."""
        new = [(one.delay_s, one.computing_ms / 1e3) for one in events if one.delay_s is not None]
        if new:
            self._delays.extend((delay, computing) for delay, computing in new if delay is not None)
            delays = np.array(self._delays)
            median, most = np.percentile(delays[:, 0], (50, 90))
            computing = float(np.median(delays[:, 1]))
            waiting = max(0.0, float(median) - computing)
            self._summary = LiveDelay(len(delays), float(median), float(most), waiting, computing)
        return self._summary
