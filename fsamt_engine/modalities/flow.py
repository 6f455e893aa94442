"""Optical flow between colour frames: how a flow teacher sees motion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from fsamt_engine.modalities.boxes import View, cut, shrink_colour
from fsamt_engine.modalities.preparation import FlowMethod, FlowPreset, Preparation

if TYPE_CHECKING:
    import torch

Frames = npt.NDArray[np.uint8]
FlowFunction = Callable[[Frames, Frames], npt.NDArray[np.float32]]
"""(earlier, later), both (B, S, S, 3) uint8 RGB, to (B, S, S, 2) float32: x and y displacement."""

STILL = 128
"""No motion, as it is coded."""

_MIN_WORKING_SIZE = 128
_ON_GPU = 32
"""Pairs that are computed at once there: a take's frames cost little more than one."""
_DIS_PRESETS = {
    FlowPreset.ULTRAFAST: cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    FlowPreset.FAST: cv2.DISOPTICAL_FLOW_PRESET_FAST,
    FlowPreset.MEDIUM: cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


@dataclass(frozen=True)
class _Computer:
    """A method of computing flow.

    Attributes:
        flow: What computes it.
        at_once: Pairs of frames that it is quickest with.
        multiple: What the side of frames has to be a multiple of.
    """

    flow: FlowFunction
    at_once: int = 1
    multiple: int = 1


class FlowPreparer:
    """Computes flow. Not to be shared between threads.

    Flow is computed at twice the network's size (128 pixels at least), between two colour frames
    cut by the same box, the later frame's: a box that follows the person is no motion. Its vectors
    are then averaged over each pixel of the network's square and scaled to its pixels, so their
    unit is pixels of the prepared square from one pair's colour frame to the next; with the person
    crop this is a speed in metres a frame (`side_m / size` metres a pixel), whatever the distance.
    They are clipped to `Preparation.bound_px` and coded as uint8, `127.5 + 127.5 * v / bound_px`.

    The vector at a place is the displacement of what was there in the earlier frame.

    Args:
        preparation: The settings.

    Raises:
        FsamtError: The method of flow cannot be had here.
    """

    def __init__(self, preparation: Preparation) -> None:
        self._size = preparation.size
        self._bound_px = preparation.bound_px
        self._computer = _METHODS[preparation.flow.method](preparation)
        side, multiple = max(2 * preparation.size, _MIN_WORKING_SIZE), self._computer.multiple
        self._working_size = -(-side // multiple) * multiple

    @property
    def at_once(self) -> int:
        """Pairs of frames that `of_squares` is quickest with."""
        return self._computer.at_once

    def between(self, earlier: Frames, later: Frames, view: View) -> Frames:
        """Flow from one colour frame to a later one.

        Args:
            earlier: (H, W, 3) uint8 RGB.
            later: (H, W, 3) uint8 RGB.
            view: Of the later frame, in pixels of the colour frames.

        Returns:
            (size, size, 2) uint8: x (to the right) and y (down), coded.
        """
        return self.of_squares([self.squares(earlier, later, view)])[0]

    def squares(self, earlier: Frames, later: Frames, view: View) -> Frames:
        """What flow is computed of: the same square of both frames, (2, S, S, 3) uint8 RGB."""
        cuts = (cut(frame, view.box, view.limits) for frame in (earlier, later))
        return np.stack([shrink_colour(square, self._working_size) for square in cuts])

    def of_squares(self, pairs: Sequence[Frames]) -> list[Frames]:
        """The flow of each of these pairs of squares, as `between` gives it."""
        stacked = np.stack(pairs)
        vectors = self._computer.flow(stacked[:, 0], stacked[:, 1])
        scale = self._size / self._working_size
        size = (self._size, self._size)
        return [
            code_flow(cv2.resize(v, size, interpolation=cv2.INTER_AREA) * scale, self._bound_px)
            for v in vectors
        ]


class FlowInOrder:
    """Flow of the colour frames that show main frames; the first one's is known with the second's.

    Args:
        preparation: The settings.
    """

    def __init__(self, preparation: Preparation) -> None:
        self._preparer = FlowPreparer(preparation)
        self._last = np.full((preparation.size, preparation.size, 2), STILL, np.uint8)
        self._frame: Frames | None = None
        self._pairs: list[Frames] = []
        self._n_shown: list[int] = []
        self._n_before = 0

    def push(self, frame: Frames, view: View) -> Iterator[Frames]:
        """Takes the colour frame of the next main frame; gives flow, once enough came together.

        Of a colour frame that stays the same, it is the flow that led to it.
        """
        if self._frame is None or (frame is self._frame and not self._n_shown):
            self._n_before += 1
        elif frame is self._frame:
            self._n_shown[-1] += 1
        else:
            if len(self._pairs) == self._preparer.at_once:
                yield from self._computed()
            self._pairs.append(self._preparer.squares(self._frame, frame, view))
            self._n_shown.append(1 + self._n_before)
            self._n_before = 0
        self._frame = frame

    def finish(self) -> Iterator[Frames]:
        """The flow of all main frames that still wait; no motion, if there was but one picture."""
        if self._pairs:
            yield from self._computed()
        yield from [self._last] * self._n_before
        self._n_before = 0

    def _computed(self) -> Iterator[Frames]:
        for vectors, n_shown in zip(
            self._preparer.of_squares(self._pairs), self._n_shown, strict=True
        ):
            yield from [vectors] * n_shown
            self._last = vectors
        self._pairs.clear()
        self._n_shown.clear()


def code_flow(vectors: npt.NDArray[np.float32], bound_px: float) -> npt.NDArray[np.uint8]:
    """Vectors in pixels to uint8, +-`bound_px` being 255 and 0."""
    coded = np.clip(np.rint(127.5 + 127.5 * vectors / bound_px), 0, 255)
    return np.asarray(coded, np.uint8)


def decode_flow(coded: npt.NDArray[np.uint8], bound_px: float) -> npt.NDArray[np.float32]:
    """What `code_flow` coded, in pixels; off by `bound_px / 255` at most."""
    return (coded.astype(np.float32) - 127.5) * np.float32(bound_px / 127.5)


def _dis(preparation: Preparation) -> _Computer:
    """Dense inverse search (Kroeger et al., ECCV 2016), OpenCV's implementation."""
    method: Any = cv2.DISOpticalFlow.create(_DIS_PRESETS[preparation.flow.preset])

    def compute(earlier: Frames, later: Frames) -> npt.NDArray[np.float32]:
        pairs = zip(_grey(earlier), _grey(later), strict=True)
        return np.stack([method.calc(first, second, None) for first, second in pairs])

    return _Computer(compute)


def _tvl1(preparation: Preparation) -> _Computer:
    import torch

    from fsamt_engine.modalities.flow_tvl1 import tv_l1

    device, at_once = _torch_device()

    def compute(earlier: Frames, later: Frames) -> npt.NDArray[np.float32]:
        first, second = (
            torch.from_numpy(np.stack(_grey(frames))).to(device, torch.float32)
            for frames in (earlier, later)
        )
        return np.asarray(tv_l1(first, second).movedim(1, -1).cpu().numpy(), np.float32)

    return _Computer(compute, at_once)


def _raft(preparation: Preparation) -> _Computer:
    import torch

    from fsamt_engine.modalities.flow_raft import MULTIPLE, raft, raft_flow

    device, at_once = _torch_device()
    network = raft(device)

    def compute(earlier: Frames, later: Frames) -> npt.NDArray[np.float32]:
        first, second = (
            torch.from_numpy(frames).to(device).movedim(-1, 1).float()
            for frames in (earlier, later)
        )
        flow = raft_flow(network, first, second)
        return np.asarray(flow.movedim(1, -1).cpu().numpy(), np.float32)

    return _Computer(compute, at_once, MULTIPLE)


def _torch_device() -> "tuple[torch.device, int]":
    """Where PyTorch computes flow, and of how many pairs at once."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda"), _ON_GPU
    return torch.device("cpu"), 1


def _grey(frames: Frames) -> list[Frames]:
    return [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in frames]


_METHODS: dict[FlowMethod, Callable[[Preparation], _Computer]] = {
    FlowMethod.DIS: _dis,
    FlowMethod.TVL1: _tvl1,
    FlowMethod.RAFT: _raft,
}
