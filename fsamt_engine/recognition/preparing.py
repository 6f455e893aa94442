"""What happens to a frame before its clip goes to the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.library.records import RecordingEnd, Region, StreamKind
from fsamt_engine.recognition.keeping import MomentRing
from fsamt_engine.recognition.pipeline import ClipPipeline, NewestClip
from fsamt_engine.recognition.slot import Slot
from fsamt_engine.recognition.state import Answer, Timings
from fsamt_engine.recognition.timing import ExposureClock, now_us

if TYPE_CHECKING:
    from fsamt_engine.recognition.watcher import Seen, Watcher


@dataclass(frozen=True)
class Arrived:
    """A frame, with the opening of the camera that it came from."""

    opened: OpenedCamera
    frame: Frame
    came_us: int


@dataclass(frozen=True)
class CameraEnded:
    """No more frames come from one opening of the camera."""


class DepthSink:
    """Takes the frames of one opening of the camera, in the camera's thread.

    Args:
        opened: The camera.
        frames: Where they go.
        moments: What remembers the last seconds; it begins anew.
    """

    def __init__(
        self, opened: OpenedCamera, frames: Slot[Arrived | CameraEnded], moments: MomentRing
    ) -> None:
        self._opened, self._frames, self._moments = opened, frames, moments
        moments.clear()

    def take_frame(self, frame: Frame) -> None:
        """Hands depth on; only a camera that is not live waits."""
        if frame.kind == StreamKind.DEPTH:
            self._moments.add(frame)
            put = self._frames.put if self._opened.is_live else self._frames.put_waiting
            put(Arrived(self._opened, frame, now_us()))

    def camera_ended(self, how: RecordingEnd) -> None:
        """Tells it behind the last frame."""
        self._frames.mark(CameraEnded())


@dataclass(frozen=True)
class Prepared:
    """A clip on its way to the network.

    Attributes:
        model: Whose network it is for.
        part: Counts the times that everything started anew.
        frame: The newest of the clip.
        exposed_us: By the computer's clock, for latencies.
        host_at_us: By the computer's clock, as it is told; of a recording, when it was made.
        began_us, done_us: Of the preparing, by the computer's clock.
    """

    model: "Watcher"
    clip: NewestClip
    part: int
    frame: Frame
    exposed_us: int
    host_at_us: int
    began_us: int
    done_us: int

    def answer(self, number: int, seen: "Seen", began_us: int, done_us: int) -> Answer:
        """The network's answer, not smoothed yet.

        Args:
            number: Of the answer.
            seen: What the network says of the clip.
            began_us: When the network began, by the computer's clock.
            done_us: When it was done.
        """
        waiting_us = (self.began_us - self.exposed_us) + (began_us - self.done_us)
        timings = Timings(
            max(0.0, waiting_us / 1000),
            (self.done_us - self.began_us) / 1000,
            (done_us - began_us) / 1000,
        )
        return answer_to(self.clip, self.frame, seen, timings, self.host_at_us, number)


def answer_to(
    clip: NewestClip,
    frame: Frame,
    seen: "Seen",
    timings: Timings,
    host_at_us: int,
    number: int = 0,
) -> Answer:
    """What a network says of a clip, not smoothed yet.

    Args:
        frame: The newest of the clip.
        host_at_us: Of its exposure.
    """
    probabilities = tuple(np.asarray(seen.probabilities, np.float64).tolist())
    return Answer(
        number,
        frame.at_us,
        frame.domain,
        host_at_us,
        frame.number,
        clip.status,
        clip.share,
        probabilities,
        probabilities,
        clip.view,
        timings,
        clip.seen,
        seen.found,
    )


class Preparing:
    """Prepares the frames of one camera after the other for one model after the other.

    Args:
        region: Where the participant is, as a person drew it.
        warm_up: As `ClipPipeline` takes it.
    """

    def __init__(
        self, region: Region | None, warm_up: Sequence[npt.NDArray[np.uint16]] = ()
    ) -> None:
        self._region, self._warm_up = region, warm_up
        self._opened: OpenedCamera | None = None
        self._pipeline: ClipPipeline | None = None
        self._clock = ExposureClock()
        self._part = 0

    def forget(self) -> None:
        """The camera is gone: starts anew with the next frame."""
        self._opened = self._pipeline = None

    def push(self, item: Arrived, model: "Watcher") -> Prepared | None:
        """Prepares a frame, None where its pace leaves it out.

        Another model that sees the same goes on with the clip as it is.

        Raises:
            FsamtError: The unit of depth is not known, or the calibration is not the frame's.
        """
        began_us, frame, opened = now_us(), item.frame, item.opened
        if opened is not self._opened:
            self._opened, self._pipeline, self._clock = opened, None, ExposureClock()
        host_at_us = exposed_us = self._clock.host_us(
            frame.at_us, frame.domain, frame.arrived_at_us
        )
        if not opened.is_live:
            host_at_us, exposed_us = frame.arrived_at_us, item.came_us
        if self._pipeline is None or self._pipeline.look != model.look:
            stream = opened.stream(StreamKind.DEPTH)
            self._pipeline = ClipPipeline(
                model.look,
                stream.unit_m if stream else None,
                opened.calibration.depth,
                self._region,
                self._warm_up,
            )
        clip = self._pipeline.push(frame)
        if clip is None:
            return None
        self._part += clip.is_fresh
        return Prepared(model, clip, self._part, frame, exposed_us, host_at_us, began_us, now_us())
