"""Lines over time on a picture that is moved on, so that only what is new is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QRegion

_NEWEST_US = 1_000_000
"""Answers arrive a little after their moment: so much is always drawn anew."""

_GAP_US = 500_000
_POINT_PX = 2.0
_OVERLAP = 4

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Line:
    """How one line is drawn.

    Attributes:
        values: (n,) 0..1, one for each moment.
        colour: `#RRGGBB`.
        opacity: 0..1.
        keeps_extremes: Whether moments that fall together keep their highest and lowest value.
    """

    values: Numbers
    colour: str
    width: float
    opacity: float = 1.0
    keeps_extremes: bool = False


class LineFilm:
    """A transparent picture whose right edge is now; one pixel is always the same piece of time.

    Args:
        width, height: In pixels of the interface.
        ratio: Pixels of the screen for each of them.
        span_us: How much time it shows.
    """

    def __init__(self, width: int, height: int, ratio: float, span_us: int) -> None:
        self._width, self._height, self._ratio = width, height, ratio
        self._px_per_us = width * ratio / span_us
        self.picture = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
        self.picture.fill(Qt.GlobalColor.transparent)
        self._right: int | None = None

    def place(self, at_us: int) -> int:
        """The column of the screen, counted without end, in which a moment lies."""
        return int(at_us * self._px_per_us)

    def move_on(self, now_us: int, times_us: NDArray[np.int64], lines: Sequence[Line]) -> None:
        """Draw what is new since the last time.

        Args:
            now_us: The right edge.
            times_us: (n,) int64, rising.
            lines: The same as the last time, but for what is new.
        """
        right, width = self.place(now_us), self.picture.width()
        moved = width if self._right is None else right - self._right
        anew = width
        if 0 <= moved < width:
            changing = self.place(_NEWEST_US) + round(2 * _POINT_PX * self._ratio)
            anew = min(width, moved + changing)
            if moved:
                self.picture.scroll(-moved, 0, self.picture.rect(), QRegion())
        self._right = right
        left = width - anew
        painter = QPainter(self.picture)
        strip = QRectF(left / self._ratio, 0, anew / self._ratio, self._height)
        painter.scale(self._ratio, self._ratio)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.fillRect(strip, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(strip)
        since_us = (right - anew) / self._px_per_us
        first = max(0, int(np.searchsorted(times_us, since_us)) - _OVERLAP)
        for line in lines:
            self._draw(painter, times_us, first, line)
        painter.end()

    def _draw(self, painter: QPainter, times_us: NDArray[np.int64], first: int, line: Line) -> None:
        colour = QColor(line.colour)
        colour.setAlphaF(line.opacity)
        pen = QPen(colour, line.width)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.setPen(pen)
        assert self._right is not None
        # Counted without end: a moment falls together with the same ones at every time.
        columns = times_us * self._px_per_us
        buckets = np.floor(columns / (_POINT_PX * self._ratio)).astype(np.int64)
        if 0 < first < len(buckets):
            # From the bucket before: the line comes from there.
            first = int(np.searchsorted(buckets, buckets[first] - 1))
        columns, buckets, values = columns[first:], buckets[first:], line.values[first:]
        breaks = np.flatnonzero(np.diff(times_us[first:]) > _GAP_US) + 1
        top = line.width / 2
        for part in np.split(np.arange(len(columns)), breaks):
            xs, shares = thinned(columns[part], values[part], buckets[part], line.keeps_extremes)
            xs = (xs - self._right) / self._ratio + self._width
            ys = top + (1 - shares) * (self._height - 2 * top)
            points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
            painter.drawPolyline(points)


def thinned(
    xs: Numbers, values: Numbers, buckets: NDArray[np.int64], keeps_extremes: bool
) -> tuple[Numbers, Numbers]:
    """As many points as can be told apart: the last of each bucket, or its extremes.

    Args:
        xs: (n,) rising.
        values: (n,).
        buckets: (n,) int64, rising; points of one bucket are not told apart.
        keeps_extremes: Keep the highest and the lowest of a bucket, not its last.
    """
    if len(xs) < 3:
        return xs, values
    starts = np.flatnonzero(np.r_[True, np.diff(buckets) > 0])
    if len(starts) == len(xs):
        return xs, values
    if not keeps_extremes:
        last = np.r_[starts[1:] - 1, len(xs) - 1]
        return xs[last], values[last]
    extremes = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.repeat(xs[starts], 2), np.stack(extremes, axis=1).reshape(-1)
