"""Non-maximum suppression of intervals: greedy, and softly with a Gaussian."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates, FloatArray
from fsamt_engine.detection.options import SearchSettings

Places = npt.NDArray[np.intp]


def nms(spans: FloatArray, scores: FloatArray, overlap: float) -> Places:
    """Greedy suppression: the best interval stays, what overlaps it more than `overlap` goes.

    Of equal scores the one that starts first, then the one that ends first, is the better one, so
    that the order of the candidates decides nothing.

    Args:
        spans: (N, 2) start and end.
        scores: (N,).

    Returns:
        Places of those that stay, the best first.
    """
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    near = _Neighbours(spans[order])
    is_gone = np.zeros(len(order), np.bool_)
    kept = []
    for place in np.argsort(-scores[order], kind="stable"):
        if not is_gone[place]:
            kept.append(place)
            around, iou = near.overlaps(int(place))
            is_gone[around] |= iou > overlap
    return order[np.asarray(kept, np.intp)]


def soft_nms(
    spans: FloatArray, scores: FloatArray, sigma: float, least_score: float
) -> tuple[Places, FloatArray]:
    """Gaussian Soft-NMS: each best interval lowers the scores of the others by exp(-IoU^2 / sigma).

    Bodla et al., "Soft-NMS", ICCV 2017. Ties as in `nms`.

    Args:
        spans: (N, 2) start and end.
        scores: (N,).
        least_score: What falls below it is dropped.

    Returns:
        Places of those that stay, the best first, and their new scores.
    """
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    near = _Neighbours(spans[order])
    lowered = scores[order].astype(np.float64)
    final = np.zeros(len(order))
    kept = []
    for part in near.groups():
        # Groups do not touch each other: each is suppressed by itself, with the same result.
        left = lowered[part]
        while len(left) and (best := int(left.argmax())) >= 0 and left[best] >= least_score:
            place = part.start + best
            final[place] = left[best]
            kept.append(place)
            around, iou = near.overlaps(place)
            lowered[around] *= np.exp(-(iou**2) / sigma)
            left[best] = lowered[place] = -1.0
    places = np.asarray(kept, np.intp)
    places = places[np.lexsort((places, -final[places]))]
    return order[places], final[places]


def suppress(candidates: Candidates, settings: SearchSettings) -> Candidates:
    """Candidates without those that tell of the same action again; each action by itself.

    Returns:
        The best first; of equal scores the first action, then the earliest start.
    """
    parts = []
    for action in np.unique(candidates.actions):
        own = candidates.at(
            (candidates.actions == action) & (candidates.scores >= settings.least_score)
        )
        if settings.is_soft:
            places, scores = soft_nms(own.spans, own.scores, settings.overlap, settings.least_score)
            own = Candidates(own.spans[places], scores, own.actions[places])
        else:
            own = own.at(nms(own.spans, own.scores, settings.overlap))
        parts.append(own.at(np.arange(min(len(own), settings.most or len(own)))))
    kept = Candidates.joined(parts)
    return kept.at(np.lexsort((kept.spans[:, 1], kept.spans[:, 0], kept.actions, -kept.scores)))


class _Neighbours:
    """Which of many intervals, sorted by their starts, overlap one of them."""

    def __init__(self, spans: FloatArray) -> None:
        self._starts, self._ends = spans[:, 0], spans[:, 1]
        self._latest_end = np.maximum.accumulate(self._ends)

    def overlaps(self, place: int) -> tuple[slice, FloatArray]:
        """Neighbours of an interval, itself among them, and their temporal IoU with it."""
        start, end = self._starts[place], self._ends[place]
        first = int(np.searchsorted(self._latest_end, start, "right"))
        last = int(np.searchsorted(self._starts, end, "left"))
        around = slice(min(first, place), max(last, place + 1))
        starts, ends = self._starts[around], self._ends[around]
        shared = np.clip(np.minimum(ends, end) - np.maximum(starts, start), 0.0, None)
        union = (ends - starts) + (end - start) - shared
        iou = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        return around, iou

    def groups(self) -> list[slice]:
        """Runs of intervals that no interval outside overlaps."""
        n = len(self._starts)
        breaks = np.flatnonzero(self._starts[1:] >= self._latest_end[:-1]) + 1
        edges = [0, *breaks.tolist(), n]
        return [slice(a, b) for a, b in pairwise(edges) if b > a]
