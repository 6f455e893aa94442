"""What a training will cost on this machine, measured in a few seconds before it is started."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.embeddings import VideoEmbeddings, embeddings_kept
from fsamt_engine.learning.fitting_network import fitting_network
from fsamt_engine.learning.inference import clips_at_once
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.matching import MatchingLoss, matching_loss
from fsamt_engine.learning.pace import MadeUpReader, clip_seconds, step_pace, without_chance
from fsamt_engine.learning.prepare import held_out_items, videos_of
from fsamt_engine.learning.settings import (
    FinetuneSettings,
    Granularity,
    TransferLoss,
    TransferSettings,
)
from fsamt_engine.learning.starting import settings_with
from fsamt_engine.learning.store import LoadedModel, model_with
from fsamt_engine.learning.student_shape import student_shape, usual_shape
from fsamt_engine.learning.teaching import TeachingLesson, TeachingModule, teaching_module
from fsamt_engine.library import Library, Snapshot, SnapshotItem
from fsamt_engine.library.models import model as find_model
from fsamt_engine.modalities.clips import ClipShape, clip_starts
from fsamt_engine.modalities.pace import missing_takes, preparing_seconds
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.tensors import n_channels
from fsamt_engine.networks import build
from fsamt_engine.networks.embedder import TransformerEmbedder
from fsamt_engine.progress import ShouldStop


@dataclass(frozen=True)
class Estimate:
    """What a training will cost, in seconds of this machine as busy as it is now.

    Attributes:
        prepare_s: Decoding takes that are not in the clip cache.
        embeddings_s: Computing the teacher's embeddings, where they are not in the cache.
        training_s: All steps, and the validation after each epoch.
        memory_bytes: At the peak of the training: of the GPU, or of the processor's memory.
        device: What it was measured on and will run on.
        clip_s: One clip of the training.
    """

    prepare_s: float
    embeddings_s: float
    training_s: float
    memory_bytes: int
    device: str
    clip_s: float

    @property
    def total_s(self) -> float:
        """All together."""
        return self.prepare_s + self.embeddings_s + self.training_s


class TransferAsked(Protocol):
    """What an estimate needs to know of a transfer."""

    @property
    def teacher_id(self) -> str:
        """Id or name."""

    @property
    def take_ids(self) -> Sequence[str]:
        """Takes with pairs."""

    @property
    def modality(self) -> str:
        """What the student receives."""

    @property
    def loss(self) -> str:
        """A `TransferLoss`."""

    @property
    def granularity(self) -> str:
        """A `Granularity`."""

    @property
    def network(self) -> str:
        """The student's."""

    @property
    def epochs(self) -> int:
        """Passes over the videos."""

    @property
    def device(self) -> str:
        """Name of a device."""


class FinetuneAsked(Protocol):
    """What an estimate needs to know of a finetuning."""

    @property
    def start_id(self) -> str | None:
        """A student or teacher; None for from scratch."""

    @property
    def network(self) -> str:
        """Of a training from scratch."""

    @property
    def modality(self) -> str:
        """Of a training from scratch or from a teacher; a student brings its own."""

    @property
    def epochs(self) -> int:
        """Passes over the labels."""

    @property
    def device(self) -> str:
        """Name of a device."""

    @property
    def with_scratch(self) -> bool:
        """Whether a second network is trained from scratch."""


def estimate_transfer(
    library: Library, request: TransferAsked, *, should_stop: ShouldStop | None = None
) -> Estimate:
    """Measure what a transfer will cost; changes nothing, and takes some seconds.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: No such teacher, network, take or device.
    """
    device = choose_device(request.device)
    teacher = _unlearned(library, request.teacher_id)
    modality = Modality(request.modality)
    settings = TransferSettings(
        modality=modality,
        network=fitting_network(library, modality, request.network, request.take_ids),
        granularity=Granularity(request.granularity),
        loss=TransferLoss(request.loss),
    )
    shape = student_shape(teacher, settings.network, settings.shape)
    preparation = teacher.preparation.with_size(shape.size)
    videos = videos_of(library, request.take_ids, settings.max_video_s)
    takes = [video.take_id for video in videos]
    sides: dict[Preparation, list[Modality]] = defaultdict(list)
    for seen, of in ((modality, preparation), (teacher.modality, teacher.preparation)):
        sides[of].append(seen)
    prepare_s = sum(
        preparing_seconds(missing_takes(library, takes, seen, of), should_stop)
        for of, seen in sides.items()
    )
    reader = MadeUpReader(library, modality, preparation, shape, settings.network)
    matching = matching_loss(settings.loss, settings.granularity, teacher.network)
    module = without_chance(lambda: _teaching_module(matching, settings))
    student = module.student
    lesson = _transfer_lesson(module, matching, teacher, reader, settings, device)
    batch_size = settings.fit.batch_size
    pace = step_pace(lesson, batch_size, device, should_stop)
    trained, held_out = held_out_items(videos, settings.validation_share, settings.fit.seed)
    validation_s = len(held_out) * clip_seconds(student, student.embed, reader, batch_size, device)
    steps = steps_per_epoch(max(1, len(trained)), batch_size)
    return Estimate(
        prepare_s,
        _embeddings_seconds(library, teacher, videos, settings, device),
        request.epochs * (steps * pace.seconds + validation_s),
        pace.memory_bytes,
        device.name,
        pace.seconds / batch_size,
    )


def estimate_finetune(
    library: Library,
    request: FinetuneAsked,
    snapshot: Snapshot,
    *,
    more_clips: int = 0,
    should_stop: ShouldStop | None = None,
) -> Estimate:
    """Measure what a finetuning will cost; changes nothing, and takes some seconds.

    Args:
        library: Where the takes are.
        request: What is asked for; a training from scratch on the same labels is counted in.
        snapshot: What is trained and tested on.
        more_clips: Clips that further trainings take, those of a label curve.
        should_stop: Asked at least once a step.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: No such model, network, take or device.
    """
    device = choose_device(request.device)
    start = _unlearned(library, request.start_id) if request.start_id else None
    asked = FinetuneSettings(modality=request.modality, network=request.network)
    settings = settings_with(library, asked, start.record if start else None, snapshot)
    modality = Modality(settings.modality)
    shape = start.shape if start else usual_shape(settings.network)
    preparation = start.preparation if start else settings.preparation.with_size(shape.size)
    takes = [item.take_id for item in (*snapshot.train, *snapshot.test)]
    prepare_s = preparing_seconds(
        missing_takes(library, takes, (modality,), preparation), should_stop
    )
    reader = MadeUpReader(library, modality, preparation, shape, settings.network)
    n_actions = max(2, len(snapshot.actions))
    module = without_chance(
        lambda: NamingModule(
            build(settings.network, n_channels(modality), n_actions), dropout=0.0, with_norm=True
        )
    )
    batch_size = min(settings.fit.batch_size, max(2, len(snapshot.train)))
    fit = replace(settings.fit, batch_size=batch_size)
    lesson = NamingLesson(
        module,
        reader,
        _made_up_items(batch_size, shape, "action"),
        (),
        ("action",),
        fit,
        settings.augmentation,
        settings.label_smoothing,
        device,
    )
    pace = step_pace(lesson, batch_size, device, should_stop)
    clip_s = pace.seconds / batch_size
    steps = request.epochs * steps_per_epoch(max(1, len(snapshot.train)), settings.fit.batch_size)
    n_trainings = 2 if request.with_scratch and start else 1
    return Estimate(
        prepare_s,
        0.0,
        n_trainings * steps * pace.seconds + more_clips * clip_s,
        pace.memory_bytes,
        device.name,
        clip_s,
    )


def _unlearned(library: Library, name: str) -> LoadedModel:
    """A model without its weights, which do not matter for what it costs."""
    record = find_model(library, name)
    n_actions = len(record.actions) or None
    return model_with(
        library,
        record,
        lambda network, channels: without_chance(lambda: build(network, channels, n_actions)),
        lambda config: without_chance(lambda: TransformerEmbedder(config)),
    )


def _teaching_module(matching: MatchingLoss, settings: TransferSettings) -> TeachingModule:
    channels = n_channels(Modality(settings.modality))
    student, *peers = [build(settings.network, channels) for _ in range(matching.n_students)]
    return teaching_module(matching, student, peers)


def _transfer_lesson(
    module: TeachingModule,
    matching: MatchingLoss,
    teacher: LoadedModel,
    reader: MadeUpReader,
    settings: TransferSettings,
    device: Device,
) -> TeachingLesson:
    """A lesson of one batch of made-up videos."""
    n = settings.fit.batch_size
    target = VideoEmbeddings((0,), np.ones((2, 1, teacher.network.embedding_dim), np.float32))
    return TeachingLesson(
        module,
        reader,
        _made_up_items(n, reader.shape, None),
        [target] * n,
        (),
        matching,
        settings.fit,
        settings.augmentation,
        device,
    )


def _made_up_items(n: int, shape: ClipShape, action: str | None) -> list[SnapshotItem]:
    return [SnapshotItem(f"made up {i}", "", 0, shape.span, action) for i in range(n)]


def _embeddings_seconds(
    library: Library,
    teacher: LoadedModel,
    videos: Sequence[SnapshotItem],
    settings: TransferSettings,
    device: Device,
) -> float:
    stride, mirrored = settings.window_stride, settings.augmentation.flip
    if embeddings_kept(library, teacher, videos, stride, mirrored):
        return 0.0
    reader = MadeUpReader(
        library, teacher.modality, teacher.preparation, teacher.shape, teacher.record.network
    )
    at_once = clips_at_once(teacher.modality, teacher.shape)
    clip_s = clip_seconds(teacher.network, teacher.network.embed, reader, at_once, device)
    n_windows = sum(len(clip_starts(v.start, v.end, teacher.shape, stride)) for v in videos)
    return (2 if mirrored else 1) * n_windows * clip_s
