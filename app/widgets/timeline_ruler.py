"""The marks of time above a timeline."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.widgets.timeline_window import TimeWindow

_LEAST_PX = 72
_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)


class Ruler:
    """Where to write which time; frame numbers where the times are not known.

    Args:
        times_us: (n,) int64, when each frame was taken, from 0; empty where not known.
    """

    def __init__(self, times_us: NDArray[np.int64] | None = None) -> None:
        self._seconds = np.zeros(0) if times_us is None else times_us / 1e6

    def marks(self, window: TimeWindow) -> Iterator[tuple[int, str]]:
        """Places in pixels, and what is written there."""
        if window.n_frames < 2:
            return
        if len(self._seconds) < window.n_frames or self._seconds[-1] <= 0:
            step = _step_of(window.n_shown * _LEAST_PX / window.width_px)
            first = int(np.ceil(window.first / step)) * step
            for frame in range(first, int(min(window.last, window.n_frames)) + 1, step):
                yield round(window.x(frame)), f"{frame + 1:,}"
            return
        frames = np.arange(len(self._seconds))
        begin, end = np.interp((window.first, window.last), frames, self._seconds)
        wanted = max(1e-6, (end - begin) * _LEAST_PX / window.width_px)
        seconds = next((step for step in _SECONDS if step >= wanted), _SECONDS[-1])
        for count in range(int(np.ceil(begin / seconds)), int(end / seconds) + 1):
            at_s = count * seconds
            place = float(np.interp(at_s, self._seconds, frames))
            yield round(window.x(place)), clock_words(at_s, with_tenths=seconds < 1)

    def seconds(self, frame: int) -> float | None:
        """When a frame was taken (the end of the last one: as if another had followed)."""
        n_frames = len(self._seconds)
        if n_frames < 2:
            return None
        if frame < n_frames:
            return float(self._seconds[frame])
        return float(self._seconds[-1] * n_frames / (n_frames - 1))


def clock_words(seconds: float, *, with_tenths: bool = False) -> str:
    """As "0:07", "1:05:00"; "7.5 s" with tenths under a minute."""
    n_minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(n_minutes), 60)
    if with_tenths:
        return f"{rest:.1f} s" if not (hours or minutes) else f"{minutes}:{rest:04.1f}"
    text = f"{minutes:02d}:{int(rest):02d}" if hours else f"{minutes}:{int(rest):02d}"
    return f"{hours}:{text}" if hours else text


def _step_of(wanted: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is at least as large."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= wanted:
                return step * power
        power *= 10
