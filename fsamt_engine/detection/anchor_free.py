"""The anchor-free head: how its detector is trained, in two stages, and built again.

First the backbone learns to tell the actions and background apart, as a recogniser does. Then it is
frozen, its embeddings of the training takes are computed once, and the head learns on them where
actions are: see `anchor_free_network`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from fsamt_engine.detection.anchor_free_detector import AnchorFreeDetector
from fsamt_engine.detection.anchor_free_lesson import HeadLesson, balanced
from fsamt_engine.detection.anchor_free_network import AnchorFreeHead, HeadShape
from fsamt_engine.detection.anchor_free_targets import head_shape
from fsamt_engine.detection.detector import Detector
from fsamt_engine.detection.embeddings import (
    Moments,
    TakeEmbeddings,
    embedding_file,
    training_embeddings,
)
from fsamt_engine.detection.heads import FittedHead, HeadJob
from fsamt_engine.detection.settings import ADAPT_FIT
from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.checkpoint import load_checkpoint, save_checkpoint
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import FitResult, fit
from fsamt_engine.learning.prepare import in_key_order
from fsamt_engine.learning.settings import FinetuneSettings
from fsamt_engine.learning.spread import processes
from fsamt_engine.learning.starting import first_network
from fsamt_engine.library import BACKGROUND, SnapshotItem
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import ActionNetwork, build
from fsamt_engine.networks.network import seeded

LABEL_SMOOTHING, DROPOUT = 0.1, 0.3
"""Of the first stage, as recognisers have them."""

_WINDOW = 96
"""Moments of a training window of a head with one level: about 13 s at 30 frames a second."""


class AnchorFree:
    """How the anchor-free detector is trained and built; see `Head`."""

    def fit(self, job: HeadJob) -> FittedHead:
        """Finetune the backbone, embed the training takes, train the head."""
        items = in_key_order(job.library, job.snapshot.train)
        drawn = [item for item in items if item.action != BACKGROUND]
        reader = ClipReader(
            job.library,
            Modality(job.settings.modality),
            job.preparation,
            job.shape,
            job.normalisation,
        )
        network, loss, seconds = _adapted(job, items, reader)
        network.to(job.device.torch_device).eval()
        moments = Moments.of(job.shape)
        mirrored = job.settings.augmentation.flip
        n_frames = {item.take_id: take(job.library, item.take_id).main.n_frames for item in items}
        takes = list(n_frames.items())
        key = job.checkpoint.stem
        file = embedding_file(job.library, key, moments, takes, mirrored, network.embedding_dim)
        try:
            head, result = _taught_head(job, network, reader, moments, takes, items)
        except Cancelled as cancelled:
            if not cancelled.resumable:
                # Windows removes no file that is mapped, and the frames on the way map it.
                cancelled.with_traceback(None)
                file.path.unlink(missing_ok=True)
            raise
        file.path.unlink(missing_ok=True)
        longest = max(item.end - item.start for item in drawn)
        detector = AnchorFreeDetector(
            network, head, len(job.snapshot.actions), job.shape, float(longest)
        )
        return FittedHead(
            detector.to(job.device.torch_device).eval(),
            replace(result, seconds=result.seconds + seconds),
            job.shape,
            job.preparation,
            reader.normalisation,
            {"adapt_loss": loss},
        )

    def restore(self, description: Mapping[str, Any]) -> Detector:
        """The detector of a model.json, without its weights."""
        config = description["detector"]["config"]
        n_actions = len(description["actions"])
        backbone = build(description["network"], description["in_channels"])
        backbone.set_actions(n_actions + 1)
        return AnchorFreeDetector(
            backbone,
            AnchorFreeHead(HeadShape.from_dict(config["head"])),
            n_actions,
            ClipShape(**description["shape"]),
            float(config["longest"]),
        )


HEAD = AnchorFree()


def _taught_head(
    job: HeadJob,
    network: ActionNetwork,
    reader: ClipReader,
    moments: Moments,
    takes: Sequence[tuple[str, int]],
    items: Sequence[SnapshotItem],
) -> tuple[AnchorFreeHead, FitResult]:
    """The head, trained on embeddings that stay in the cache."""
    mirrored = job.settings.augmentation.flip
    embeddings = training_embeddings(
        job.library,
        job.checkpoint.stem,
        network,
        reader,
        moments,
        takes,
        job.device,
        mirrored=mirrored,
        on_progress=job.on_progress,
        should_stop=job.stop_other_stage,
    )
    drawn = [item for item in items if item.action != BACKGROUND]
    with seeded(job.settings.fit.seed):
        head = AnchorFreeHead(head_shape(drawn, moments, network.embedding_dim))
    _normalise(head, embeddings)
    lesson = HeadLesson(
        head,
        embeddings,
        items,
        moments,
        _WINDOW * 2 ** (head.shape.n_levels - 1),
        job.settings.fit,
        mirrored=mirrored,
    )
    result = fit(
        lesson,
        job.settings.fit,
        job.device,
        job.checkpoint,
        what="Training the detector's head",
        on_progress=job.on_progress,
        on_epoch=job.on_epoch,
        should_stop=job.should_stop,
    )
    return head, result


def _adapted(
    job: HeadJob, items: Sequence[SnapshotItem], reader: ClipReader
) -> tuple[ActionNetwork, float, float]:
    """The backbone with a classifier of the actions and background, its last loss and seconds.

    Once it is finetuned its weights are kept until the head is trained, too.
    """
    settings = job.settings
    own = settings.adapt or replace(ADAPT_FIT, seed=settings.fit.seed)
    names = (*job.snapshot.actions, BACKGROUND)
    asked = FinetuneSettings(modality=settings.modality, network=settings.network, fit=own)
    network = first_network(asked, job.start)
    network.set_actions(len(names), seed=own.seed)
    path = job.stage_checkpoint("adapted")
    if (kept := load_checkpoint(path)) is not None:
        network.load_state_dict(kept["weights"])
        return network, kept["loss"], kept["seconds"]
    naming = NamingModule(network, DROPOUT, with_norm=True)
    lesson = NamingLesson(
        naming,
        reader,
        balanced(items, len(job.snapshot.actions), own.seed),
        (),
        names,
        own,
        settings.augmentation,
        LABEL_SMOOTHING,
        job.device,
    )
    result = fit(
        lesson,
        own,
        job.device,
        job.stage_checkpoint("adapt"),
        what="Finetuning the network",
        on_progress=job.on_progress,
        should_stop=job.stop_other_stage,
    )
    naming.fold()
    loss = result.history[-1].loss
    kept = {"weights": network.state_dict(), "loss": loss, "seconds": result.seconds}
    if processes().leads:
        save_checkpoint(path, kept)
    return network, loss, result.seconds


def _normalise(head: AnchorFreeHead, embeddings: Sequence[TakeEmbeddings]) -> None:
    """Let the head begin with embeddings of mean 0 and deviation 1, each number by itself."""

    def rows() -> Iterator[torch.Tensor]:
        for one in embeddings:  # One take in memory at a time.
            yield torch.from_numpy(np.asarray(one.values, np.float64)).flatten(0, 1)

    count = sum(one.values.shape[0] * one.values.shape[1] for one in embeddings)
    mean = torch.stack([part.sum(0) for part in rows()]).sum(0) / count
    spread = torch.stack([((part - mean) ** 2).sum(0) for part in rows()]).sum(0)
    deviation = (spread / count).sqrt()
    # A number that hardly ever changes is not to become large by its noise.
    least = 0.01 * deviation.mean() + 1e-6
    head.mean.copy_(mean[:, None])
    head.deviation.copy_(deviation.clamp(min=float(least))[:, None])
