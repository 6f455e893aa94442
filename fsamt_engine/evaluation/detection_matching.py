"""Which detection finds which labelled segment.

The surest detection chooses first and takes the segment of its action and take that it overlaps
most, of those that are still free and that it overlaps enough; whoever finds none left is wrong, a
second detection of one segment too. This is how ActivityNet's challenge counts (eval_detection.py
of github.com/activitynet/ActivityNet, after Pascal VOC's).

That script leaves it to chance which of several equally sure detections chooses first. Here the one
that fits better does, and of equally good ones the one that begins earlier: the order in which
detections are given changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.evaluation.detections import Detection, overlap
from fsamt_engine.library import SnapshotItem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Labelled segments and detections, and which of them overlap.

    Attributes:
        truth: Of the asked actions, by take, action and time.
        found: Of the asked actions, in the order in which they choose: the surest first.
        truth_action: (N,) each one's place among the actions.
        found_action: (M,) the same of the detections.
        score: (M,) of the detections, falling.
        pair_found: (P,) places in `found`, rising; a detection's best segment comes first.
        pair_truth: (P,) places in `truth`.
        pair_overlap: (P,) above 0.
    """

    truth: tuple[SnapshotItem, ...]
    found: tuple[Detection, ...]
    truth_action: Ints
    found_action: Ints
    score: Floats
    pair_found: Ints
    pair_truth: Ints
    pair_overlap: Floats

    def matched(self, least_overlap: float) -> Ints:
        """(M,) the place in `truth` of the segment that each detection finds, -1 for none.

        What a detection finds does not depend on less sure ones: the answer for those above a score
        is the beginning of the answer for all.
        """
        enough = self.pair_overlap >= least_overlap
        finds = [-1] * len(self.found)
        is_free = [True] * len(self.truth)
        pairs = zip(self.pair_found[enough].tolist(), self.pair_truth[enough].tolist(), strict=True)
        for one, segment in pairs:
            if is_free[segment] and finds[one] < 0:
                finds[one] = segment
                is_free[segment] = False
        return np.array(finds, np.int64)


def candidates(
    truth: Sequence[SnapshotItem], found: Sequence[Detection], actions: Sequence[str]
) -> Candidates:
    """Labelled segments and detections of these actions; what is of none of them is left out."""
    place = {action: number for number, action in enumerate(actions)}
    segments = sorted(
        (item for item in truth if item.action in place),
        key=lambda item: (item.take_id, place[str(item.action)], item.start, item.end),
    )
    answers = [one for one in found if one.action in place]
    known = {item.take_id for item in segments} | {one.take_id for one in answers}
    takes = {take: number for number, take in enumerate(sorted(known))}
    truth_action = np.array([place[str(item.action)] for item in segments], np.int64)
    found_action = np.array([place[one.action] for one in answers], np.int64)
    truth_take = np.array([takes[item.take_id] for item in segments], np.int64)
    found_take = np.array([takes[one.take_id] for one in answers], np.int64)
    span = np.array([(item.start, item.end) for item in segments], np.float64).reshape(-1, 2)
    reach = np.array([(one.start, one.end) for one in answers], np.float64).reshape(-1, 2)
    score = np.array([one.score for one in answers], np.float64)

    pair_found, pair_truth = _of_one_group(
        found_take * len(actions) + found_action, truth_take * len(actions) + truth_action
    )
    shared = overlap(*reach[pair_found].T, *span[pair_truth].T)
    meet = shared > 0
    pair_found, pair_truth, shared = pair_found[meet], pair_truth[meet], shared[meet]
    best = np.zeros(len(answers))
    np.maximum.at(best, pair_found, shared)

    order = np.lexsort((found_action, reach[:, 1], reach[:, 0], found_take, -best, -score))
    rank = np.empty(len(answers), np.int64)
    rank[order] = np.arange(len(answers))
    pair_order = np.lexsort((pair_truth, -shared, rank[pair_found]))
    return Candidates(
        truth=tuple(segments),
        found=tuple(answers[one] for one in order.tolist()),
        truth_action=truth_action,
        found_action=found_action[order],
        score=score[order],
        pair_found=rank[pair_found][pair_order],
        pair_truth=pair_truth[pair_order],
        pair_overlap=shared[pair_order],
    )


def _of_one_group(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """All pairs of an element of `first` and one of `second` that are equal; `second` is sorted."""
    start = np.searchsorted(second, first, "left")
    n = np.searchsorted(second, first, "right") - start
    left = np.repeat(np.arange(len(first)), n)
    within = np.arange(len(left)) - np.repeat(np.cumsum(n) - n, n)
    return left, np.repeat(start, n) + within
