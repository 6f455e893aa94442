"""Which frame of another stream belongs to each main frame of a take."""

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind, Take
from fsamt_engine.library import takes as library_takes

Frames = npt.NDArray[np.int64]


def frames_for(library: Library, take: Take, kind: StreamKind) -> Frames:
    """The frame of a stream that shows the moment of each main frame.

    Of colour beside depth it is that of the frame's pair, and where a depth frame has no partner,
    that of the nearest earlier one that has. Everything else goes by time: the nearest frame.

    Args:
        library: Where the take is.
        take: With a stream of this kind.
        kind: The stream's.

    Returns:
        (main frames,) int64.

    Raises:
        FsamtError: The take has depth and colour, but no pairs; or it has no such stream.
    """
    main = take.main
    if kind is main.kind:
        return np.arange(main.n_frames)
    if main.kind is StreamKind.DEPTH and kind is StreamKind.COLOUR:
        pairs = library_takes.pairs(library, take.id)
        if len(pairs) == 0:
            raise FsamtError(
                f"Take {take.id} has colour, but no pairs of colour and depth.",
                "Import or record it again.",
            )
        return partners(pairs, main.n_frames)
    return nearest(*_times(library, take, kind))


def near_frames(library: Library, take: Take, kind: StreamKind, largest_gap_us: int) -> Frames:
    """The frame of a stream nearest in time to each main frame, as far as one is near enough.

    Args:
        library: Where the take is.
        take: With or without a stream of this kind.
        kind: The stream's.
        largest_gap_us: A frame farther away than this does not belong to the moment.

    Returns:
        (main frames,) int64, -1 where none is near, and everywhere without such frames.
    """
    if take.stream(kind) is None:
        return np.full(take.main.n_frames, -1, np.int64)
    main_us, own_us = _times(library, take, kind)
    if not len(own_us):
        return np.full(len(main_us), -1, np.int64)
    found = nearest(main_us, own_us)
    if _rises(own_us):
        belongs = np.abs(own_us[found] - main_us) <= largest_gap_us
    else:
        belongs = np.arange(len(main_us)) < len(own_us)
    return np.where(belongs, found, -1).astype(np.int64)


def _times(library: Library, take: Take, kind: StreamKind) -> tuple[Frames, Frames]:
    """The times of the main stream and of another one, (n,) and (m,) int64, on one clock."""
    stream, main = take.stream(kind), take.main
    own_us = library_takes.timestamps(library, take.id, kind)
    main_us = library_takes.timestamps(library, take.id, main.kind)
    if stream is not None and stream.timestamp_domain != main.timestamp_domain:
        # Clocks that have nothing in common: both streams are taken to begin at once.
        own_us, main_us = own_us - own_us[:1], main_us - main_us[:1]
    return main_us, own_us


def _rises(times_us: Frames) -> bool:
    return bool((np.diff(times_us) >= 0).all())


def nearest(wanted_us: Frames, given_us: Frames) -> Frames:
    """For each time the number of the nearest given one, (n,) int64; of two as near, the earlier.

    A clock that was set back on the way cannot be searched: then they go by their number, and the
    last one stands for what is beyond it.

    Args:
        wanted_us: (n,) int64.
        given_us: (m,) int64; m >= 1.
    """
    if not _rises(given_us):
        return np.minimum(np.arange(len(wanted_us)), len(given_us) - 1)
    after = np.searchsorted(given_us, wanted_us).clip(0, len(given_us) - 1)
    before = np.maximum(after - 1, 0)
    is_before = np.abs(wanted_us - given_us[before]) <= np.abs(given_us[after] - wanted_us)
    return np.where(is_before, before, after).astype(np.int64)


def partners(pairs: Frames, n_depth: int) -> Frames:
    """The colour frame of every depth frame: its partner's, or the nearest earlier partner's.

    Args:
        pairs: (n, 3) int64: depth frame, colour frame, skew; n >= 1.
        n_depth: Depth frames of the take.

    Returns:
        (n_depth,) int64. Frames before the first pair have the first pair's.
    """
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    place = np.searchsorted(ordered[:, 0], np.arange(n_depth), side="right") - 1
    return np.asarray(ordered[np.maximum(place, 0), 1], np.int64)
