"""When frames were exposed by the computer's clock, and where the time of answers goes."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fsamt_engine.recognition.state import Percentiles, Timings

_CLOCK_WINDOW_S = 60
_TIMINGS_WINDOW_S = 10.0
_RATE_WINDOW_S = 2.0
_FRESH_S = 0.25


def now_us() -> int:
    """The computer's clock, microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class ExposureClock:
    """Moments of a camera's clock on the computer's.

    A frame takes a varying time from its exposure to the program. The smallest difference between
    arrival and the camera's time within the last minute is taken for the difference of the two
    clocks. So a delay that every frame has (the readout of the sensor, the fastest way through the
    driver) is not seen; what comes on top of it is. Clocks that drift apart are followed.
    """

    def __init__(self) -> None:
        self._smallest: deque[tuple[int, int]] = deque()
        self._domain = ""

    def host_us(self, at_us: int, domain: str, arrived_at_us: int) -> int:
        """When a frame was exposed, by the computer's clock.

        Args:
            at_us: By the clock of `domain`.
            domain: A change of it starts anew.
            arrived_at_us: By the computer's clock.
        """
        if domain != self._domain:
            self._smallest.clear()
            self._domain = domain
        second, difference = arrived_at_us // 1_000_000, arrived_at_us - at_us
        if self._smallest and self._smallest[-1][0] == second:
            difference = min(difference, self._smallest.pop()[1])
        self._smallest.append((second, difference))
        while self._smallest[0][0] <= second - _CLOCK_WINDOW_S:
            self._smallest.popleft()
        return at_us + min(smallest for _, smallest in self._smallest)


@dataclass
class _Entry:
    number: int
    result_at_us: int
    timings: Timings


class TimingLog:
    """The timings of the last ten seconds. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[_Entry] = deque()
        self._asked_at = float("-inf")
        self._percentiles: tuple[Percentiles, Percentiles] | None = None

    def add(self, number: int, result_at_us: int, timings: Timings) -> None:
        """Note an answer."""
        with self._lock:
            self._entries.append(_Entry(number, result_at_us, timings))
            oldest_us = result_at_us - _TIMINGS_WINDOW_S * 1e6
            while self._entries[0].result_at_us < oldest_us:
                self._entries.popleft()

    def shown(self, number: int, shown_at_us: int) -> None:
        """Note that an answer stands on the screen now; only the first time counts."""
        with self._lock:
            for entry in reversed(self._entries):
                if entry.number == number and entry.timings.display_ms is None:
                    display_ms = max(0.0, (shown_at_us - entry.result_at_us) / 1000)
                    entry.timings = replace(entry.timings, display_ms=display_ms)
                if entry.number <= number:
                    return

    def timings(self, number: int) -> Timings | None:
        """Of a recent answer, with its way to the screen if it was painted."""
        with self._lock:
            found = (e.timings for e in reversed(self._entries) if e.number == number)
            return next(found, None)

    def answers_hz(self) -> float:
        """Answers a second within the last two seconds; 0 before the second one."""
        with self._lock:
            after_us = now_us() - _RATE_WINDOW_S * 1e6
            times = [e.result_at_us for e in self._entries if e.result_at_us > after_us]
        passed_us = times[-1] - times[0] if len(times) > 1 else 0
        return (len(times) - 1) * 1e6 / passed_us if passed_us > 0 else 0.0

    def percentiles(self) -> tuple[Percentiles, Percentiles] | None:
        """The 50th and the 95th; computed a few times a second, however often it is asked."""
        with self._lock:
            now = time.monotonic()
            if now - self._asked_at >= _FRESH_S and self._entries:
                timings = [entry.timings for entry in self._entries]
                half, most = percentiles(timings, (50, 95))
                self._percentiles = half, most
                self._asked_at = now
            return self._percentiles


def percentiles(timings: Sequence[Timings], percents: Sequence[float]) -> tuple[Percentiles, ...]:
    """Percentiles of each part, and of the total, over some answers (at least one).

    Where some were painted, the total is that of those: from the exposure to the screen.

    Args:
        timings: Of the answers.
        percents: In 0..100; one result for each.
    """
    shown = [t for t in timings if t.display_ms is not None]
    parts = np.array([(t.waiting_ms, t.preparing_ms, t.network_ms) for t in timings])
    columns = np.percentile(parts, percents, axis=0)
    totals = np.percentile([t.total_ms for t in shown or timings], percents)
    displays = np.percentile([t.display_ms for t in shown], percents) if shown else None
    return tuple(
        Percentiles(
            float(waiting),
            float(preparing),
            float(network),
            None if displays is None else float(displays[place]),
            float(totals[place]),
        )
        for place, (waiting, preparing, network) in enumerate(columns)
    )
