"""Pairs of depth and colour frames by their times."""

import numpy as np
import numpy.typing as npt


def nominal_timestamps(n_frames: int, rate_hz: float) -> npt.NDArray[np.int64]:
    """Times of frames at a steady rate from 0: (n_frames,) int64 microseconds."""
    times_us: npt.NDArray[np.int64] = np.rint(np.arange(n_frames) * 1e6 / rate_hz).astype(np.int64)
    return times_us


def pair_by_time(
    depth_us: npt.NDArray[np.int64], colour_us: npt.NDArray[np.int64], max_skew_us: float
) -> npt.NDArray[np.int64]:
    """Pairs each depth frame with the nearest colour frame, where one is near enough.

    A colour frame that is the nearest of several depth frames goes to the nearest of them.

    Args:
        depth_us: (T,) int64, increasing.
        colour_us: (U,) int64, increasing, by the same clock.
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
    colour = np.where(is_before_nearer, before, after)
    skew = depth_us - colour_us[colour]
    candidates = np.column_stack([np.arange(len(depth_us)), colour, skew])
    candidates = candidates[np.abs(skew) <= max_skew_us]
    # By colour frame, the smallest skew first; the first of each colour frame stays.
    candidates = candidates[np.lexsort((np.abs(candidates[:, 2]), candidates[:, 1]))]
    _, first = np.unique(candidates[:, 1], return_index=True)
    pairs: npt.NDArray[np.int64] = candidates[first]
    return pairs
