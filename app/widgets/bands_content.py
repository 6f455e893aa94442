"""What lies on two bands over one time: what is true above, what was found below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint

from app.theme import theme
from app.widgets import bands_painting as painting
from app.widgets.action_colours import colours_of
from app.widgets.bands_painting import Look
from app.widgets.timeline_blocks import Block, Blocks
from app.widgets.timeline_ruler import Ruler
from app.widgets.timeline_window import TimeWindow
from fsamt_engine.library.records import Action


class Verdict(StrEnum):
    """What is known of an interval on a band."""

    FOUND = "found"
    """True, and found."""
    MISSED = "missed"
    """True, and not found."""
    RIGHT = "right"
    """Found, and true."""
    FALSE_ALARM = "false alarm"
    """Found where nothing is."""
    WRONG_ACTION = "wrong action"
    """Found at the right time, and called something else."""
    INEXACT = "inexact"
    """Found, but its bounds are too far off."""
    AGAIN = "again"
    """Found a second time."""
    UNKNOWN = "unknown"
    """Nobody has said whether it is so."""
    LABELLED = "labelled"
    """Labelled, and not compared with anything."""

    @property
    def is_error(self) -> bool:
        """Whether it is something to look into."""
        return self in _ERRORS

    @property
    def is_above(self) -> bool:
        """Whether it lies on the band of what is true."""
        return self in (Verdict.FOUND, Verdict.MISSED, Verdict.LABELLED)


_ERRORS = (
    Verdict.MISSED,
    Verdict.FALSE_ALARM,
    Verdict.WRONG_ACTION,
    Verdict.INEXACT,
    Verdict.AGAIN,
)
_LOOKS = {
    Verdict.MISSED: Look.MISSED,
    Verdict.FALSE_ALARM: Look.FALSE,
    Verdict.WRONG_ACTION: Look.CONFUSED,
    Verdict.INEXACT: Look.CONFUSED,
    Verdict.AGAIN: Look.CONFUSED,
    Verdict.UNKNOWN: Look.OPEN,
}


@dataclass(frozen=True)
class BandItem:
    """An interval on one of the bands, in main frames, `end` not included.

    Attributes:
        id: Of all items of both bands.
        text: Written on it where there is room.
    """

    id: int
    start: float
    end: float
    action: str
    verdict: Verdict
    text: str


class BandsContent:
    """Both bands of a take, and the window through which they are seen.

    Attributes:
        above, below: What lies on the bands.
        items: Of both, by id.
    """

    def __init__(self) -> None:
        self.window = TimeWindow()
        self.ruler = Ruler()
        self.above = Blocks()
        self.below = Blocks()
        self.items: dict[int, BandItem] = {}
        self._actions: Sequence[Action] = ()
        self._times_us: NDArray[np.int64] | None = None

    def show_take(self, n_frames: int, times_us: NDArray[np.int64] | None) -> None:
        """Show all of a take, with nothing on its bands."""
        self._times_us = times_us
        self.ruler = Ruler(times_us)
        self.window.show_take(n_frames)
        self.show_items((), self._actions)

    def show_items(self, items: Iterable[BandItem], actions: Sequence[Action]) -> None:
        """Take other intervals; the window stays."""
        self._actions = actions
        self.items = {item.id: item for item in items}
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme of now."""
        colours, quiet = colours_of(self._actions), theme().palette.quiet

        def blocks(*, is_above: bool) -> Blocks:
            return Blocks(
                Block(
                    item.id,
                    round(item.start),
                    max(round(item.start) + 1, round(item.end)),
                    item.text,
                    colours.get(item.action, quiet),
                )
                for item in self.items.values()
                if item.verdict.is_above is is_above
            )

        self.above, self.below = blocks(is_above=True), blocks(is_above=False)

    def look(self, item_id: int) -> Look:
        """How an item is painted."""
        return _LOOKS.get(self.items[item_id].verdict, Look.SURE)

    def is_error(self, item_id: int) -> bool:
        """Whether an item is something to look into."""
        return self.items[item_id].verdict.is_error

    def item_at(self, at: QPoint, width: int) -> BandItem | None:
        """What lies at a place."""
        for blocks, is_below in ((self.above, False), (self.below, True)):
            place = painting.band_place(width, is_below=is_below)
            if place.contains(at):
                share = (at.y() - place.top()) / place.height()
                lane = min(int(share * blocks.n_lanes), blocks.n_lanes - 1)
                reach = 1.5 / self.window.px_per_frame
                position = self.window.position(at.x())
                block = blocks.at(position, lane) or next(
                    (b for b in blocks.between(position - reach, position + reach)), None
                )
                return self.items[block.id] if block is not None else None
        return None

    def bring_into_sight(self, item: BandItem) -> None:
        """Move the window to an item where it does not show all of it, or shows it very small."""
        window = self.window
        if not (window.first <= item.start and item.end <= window.last):
            window.move_to((item.start + item.end - window.n_shown) / 2)

    def seconds(self, item: BandItem) -> float | None:
        """How long an item is; None where times are not known."""
        begin, end = self.ruler.seconds(round(item.start)), self.ruler.seconds(round(item.end))
        return None if begin is None or end is None else end - begin
