"""What composing will take on the disk, before a frame is read."""

import shutil
from dataclasses import dataclass

from fsamt_engine.datasets.composing_plan import CompositionPlan, PlannedTake
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import COMPOSED, StreamKind
from fsamt_engine.library.takes import existing_source_keys, take


@dataclass(frozen=True)
class CompositionEstimate:
    """What is to be made, takes that are there already not counted.

    Attributes:
        seconds: Length of the takes together.
        n_bytes: About, from the size of their sources.
        free_bytes: On the library's disk.
    """

    n_takes: int
    n_already_there: int
    seconds: float
    n_bytes: int
    free_bytes: int

    @property
    def fits(self) -> bool:
        """Whether there is room for it."""
        return self.n_bytes < self.free_bytes


def estimate_composition(library: Library, plan: CompositionPlan) -> CompositionEstimate:
    """What a plan will take.

    Raises:
        FsamtError: A source is not in the library any more.
    """
    there = existing_source_keys(library, COMPOSED)
    to_do = [one for one in plan.takes if one.source_key not in there]
    known: dict[str, float] = {}
    return CompositionEstimate(
        n_takes=len(to_do),
        n_already_there=len(plan.takes) - len(to_do),
        seconds=sum(one.seconds for one in to_do),
        n_bytes=round(sum(_bytes(library, one, known) for one in to_do)),
        free_bytes=shutil.disk_usage(library.root).free,
    )


def _bytes(library: Library, planned: PlannedTake, known: dict[str, float]) -> float:
    """As many a frame as the pieces have in the mean; `known` keeps them by take."""
    for piece, _ in planned.pieces:
        if piece.take_id not in known:
            one = take(library, piece.take_id)
            joined = [
                stream
                for stream in one.streams
                if stream.kind is not StreamKind.COLOUR or planned.kind.colour_size
            ]
            known[piece.take_id] = sum(s.n_bytes for s in joined) / one.main.n_frames
    per_frame = [known[piece.take_id] for piece, _ in planned.pieces]
    return planned.n_frames * sum(per_frame) / len(per_frame)
