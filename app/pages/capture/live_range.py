"""Which distances get which colours while a camera runs."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.widgets.depth_colours import DepthRange

_INTERVAL_S = 0.5
_PATIENCE_S = 1.5
_TOLERANCE_M = 0.3
_STRIDE = 6


class LiveRange:
    """A range of depth that fits the scene and stands still, so that colours can be compared.

    It moves only after the scene has asked for another range for a while.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shown: DepthRange | None = None
        self._looked_at = -np.inf
        self._unfit_since: float | None = None

    def update(self, frame: NDArray[np.uint16], unit_m: float) -> DepthRange:
        """The range for a frame.

        Args:
            frame: (H, W) uint16, sensor units, 0 = no reading.
            unit_m: Metres of one unit.
        """
        now = self._clock()
        if self._shown is not None and now - self._looked_at < _INTERVAL_S:
            return self._shown
        self._looked_at = now
        sample = frame[::_STRIDE, ::_STRIDE]
        if self._shown is None:
            if not sample.any():
                return DepthRange(0.0, 1.0)
            self._shown = DepthRange.of(sample, unit_m)
        elif sample.any():
            self._follow(DepthRange.of(sample, unit_m), now)
        return self._shown

    def _follow(self, fitting: DepthRange, now: float) -> None:
        assert self._shown is not None
        strays = max(
            abs(fitting.near_m - self._shown.near_m), abs(fitting.far_m - self._shown.far_m)
        )
        if strays <= _TOLERANCE_M:
            self._unfit_since = None
        elif self._unfit_since is None:
            self._unfit_since = now
        elif now - self._unfit_since >= _PATIENCE_S:
            self._shown, self._unfit_since = fitting, None
