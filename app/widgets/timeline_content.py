"""What a timeline shows, and what lies at a place of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint

from app.theme import theme
from app.widgets import timeline_painting as painting
from app.widgets.action_colours import colours_of
from app.widgets.timeline_blocks import Block, Blocks, Suggested, blocks_of, suggested_blocks
from app.widgets.timeline_ruler import Ruler
from app.widgets.timeline_window import TimeWindow
from fsamt_engine.library.records import Action, Segment

_EDGE_PX = 5
_SNAP_PX = 6


class TimelineContent:
    """The labels of a take, and the window through which they are seen.

    Attributes:
        window: Which part of the take is shown.
        ruler: Its times.
        segments: What is labelled.
        suggestions: What is only suggested.
    """

    def __init__(self) -> None:
        self.window = TimeWindow()
        self.ruler = Ruler()
        self.segments = Blocks()
        self.suggestions = Blocks()
        self._times_us: NDArray[np.int64] | None = None
        self._colours: dict[str, str] = {}
        self._labels: tuple[Sequence[Segment], Sequence[Suggested], Sequence[Action]] = ((), (), ())

    def show_take(self, n_frames: int, times_us: NDArray[np.int64] | None) -> bool:
        """Show all of a take; False where it is the one that is shown."""
        if n_frames == self.window.n_frames and times_us is self._times_us:
            return False
        self._times_us = times_us
        self.ruler = Ruler(times_us)
        self.window.show_take(n_frames)
        return True

    def show_labels(
        self,
        segments: Sequence[Segment],
        suggestions: Sequence[Suggested],
        actions: Sequence[Action],
    ) -> None:
        """Take other labels."""
        self._labels = (segments, suggestions, actions)
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme of now."""
        segments, suggestions, actions = self._labels
        quiet = theme().palette.quiet
        self._colours = colours_of(actions)
        self.segments = blocks_of(segments, self._colours, quiet)
        self.suggestions = suggested_blocks(suggestions, self._colours, quiet)

    def colour(self, action: str) -> str:
        """The colour of an action, as `#RRGGBB`."""
        return self._colours.get(action, theme().palette.quiet)

    def bring_into_sight(self, block: Block) -> None:
        """Move the window to a block, where it does not show all of it."""
        if not (self.window.first <= block.start and block.end <= self.window.last):
            self.window.follow(block.start)

    def edge_at(self, at: QPoint, chosen: int | None, width: int) -> tuple[Block, bool] | None:
        """The segment whose start (True) or end is at a place; the chosen one's first."""
        if not painting.track_place(width).contains(at):
            return None
        reach = _EDGE_PX / self.window.px_per_frame
        position = self.window.position(at.x())
        found = []
        for block in self.segments.between(position - reach, position + reach):
            place = painting.block_place(block, self.window, self.segments.n_lanes)
            if not place.top() <= at.y() <= place.bottom():
                continue
            # A narrow segment keeps a middle that can be clicked, and edges that reach outwards.
            inside = min(float(_EDGE_PX), place.width() / 4)
            for x, is_start in ((place.left(), True), (place.right(), False)):
                outward = x - at.x() if is_start else at.x() - x
                if -inside <= outward <= _EDGE_PX:
                    order = (block.id != chosen, outward > 0, abs(outward))
                    found.append((order, block, is_start))
        if not found:
            return None
        _, block, is_start = min(found, key=lambda edge: edge[0])
        return block, is_start

    def block_at(self, at: QPoint, width: int) -> Block | None:
        """The suggestion or segment at a place."""
        if not painting.track_place(width).contains(at):
            return None
        share = (at.y() - painting.RULER_PX) / painting.TRACK_PX
        for blocks in (self.suggestions, self.segments):
            lane = min(int(share * blocks.n_lanes), blocks.n_lanes - 1)
            block = blocks.at(self.window.position(at.x()), lane)
            if block is not None:
                return block
        return None

    def snapped(self, x: int, moved: Block | None, playhead: int | None) -> int:
        """The boundary for a place: a near neighbour's edge, the playhead, or the next frame's."""
        reach = _SNAP_PX / self.window.px_per_frame
        position = self.window.position(x)
        near = self.segments.between(position - reach - 1, position + reach + 1)
        edges = [e for b in near if moved is None or b.id != moved.id for e in (b.start, b.end)]
        if playhead is not None:
            edges.append(playhead)
        best = min(edges, key=lambda edge: abs(edge - position), default=-1)
        return best if best >= 0 and abs(best - position) <= reach else self.window.edge(x)
