"""Detectors whose looks a test gives."""

from dataclasses import dataclass, replace

import numpy as np

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.streaming import Looked
from fsamt_engine.library import ModelKind, ModelRecord
from fsamt_engine.recognition.detection_decider import DetectionDecider
from fsamt_engine.recognition.detection_judge import DetectionJudge
from fsamt_engine.recognition.live_detector import DetectorSight
from fsamt_engine.recognition.pipeline import Look
from fsamt_engine.recognition.state import Measured
from tests.fsamt_engine.recognition.watching import SHAPE, WHOLE_FRAME, Says, live_model

ACTIONS = ("jump", "wave", "background")
RATE_HZ = 30.0


def candidates(*found: tuple[str, float, float, float]) -> Candidates:
    """Of action, start, end and score."""
    return Candidates(
        np.array([[start, end] for _, start, end, _ in found], np.float64).reshape(-1, 2),
        np.array([score for *_, score in found], np.float64),
        np.array([ACTIONS.index(action) for action, *_ in found], np.int64),
    )


class Finds:
    """A stream that knows what happens, and finds as much of it as has come so far.

    `looks` are the frames at which it was asked; it is asked anew by each sight.
    """

    every, settle = 2, 4

    def __init__(self, *happens: tuple[str, float, float, float]) -> None:
        self.happens = happens
        self.looks: list[list[int]] = []
        self.probabilities = np.array([0.2, 0.7], np.float32)

    def look(self, clip: np.ndarray, at_frame: int) -> Looked:
        self.looks[-1].append(at_frame)
        begun = [
            (action, start, min(end, at_frame), score)
            for action, start, end, score in self.happens
            if start < at_frame - 1
        ]
        return Looked(self.probabilities, candidates(*begun))

    def forget(self) -> None:
        raise AssertionError("a sight begins with a stream of its own")


_LOOK = Look(WHOLE_FRAME, SHAPE, RATE_HZ, Finds.every)


@dataclass(frozen=True)
class PuppetDetector:
    """A `Watcher` like `LiveDetector`, on a stream of the test's."""

    stream: Finds
    record: ModelRecord
    actions: tuple[str, ...] = ACTIONS
    measured: tuple[Measured, ...] = ()
    computed_by: str = "puppet detector"
    look: Look = _LOOK

    def sight(self) -> DetectorSight:
        self.stream.looks.append([])
        return DetectorSight(self.stream, len(self.actions))

    def decider(self, settings, first_number: int = 1) -> DetectionDecider:
        return DetectionDecider(self.actions, Finds.settle, RATE_HZ, settings, first_number)

    def judge(self, segments) -> DetectionJudge:
        return DetectionJudge(segments, self.actions)


def puppet_detector(stream: Finds, name: str = "detector-1") -> PuppetDetector:
    record = live_model(Says("wave", ACTIONS[:2]), name=name).record
    return PuppetDetector(stream, replace(record, kind=ModelKind.DETECTOR))
