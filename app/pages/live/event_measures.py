"""Where things lie in an event timeline of one size."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from app.pages.live.event_history import PastEvent
from app.pages.live.event_lanes import EventLanes
from app.theme import interface_font

RULER_PX = 20
SWATCH_PX = 10
_RIGHT_PX = 8
_NAMES_PX = (72, 152)
_LEAST_LANE_PX, _TURNS_LANE_PX, _LANE_PX, _MOST_LANE_PX = 15, 18, 22, 34


@dataclass(frozen=True)
class Measures:
    """Where things lie in a timeline of one size.

    Attributes:
        left, right: Edges of the lanes, in pixels; the right one is now.
        span_us: How much time lies between them.
    """

    left: float
    right: float
    lane_px: float
    n_lanes: int
    span_us: int

    @property
    def px_per_us(self) -> float:
        """Pixels in a microsecond."""
        return (self.right - self.left) / self.span_us

    @property
    def bottom(self) -> float:
        """Lower edge of the last lane."""
        return RULER_PX + self.lane_px * self.n_lanes

    def lane(self, number: int) -> QRectF:
        """Where a lane lies."""
        top = RULER_PX + number * self.lane_px
        return QRectF(self.left, top, self.right - self.left, self.lane_px)

    def x(self, at_us: int, now_us: int) -> float:
        """Where a moment lies."""
        return self.right - (now_us - at_us) * self.px_per_us


def room_for(height: int, n_actions: int) -> int:
    """How many lanes there is room for: all of them if they can be low, else fewer that are not."""
    room = height - RULER_PX - 2
    fits = room // _LEAST_LANE_PX >= n_actions
    return max(1, room // (_LEAST_LANE_PX if fits else _TURNS_LANE_PX))


def wanted_height(n_lanes: int) -> int:
    """Of a timeline with so many lanes, comfortably."""
    return RULER_PX + max(2, n_lanes) * _LANE_PX + 2


def measures(width: int, height: int, lanes: EventLanes, span_us: int) -> Measures:
    """Where things lie; names get what the longest of them needs, within limits."""
    metrics = QFontMetricsF(interface_font(12, semibold=True))
    widest = max((metrics.horizontalAdvance(name) for name in lanes.actions), default=0.0)
    names = min(max(widest + SWATCH_PX + 20, _NAMES_PX[0]), _NAMES_PX[1], width / 3)
    n_lanes = lanes.n_lanes
    lane_px = min((height - RULER_PX - 2) / n_lanes, float(_MOST_LANE_PX))
    right = max(names + 1.0, float(width - _RIGHT_PX))
    return Measures(float(round(names)), right, lane_px, n_lanes, span_us)


def event_place(place: Measures, past: PastEvent, lane: int, now_us: int) -> QRectF:
    """Where an event is drawn; never less than three pixels wide, cut where its lane begins."""
    left, right = sides(place, past.start_us, past.end_us, now_us)
    inset = 5.0 if place.lane_px >= 20 else 3.5
    lane_place = place.lane(lane)
    height = lane_place.height() - 2 * inset
    return QRectF(left, lane_place.top() + inset, max(right - left, 3.0), height)


def sides(place: Measures, start_us: int, end_us: int | None, now_us: int) -> tuple[float, float]:
    """Left and right edge of a time, cut where the lanes end; what lasts reaches to now."""
    left = min(max(place.x(start_us, now_us), place.left), place.right)
    right = place.right if end_us is None else min(place.x(end_us, now_us), place.right)
    return left, max(right, left if end_us is None else right)
