"""The official score of PKU-MMD (Liu, Hu, Li, Song, Liu: PKU-MMD, 2017).

Counts as `evaluate.py` of github.com/ECHO960/PKU-MMD does (commit ab9f3d2), whose numbers differ
from ActivityNet's mAP (`detection_scores`) for the same detections. What is peculiar to it:

- A detection is right where it overlaps any segment of its action enough. Several detections of one
  segment are all right: recall may pass 1, which is cut to 1 in the average precisions and not in
  F1, so that F1 may pass 1 too.
- F1 takes every detection, whatever its confidence.
- Average precision goes from the least confident detection to the most confident one. Between two
  right ones it counts the precision of all that are more confident than the first of them, or the
  best so far. One right detection alone thus has an average precision of 0.
- Of equally confident detections the earlier one in the list is the less confident one. The list of
  all is by action, then by take, then as given. There takes come in the order in which the folder
  lists its files; here, as they are given.
- Only takes with a file of predictions count, be it empty: segments of others are not asked for.
- mAP over actions divides by 52 (51 actions, and number 0, which does not occur), so that 51 / 52
  is the best there is. An action without a segment counts 0; so does a take without one in mAP
  over videos.
- 2D-AP is the mean of the average precisions at overlaps of 0.01, 0.02 ... 1.00 (the paper has 0.05
  steps).

Where that script ends with a division by zero (F1 with nothing right, nothing found or nothing to
find), the value is 0 here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.datasets.pku_mmd import ACTIONS
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detections import Detection, overlap
from fsamt_engine.library import SnapshotItem

THETAS = tuple((step + 1) * 0.01 for step in range(100))
"""The overlaps of 2D-AP."""


@dataclass(frozen=True)
class PkuMmdScores:
    """The numbers that the official script prints, in 0..1 (F1 may pass 1).

    Attributes:
        theta: The overlap that a right detection has at least.
        ap: Over all detections.
        map_actions: Mean of the actions' average precisions.
        map_videos: Mean of the takes' average precisions.
        ap_2d: Mean of the average precisions over all detections at every overlap of `THETAS`.
        n_takes: That had predictions, or an empty file of them.
    """

    theta: float
    f1: float
    ap: float
    map_actions: float
    map_videos: float
    ap_2d: float
    n_takes: int

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, for JSON."""
        return asdict(self)


def official_actions(actions: Sequence[str]) -> tuple[str, ...]:
    """PKU-MMD's 51 actions where all of these are among them, otherwise these themselves."""
    return ACTIONS if set(actions) <= set(ACTIONS) else tuple(actions)


def pku_mmd_score(
    truth: Sequence[SnapshotItem],
    found: Mapping[str, Sequence[Detection]],
    actions: Sequence[str] = ACTIONS,
    theta: float = 0.5,
) -> PkuMmdScores:
    """Scores of detections by PKU-MMD's official protocol.

    Args:
        truth: Labelled segments. What is of no action of `actions`, and background, is left out.
        found: By take, in the order of the script's files. A take that is not in it does not count,
            one with nothing found does.
        actions: Numbered from 1; mAP over actions divides by one more.

    Raises:
        FsamtError: No take was searched.
        ValueError: A detection is of no action of `actions`.
    """
    if not found:
        raise FsamtError("There is nothing to test on.", "Choose takes to search.")
    number = {action: place for place, action in enumerate(actions, 1)}
    asked: dict[str, list[SnapshotItem]] = {take: [] for take in found}
    for item in truth:
        if item.take_id in asked and item.action in number:
            asked[item.take_id].append(item)
    takes = [_judged(asked[take], answers, number) for take, answers in found.items()]

    n_truth = sum(len(take.truth_label) for take in takes)
    n_truth_of = np.bincount(
        np.concatenate([take.truth_label for take in takes]), minlength=len(actions) + 1
    )
    label = np.concatenate([take.label for take in takes])
    by_action = np.argsort(label, kind="stable")
    confidence = np.concatenate([take.confidence for take in takes])[by_action]
    best = np.concatenate([take.best for take in takes])[by_action]
    ends = np.searchsorted(label[by_action], range(1, len(actions) + 2))
    of_actions = [
        _official_ap(_rising(confidence[first:last], best[first:last]), theta, int(n_asked))
        for first, last, n_asked in zip(ends[:-1], ends[1:], n_truth_of[1:], strict=True)
    ]
    every = _rising(confidence, best)
    return PkuMmdScores(
        theta=theta,
        f1=_official_f1(every, theta, n_truth),
        ap=_official_ap(every, theta, n_truth),
        map_actions=sum(of_actions) / (len(actions) + 1),
        map_videos=fmean(
            _official_ap(_rising(take.confidence, take.best), theta, len(take.truth_label))
            for take in takes
        ),
        ap_2d=fmean(_official_ap(every, at, n_truth) for at in THETAS),
        n_takes=len(takes),
    )


@dataclass(frozen=True)
class _Judged:
    """A take's detections with the best overlap of each with a segment of its action."""

    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    best: NDArray[np.float64]
    truth_label: NDArray[np.int64]


def _judged(
    truth: Sequence[SnapshotItem], found: Sequence[Detection], number: Mapping[str, int]
) -> _Judged:
    unknown = {one.action for one in found} - set(number)
    if unknown:
        raise ValueError(f"detections of {sorted(unknown)}, which are no actions of {list(number)}")
    label = np.array([number[one.action] for one in found], np.int64)
    truth_label = np.array([number[str(item.action)] for item in truth], np.int64)
    span = np.array([(one.start, one.end) for one in found], np.float64).reshape(-1, 2, 1)
    asked = np.array([(item.start, item.end) for item in truth], np.float64).reshape(-1, 2)
    shared = overlap(span[:, 0], span[:, 1], asked[:, 0], asked[:, 1])
    shared[label[:, None] != truth_label] = 0.0
    return _Judged(
        label=label,
        confidence=np.array([one.score for one in found], np.float64),
        best=shared.max(axis=1, initial=0.0),
        truth_label=truth_label,
    )


def _rising(confidence: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Overlaps in the order of rising confidence; equally confident ones stay as they are."""
    return best[np.argsort(confidence, kind="stable")]


def _official_ap(best: NDArray[np.float64], theta: float, n_truth: int) -> float:
    """The script's average precision of overlaps that are in the order of rising confidence."""
    if n_truth == 0:
        return 0.0
    right = np.flatnonzero(best >= theta)
    n_right = len(right) - 1.0 - np.arange(len(right))  # More confident right ones than each.
    n_more = len(best) - 1.0 - right
    recall = np.minimum(np.concatenate([[len(right)], n_right[n_more > 0]]) / n_truth, 1.0)
    precision = n_right[n_more > 0] / n_more[n_more > 0]
    reached = np.maximum.accumulate(precision)
    rest = reached[-1] * recall[-1] if len(reached) else 0.0
    return float((reached * -np.diff(recall)).sum() + rest)


def _official_f1(best: NDArray[np.float64], theta: float, n_truth: int) -> float:
    n_right = int((best >= theta).sum())
    if n_right == 0:
        return 0.0
    precision, recall = n_right / len(best), n_right / n_truth
    return 2 * precision * recall / (precision + recall)
