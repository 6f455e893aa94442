"""What lies on a timeline: labelled intervals and suggested ones, quick to find by their place."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from fsamt_engine.library.records import Segment

_MOST_LANES = 3


class Suggested(Protocol):
    """What a timeline shows of a suggestion."""

    @property
    def id(self) -> int: ...  # noqa: D102

    @property
    def start(self) -> int: ...  # noqa: D102

    @property
    def end(self) -> int: ...  # noqa: D102

    @property
    def action(self) -> str | None: ...  # noqa: D102

    @property
    def reason(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Block:
    """An interval on the timeline, `end` not included.

    Attributes:
        id: Of the segment or the suggestion.
        name: Of the action; "" where a suggestion has no guess.
        colour: Of the action, `#RRGGBB`.
        reason: Why it is suggested.
        lane: 0 for the topmost; intervals that overlap lie in different lanes.
    """

    id: int
    start: int
    end: int
    name: str
    colour: str
    is_suggestion: bool = False
    reason: str = ""
    lane: int = 0


class Blocks:
    """Blocks in the order of their starts; looking one up costs the same however many there are."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self._blocks = _in_lanes(sorted(blocks, key=lambda block: (block.start, block.end)))
        self._starts = np.array([block.start for block in self._blocks], np.int64)
        ends = np.array([block.end for block in self._blocks], np.int64)
        self._reach = np.maximum.accumulate(ends) if len(ends) else ends
        self._by_id = {block.id: block for block in self._blocks}
        self.n_lanes = max((block.lane for block in self._blocks), default=0) + 1

    def __len__(self) -> int:
        return len(self._blocks)

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks)

    def __contains__(self, block_id: object) -> bool:
        return block_id in self._by_id

    def get(self, block_id: int | None) -> Block | None:
        """The block with this id; None where there is none, or no id."""
        return None if block_id is None else self._by_id.get(block_id)

    def between(self, first: float, last: float) -> list[Block]:
        """The blocks that reach into an interval."""
        begin = int(np.searchsorted(self._reach, first, side="right"))
        end = int(np.searchsorted(self._starts, last, side="left"))
        return [block for block in self._blocks[begin:end] if block.end > first]

    def at(self, position: float, lane: int = 0) -> Block | None:
        """The block of a lane that covers a place."""
        found = self.between(position, np.nextafter(position, np.inf))
        return next((block for block in found if block.lane == lane), None)


def blocks_of(segments: Iterable[Segment], colours: dict[str, str], unknown: str) -> Blocks:
    """The blocks of segments; `unknown` is the colour of an action that has none."""
    return Blocks(
        Block(s.id, s.start, s.end, s.action, colours.get(s.action, unknown)) for s in segments
    )


def suggested_blocks(
    suggestions: Iterable[Suggested], colours: dict[str, str], unknown: str
) -> Blocks:
    """The blocks of suggestions; one without a guess has no name and the colour `unknown`."""
    return Blocks(
        Block(
            s.id,
            s.start,
            s.end,
            s.action or "",
            colours.get(s.action or "", unknown),
            True,
            s.reason,
        )
        for s in suggestions
    )


def _in_lanes(blocks: Sequence[Block]) -> list[Block]:
    """Each in the topmost lane that is free where it begins (in the last one, if none is)."""
    busy: list[tuple[int, int]] = []
    free = list(range(_MOST_LANES))
    placed = []
    for block in blocks:
        while busy and busy[0][0] <= block.start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = _MOST_LANES - 1
        if free:
            lane = heapq.heappop(free)
            heapq.heappush(busy, (block.end, lane))
        placed.append(replace(block, lane=lane))
    return placed
