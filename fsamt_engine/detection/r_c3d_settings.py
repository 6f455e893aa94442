"""What belongs to R-C3D alone, and how it follows from the labelled segments."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fsamt_engine.detection.r_c3d_anchors import anchor_lengths
from fsamt_engine.modalities.clips import ClipShape

_ROOM = 1.5
"""Length of a window over that of the longest anchor: room to lie in it at many places."""
_CELLS_IN_SHORTEST = 2
_FEWEST_STEPS = 16


@dataclass(frozen=True)
class RC3DSettings:
    """Numbers of a detector; kept in model.json.

    Attributes:
        lengths: Of the anchors, in main frames.
        n_steps: Frames of a window.
        stride: Frames of a window between two cells of the maps, at most.
        width: Channels of the proposal network (512 as published, on 512 channels of C3D).
        n_parts: Parts in time of a region with its surroundings, from which its ends are told.
        n_proposals: Of a window, at most (300 as published, of windows of 768 frames).
    """

    lengths: tuple[float, ...]
    n_steps: int
    stride: int
    width: int = 64
    n_parts: int = 8
    n_proposals: int = 50

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "RC3DSettings":
        """What `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        lengths = tuple(float(length) for length in given["lengths"])
        return cls(**{**given, "lengths": lengths})


def settings_for(segments: Sequence[int], rate_hz: float, student: ClipShape) -> RC3DSettings:
    """Anchors, window and density for labelled segments of these lengths.

    The paper reads 768 frames at once: 31 s at 25 frames a second (THUMOS'14), 256 s at 3
    (ActivityNet). A student sees 16 frames with nothing around them; the shorter the window, the
    more of it looks to the student like the clips that it knows, and the more windows a training
    sees in its time. So the window is as short as the longest anchor allows. As published, the
    shortest anchor is at least 2 cells long (THUMOS'14); denser cells were no better.

    Args:
        segments: Lengths in main frames, at least one.
        rate_hz: Main frames a second.
        student: The clips of the student.
    """
    lengths = tuple(s * rate_hz for s in anchor_lengths([n / rate_hz for n in segments]))
    n_steps = math.ceil(_ROOM * lengths[-1] / student.step / 8) * 8
    finest = max(1.0, lengths[0] / student.step / _CELLS_IN_SHORTEST)
    stride = 2 ** math.floor(math.log2(finest))
    return RC3DSettings(lengths, max(_FEWEST_STEPS, n_steps), stride)
