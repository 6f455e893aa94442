"""Detections as they become known while a take is still going on."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.nms import suppress
from fsamt_engine.detection.options import SearchSettings
from fsamt_engine.errors import Cancelled
from fsamt_engine.evaluation.detections import Detection, overlap
from fsamt_engine.library import Library
from fsamt_engine.library.takes import take
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

if TYPE_CHECKING:  # PyTorch takes seconds to import, and pages read what is told.
    from fsamt_engine.detection.detector import LoadedDetector
    from fsamt_engine.learning.device import Device

_SAME = 0.3
"""Overlap (temporal IoU) above which two candidates tell of the same action."""

_REMEMBERED = 256
"""Told detections that are known; more than any clip has room for."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What a look at the newest clip gave.

    Attributes:
        probabilities: (A,) float32 of each action at this moment, 0..1; their sum is at most 1.
        found: Candidates near this moment, in the frames that `at_frame` counts. One that has not
            ended yet may end with the newest frame.
    """

    probabilities: npt.NDArray[np.float32]
    found: Candidates


class DetectionStream(Protocol):
    """A detector that watches: what came is known, what comes is not."""

    @property
    def every(self) -> int:
        """Main frames between two looks."""

    @property
    def settle(self) -> int:
        """Main frames that have to come after a candidate's end before it changes no more."""

    def look(self, clip: npt.NDArray[np.float16], at_frame: int) -> Looked:
        """Look at the clip that ends with the newest frame.

        Args:
            clip: (n_frames, S, S) float16 as `ClipPipeline` gives it, of the detector's `shape`
                (of other modalities as `ClipReader.stored` has it, without the batch's axis);
                where less was seen than a clip spans, its last frame is repeated.
            at_frame: Main frames that came so far: the newest is `at_frame - 1`. It grows by
                `every` from look to look, by more after a gap.
        """

    def forget(self) -> None:
        """Start anew: nothing seen before counts any more."""


class Teller:
    """Decides when a detection is told, once.

    A candidate is told when it changes no more: as many frames have come after its end as the
    stream's `settle` says. Of candidates that tell of the same action again the best one stands for
    all; while that one is still going on, none of them is told. What becomes good enough only long
    after its end is not told any more: its scores change because what was before it is forgotten.

    Args:
        threshold: The least score that is told.
        settle: The stream's.
    """

    def __init__(self, threshold: float, settle: int) -> None:
        self._settings = SearchSettings(overlap=_SAME, least_score=threshold)
        self._settle = settle
        self._told = Candidates.none()
        self._looked_at: int | None = None
        self.going_on = Candidates.none()
        """What is good enough and was not told yet: begun, perhaps ended, not final."""

    def look(self, found: Candidates, at_frame: int) -> Candidates:
        """What is to be told now, the earliest first.

        Args:
            found: As the stream gave it.
            at_frame: Main frames that came so far.
        """
        best = suppress(found, self._settings)
        best = best.at(~(self._is_told(best) | self._is_late(best)))
        self._looked_at = at_frame
        is_final = best.spans[:, 1] <= at_frame - self._settle
        self.going_on = best.at(~is_final)
        told = best.at(is_final)
        told = told.at(np.lexsort((told.spans[:, 1], told.spans[:, 0])))
        known = Candidates.joined([self._told, told])
        self._told = known.at(np.arange(max(0, len(known) - _REMEMBERED), len(known)))
        return told

    def change_threshold(self, threshold: float) -> None:
        """Tell from this score on; what was told is not told again."""
        self._settings = replace(self._settings, least_score=threshold)

    def forget(self) -> None:
        """Start anew."""
        self._told = self.going_on = Candidates.none()
        self._looked_at = None

    def _is_late(self, best: Candidates) -> npt.NDArray[np.bool_]:
        """Which could have been told at the look before, with as much time again to be sure."""
        if self._looked_at is None:
            return np.zeros(len(best), np.bool_)
        late: npt.NDArray[np.bool_] = best.spans[:, 1] <= self._looked_at - 2 * self._settle
        return late

    def _is_told(self, best: Candidates) -> npt.NDArray[np.bool_]:
        """Which are a told one again, or what is left of it in a clip that has moved on."""
        known = self._told
        starts, ends = best.spans[:, :1], best.spans[:, 1:]
        shared = np.minimum(ends, known.spans[:, 1]) - np.maximum(starts, known.spans[:, 0])
        is_part = shared > (ends - starts) / 2
        is_same = is_part | (overlap(starts, ends, known.spans[:, 0], known.spans[:, 1]) > _SAME)
        is_told: npt.NDArray[np.bool_] = (is_same & (best.actions[:, None] == known.actions)).any(
            axis=1
        )
        return is_told


def streamed(
    library: Library,
    loaded: "LoadedDetector",
    take_id: str,
    threshold: float | None = None,
    *,
    device: "Device",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[tuple[Detection, int]]:
    """Watch a prepared take as it would be watched live: one clip at a time, nothing of the future.

    What has not become final when the take ends is not told.

    Args:
        threshold: The least score that is told; by default the detector's own.
        device: Where the detector is.

    Returns:
        What was told, in order, each with the main frames that had come by then. The time to gather
        frames is in that number; the time to compute comes on top.

    Raises:
        Cancelled: `should_stop`, asked at every look, asked for it.
    """
    from fsamt_engine.learning.clips import Window

    one = take(library, take_id)
    n_frames, span = one.main.n_frames, loaded.shape.span
    reader = loaded.reader(library)
    stream = loaded.detector.stream(loaded.modality, loaded.normalisation, device)
    teller = Teller(loaded.threshold if threshold is None else threshold, stream.settle)
    told: list[tuple[Detection, int]] = []
    for at_frame in range(stream.every, n_frames + 1, stream.every):
        if asked := should_stop() if should_stop else None:
            raise Cancelled(resumable=asked is not Stop.CANCEL)
        clip = reader.stored([Window(take_id, max(0, at_frame - span), at_frame)])[0].numpy()
        final = teller.look(stream.look(clip, at_frame).found.rounded(), at_frame)
        for action, (start, end), score in zip(
            final.actions.tolist(), final.spans.tolist(), final.scores.tolist(), strict=True
        ):
            named = loaded.actions[action]
            told.append((Detection(take_id, one.participant, named, start, end, score), at_frame))
        if on_progress:
            on_progress(Progress("Watching as it happens", at_frame, n_frames))
    return told
