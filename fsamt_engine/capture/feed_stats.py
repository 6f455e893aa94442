"""What is said of a camera while it runs: rates, gaps, skew."""

import time
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from fsamt_engine.capture.camera import Frame, LostFrames, StreamMode
from fsamt_engine.library.records import StreamKind

_RATE_WINDOW_S = 2.0
_N_SKEWS = 30
_N_RECENT = 6


@dataclass(frozen=True)
class StreamStats:
    """A running stream.

    Attributes:
        rate_hz: Frames that came within the last two seconds, a second; 0 before the second one.
        n_frames: Since the camera was opened.
        n_missing: Of these numbers the camera skipped, or lost frames before they could be read.
        age_s: Since the last frame came; None before the first.
    """

    mode: StreamMode
    rate_hz: float
    n_frames: int
    n_missing: int
    age_s: float | None


class RunningStats:
    """Counts the frames of an open camera. For one thread at a time.

    Args:
        modes: Of its streams.
        lost: The camera's own count, which it goes on counting in.
    """

    def __init__(self, modes: tuple[StreamMode, ...], lost: LostFrames) -> None:
        self._lost = lost
        self._streams = {mode.kind: _RunningStream(mode) for mode in modes}
        self._skews_us: deque[int] = deque(maxlen=_N_SKEWS)

    def count(self, frame: Frame) -> None:
        """Count a frame that was read."""
        stream = self._streams.get(frame.kind)
        if stream is None:
            return
        stream.count(frame)
        if frame.kind == StreamKind.DEPTH:
            self._note_skew(stream.recent)

    @property
    def streams(self) -> tuple[StreamStats, ...]:
        """Every stream as it is now."""
        now = time.monotonic()
        return tuple(
            stream.stats(now, self._lost.by_kind.get(kind, 0))
            for kind, stream in self._streams.items()
        )

    @property
    def skew_us(self) -> float | None:
        """Median size of the skew of the last 30 pairs; None where there are none."""
        return median(map(abs, self._skews_us)) if self._skews_us else None

    def _note_skew(self, depth: "deque[_Moment]") -> None:
        """Of the depth frame before the last: the colour frame after it has come by now."""
        colour = self._streams.get(StreamKind.COLOUR)
        if colour is None or len(depth) < 2:
            return
        frame = depth[-2]
        skews = [frame.at_us - c.at_us for c in colour.recent if c.domain == frame.domain]
        if skews:
            skew_us = min(skews, key=abs)
            if abs(skew_us) <= 0.5e6 / colour.mode.rate_hz:
                self._skews_us.append(skew_us)


class _Moment(NamedTuple):
    """What is remembered of a frame; not its pixels."""

    at_us: int
    domain: str
    number: int | None


class _RunningStream:
    def __init__(self, mode: StreamMode) -> None:
        self.mode = mode
        self.recent: deque[_Moment] = deque(maxlen=_N_RECENT)
        self._came_at: deque[float] = deque(maxlen=max(8, round(_RATE_WINDOW_S * mode.rate_hz)))
        self._n_frames = self._n_missing = 0

    def count(self, frame: Frame) -> None:
        before = self.recent[-1].number if self.recent else None
        if before is not None and frame.number is not None and frame.number > before:
            self._n_missing += frame.number - before - 1
        self.recent.append(_Moment(frame.at_us, frame.domain, frame.number))
        self._came_at.append(time.monotonic())
        self._n_frames += 1

    def stats(self, now: float, n_lost: int) -> StreamStats:
        times = [t for t in self._came_at if now - t < _RATE_WINDOW_S]
        rate_hz = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0
        age_s = now - self._came_at[-1] if self._came_at else None
        n_missing = max(self._n_missing, n_lost)
        return StreamStats(self.mode, rate_hz, self._n_frames, n_missing, age_s)
