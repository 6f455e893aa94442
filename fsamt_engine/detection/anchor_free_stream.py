"""The anchor-free detector live: the embeddings of the last clips, and the head over them."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.streaming import Looked
from fsamt_engine.learning.device import Device
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation, to_tensor

if TYPE_CHECKING:  # The detector makes its streams.
    from fsamt_engine.detection.anchor_free_detector import AnchorFreeDetector

_SETTLED = 4
"""Moments after an end from which on it is told as it will be: half of them are of other clips."""


class AnchorFreeStream:
    """As `DetectionStream` says: a moment is known when its clip is over, half a clip later.

    Args:
        detector: On the device, in eval mode.
    """

    def __init__(
        self,
        detector: "AnchorFreeDetector",
        modality: Modality,
        normalisation: Normalisation,
        device: Device,
    ) -> None:
        self._detector, self._device = detector, device
        self._modality, self._normalisation = modality, normalisation
        self._moments = detector.moments
        self._kept = detector.memory
        self._rows = np.zeros((0, detector.embedding_dim), np.float32)
        self._newest = 0.0

    @property
    def every(self) -> int:
        """Main frames between two looks: moments as far apart as those that were taught."""
        return self._moments.every

    @property
    def settle(self) -> int:
        """Half a clip, and some moments more."""
        return self._moments.behind + _SETTLED * self.every

    def look(self, clip: npt.NDArray[np.float16], at_frame: int) -> Looked:
        """As `DetectionStream` says."""
        shape = self._moments.shape
        middle = at_frame - self._moments.behind + 0.5
        row = self._embedded(_as_searched(clip, at_frame, shape.n_frames, shape.step))
        times = 1
        if len(self._rows):
            times = max(1, round((middle - self._newest) / self.every))
        if times > self._kept:
            self.forget()
            times = 1
        # Where looks were left out, what is seen now stands for them.
        self._rows = np.concatenate([self._rows, np.repeat(row, times, axis=0)])[-self._kept :]
        self._newest = middle
        if middle < 0:  # Nothing of the middle of this clip was seen yet.
            self._rows = self._rows[:0]
            names = self._detector.say(row, self._device).names[-1]
            return Looked(names[: self._detector.n_actions], Candidates.none())
        said = self._detector.say(self._rows, self._device)
        oldest = middle - (len(self._rows) - 1) * self.every
        spans = (oldest + self.every * said.candidates.spans).clip(0.0, float(at_frame))
        found = Candidates(spans, said.candidates.scores, said.candidates.actions)
        found = found.at(spans[:, 0] < spans[:, 1])
        return Looked(said.names[-1, : self._detector.n_actions], found)

    def forget(self) -> None:
        """As `DetectionStream` says."""
        self._rows = self._rows[:0]

    @torch.no_grad()
    def _embedded(self, clip: npt.NDArray[np.float16]) -> npt.NDArray[np.float32]:
        batch = to_tensor(clip[None], self._modality, self._normalisation)
        with self._device.autocast():
            rows = self._detector.backbone.embed(batch.to(self._device.torch_device))
        values: npt.NDArray[np.float32] = rows.float().cpu().numpy()
        return values


def _as_searched(
    clip: npt.NDArray[np.float16], at_frame: int, n_frames: int, step: int
) -> npt.NDArray[np.float16]:
    """The clip as a search has it: what was not seen lies before its first frame, not after it."""
    n_seen = min(n_frames, -(-at_frame // step))
    return clip[np.maximum(np.arange(n_frames) - (n_frames - n_seen), 0)]
