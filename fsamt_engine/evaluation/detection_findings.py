"""What a detector missed and what it told wrongly, one by one, the most instructive first.

The kinds of error are those of Alwassel, Caba Heilbron, Escorcia and Ghanem (Diagnosing Error in
Temporal Action Detectors, ECCV 2018), in plainer words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.evaluation.detection_matching import Candidates, candidates
from fsamt_engine.evaluation.detections import Detection, overlap
from fsamt_engine.library import SnapshotItem

TOUCHED = 0.1
"""Overlap from which a detection has to do with a segment at all."""


class MissKind(StrEnum):
    """Why a labelled segment was not found, the worst first."""

    NOTHING = "nothing found"
    OTHER_ACTION = "taken for another action"
    INEXACT = "bounds too far off"
    UNSURE = "found, but not sure enough"


class AlarmKind(StrEnum):
    """What is wrong with a detection."""

    AGAIN = "told a second time"
    OTHER_ACTION = "another action"
    INEXACT = "bounds too far off"
    NOTHING = "nothing there"


@dataclass(frozen=True)
class Match:
    """A labelled segment and the detection that found it."""

    truth: SnapshotItem
    detection: Detection
    overlap: float


@dataclass(frozen=True)
class Miss:
    """A labelled segment that no detection found.

    Attributes:
        detection: What comes nearest to it: for UNSURE the one that is not sure enough, for
            OTHER_ACTION that of another action. None where nothing does.
        overlap: Of the two, 0 where there is none.
    """

    truth: SnapshotItem
    kind: MissKind
    detection: Detection | None
    overlap: float


@dataclass(frozen=True)
class FalseAlarm:
    """A detection that finds no labelled segment.

    Attributes:
        truth: The segment that it should have been of, if any is near.
        overlap: Of the two, 0 where there is none.
    """

    detection: Detection
    kind: AlarmKind
    truth: SnapshotItem | None
    overlap: float


class Findings:
    """Labelled segments and detections, compared once.

    Args:
        truth: Labelled segments; those of other actions are left out.
        found: Detections of these actions.
    """

    def __init__(
        self, truth: Sequence[SnapshotItem], found: Sequence[Detection], actions: Sequence[str]
    ) -> None:
        self._ranked = candidates(truth, found, actions)
        self._of_take = dict(_by_take(self._ranked))

    def matches(self, least_overlap: float, threshold: float) -> tuple[Match, ...]:
        """Every segment that was found, by take and time."""
        ranked = self._ranked
        finds = ranked.matched(least_overlap)
        found = np.flatnonzero((finds >= 0) & (ranked.score >= threshold))
        pairs = sorted((int(finds[one]), int(one)) for one in found)
        matched = [_match(ranked.truth[segment], ranked.found[one]) for segment, one in pairs]
        return tuple(sorted(matched, key=lambda one: (one.truth.take_id, one.truth.start)))

    def misses(self, least_overlap: float, threshold: float) -> tuple[Miss, ...]:
        """Every segment that was not found, worst kind first.

        Within a kind: the longest first where nothing was found; otherwise the one that was
        nearest to being found last.
        """
        finds = self._ranked.matched(least_overlap)
        finder = {int(segment): one for one, segment in enumerate(finds) if segment >= 0}
        missed = []
        for place, item in enumerate(self._ranked.truth):
            one = finder.get(place)
            if one is None or self._ranked.score[one] < threshold:
                unsure = None if one is None else self._ranked.found[one]
                missed.append(self._miss(item, unsure, finds, least_overlap, threshold))
        return tuple(sorted(missed, key=_badness))

    def false_alarms(self, least_overlap: float, threshold: float) -> tuple[FalseAlarm, ...]:
        """Every detection that finds nothing, the surest first."""
        ranked = self._ranked
        finds = ranked.matched(least_overlap)
        wrong = np.flatnonzero((finds < 0) & (ranked.score >= threshold))
        return tuple(self._alarm(ranked.found[one], least_overlap) for one in wrong.tolist())

    def _miss(
        self,
        item: SnapshotItem,
        unsure: Detection | None,
        finds: NDArray[np.int64],
        least_overlap: float,
        threshold: float,
    ) -> Miss:
        take = self._of_take[item.take_id]
        told = [one for one in take.found if self._ranked.score[one] >= threshold]
        near = [(self._ranked.found[one], finds[one] < 0) for one in told]
        others = [one for one, is_free in near if is_free and one.action != item.action]
        other, other_overlap = _nearest(item, others)
        if other is not None and other_overlap >= least_overlap:
            return Miss(item, MissKind.OTHER_ACTION, other, other_overlap)
        same, same_overlap = _nearest(item, [one for one, _ in near if one.action == item.action])
        if same is not None and same_overlap >= TOUCHED:
            return Miss(item, MissKind.INEXACT, same, same_overlap)
        if unsure is not None:
            return Miss(item, MissKind.UNSURE, unsure, _match(item, unsure).overlap)
        return Miss(item, MissKind.NOTHING, None, 0.0)

    def _alarm(self, one: Detection, least_overlap: float) -> FalseAlarm:
        take = self._of_take[one.take_id]
        if not take.truth:
            return FalseAlarm(one, AlarmKind.NOTHING, None, 0.0)
        shared = overlap(one.start, one.end, take.starts, take.ends)
        is_same = np.array([item.action == one.action for item in take.truth])
        for kind, is_meant, least in (
            (AlarmKind.AGAIN, is_same, least_overlap),
            (AlarmKind.OTHER_ACTION, ~is_same, least_overlap),
            (AlarmKind.INEXACT, is_same, TOUCHED),
            (AlarmKind.OTHER_ACTION, ~is_same, TOUCHED),
        ):
            best = int(np.where(is_meant, shared, -1.0).argmax())
            if is_meant[best] and shared[best] >= least:
                return FalseAlarm(one, kind, take.truth[best], float(shared[best]))
        return FalseAlarm(one, AlarmKind.NOTHING, None, 0.0)


@dataclass(frozen=True)
class _Take:
    """A take's labelled segments with their bounds, and the places of its detections."""

    truth: tuple[SnapshotItem, ...]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    found: tuple[int, ...]


def _by_take(ranked: Candidates) -> Mapping[str, _Take]:
    truth = {take: tuple(items) for take, items in groupby(ranked.truth, lambda item: item.take_id)}
    found: dict[str, list[int]] = {}
    for place, one in enumerate(ranked.found):
        found.setdefault(one.take_id, []).append(place)
    return {
        take: _Take(
            items := truth.get(take, ()),
            np.array([item.start for item in items], np.float64),
            np.array([item.end for item in items], np.float64),
            tuple(found.get(take, ())),
        )
        for take in {*truth, *found}
    }


def _nearest(item: SnapshotItem, found: Sequence[Detection]) -> tuple[Detection | None, float]:
    """The detection that overlaps a segment most, the surest of equal ones."""
    if not found:
        return None, 0.0
    shared = overlap(item.start, item.end, [one.start for one in found], [one.end for one in found])
    best = int(shared.argmax())
    return found[best], float(shared[best])


def _match(item: SnapshotItem, one: Detection) -> Match:
    return Match(item, one, float(overlap(item.start, item.end, one.start, one.end)))


def _badness(miss: Miss) -> tuple[int, float, str, int]:
    kind = list(MissKind).index(miss.kind)
    item = miss.truth
    within = {
        MissKind.NOTHING: float(item.start - item.end),
        MissKind.OTHER_ACTION: -miss.detection.score if miss.detection else 0.0,
        MissKind.INEXACT: miss.overlap,
        MissKind.UNSURE: miss.detection.score if miss.detection else 0.0,
    }[miss.kind]
    return kind, within, item.take_id, item.start
