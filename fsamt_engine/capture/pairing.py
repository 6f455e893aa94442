"""Which depth frame and which colour frame show the same moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

_ARRIVAL_LIMIT_US = 1_000_000
"""Frames of one moment come to the computer within this time; equal times further apart than this
are the work of a clock that jumped."""
_JUMPS_EXCUSED = 8
"""How often a clock may go backwards in any take; in a long one once in 100 frames."""
_FARTHEST_RUN = 4
"""Without arrivals: how far apart in order two stretches between jumps may be to be compared."""


@dataclass(frozen=True)
class FrameTimes:
    """When the frames of one stream were taken.

    Attributes:
        at_us: (T,) int64 by the clock of `domain`, in the order of arrival. A clock that jumped
            goes backwards; a frame that was given twice has the same time twice.
        domain: "device", "host" or "nominal".
        arrived_at_us: (T,) int64 by the computer's clock; None where nobody looked.
    """

    at_us: Numbers
    domain: str
    arrived_at_us: Numbers | None = None

    @classmethod
    def by_one_clock(cls, at_us: Numbers, domains: Sequence[str], arrived_at_us: Numbers) -> Self:
        """Times of frames that each name their clock.

        Where the driver changed clocks on the way, only the arrival holds for all of them.
        """
        if len(set(domains)) > 1:
            return cls(arrived_at_us, "host", arrived_at_us)
        return cls(at_us, domains[0] if domains else "device", arrived_at_us)


@dataclass(frozen=True)
class Pairing:
    """What belongs together, and what stays alone.

    Attributes:
        pairs: (n, 3) int64, by depth frame: depth frame, colour frame, skew (depth minus colour
            time) in microseconds. No frame is in two pairs.
        clock: What told the moment: "device", "host" or "nominal".
        depth_alone: (k,) int64 depth frames without a partner.
        colour_alone: (k,) int64 colour frames without a partner.
    """

    pairs: Numbers
    clock: str
    depth_alone: Numbers
    colour_alone: Numbers


def pair_frames(depth: FrameTimes, colour: FrameTimes, rate_hz: float) -> Pairing:
    """Pairs each depth frame with the nearest colour frame, within half a frame time.

    By the clock of the frames; by their arrival, where the two streams have different clocks or one
    that goes backwards all the time. A clock that jumps in the middle is no obstacle: equal times
    before and after are told apart by arrival (or, where nobody noted it, by their order). Of a
    frame that was given twice the first is paired.

    Args:
        depth: Times of depth.
        colour: Times of colour.
        rate_hz: Nominal, of the faster stream.

    Raises:
        ValueError: The streams have different clocks, and arrivals were not noted.
    """
    clock, depth_us, colour_us = depth.domain, depth.at_us, colour.at_us
    if depth.domain != colour.domain or not (_is_clock(depth_us) and _is_clock(colour_us)):
        if depth.arrived_at_us is not None and colour.arrived_at_us is not None:
            clock, depth_us, colour_us = "host", depth.arrived_at_us, colour.arrived_at_us
        elif depth.domain != colour.domain:
            raise ValueError(f"no common clock: {depth.domain} and {colour.domain}")
    meetings = sorted(
        _meetings(depth_us, colour_us, depth.arrived_at_us, colour.arrived_at_us, rate_hz),
        key=lambda meeting: meeting[0],
    )
    is_depth_free = np.ones(len(depth_us), bool)
    is_colour_free = np.ones(len(colour_us), bool)
    found = [np.empty((0, 3), np.int64)]
    for _, pairs in meetings:
        pairs = pairs[is_depth_free[pairs[:, 0]] & is_colour_free[pairs[:, 1]]]
        is_depth_free[pairs[:, 0]] = is_colour_free[pairs[:, 1]] = False
        found.append(pairs)
    pairs = np.concatenate(found)
    return Pairing(
        pairs[np.argsort(pairs[:, 0])],
        clock,
        np.flatnonzero(is_depth_free),
        np.flatnonzero(is_colour_free),
    )


def pair_by_time(depth_us: Numbers, colour_us: Numbers, max_skew_us: float) -> Numbers:
    """Pairs each depth frame with the nearest colour frame, where one is near enough.

    A colour frame that is the nearest of several depth frames goes to the nearest of them.

    Args:
        depth_us: (T,) int64, never decreasing.
        colour_us: (U,) int64, never decreasing, by the same clock.
        max_skew_us: The largest difference that still counts as the same moment.

    Returns:
        (n, 3) int64: depth frame, colour frame, skew (depth minus colour time) in microseconds.
    """
    if not len(depth_us) or not len(colour_us):
        return np.empty((0, 3), np.int64)
    after = np.clip(np.searchsorted(colour_us, depth_us), 1, max(1, len(colour_us) - 1))
    before = after - 1
    after = np.minimum(after, len(colour_us) - 1)
    is_before_nearer = depth_us - colour_us[before] <= colour_us[after] - depth_us
    nearest_us = colour_us[np.where(is_before_nearer, before, after)]
    skew = depth_us - nearest_us
    first_of_equals = np.searchsorted(colour_us, nearest_us)
    candidates = np.column_stack([np.arange(len(depth_us)), first_of_equals, skew])
    candidates = candidates[np.abs(skew) <= max_skew_us]
    # By colour frame, the smallest skew first; the first of each colour frame stays.
    candidates = candidates[np.lexsort((np.abs(candidates[:, 2]), candidates[:, 1]))]
    _, first = np.unique(candidates[:, 1], return_index=True)
    pairs: Numbers = candidates[first]
    return pairs


def nominal_timestamps(n_frames: int, rate_hz: float) -> Numbers:
    """Times of frames at a steady rate from 0: (n_frames,) int64 microseconds."""
    times_us: Numbers = np.rint(np.arange(n_frames) * 1e6 / rate_hz).astype(np.int64)
    return times_us


def _meetings(
    depth_us: Numbers,
    colour_us: Numbers,
    depth_arrived_us: Numbers | None,
    colour_arrived_us: Numbers | None,
    rate_hz: float,
) -> Iterator[tuple[float, Numbers]]:
    """Pairs between stretches of steady clocks, and how far apart the two stretches arrived.

    Where nobody noted arrivals, how far apart they are in the order of stretches.
    """
    colour_runs = _runs(colour_us)
    for i, depth in enumerate(_runs(depth_us)):
        for j, colour in enumerate(colour_runs):
            if depth_arrived_us is not None and colour_arrived_us is not None:
                if not _meet(depth_arrived_us[depth], colour_arrived_us[colour]):
                    continue
            elif abs(i - j) > _FARTHEST_RUN:
                continue
            pairs = pair_by_time(depth_us[depth], colour_us[colour], 0.5e6 / rate_hz)
            pairs = pairs + np.array([depth.start, colour.start, 0])
            distance = float(abs(i - j))
            if depth_arrived_us is not None and colour_arrived_us is not None:
                apart_us = np.abs(depth_arrived_us[pairs[:, 0]] - colour_arrived_us[pairs[:, 1]])
                pairs = pairs[apart_us <= _ARRIVAL_LIMIT_US]
                distance = float(np.median(apart_us)) if len(pairs) else 0.0
            if len(pairs):
                yield distance, pairs


def _meet(depth_arrived_us: Numbers, colour_arrived_us: Numbers) -> bool:
    """Whether frames of two stretches can have come within the limit. Arrivals only go up."""
    return bool(
        depth_arrived_us[0] - colour_arrived_us[-1] <= _ARRIVAL_LIMIT_US
        and colour_arrived_us[0] - depth_arrived_us[-1] <= _ARRIVAL_LIMIT_US
    )


def _is_clock(times_us: Numbers) -> bool:
    """Whether times that go backwards are an exception."""
    return int((np.diff(times_us) < 0).sum()) <= max(_JUMPS_EXCUSED, len(times_us) // 100)


def _runs(times_us: Numbers) -> list[slice]:
    """Stretches in which a clock never goes backwards."""
    cuts = [0, *(np.flatnonzero(np.diff(times_us) < 0) + 1).tolist(), len(times_us)]
    return [slice(start, end) for start, end in pairwise(cuts) if end > start]
