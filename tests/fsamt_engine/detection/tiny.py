"""Untrimmed takes of a square that moves now and then, and the least head that finds it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from fsamt_engine.detection import heads
from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import Detector, TakeSpan
from fsamt_engine.detection.heads import FittedHead, HeadJob
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings
from fsamt_engine.detection.streaming import Looked
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.inference import windows_in_batches
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import BACKGROUND, Library, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    Modality,
    Preparation,
)
from fsamt_engine.modalities.tensors import Normalisation, n_channels, to_tensor
from fsamt_engine.networks import build
from fsamt_engine.progress import OnProgress, ShouldStop

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)
SETTINGS = DetectorSettings(
    head=DetectionHead.ANCHOR_FREE,
    shape=SHAPE,
    preparation=PREPARATION,
    fit=FitSettings(epochs=4, batch_size=4),
    adapt=None,
)
MOVES = {"across": (1.5, 0.0), "down": (0.0, 1.5)}
LENGTH = 10
"""Frames of an action."""


def add_untrimmed_take(
    library: Library, participant: str, actions: tuple[str, ...], number: int, rest: int = 8
) -> str:
    """A square that moves `LENGTH` frames for each action and stands `rest` frames about each."""
    rng = np.random.default_rng([number, int(participant[1:])])
    frames, segments = [], []
    for action in actions:
        begin = len(frames) + rest
        segments.append((action, begin, begin + LENGTH))
        left, top = rng.integers(2, 8, 2)
        for t in range(rest + LENGTH + rest):
            moved = min(max(t - rest, 0), LENGTH)
            x, y = (int(a + v * moved) for a, v in zip((left, top), MOVES[action], strict=True))
            frame = np.full((40, 48), 3000, np.uint16)
            frame[y : y + 12, x : x + 12] = 2000 + rng.integers(0, 20)
            frames.append(frame)
    with staging_folder(library) as staging:
        with DepthWriter(staging / "depth.mkv", 48, 40, 30.0) as file:
            for frame in frames:
                file.write(frame)
        stream = StreamDraft(
            StreamKind.DEPTH,
            staging / "depth.mkv",
            width=48,
            height=40,
            n_frames=len(frames),
            rate_hz=30.0,
            codec="ffv1",
            unit_m=0.001,
            timestamps_us=np.arange(len(frames), dtype=np.int64) * 33_333,
        )
        draft = TakeDraft(
            session=f"visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"untrimmed/{participant}/{number}",
            started_at_us=0,
            streams=[stream],
            pairs=np.zeros((0, 3), np.int64),
            segments=segments,
        )
        return add_take(library, staging, draft).id


class TinyDetector(Detector):
    """Names every clip of a grid; each is a candidate. Its last answer is that of background."""

    hop = 2

    def config(self) -> dict[str, Any]:
        return {"longest": self.longest}

    @property
    def reach(self) -> int:
        return self.shape.span

    def search(
        self,
        reader: ClipReader,
        take: TakeSpan,
        device: Device,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Candidates]:
        starts = list(range(0, max(1, take.n_frames - self.shape.span + 1), self.hop))
        windows = [Window(take.take_id, start, take.n_frames) for start in starts]
        at = 0
        for answers in windows_in_batches(
            self.backbone,
            lambda clips: self.backbone(clips).softmax(1),
            reader,
            windows,
            device,
            on_progress=on_progress,
            should_stop=should_stop,
        ):
            yield self.candidates(answers, starts[at : at + len(answers)])
            at += len(answers)

    def candidates(self, answers: npt.NDArray[np.float32], starts: list[int]) -> Candidates:
        own = answers[:, : self.n_actions]
        spans = [(float(start), float(start + LENGTH)) for start in starts]
        return Candidates(
            np.repeat(np.array(spans), self.n_actions, axis=0),
            own.reshape(-1).astype(np.float64),
            np.tile(np.arange(self.n_actions), len(starts)),
        )

    def stream(
        self, modality: Modality, normalisation: Normalisation, device: Device
    ) -> "TinyStream":
        return TinyStream(self, modality, normalisation)


class TinyStream:
    """Names the newest clip; what it found in the last second stays a candidate."""

    settle = 4

    def __init__(
        self, detector: TinyDetector, modality: Modality, normalisation: Normalisation
    ) -> None:
        self._detector = detector
        self._input = modality, normalisation
        self._found: list[Candidates] = []
        self.seen: list[tuple[int, npt.NDArray[np.float16]]] = []

    @property
    def every(self) -> int:
        return self._detector.hop

    @torch.no_grad()
    def look(self, clip: npt.NDArray[np.float16], at_frame: int) -> Looked:
        self.seen.append((at_frame, clip))
        logits = self._detector.backbone(to_tensor(clip[None], *self._input))
        answers = logits.softmax(1).numpy()
        start = max(0, at_frame - self._detector.shape.span)
        self._found = [*self._found[-15:], self._detector.candidates(answers, [start])]
        n_actions = self._detector.n_actions
        return Looked(answers[0, :n_actions], Candidates.joined(self._found))

    def forget(self) -> None:
        self._found = []


class TinyHead:
    """A recogniser of clips with background, which `TinyDetector` moves over the take."""

    def fit(self, job: HeadJob) -> FittedHead:
        modality = Modality(job.settings.modality)
        network = build(job.settings.network, n_channels(modality), seed=job.settings.fit.seed)
        if job.start is not None:
            network.load_state_dict(job.start.network.state_dict())
        names = (*job.snapshot.actions, BACKGROUND)
        network.set_actions(len(names), seed=job.settings.fit.seed)
        reader = ClipReader(job.library, modality, job.preparation, job.shape, job.normalisation)
        naming = NamingModule(network, 0.0, with_norm=False)
        lesson = NamingLesson(
            naming,
            reader,
            job.snapshot.train,
            (),
            names,
            job.settings.fit,
            job.settings.augmentation,
            0.0,
            job.device,
        )
        result = fit(
            lesson,
            job.settings.fit,
            job.device,
            job.checkpoint,
            what="Training a detector",
            on_progress=job.on_progress,
            on_epoch=job.on_epoch,
            should_stop=job.should_stop,
        )
        detector = TinyDetector(network, len(job.snapshot.actions), job.shape, LENGTH)
        return FittedHead(detector.eval(), result, job.shape, job.preparation, reader.normalisation)

    def restore(self, description: Mapping[str, Any]) -> Detector:
        network = build(description["network"], description["in_channels"])
        n_actions = len(description["actions"])
        network.set_actions(n_actions + 1)
        longest = description["detector"]["config"]["longest"]
        return TinyDetector(network, n_actions, ClipShape(**description["shape"]), longest)


def use_tiny_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every head is the tiny one, while the test goes on."""
    monkeypatch.setattr(heads, "head", lambda kind: TinyHead())
    monkeypatch.setattr("fsamt_engine.detection.train.head", lambda kind: TinyHead())


def with_fit(**changes: Any) -> DetectorSettings:
    """The usual settings with another fit."""
    return replace(SETTINGS, fit=FitSettings(**{**asdict(SETTINGS.fit), **changes}))
