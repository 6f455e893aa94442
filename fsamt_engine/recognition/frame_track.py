"""Where the frames that a detector counts lie in the camera's time."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from fsamt_engine.recognition.state import Answer

_N_KEPT = 4096


@dataclass(frozen=True)
class Moment:
    """A frame of the detector's pace, where the camera saw it.

    Attributes:
        frame: As the camera counts; None where it does not.
    """

    at_us: int
    host_at_us: int
    frame: int | None


class FrameTrack:
    """Which frame came when, and whether anybody was there.

    Args:
        rate_hz: Frames a second, for moments before and after all that came.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._noted: deque[tuple[int, int, int, int | None, bool]] = deque(maxlen=_N_KEPT)

    def note(self, answer: Answer) -> None:
        """The newest frame."""
        is_empty = answer.status == "nobody"
        self._noted.append(
            (answer.seen - 1, answer.at_us, answer.host_at_us, answer.frame_number, is_empty)
        )

    def forget(self) -> None:
        """Frames are counted anew."""
        self._noted.clear()

    def moment(self, frame: float) -> Moment:
        """When a frame came, or would have come; it may lie between two."""
        places = np.array([one[0] for one in self._noted], np.float64)
        frame = max(0.0, frame)
        near = min(max(frame, places[0]), places[-1])
        beyond = frame - near
        at_us, host_us = (
            self._between(places, near, field) + beyond * 1e6 / self._rate_hz for field in (1, 2)
        )
        last = self._noted[-1]
        number = None
        if last[3] is not None:
            number = round(self._between(places, near, 3) + beyond)
        return Moment(round(at_us), round(host_us), number)

    def is_empty(self, start: float, end: float) -> bool:
        """Whether nobody was there most of this time."""
        empty = [one[4] for one in self._noted if start <= one[0] < end]
        return sum(empty) > len(empty) / 2

    def _between(self, places: np.ndarray, frame: float, field: int) -> float:
        values = [one[field] or 0 for one in self._noted]
        first = values[0]
        return first + float(np.interp(frame, places, np.array(values, np.float64) - first))
