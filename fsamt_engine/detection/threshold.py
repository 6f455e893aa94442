"""From which score on a detection is worth telling, where nobody has asked for another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates, FloatArray, IntArray
from fsamt_engine.evaluation.detections import overlap

FALLBACK = 0.5
"""Where nothing that was taught was found again."""

_RIGHT = 0.5
"""Overlap (temporal IoU) from which a detection counts as right."""


@dataclass(frozen=True, eq=False)
class Searched:
    """A take that was searched, with what is known of it.

    Attributes:
        truth: (N, 2) segments, in main frames.
        truth_actions: (N,) places of their actions.
        unknown: (M, 2) intervals of which it is not known what they hold; a detection that lies
            mostly there is neither right nor wrong.
    """

    found: Candidates
    truth: FloatArray
    truth_actions: IntArray
    unknown: FloatArray


def choose_threshold(searched: Sequence[Searched]) -> float:
    """The score that gives the highest F1 at an overlap of 0.5 over these takes.

    Of scores that give the same the strictest; it lies halfway to the next detection's below.

    Returns:
        0..1, of 4 digits; `FALLBACK` where no detection was right.
    """
    parts = [_judged(one) for one in searched]
    scores = np.concatenate([np.zeros(0), *(part[0] for part in parts)])
    is_right = np.concatenate([np.zeros(0, np.bool_), *(part[1] for part in parts)])
    if not is_right.any():
        return FALLBACK
    order = np.lexsort((~is_right, -scores))
    scores, is_right = scores[order], is_right[order]
    n_truth = sum(len(one.truth) for one in searched)
    f1 = 2 * np.cumsum(is_right) / (np.arange(1, len(scores) + 1) + n_truth)
    # A threshold cannot part detections of one score.
    f1[:-1][scores[:-1] == scores[1:]] = -1.0
    best = int(f1.argmax())
    below = scores[best + 1] if best + 1 < len(scores) else 0.0
    return round(float(scores[best] + below) / 2, 4)


def _judged(one: Searched) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Scores of the detections that count, and which are right; each segment is found once."""
    spans, n_found = one.found.spans, len(one.found)
    is_right, counts = np.zeros(n_found, np.bool_), np.ones(n_found, np.bool_)
    is_open = np.ones(len(one.truth), np.bool_)
    for place in np.argsort(-one.found.scores, kind="stable"):
        start, end = spans[place]
        shared = overlap(start, end, one.truth[:, 0], one.truth[:, 1])
        shared *= is_open & (one.truth_actions == one.found.actions[place])
        if len(shared) and shared.max() >= _RIGHT:
            is_right[place], is_open[shared.argmax()] = True, False
            continue
        hidden = np.minimum(end, one.unknown[:, 1]) - np.maximum(start, one.unknown[:, 0])
        counts[place] = hidden.clip(0).sum() <= (end - start) / 2
    return one.found.scores[counts], is_right[counts]
