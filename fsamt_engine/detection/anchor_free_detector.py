"""A detector that reads embeddings in time: a backbone with its classifier, and a head."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from fsamt_engine.detection.anchor_free_network import AnchorFreeHead
from fsamt_engine.detection.anchor_free_stream import AnchorFreeStream
from fsamt_engine.detection.anchor_free_targets import Points
from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import Detector, TakeSpan
from fsamt_engine.detection.embeddings import EmbeddingWindows, Moments
from fsamt_engine.detection.streaming import DetectionStream
from fsamt_engine.detection.windows import SearchWindow, whole_ones, windows_over
from fsamt_engine.learning.clips import ClipReader, FloatArray
from fsamt_engine.learning.device import Device
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_WINDOW = 512
"""Moments that the head sees at once in a search; it is cheap, and few edges cut less."""

_LEAST = 0.01
"""Candidates below this score are none."""

_NAMES = 16
"""Actions that one interval may be, the likeliest ones."""

_DOUBT = 2.0
"""Temperature of their probabilities: taught by few labels a classifier is surer than it should be,
and what it is wrongly sure of would stand before what is right in other takes."""

CLASS_SHARE = 0.15
"""Share of an interval, around its middle, whose clips say which action it is."""


@dataclass(frozen=True, eq=False)
class Said:
    """What was found in a row of moments, in their places."""

    candidates: Candidates
    names: npt.NDArray[np.float32]
    """(N, A + 1) probabilities of the classifier at each moment, background last."""


class AnchorFreeDetector(Detector):
    """Where actions are says the head; which they are says the backbone's classifier.

    Args:
        backbone: With a classifier of the actions and of background, which comes last.
        head: Over its embeddings.
        shape: The student's clips.
    """

    def __init__(
        self,
        backbone: ActionNetwork,
        head: AnchorFreeHead,
        n_actions: int,
        shape: ClipShape,
        longest: float,
    ) -> None:
        super().__init__(backbone, n_actions, shape, longest)
        self.head = head
        self.moments = Moments.of(shape)

    def config(self) -> dict[str, Any]:
        """The head's shape, and the longest action."""
        return {"longest": self.longest, "head": self.head.shape.to_dict()}

    @property
    def reading(self) -> dict[str, float]:
        """The numbers of `say`, for a program that says the same of the head's answers."""
        return {
            "least": _LEAST,
            "n_names": _NAMES,
            "doubt": _DOUBT,
            "class_share": CLASS_SHARE,
        }

    @property
    def reach(self) -> int:
        """Main frames: what the head reads around a moment, and half a clip."""
        return self.head.shape.reach * self.moments.every + self.moments.behind

    @property
    def memory(self) -> int:
        """Moments that hold the longest action and all that its ends depend on."""
        longest = int(np.ceil(self.longest / self.moments.every))
        return longest + 2 * self.head.shape.reach

    def search(
        self,
        reader: ClipReader,
        take: TakeSpan,
        device: Device,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Candidates]:
        """As `Detector` says: embeddings in windows of about half a minute or more."""
        n_moments = self.moments.count(take.n_frames)
        embedded = EmbeddingWindows(
            self.backbone, reader, self.moments, take.take_id, take.n_frames, device
        )
        watch = Stopwatch(n_moments)

        def tell(n_done: int) -> None:
            if on_progress:
                left = watch.seconds_left(n_done)
                on_progress(Progress("Searching", n_done, n_moments, seconds_left=left))

        length = max(_WINDOW, 2 * self.memory)
        for window in windows_over(n_moments, length, self.memory):
            last = min(window.end, n_moments)
            values = embedded.read(window.start, last, tell, should_stop)
            found = self.say(values, device).candidates
            spans = self.moments.frames(found.spans + window.start)
            found = Candidates(spans, found.scores, found.actions)
            yield whole_ones(found, self._in_frames(window), 2.0 * self.moments.every)

    def stream(
        self, modality: Modality, normalisation: Normalisation, device: Device
    ) -> DetectionStream:
        """As `Detector` says."""
        return AnchorFreeStream(self, modality, normalisation, device)

    @torch.no_grad()
    def say(self, values: FloatArray, device: Device) -> Said:
        """Candidates among moments with these embeddings (N, D); spans are counted in moments."""
        assert self.backbone.classifier is not None
        rows = torch.from_numpy(np.ascontiguousarray(values)).to(device.torch_device)
        told = self.head(rows.T[None])
        logits = self.backbone.classifier(rows).float()
        likely = told.logits[0].float().sigmoid().cpu().numpy().astype(np.float64)
        distances = told.distances[0].float().cpu().numpy().astype(np.float64)
        points = Points.of(len(rows), self.head.shape.n_levels)
        chosen = np.flatnonzero(likely >= _LEAST)
        spans = np.stack([points.places - distances[0], points.places + distances[1]], axis=1)[
            chosen
        ]
        names = _names_of(spans, logits.cpu().numpy()[:, : self.n_actions])
        scores = likely[chosen, None] * names
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_NAMES]
        whose, which = np.nonzero(np.take_along_axis(scores, best, 1) >= _LEAST)
        actions = best[whose, which]
        candidates = Candidates(spans[whose], scores[whose, actions], actions.astype(np.int64))
        return Said(candidates, logits.softmax(1).cpu().numpy())

    def _in_frames(self, window: SearchWindow) -> SearchWindow:
        def frame(place: int | None) -> int | None:
            return None if place is None else round(float(self.moments.frames(place)))

        first, last = self.moments.frames([window.start, window.end]).round().astype(int)
        return SearchWindow(
            int(first), int(last), frame(window.seen_before), frame(window.seen_after)
        )


def _names_of(
    spans: npt.NDArray[np.float64], logits: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """Which action each interval (in moments) is, (K, A): softmax of the mean around the middle."""
    n_moments = len(logits)
    sums = np.concatenate([np.zeros((1, logits.shape[1])), logits.astype(np.float64).cumsum(0)])
    middles = spans.mean(axis=1)
    halves = CLASS_SHARE * (spans[:, 1] - spans[:, 0]) / 2
    first = np.ceil(middles - halves).clip(0, n_moments - 1).astype(np.int64)
    last = np.maximum(first + 1, np.floor(middles + halves).clip(0, n_moments - 1).astype(int) + 1)
    means = (sums[last] - sums[first]) / (last - first)[:, None] / _DOUBT
    exps = np.exp(means - means.max(axis=1, keepdims=True, initial=-np.inf))
    names: npt.NDArray[np.float64] = exps / exps.sum(axis=1, keepdims=True)
    return names
