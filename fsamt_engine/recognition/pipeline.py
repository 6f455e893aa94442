"""From a camera's depth frames to the clips that a network sees, one frame at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.camera import Frame
from fsamt_engine.library.records import Intrinsics, Region
from fsamt_engine.modalities.boxes import View
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.preparation import CropMode, DepthPreparation
from fsamt_engine.recognition.clip_ring import ClipRing
from fsamt_engine.recognition.pacer import Pacer
from fsamt_engine.recognition.state import AnswerStatus

_ENOUGH = 0.5
"""Share of a clip that has to be real before it is answered: many short actions fit into it."""

_GONE_S = 2.0
"""Nobody is there when nobody stood out for this long; people who pause are missed for 1.5 s."""


@dataclass(frozen=True)
class Look:
    """What a network is to see: everything of a model that matters before its network.

    Attributes:
        rate_hz: Of the takes that the model was trained on.
        every: It looks at every so many frames of that pace.
        recent: Frames of that pace on which an answer about this moment rests, 0 for a clip: with
            half of them there is one, and after a longer gap nothing before it counts.
    """

    preparation: DepthPreparation
    shape: ClipShape
    rate_hz: float
    every: int = 1
    recent: int = 0

    @property
    def rests_on(self) -> int:
        """Frames on which an answer about this moment rests."""
        return self.recent or self.shape.span


@dataclass(frozen=True)
class NewestClip:
    """The clip that ends with a frame.

    Attributes:
        pixels: (n_frames, size, size) float16, prepared depth 0..1.
        share: How much of what an answer rests on was seen and is not repeated, 0..1.
        is_fresh: Whether nothing before this clip counts any more.
        seen: Frames that came since then, at the pace of the model.
    """

    pixels: npt.NDArray[np.float16]
    share: float
    status: AnswerStatus
    view: View
    is_fresh: bool
    seen: int


class ClipPipeline:
    """Prepares frames as training prepared them, and keeps the newest clip.

    Of a camera it learns the still background while it runs: nothing of the future is known live,
    so there is no warm-up, and an exported graph that starts with its first frame gives the same.
    Until it knows the background, in the first two seconds or so, it often looks at the wrong
    place. A take may be over by then, so it is warmed up with frames of the whole take, as in
    training; so is an exported graph that gets a whole take at once.

    Args:
        look: What the network is to see.
        unit_m: Metres per step of depth; None where the camera does not say.
        intrinsics: Of the depth frames, None where unknown.
        region: Where the participant is, as a person drew it.
        warm_up: (H, W) uint16 each, spread over a take (`watching.warm_up_frames`); none of a
            camera.

    Raises:
        FsamtError: The unit is not known.
    """

    def __init__(
        self,
        look: Look,
        unit_m: float | None,
        intrinsics: Intrinsics | None,
        region: Region | None = None,
        warm_up: Sequence[npt.NDArray[np.uint16]] = (),
    ) -> None:
        self.look = look
        self._warm_up = warm_up
        self._unit_m, self._intrinsics, self._region = unit_m or 0.0, intrinsics, region
        self._pacer = Pacer(look.rate_hz, look.rests_on)
        self._ring = ClipRing(look.shape)
        self._domain = ""
        self._n_unseen = self._looked_at = 0
        self._is_fresh = True
        self._preparer = self._fresh_preparer()

    def push(self, frame: Frame) -> NewestClip | None:
        """The clip that ends with this depth frame; None of a frame that is not looked at.

        Raises:
            FsamtError: The frame is not of the size that its calibration is for.
        """
        if frame.domain != self._domain:
            self._pacer = Pacer(self.look.rate_hz, self.look.rests_on)
            self._domain = frame.domain
        steps = self._pacer.steps(frame.at_us)
        if steps == 0:
            return None
        if steps is None:
            self._preparer = self._fresh_preparer()
            self._ring.forget()
            self._looked_at, self._is_fresh = 0, True
        self._ring.push(self._preparer.push(frame.pixels), steps or 1)
        self._n_unseen = 0 if self._preparer.sees_person else self._n_unseen + (steps or 1)
        view, n_seen = self._preparer.view, self._ring.n_seen
        if n_seen - self._looked_at < self.look.every:
            return None
        self._looked_at = n_seen
        is_fresh, self._is_fresh = self._is_fresh, False
        share = min(1.0, n_seen / self.look.rests_on)
        return NewestClip(
            self._ring.clip(), share, self._status(view, share), view, is_fresh, n_seen
        )

    def _fresh_preparer(self) -> DepthPreparer:
        look = self.look.preparation
        preparer = DepthPreparer(look, self._unit_m, self._intrinsics, self._region)
        preparer.warm_up(self._warm_up)
        return preparer

    def _status(self, view: View, share: float) -> AnswerStatus:
        follows = self.look.preparation.crop.mode is CropMode.PERSON
        is_gone = self._n_unseen > _GONE_S * self.look.rate_hz
        if follows and (view.distance_m is None or is_gone):
            return "nobody"
        return "gathering" if share < _ENOUGH else "answering"
