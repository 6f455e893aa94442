"""How long the disk lasts."""

import shutil
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from fsamt_engine.capture.camera import StreamMode
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.records import StreamKind

_WINDOW_S = 5.0
_LEAST_S = 1.0
_BYTES_A_PIXEL = {StreamKind.DEPTH: 0.6, StreamKind.COLOUR: 0.4, StreamKind.INFRARED: 0.6}
"""After compression, at worst (depth and infrared with a stereo sensor's noise, JPEG in colour)."""


def expected_bytes_per_s(modes: Iterable[StreamMode]) -> float:
    """What recording these streams takes at worst."""
    return sum(
        mode.width * mode.height * mode.rate_hz * _BYTES_A_PIXEL.get(mode.kind, 0.0)
        for mode in modes
    )


class DiskGauge:
    """Measures what a recording writes, and foresees when the disk will be full.

    Args:
        root: A folder on the disk.
        reserve_bytes: What has to stay free.

    Attributes:
        free_bytes: At the last look, the reserve not counted; negative when it is touched.
    """

    def __init__(self, root: Path, reserve_bytes: int) -> None:
        self._root, self._reserve_bytes = root, reserve_bytes
        self._sizes: deque[tuple[float, int]] = deque()
        self.free_bytes = 0

    def look(self, n_bytes: int) -> None:
        """Looks at the disk.

        Args:
            n_bytes: What this recording has written so far.

        Raises:
            FsamtError: The disk is out of reach.
        """
        with environment_errors(self._root):
            self.free_bytes = shutil.disk_usage(self._root).free - self._reserve_bytes
        now = time.monotonic()
        self._sizes.append((now, n_bytes))
        while now - self._sizes[0][0] > _WINDOW_S:
            self._sizes.popleft()

    @property
    def bytes_per_s(self) -> float | None:
        """What was written in the last seconds, a second; None while it is too early to tell."""
        if not self._sizes:
            return None
        (first_at, first), (last_at, last) = self._sizes[0], self._sizes[-1]
        return (last - first) / (last_at - first_at) if last_at - first_at >= _LEAST_S else None
