"""Models whose answers a test gives, for recognisers that watch a puppet."""

import threading

import numpy as np

from fsamt_engine.library import ModelKind, ModelRecord
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation
from fsamt_engine.recognition.live_model import LiveModel

SHAPE = ClipShape(n_frames=4, step=2, size=16)
WHOLE_FRAME = DepthPreparation(
    size=16, crop=Crop(mode=CropMode.FRAME), relative=False, near_m=0.0, far_m=1.0
)
ACTIONS = ("background", "jump", "wave")


class Says:
    """A network that says one action, `surely` with certainty, and can be held up.

    `clips` are all that it was asked.
    """

    def __init__(self, action: str = "wave", actions: tuple[str, ...] = ACTIONS) -> None:
        self.name = "puppet network"
        self.action, self.actions = action, actions
        self.clips: list[np.ndarray] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_asked = threading.Event()
        self.error: Exception | None = None
        self.surely = 1.0

    def probabilities(self, clip: np.ndarray) -> np.ndarray:
        self.clips.append(clip)
        self.is_asked.set()
        assert self.may_answer.wait(10)
        if self.error is not None:
            raise self.error
        return np.array([a == self.action for a in self.actions], np.float32) * self.surely


def live_model(
    backend: Says,
    shape: ClipShape = SHAPE,
    preparation: DepthPreparation = WHOLE_FRAME,
    name: str = "recogniser-1",
) -> LiveModel:
    record = ModelRecord(
        name,
        name,
        ModelKind.RECOGNISER,
        name,
        "r3d_tiny",
        "depth",
        256,
        backend.actions,
        f"models/{name}",
        "ours",
        0,
    )
    return LiveModel(record, backend.actions, preparation, shape, 30.0, backend)
