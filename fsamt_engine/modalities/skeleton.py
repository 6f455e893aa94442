"""From the skeletons of a take to two bodies without gaps, as graph networks take them."""

import numpy as np
import numpy.typing as npt

N_BODIES = 2
"""Bodies that a network sees; actions of two people are the most that data sets have."""

_Floats = npt.NDArray[np.float32]


def prepare_skeleton(joints: _Floats) -> _Floats:
    """The two bodies that move most, with joints for every frame.

    As published with ST-GCN and 2s-AGCN (Shi et al., CVPR 2019, `data_gen/ntu_gendata.py`), bodies
    are ordered by the spread of their joints over the frames in which they are seen. A joint that
    is not seen stays where it was last, and before it was ever seen it is where it will be first.
    One that is never seen lies in the middle of the others.

    Args:
        joints: (T, B, J, 3) float32 metres, any number of bodies; NaN, or exactly 0 in all three
            coordinates, where not tracked.

    Returns:
        (T, 2, J, 3) float32 metres; a body that there is none of is 0 throughout.
    """
    seen = np.isfinite(joints).all(axis=3) & (joints != 0).any(axis=3)
    bodies = sorted(
        (body for body in range(joints.shape[1]) if seen[:, body].any()),
        key=lambda body: -_spread(joints[:, body], seen[:, body]),
    )
    prepared = np.zeros((len(joints), N_BODIES, *joints.shape[2:]), np.float32)
    for place, body in enumerate(bodies[:N_BODIES]):
        prepared[:, place] = _without_gaps(joints[:, body], seen[:, body])
    return prepared


def _spread(joints: _Floats, seen: npt.NDArray[np.bool_]) -> float:
    """Standard deviation of the seen joints of one body, the three coordinates added."""
    return float(joints[seen].std(axis=0, dtype=np.float64).sum())


def _without_gaps(joints: _Floats, seen: npt.NDArray[np.bool_]) -> _Floats:
    """One body (T, J, 3), each joint carried on from where it was seen (T, J) last."""
    frames = np.arange(len(seen))[:, None]
    last = np.maximum.accumulate(np.where(seen, frames, -1), axis=0)
    source = np.where(last < 0, seen.argmax(axis=0), last)
    filled = np.take_along_axis(joints, source[..., None], axis=0)
    never = ~seen.any(axis=0)
    if never.any():
        filled[:, never] = filled[:, ~never].mean(axis=1, keepdims=True)
    return filled
