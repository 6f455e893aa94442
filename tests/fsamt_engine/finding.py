"""A head that trains in a moment, and a library with untrimmed takes, for tests of what uses them.

The head names clips, background among them, and tells every stretch of clips of which one action is
the likeliest. It goes through the program's own training loop: it can be paused, and goes on as
every training does.
"""

import shutil
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import Detector, TakeSpan
from fsamt_engine.detection.heads import FittedHead, HeadJob
from fsamt_engine.detection.streaming import DetectionStream, Looked
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.settings import FinetuneSettings
from fsamt_engine.learning.starting import first_network
from fsamt_engine.library import BACKGROUND, Library, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import NORMALISATIONS, to_tensor
from fsamt_engine.networks import ActionNetwork, build
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

from .conftest import HEIGHT, N_FRAMES, PARTICIPANTS, WIDTH, moving_square

REST = 40
"""Frames before, between and after the actions: more than a second in all."""
FOUND = ("across", "down")


class PuppetDetector(Detector):
    """Looks at a clip every half of its length."""

    reach = 16

    def config(self) -> dict[str, Any]:
        return {"longest": self.longest}

    def search(
        self,
        reader: ClipReader,
        take: TakeSpan,
        device: Device,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Candidates]:
        every = self.shape.n_frames // 2
        starts = range(0, take.n_frames - self.shape.n_frames, every)
        windows = [Window(take.take_id, s, s + self.shape.n_frames) for s in starts]
        clips = to_tensor(reader.stored(windows), reader.modality, reader.normalisation)
        likely = self.backbone(clips).softmax(1).numpy()[:, : self.n_actions]
        if on_progress:
            on_progress(Progress(f"Searching {take.take_id}", 1, 1))
        runs = [list(of) for _, of in groupby(range(len(likely)), lambda i: likely[i].argmax())]
        yield Candidates.of(
            [(windows[run[0]].start, windows[run[-1]].end) for run in runs],
            [float(likely[run].max()) for run in runs],
            [int(likely[run[0]].argmax()) for run in runs],
            self.n_actions,
        )

    def stream(self, *_: object) -> DetectionStream:
        return NothingLive(self.n_actions)


class NothingLive:
    """Tells nothing while it watches."""

    every, settle = 16, 1

    def __init__(self, n_actions: int) -> None:
        self._n_actions = n_actions

    def look(self, clip: object, at_frame: int) -> Looked:
        nothing = Candidates.of([], [], [], self._n_actions)
        return Looked(np.zeros(self._n_actions, np.float32), nothing)

    def forget(self) -> None:
        """Nothing is remembered."""


class PuppetHead:
    """See the module."""

    def fit(self, job: HeadJob) -> FittedHead:
        own = job.settings
        actions = (*job.snapshot.actions, BACKGROUND)
        settings = FinetuneSettings(modality=own.modality, network=own.network, fit=own.fit)
        network = first_network(settings, job.start)
        network.set_actions(len(actions), seed=own.fit.seed)
        module = NamingModule(network, 0.0, with_norm=False)
        modality = Modality(own.modality)
        normalisation = job.normalisation or NORMALISATIONS[modality]
        reader = ClipReader(job.library, modality, job.preparation, job.shape, normalisation)
        lesson = NamingLesson(
            module, reader, job.snapshot.train, (), actions, own.fit, own.augmentation, 0.1,
            job.device,
        )  # fmt: skip
        result = fit(
            lesson,
            own.fit,
            job.device,
            job.checkpoint,
            what="Training the puppet",
            on_progress=job.on_progress,
            on_epoch=job.on_epoch,
            should_stop=job.should_stop,
        )
        detector = _detector(network, len(actions) - 1, job.shape)
        return FittedHead(detector.eval(), result, job.shape, job.preparation, normalisation)

    def restore(self, description: Mapping[str, Any]) -> Detector:
        network = build(description["network"], description["in_channels"])
        n_actions = len(description["actions"])
        network.set_actions(n_actions + 1)
        return _detector(network, n_actions, ClipShape(**description["shape"]))


def _detector(network: ActionNetwork, n_actions: int, shape: ClipShape) -> Detector:
    return PuppetDetector(network, n_actions, shape, float(N_FRAMES))


def add_long_take(library: Library, participant: str, number: int) -> str:
    """A take with each of `FOUND` once, and background around them; without colour."""
    rng = np.random.default_rng([PARTICIPANTS.index(participant), 10 + number])
    parts, segments, place = [], [], 0
    for action in FOUND if number % 2 else reversed(FOUND):
        still = np.full((REST, HEIGHT, WIDTH), 3000, np.uint16)
        moving, _ = moving_square(action, rng)
        parts += [still, moving]
        segments.append((action, place + REST, place + REST + len(moving)))
        place += REST + len(moving)
    parts.append(np.full((REST, HEIGHT, WIDTH), 3000, np.uint16))
    depth = np.concatenate(parts)
    with staging_folder(library) as staging:
        path = staging / "depth.mkv"
        with DepthWriter(path, WIDTH, HEIGHT, 30.0) as file:
            for frame in depth:
                file.write(frame)
        stream = StreamDraft(
            StreamKind.DEPTH,
            path,
            codec="ffv1",
            unit_m=0.001,
            timestamps_us=np.arange(len(depth), dtype=np.int64) * 33_333,
            width=WIDTH,
            height=HEIGHT,
            n_frames=len(depth),
            rate_hz=30.0,
        )
        draft = TakeDraft(
            session=f"visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"test/{participant}/long/{number}",
            started_at_us=0,
            streams=[stream],
            pairs=np.zeros((0, 3), np.int64),
            segments=segments,
        )
        return add_take(library, staging, draft).id


def untrimmed_copy(source: Path, root: Path) -> Path:
    """A copy of a library with two long takes of each participant more."""
    shutil.copytree(source, root)
    with Library.open(root) as library:
        for participant in PARTICIPANTS:
            for number in range(2):
                add_long_take(library, participant, number)
    return root
