"""What a recogniser and a teacher learn: to name actions."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.learning.clips import (
    ClipReader,
    Window,
    as_tensor,
    random_start,
    step_items,
    step_rng,
    steps_per_epoch,
)
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.inference import clip_probabilities, item_means
from fsamt_engine.learning.loop import Batch
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.learning.spread import together
from fsamt_engine.library.records import SnapshotItem
from fsamt_engine.modalities.tensors import to_tensor
from fsamt_engine.networks import ActionNetwork

VALIDATION_CLIPS = 3


class NamingModule(nn.Module):
    """A network with its classifier, and between the two a norm that is folded away afterwards.

    The embeddings of a few clips of one person lie close together: a large common part, and small
    differences that tell the actions apart. A batch norm without weights of its own takes the
    common part away, so that a classifier on few labels learns in far fewer steps (the "BNNeck" of
    Luo et al., CVPR workshops 2019). `fold` then moves it into the classifier, so that the network
    that is kept consists of embedding and linear classifier, as ever.
    """

    def __init__(self, network: ActionNetwork, dropout: float, with_norm: bool) -> None:
        super().__init__()
        self.network = network
        norm = nn.BatchNorm1d(network.embedding_dim, affine=False)
        self.norm: nn.Module = norm if with_norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)

    def forward(self, clips: Tensor) -> Tensor:
        """Logits (B, A) of clips (B, C, T, H, W)."""
        assert self.network.classifier is not None
        embeddings = together(self.network.embed(clips)).float()
        logits: Tensor = self.network.classifier(self.dropout(self.norm(embeddings)))
        return logits

    @torch.no_grad()
    def fold(self) -> None:
        """Move the norm, as it is in eval mode, into the classifier; answers stay the same."""
        norm, classifier = self.norm, self.network.classifier
        if not isinstance(norm, nn.BatchNorm1d):
            return
        assert classifier is not None
        assert norm.running_mean is not None
        assert norm.running_var is not None
        classifier.weight.div_(torch.sqrt(norm.running_var + norm.eps))
        classifier.bias.sub_(classifier.weight @ norm.running_mean)
        self.norm = nn.Identity()


class NamingLesson:
    """Classify clips of labelled items: cross-entropy with label smoothing."""

    def __init__(
        self,
        module: NamingModule,
        reader: ClipReader,
        items: Sequence[SnapshotItem],
        validation: Sequence[SnapshotItem],
        actions: Sequence[str],
        fit: FitSettings,
        augmentation: Augmentation,
        label_smoothing: float,
        device: Device,
    ) -> None:
        self.module: nn.Module = module
        self.steps_per_epoch = steps_per_epoch(len(items), fit.batch_size)
        self._reader = reader
        self._items = items
        self._validation = validation
        self._number = {action: index for index, action in enumerate(actions)}
        self._fit = fit
        self._augmentation = augmentation
        self._label_smoothing = label_smoothing
        self._device = device

    def batch(self, step: int) -> Batch:
        """(clips as stored, action numbers)."""
        rng = step_rng(self._fit.seed, step)
        chosen = step_items(len(self._items), self._fit.batch_size, self._fit.seed, step)
        items = [self._items[i] for i in chosen]
        windows = [
            Window(i.take_id, random_start(i.start, i.end, self._reader.shape, rng), i.end)
            for i in items
        ]
        flipped = mirrored(len(items), self._augmentation, rng)
        clips = self._reader.stored(windows, flipped, self._augmentation, rng)
        return clips, as_tensor([self._number[str(i.action)] for i in items])

    def loss(self, batch: Batch) -> Tensor:
        """Mean cross-entropy."""
        clips, truth = batch
        logits = self.module(to_tensor(clips, self._reader.modality, self._reader.normalisation))
        return F.cross_entropy(logits, truth, label_smoothing=self._label_smoothing)

    def validate(self) -> dict[str, float] | None:
        """Accuracy over the held-out items; ties are broken by the truth's mean log probability."""
        if not self._validation:
            return None
        clips, owners = clip_probabilities(
            self.module, self._reader, self._validation, VALIDATION_CLIPS, self._device
        )
        probabilities = item_means(clips, owners)
        truth = np.asarray([self._number[str(i.action)] for i in self._validation])
        accuracy = float((probabilities.argmax(1) == truth).mean())
        of_truth = probabilities[np.arange(len(truth)), truth]
        loss = float(-np.log(np.maximum(of_truth, 1e-9)).mean())
        return {"score": accuracy - 1e-4 * loss, "accuracy": accuracy, "loss": loss}


def mirrored(n: int, augmentation: Augmentation, rng: np.random.Generator) -> list[bool]:
    """Which of n clips are mirrored: each by the toss of a coin, none without `flip`."""
    if not augmentation.flip:
        return [False] * n
    return [bool(value) for value in rng.random(n) < 0.5]
