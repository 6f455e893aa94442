"""Real untrimmed takes of the library, on which an exported detector is checked."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import seen_participants, unknown_whom
from fsamt_engine.library import Library, ModelRecord, StreamKind
from fsamt_engine.library.records import Intrinsics
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import take, take_ids_by_name
from fsamt_engine.library.untrimmed import untrimmed_takes
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.boxes import only_within, region_box
from fsamt_engine.modalities.depth import warm_up_indices

N_TAKES = 3
LONGEST_S = 40.0
"""Of a take that is compared; what comes later in it is left out, and takes no time."""

_AT_ONCE = 16
_UNSEEN = "people whom the training has not seen"
_UNKNOWN = "people of this library (whether its training has seen them is not known)"


@dataclass(frozen=True)
class RealTake:
    """The raw frames of a take, or of its beginning; read when they are asked for.

    Attributes:
        unit_m: Metres a step.
        intrinsics: None where unknown.
    """

    library: Library
    take_id: str
    participant: str
    n_frames: int
    rate_hz: float
    unit_m: float
    intrinsics: Intrinsics | None

    def frames(self) -> Iterator[npt.NDArray[np.uint16]]:
        """(H, W) each; outside of the take's region there is no reading.

        Raises:
            FsamtError: A frame is lost or damaged.
        """
        starts = range(0, self.n_frames, _AT_ONCE)
        yield from self._read([(at, min(at + _AT_ONCE, self.n_frames)) for at in starts])

    def samples(self) -> Iterator[npt.NDArray[np.uint16]]:
        """Frames all over it, from which its still background is learned."""
        yield from self._read([(at, at + 1) for at in warm_up_indices(self.n_frames)])

    def _read(self, parts: Sequence[tuple[int, int]]) -> Iterator[npt.NDArray[np.uint16]]:
        found = take(self.library, self.take_id)
        depth = found.stream(StreamKind.DEPTH)
        assert depth is not None
        limits = None
        if found.region is not None:
            limits = region_box(found.region, depth.width, depth.height)
        with closing(DepthReader(self.library.absolute(depth.path), depth.n_frames)) as reader:
            for start, end in parts:
                for frame in reader.read(start, end):
                    yield frame if limits is None else only_within(frame, limits)


@dataclass(frozen=True)
class ChosenTakes:
    """What a detector is compared on.

    Attributes:
        of: Whose they are, in words ("people whom the training has not seen").
    """

    takes: tuple[RealTake, ...]
    of: str


def choose_takes(
    library: Library, record: ModelRecord, participants: Sequence[str] | None = None
) -> ChosenTakes:
    """At most 3 takes: of the people asked for, else of the model's test, else of its training.

    Raises:
        FsamtError: The library has no untrimmed take with depth of them.
    """
    there = set(take_ids_by_name(library).values())
    for take_ids, of in _candidates(library, record, participants):
        found = _alternating(library, [one for one in take_ids if one in there])
        takes = [one for take_id in found if (one := _real(library, take_id))]
        if takes:
            return ChosenTakes(tuple(takes[:N_TAKES]), of)
    raise FsamtError(
        f"There is no untrimmed take in this library on which {record.id} could be checked.",
        "Export it from the library that it was trained in, or record or compose such a take.",
    )


def _candidates(
    library: Library, record: ModelRecord, participants: Sequence[str] | None
) -> Iterator[tuple[Sequence[str], str]]:
    if participants is not None:
        n = len(set(participants))
        people = "1 person who was" if n == 1 else f"{n} people who were"
        yield untrimmed_takes(library, participants), f"{people} chosen for it"
        return
    kept = None if record.snapshot_id is None else snapshot(library, record.snapshot_id)
    if kept is not None:
        yield list(dict.fromkeys(item.take_id for item in kept.test)), _UNSEEN
        seen = seen_participants(library, record)
        others = [
            take_id
            for take_id in untrimmed_takes(library)
            if take(library, take_id).participant not in seen
        ]
        yield others, _UNKNOWN if unknown_whom(library, record) else _UNSEEN
        seen_takes = [item.take_id for item in (*kept.validation, *kept.train)]
        yield list(dict.fromkeys(seen_takes)), "people whom the training has seen"
    yield untrimmed_takes(library), "this library"


def _alternating(library: Library, take_ids: Sequence[str]) -> list[str]:
    """The first take of everybody, then the second ones."""
    counts: dict[str, int] = {}
    ranked = []
    for take_id in take_ids:
        who = take(library, take_id).participant
        counts[who] = counts.get(who, 0) + 1
        ranked.append((counts[who], take_id))
    return [take_id for _, take_id in sorted(ranked, key=lambda one: one[0])]


def _real(library: Library, take_id: str) -> RealTake | None:
    """None where it has no depth of a known unit as its main stream."""
    found = take(library, take_id)
    depth = found.stream(StreamKind.DEPTH)
    if depth is None or not depth.unit_m or found.main.kind is not StreamKind.DEPTH:
        return None
    rate_hz = found.main.rate_hz
    n_frames = min(found.main.n_frames, round(LONGEST_S * rate_hz))
    return RealTake(
        library,
        take_id,
        found.participant,
        n_frames,
        rate_hz,
        depth.unit_m,
        found.calibration.depth,
    )
