"""R-C3D as it watches: the newest window again and again, and what of it is known by then."""

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.r_c3d_found import in_take
from fsamt_engine.detection.r_c3d_network import RC3DNetwork
from fsamt_engine.detection.streaming import Looked
from fsamt_engine.learning.device import Device
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation, to_tensor

_CELLS_SETTLED = 1
"""After an action's end before it counts as known.

More cells only cost: of a person never seen as many actions or fewer were told, each of them later.
An action that waits long has left the window before it is told.
"""


class RC3DStream:
    """Looks at a whole window once a cell; all that it knows is in the window."""

    def __init__(
        self,
        detector: nn.Module,
        network: RC3DNetwork,
        shape: ClipShape,
        modality: Modality,
        normalisation: Normalisation,
        device: Device,
    ) -> None:
        self._detector = detector
        self._network = network
        self._shape = shape
        self._modality = modality
        self._normalisation = normalisation
        self._device = device
        self._cell = network.stride * shape.step

    @property
    def every(self) -> int:
        """Main frames between two looks: a cell."""
        return self._cell

    @property
    def settle(self) -> int:
        """Main frames after a candidate's end before it changes no more."""
        return _CELLS_SETTLED * self._cell

    def look(self, clip: npt.NDArray[np.float16], at_frame: int) -> Looked:
        """Look at the window that ends with the newest frame; see `DetectionStream.look`."""
        stored = torch.from_numpy(clip[None])
        inputs = to_tensor(
            stored.to(self._device.torch_device), self._modality, self._normalisation
        )
        with torch.no_grad(), self._device.autocast():
            spans, scores = self._detector(inputs)[0]
        start = max(0, at_frame - self._shape.span)
        found = in_take(spans, scores, start, self._shape.step)
        # What has not come cannot be part of an action; what left the window cannot be seen whole.
        cut = Candidates(found.spans.clip(0, at_frame), found.scores, found.actions)
        is_whole = (cut.spans[:, 0] >= start + self._cell) | (start == 0)
        cut = cut.at(is_whole & (cut.spans[:, 1] > cut.spans[:, 0]))
        return Looked(self._now(cut, at_frame), cut)

    def forget(self) -> None:
        """Nothing is remembered from look to look."""

    def _now(self, found: Candidates, at_frame: int) -> npt.NDArray[np.float32]:
        """The best score of each action whose candidates reach the newest cells."""
        probabilities = np.zeros(self._network.n_actions, np.float32)
        is_now = found.spans[:, 1] > at_frame - 2 * self._cell
        np.maximum.at(probabilities, found.actions[is_now], found.scores[is_now])
        return probabilities / max(1.0, float(probabilities.sum()))
