"""Which frames of an interval a network sees."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ClipShape:
    """A window of frames.

    Attributes:
        n_frames: Frames that the network sees.
        step: Distance of two of them in frames of the take. 16 frames with the default step span
            2 s at 30 frames a second, which holds most single actions whole.
        size: Side of a frame, pixels.
    """

    n_frames: int = 16
    step: int = 4
    size: int = 64

    @property
    def span(self) -> int:
        """Frames of the take from the first to the last, both included."""
        return (self.n_frames - 1) * self.step + 1


def frame_indices(start: int, shape: ClipShape, end: int) -> npt.NDArray[np.int64]:
    """Frames of the clip from `start` on, (n_frames,).

    From `end` on the last one repeats, before frame 0 the first.
    """
    return np.clip(start + shape.step * np.arange(shape.n_frames), 0, end - 1)


def clip_starts(start: int, end: int, shape: ClipShape, stride: int) -> list[int]:
    """Starts of the clips that lie whole in [start, end), `stride` frames apart.

    An interval shorter than a clip has one clip, which repeats its last frame.
    """
    return list(range(start, max(start + 1, end - shape.span + 1), stride))


def evaluation_starts(start: int, end: int, shape: ClipShape, n_clips: int) -> list[int]:
    """Starts of at most `n_clips` clips, spread evenly over [start, end), each only once.

    One clip lies in the middle; of several the first begins at `start` and the last ends at `end`.
    """
    last = max(start, end - shape.span)
    if n_clips == 1:
        return [(start + last) // 2]
    spread = np.linspace(start, last, n_clips).round().astype(int)
    return sorted({int(s) for s in spread})
