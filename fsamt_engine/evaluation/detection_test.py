"""What a detector found in the takes of its test, and its form on disk; read without PyTorch."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.evaluation.detection_findings import (
    AlarmKind,
    FalseAlarm,
    Findings,
    Match,
    Miss,
)
from fsamt_engine.evaluation.detection_scores import DetectionScores, score_detections
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelRecord, SnapshotItem

FILE_NAME = "detection_test.json"

USUAL_OVERLAP = 0.5
"""That a right detection has at least, where nothing else is asked for."""


@dataclass(frozen=True)
class TestedTake:
    """A take that was searched whole.

    Attributes:
        n_frames: Of its main stream.
        rate_hz: Frames a second of its main stream.
    """

    __test__ = False  # Its name does not make it a test.

    take_id: str
    participant: str
    n_frames: int
    rate_hz: float


@dataclass(frozen=True)
class KnownAfter:
    """A detection as somebody watching live would have been told it.

    Attributes:
        known_at: The main frame at which it was told.
    """

    detection: Detection
    known_at: float


@dataclass(frozen=True)
class Delay:
    """How long after an action's true end somebody watching live knows of it.

    Attributes:
        median_s: Seconds, over the segments that were told; below 0 for an end that was told early.
        ninety_s: Nine of ten of them are told within this.
        n_told: Segments that were told (right action, overlap of at least a half).
        n_truth: Labelled segments of the takes that were watched.
        n_false: Detections that were told and are of no segment.
    """

    median_s: float
    ninety_s: float
    n_told: int
    n_truth: int
    n_false: int


@dataclass(frozen=True)
class DetectionTest:
    """The result of a detector's test.

    Attributes:
        actions: Those that the detector knows.
        truth: The labelled segments of these actions in the tested takes.
        takes: Every take that was searched, those without any segment too.
        found: Every detection, whatever its score.
        settings: How it searched, as stored (JSON).
        device: What it was computed on.
        watched: Ids of the takes that were watched as they would be live, to see when it is told.
        known: What it would have told there, and when.
    """

    __test__ = False  # Its name does not make it a test.

    model_id: str
    actions: tuple[str, ...]
    truth: tuple[SnapshotItem, ...]
    takes: tuple[TestedTake, ...]
    found: tuple[Detection, ...]
    settings: Mapping[str, Any]
    device: str = field(compare=False)
    watched: tuple[str, ...] = ()
    known: tuple[KnownAfter, ...] = ()

    @cached_property
    def scores(self) -> DetectionScores:
        """Average precision and F1 of all that was found, with the interval.

        Raises:
            FsamtError: There is no labelled segment of these actions.
        """
        takes = {take.take_id: take.participant for take in self.takes}
        return score_detections(self.truth, self.found, self.actions, takes=takes)

    @property
    def usual_threshold(self) -> float:
        """The least score of what is shown as found: where F1 is best on this test."""
        return self.scores.f1_at(USUAL_OVERLAP).threshold

    @cached_property
    def by_take(self) -> dict[str, tuple[Detection, ...]]:
        """What was found in every tested take, also where that is nothing."""
        found: dict[str, list[Detection]] = {take.take_id: [] for take in self.takes}
        for one in self.found:
            found[one.take_id].append(one)
        return {take_id: tuple(answers) for take_id, answers in found.items()}

    def matches(
        self, overlap: float = USUAL_OVERLAP, threshold: float | None = None
    ) -> tuple[Match, ...]:
        """The segments that were found, with what found them, by take and time.

        Args:
            threshold: The least score that is believed; None for the usual one, here and below.
        """
        return self._findings.matches(overlap, self._believed(threshold))

    def misses(
        self, threshold: float | None = None, overlap: float = USUAL_OVERLAP
    ) -> tuple[Miss, ...]:
        """The segments that were not found, worst first."""
        return self._findings.misses(overlap, self._believed(threshold))

    def false_alarms(
        self, threshold: float | None = None, overlap: float = USUAL_OVERLAP
    ) -> tuple[FalseAlarm, ...]:
        """The detections that find no segment, the surest first."""
        return self._findings.false_alarms(overlap, self._believed(threshold))

    def confusions(
        self, threshold: float | None = None, overlap: float = USUAL_OVERLAP
    ) -> tuple[FalseAlarm, ...]:
        """The false alarms at the right time with the wrong action, the surest first."""
        return tuple(
            alarm
            for alarm in self.false_alarms(threshold, overlap)
            if alarm.kind is AlarmKind.OTHER_ACTION and alarm.overlap >= overlap
        )

    @cached_property
    def delay(self) -> Delay | None:
        """How late detections are known live; None where that was not tried or nothing was told."""
        rates = {take.take_id: take.rate_hz for take in self.takes}
        told = sorted(self.known, key=lambda one: one.known_at)
        known_at = {one.detection: one.known_at for one in reversed(told)}
        found = Findings(self.truth, list(known_at), self.actions).matches(USUAL_OVERLAP, 0.0)
        if not found:
            return None
        seconds = [
            (known_at[one.detection] - one.truth.end) / rates[one.truth.take_id] for one in found
        ]
        median, ninety = (float(value) for value in np.percentile(seconds, (50, 90)))
        n_false = len(known_at) - len(found)
        n_truth = sum(item.take_id in self.watched for item in self.truth)
        return Delay(median, ninety, len(found), n_truth, n_false)

    @cached_property
    def _findings(self) -> Findings:
        return Findings(self.truth, self.found, self.actions)

    def _believed(self, threshold: float | None) -> float:
        return self.usual_threshold if threshold is None else threshold


def write_detection_test(library: Library, path: Path, test: DetectionTest) -> None:
    """Write a test beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    content = {
        "model": test.model_id,
        "actions": test.actions,
        "settings": dict(test.settings),
        "device": test.device,
        "takes": [astuple(take) for take in test.takes],
        "truth": [astuple(item) for item in test.truth],
        "found": [astuple(one) for one in test.found],
        "watched": test.watched,
        "known": [(*astuple(one.detection), one.known_at) for one in test.known],
    }
    write_beside(library, path, json.dumps(content))


def read_detection_test(path: Path, model: ModelRecord) -> DetectionTest | None:
    """What an earlier test left; None where there is none, or where the file is damaged."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if tuple(content["actions"]) != model.actions:
            return None
        return DetectionTest(
            model_id=model.id,
            actions=model.actions,
            truth=tuple(SnapshotItem(*item) for item in content["truth"]),
            takes=tuple(TestedTake(*take) for take in content["takes"]),
            found=tuple(Detection(*one) for one in content["found"]),
            settings=dict(content["settings"]),
            device=str(content["device"]),
            watched=tuple(str(take_id) for take_id in content["watched"]),
            known=tuple(KnownAfter(Detection(*one[:-1]), one[-1]) for one in content["known"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_detection_test(library: Library, model: ModelRecord, test: DetectionTest) -> None:
    """Keep a detector's test beside its weights, where clearing the cache does not reach.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    write_detection_test(library, _path(library, model), test)


def kept_detection_test(library: Library, model: ModelRecord) -> DetectionTest | None:
    """The test that was kept beside a detector; None where there is none."""
    return read_detection_test(_path(library, model), model)


def _path(library: Library, model: ModelRecord) -> Path:
    return library.absolute(model.path) / FILE_NAME
