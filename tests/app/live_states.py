"""States of live recognition as panels are shown them, moment by moment."""

from dataclasses import dataclass, field, replace

import numpy as np

from fsamt_engine.capture.camera import (
    CameraInfo,
    CameraSettings,
    Frame,
    LostFrames,
    OpenStream,
    StreamMode,
)
from fsamt_engine.capture.feed import FeedState, FeedStatus, OpenedCamera
from fsamt_engine.library import Calibration, StreamKind
from fsamt_engine.modalities.boxes import Box, View
from fsamt_engine.recognition.state import (
    Answer,
    AnswerStatus,
    LiveEvent,
    LiveState,
    Measured,
    Now,
    Percentiles,
    Rates,
    Timings,
)
from fsamt_engine.recognition.truth import Truth

COLOURS = {"wave": "#E69F00", "kick": "#56B4E9", "push": "#009E73", "background": "#999999"}
START_US = 1_790_000_000_000_000
FRAME_US = 33_333
WIDTH, HEIGHT = 64, 48
MEASURED = (
    Measured("PyTorch, CPU", 108.0, False, "ONNX Runtime is faster here."),
    Measured("ONNX Runtime, CPU", 33.0, True, "It is the fastest."),
    Measured("PyTorch, CUDA", None, False, "There is no CUDA device."),
)
MEDIANS = Percentiles(9.4, 5.2, 33.1, 7.9, 55.6)
SLOWEST = Percentiles(18.7, 8.8, 41.2, 15.1, 78.3)


def opened(source_id: str = "simulated", unit_m: float = 0.001) -> OpenedCamera:
    """A camera that is open for depth alone."""
    stream = OpenStream(StreamMode(StreamKind.DEPTH, WIDTH, HEIGHT, 30.0), "device", unit_m)
    settings = CameraSettings((stream.mode,))
    info = CameraInfo(source_id, "Camera")
    return OpenedCamera(info, settings, (stream,), Calibration(), LostFrames(), True)


@dataclass
class Stream:
    """Gives the state of one moment after the other, a frame apart."""

    source_id: str = "simulated"
    names: tuple[str, ...] = tuple(COLOURS)
    now_us: int = START_US
    number: int = 0
    events: list[LiveEvent] = field(default_factory=list)

    def state(
        self,
        *smoothed: float,
        raw: tuple[float, ...] = (),
        status: AnswerStatus = "answering",
        expected: str | None = None,
        after_us: int = FRAME_US,
    ) -> LiveState:
        """The state `after_us` later; without probabilities the last action is all there is."""
        self.now_us += after_us
        self.number += 1
        shares = smoothed or tuple(float(name == self.names[-1]) for name in self.names)
        frame = Frame(
            StreamKind.DEPTH,
            np.full((HEIGHT, WIDTH), 1000 + self.number % 100, np.uint16),
            self.now_us - START_US,
            "device",
            self.number,
            self.now_us,
        )
        answer = Answer(
            self.number,
            self.now_us - START_US,
            "device",
            self.now_us,
            self.number,
            status,
            1.0,
            raw or shares,
            shares,
            View(Box(8, 0, 56, 48), Box(8, 0, 56, 48), 1.0),
            Timings(9.0, 5.0, 33.0, 8.0),
        )
        return LiveState(
            FeedStatus(FeedState.RUNNING),
            opened(self.source_id),
            frame,
            "model",
            "ONNX Runtime, CPU",
            MEASURED,
            answer,
            Now("action" if status == "answering" else status),
            tuple(self.events),
            MEDIANS,
            SLOWEST,
            Rates(30.0, 29.8, 12, 3),
            None,
            Truth(expected) if expected is not None else None,
        )

    def begin(self, action: str, confidence: float = 0.8) -> None:
        """An event begins now."""
        number = len(self.events) + 1
        at_us = self.now_us - START_US
        self.events.append(
            LiveEvent(number, action, at_us, None, "device", self.now_us, confidence, self.number)
        )

    def end(self, was_right: bool | None = None) -> None:
        """It ends now."""
        self.events[-1] = replace(
            self.events[-1],
            offset_us=self.now_us - START_US,
            offset_frame=self.number,
            was_right=was_right,
        )
