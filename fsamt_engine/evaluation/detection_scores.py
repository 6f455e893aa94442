"""How good detections are: average precision, F1, and the interval that goes with them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_intervals import RankedAction, map_interval
from fsamt_engine.evaluation.detection_matching import Candidates, Ints, candidates
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import SnapshotItem

STRICT_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""0.5, 0.55 ... 0.95, over which ActivityNet's challenge takes its mean."""

USUAL_OVERLAPS = (0.1, 0.3, *STRICT_OVERLAPS)
"""What PKU-MMD is usually quoted at, and the strict ones."""

INTERVAL_OVERLAP = 0.5

FEW_PEOPLE = 6
"""Participants below which the interval is wide above all for being over so few."""


@dataclass(frozen=True)
class F1:
    """What is left where only detections from a score on are believed. Shares are in 0..1.

    Attributes:
        overlap: That a right detection has at least.
        threshold: The least score that is believed.
        precision: Share of the believed detections that found a segment.
        recall: Share of the labelled segments that were found.
        f1: Harmonic mean of the two; all actions are counted together.
    """

    overlap: float
    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class DetectionScores:
    """The result of a detector's test. Shares are in 0..1.

    Attributes:
        actions: In the order of the detector.
        overlaps: At which it was scored, rising.
        ap: (actions, overlaps) interpolated average precision: the area under precision over recall
            where each recall has the best precision of it or a higher one, at all points (Pascal
            VOC 2011 and ActivityNet). None for an action without a labelled segment. Detections of
            equal score are one point, as no threshold parts them.
        f1: For each of `overlaps`, at the threshold that is best for it on this very test: a little
            better than a threshold that was settled before would do.
        n_truth_of: Labelled segments of each action.
        n_found_of: Detections of each action.
        interval: 95 % of mAP at 0.5 (`detection_intervals`).
        interval_over: What the interval is over: "3 participants", "12 takes of one participant".
        n_takes: That were searched.
        participants: Who is in them.
    """

    actions: tuple[str, ...]
    overlaps: tuple[float, ...]
    ap: tuple[tuple[float | None, ...], ...]
    f1: tuple[F1, ...]
    n_truth_of: tuple[int, ...]
    n_found_of: tuple[int, ...]
    interval: tuple[float, float]
    interval_over: str
    n_takes: int
    participants: tuple[str, ...]

    @property
    def n_truth(self) -> int:
        """Labelled segments."""
        return sum(self.n_truth_of)

    @property
    def n_found(self) -> int:
        """Detections, whatever their score."""
        return sum(self.n_found_of)

    def ap_at(self, overlap: float) -> dict[str, float | None]:
        """Average precision by action; None for an action without a labelled segment.

        Raises:
            ValueError: It was not scored at this overlap.
        """
        place = self._place(overlap)
        return {action: row[place] for action, row in zip(self.actions, self.ap, strict=True)}

    def map_at(self, overlap: float) -> float:
        """Mean average precision over the actions that have a labelled segment.

        Raises:
            ValueError: It was not scored at this overlap.
        """
        return fmean(value for value in self.ap_at(overlap).values() if value is not None)

    @property
    def mean_map(self) -> float:
        """Mean of mAP at 0.5, 0.55 ... 0.95."""
        return fmean(self.map_at(overlap) for overlap in STRICT_OVERLAPS)

    def f1_at(self, overlap: float) -> F1:
        """F1 with precision and recall, and the threshold that they are at.

        Raises:
            ValueError: It was not scored at this overlap.
        """
        return self.f1[self._place(overlap)]

    @property
    def interval_says(self) -> str:
        """What the interval covers and what not, in a sentence."""
        n_people = len(self.participants)
        said = f"The interval (95 %) is over {self.interval_over}: "
        if n_people == 1:
            return f"{said}how much people differ is not in it."
        if n_people < FEW_PEOPLE:
            return f"{said}so few say little of other people, and that is why it is wide."
        return f"{said}with other people like them the mAP would be within it."

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, texts, tuples and dictionaries, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """What `to_dict` gave, also after JSON made lists of its tuples."""
        low, high = content["interval"]
        return cls(
            actions=tuple(content["actions"]),
            overlaps=tuple(content["overlaps"]),
            ap=tuple(tuple(row) for row in content["ap"]),
            f1=tuple(F1(**one) for one in content["f1"]),
            n_truth_of=tuple(content["n_truth_of"]),
            n_found_of=tuple(content["n_found_of"]),
            interval=(low, high),
            interval_over=content["interval_over"],
            n_takes=content["n_takes"],
            participants=tuple(content["participants"]),
        )

    def _place(self, overlap: float) -> int:
        for place, scored in enumerate(self.overlaps):
            if math.isclose(scored, overlap, abs_tol=1e-9):
                return place
        raise ValueError(f"scored at {self.overlaps}, not at {overlap}")


def score_detections(
    truth: Sequence[SnapshotItem],
    found: Sequence[Detection],
    actions: Sequence[str],
    overlaps: Sequence[float] = USUAL_OVERLAPS,
    takes: Mapping[str, str] | None = None,
) -> DetectionScores:
    """Scores of detections; their order and that of the segments change nothing.

    Args:
        truth: Labelled segments of the searched takes. Those of other actions, and background, are
            left out, and so are detections of other actions.
        actions: Those that the detector knows.
        overlaps: In 0..1; 0.5 is scored in any case, as the interval is of it.
        takes: The participant of every take that was searched, for the counts; without it the takes
            that occur.

    Raises:
        FsamtError: There is no labelled segment of these actions, or a score is not a number.
    """
    ranked = candidates(truth, found, actions)
    if not ranked.truth:
        raise FsamtError(
            "There is nothing to test on.",
            "Choose test participants with untrimmed takes and labelled segments of the actions.",
        )
    if np.isnan(ranked.score).any():
        raise FsamtError(
            "The network answers with numbers that are none (NaN): its training went astray.",
            "Train it again with a lower learning rate.",
        )
    n_actions = len(actions)
    at = tuple(sorted({*overlaps, INTERVAL_OVERLAP}))
    finds = {overlap: ranked.matched(overlap) for overlap in at}
    n_truth_of = np.bincount(ranked.truth_action, minlength=n_actions)
    of_action = [np.flatnonzero(ranked.found_action == action) for action in range(n_actions)]
    ap = tuple(
        tuple(
            average_precision(ranked.score[own], finds[overlap][own] >= 0, int(n)) if n else None
            for overlap in at
        )
        for own, n in zip(of_action, n_truth_of, strict=True)
    )
    whom = dict(takes or {})
    whom.update((item.take_id, item.participant) for item in ranked.truth)
    whom.update((one.take_id, one.participant) for one in ranked.found)
    mean_ap = fmean(row[at.index(INTERVAL_OVERLAP)] or 0.0 for row in ap if row[0] is not None)
    interval, over = _interval(ranked, finds[INTERVAL_OVERLAP], of_action, whom, mean_ap)
    return DetectionScores(
        actions=tuple(actions),
        overlaps=at,
        ap=ap,
        f1=tuple(
            best_f1(ranked.score, finds[overlap] >= 0, len(ranked.truth), overlap) for overlap in at
        ),
        n_truth_of=tuple(int(n) for n in n_truth_of),
        n_found_of=tuple(len(own) for own in of_action),
        interval=interval,
        interval_over=over,
        n_takes=len(whom),
        participants=tuple(sorted(set(whom.values()))),
    )


def average_precision(score: NDArray[np.float64], right: NDArray[np.bool_], n_truth: int) -> float:
    """Interpolated average precision at all points.

    Args:
        score: (M,) falling; equal ones are one point.
        right: (M,) whether each found a segment.
        n_truth: Labelled segments, at least 1.
    """
    if not right.any():
        return 0.0
    n_told, n_right = _points(score, right)
    best = np.maximum.accumulate((n_right / n_told)[::-1])[::-1]
    return float((np.diff(n_right, prepend=0) * best).sum() / n_truth)


def best_f1(
    score: NDArray[np.float64], right: NDArray[np.bool_], n_truth: int, overlap: float
) -> F1:
    """F1 at the score threshold that gives the best, the highest of equally good ones.

    Args:
        score: (M,) falling, of all actions.
        right: (M,) whether each found a segment.
    """
    if not right.any():
        return F1(overlap, float(score[0]) if len(score) else 1.0, 0.0, 0.0, 0.0)
    n_told, n_right = _points(score, right)
    f1 = 2 * n_right / (n_told + n_truth)
    best = int(f1.argmax())
    return F1(
        overlap=overlap,
        threshold=float(score[n_told[best] - 1]),
        precision=float(n_right[best] / n_told[best]),
        recall=float(n_right[best] / n_truth),
        f1=float(f1[best]),
    )


def _points(score: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """How many are told, and how many of them are right, at each threshold that there is."""
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True))
    return last + 1, np.cumsum(right, dtype=np.int64)[last]


def _interval(
    ranked: Candidates,
    finds: Ints,
    of_action: Sequence[Ints],
    whom: Mapping[str, str],
    mean_ap: float,
) -> tuple[tuple[float, float], str]:
    """The interval of mAP, and what it is over."""
    people = sorted(set(whom.values()))
    truth_take = [item.take_id for item in ranked.truth]
    found_take = [one.take_id for one in ranked.found]
    if len(people) > 1:
        group = {take: people.index(who) for take, who in whom.items()}
        over = f"{len(people)} participants"
    else:
        takes = sorted({*truth_take, *found_take})
        group = {take: place for place, take in enumerate(takes)}
        n = len(ranked.truth)
        alone = f"{n} segments of one take" if n > 1 else "one segment"
        over = f"{len(takes)} takes of one participant" if len(takes) > 1 else alone
    whose_truth = np.array([group[take] for take in truth_take], np.int64)
    whose = np.array([group[take] for take in found_take], np.int64)
    actions = []
    for place, own in enumerate(of_action):
        is_of = ranked.truth_action == place
        if is_of.any():
            right = finds[own] >= 0
            actions.append(RankedAction(ranked.score[own], right, whose[own], whose_truth[is_of]))
    return map_interval(actions, max(group.values()) + 1, mean_ap), over
