"""What the times and numbers of a stream's frames tell: what is missing, and the real rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.library.records import StreamKind

Numbers = NDArray[np.int64]

NOMINAL = "nominal"
"""The clock of times that were made from the rate, since none were recorded."""


@dataclass(frozen=True)
class StreamTimes:
    """What is known of the frames of a stream.

    Attributes:
        rate_hz: Nominal.
        domain: "device", "host" or "nominal".
        at_us: (n_frames,) int64.
        numbers: (n_frames,) int64 as the device counted, None where it did not.
    """

    kind: StreamKind
    rate_hz: float
    domain: str
    at_us: Numbers
    numbers: Numbers | None = None


@dataclass(frozen=True)
class StreamQuality:
    """How complete a stream is.

    Attributes:
        n_alone: Depth or colour frames without a partner; 0 where the other stream is not there.
        n_missing: Frames that the numbers skip or, where there are none, the times.
        n_twice: Frames that came a second time.
        n_dropped: Frames that arrived but could not be kept. `n_missing` sees most of them too.
        n_backwards: How often the clock went backwards.
        rate_hz: Real frames a second; None where times were made from the rate.
        longest_gap_us: Between two frames; 0 where times were made from the rate.
    """

    kind: StreamKind
    n_frames: int
    n_alone: int
    n_missing: int
    n_twice: int
    n_dropped: int
    n_backwards: int
    nominal_hz: float
    rate_hz: float | None
    longest_gap_us: int

    @property
    def n_lost(self) -> int:
        """Frames that should be there and are not."""
        return max(self.n_missing, self.n_dropped)


def stream_quality(stream: StreamTimes, n_alone: int = 0, n_dropped: int = 0) -> StreamQuality:
    """How complete a stream is.

    Args:
        stream: Its frames, at least one.
        n_alone: Of them, without a partner.
        n_dropped: Frames that arrived but could not be kept.
    """
    steps_us = np.diff(stream.at_us)
    is_twice = steps_us == 0
    if stream.numbers is not None:
        is_twice = is_twice | (np.diff(stream.numbers) == 0)
    is_measured = stream.domain != NOMINAL and len(steps_us) > 0
    elapsed_us = forward_us(stream.at_us)
    n_steps = int(((steps_us > 0) & ~is_twice).sum())
    return StreamQuality(
        stream.kind,
        len(stream.at_us),
        n_alone,
        _n_missing(stream),
        int(is_twice.sum()),
        n_dropped,
        int((steps_us < 0).sum()),
        stream.rate_hz,
        n_steps * 1e6 / elapsed_us if is_measured and elapsed_us else None,
        max(0, int(steps_us.max())) if is_measured else 0,
    )


def forward_us(at_us: Numbers) -> int:
    """How long a stream runs from first to last frame, whatever its clock did on the way."""
    return int(np.maximum(np.diff(at_us), 0).sum())


def _n_missing(stream: StreamTimes) -> int:
    """Frames that were skipped.

    Some cameras count in steps of two; the usual step is one frame. A counter that runs a second
    ahead of the time that passed was reset or is damaged, and says nothing. Without a counter, a
    gap is measured in the stream's usual steps of time.
    """
    steps_us = np.maximum(np.diff(stream.at_us), 0)
    if stream.numbers is None and stream.domain == NOMINAL:
        return 0
    steps = steps_us if stream.numbers is None else np.diff(stream.numbers)
    if not (steps > 0).any():
        return 0
    skipped = np.rint(steps / np.median(steps[steps > 0])) - 1
    if stream.numbers is not None:
        skipped[skipped > (steps_us / 1e6 + 1) * stream.rate_hz] = 0
    return int(np.maximum(skipped, 0).sum())
