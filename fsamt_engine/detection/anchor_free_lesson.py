"""What the two stages of the anchor-free head learn from."""

import random
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fsamt_engine.detection.anchor_free_losses import distance_loss, focal_loss
from fsamt_engine.detection.anchor_free_network import AnchorFreeHead
from fsamt_engine.detection.anchor_free_targets import Points, targets
from fsamt_engine.detection.embeddings import Moments, TakeEmbeddings
from fsamt_engine.learning.clips import step_items, step_rng, steps_per_epoch
from fsamt_engine.learning.loop import Batch
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.spread import together
from fsamt_engine.library import BACKGROUND, SnapshotItem

EPOCH_ITEMS = 128
"""Least items of an epoch: with few labels they come several times, and the cost is the same."""

_BACKGROUND_SHARE = 3.0
"""Items of background for each item that an action has in the mean."""

_AROUND = 0.4
"""How far, in shares of its length, a window may lie beside the segment that it is drawn for."""


def balanced(
    items: Sequence[SnapshotItem], n_actions: int, seed: int, least: int = EPOCH_ITEMS
) -> list[SnapshotItem]:
    """Items of an epoch of the first stage, in which background is neither rare nor drowns all.

    Args:
        items: Drawn segments and background, in an order that is the same in every library.
        n_actions: Without background.
        least: Items that an epoch has at least.
    """
    drawn = [item for item in items if item.action != BACKGROUND]
    still = [item for item in items if item.action == BACKGROUND]
    random.Random(seed).shuffle(still)
    share = _BACKGROUND_SHARE / n_actions if still else 0.0
    times = max(1, round(least / (len(drawn) * (1 + share))))
    n_still = round(share * len(drawn) * times)
    return drawn * times + list(islice(cycle(still), n_still))


class HeadLesson:
    """Say of every moment whether it lies in an action, and how far its ends are.

    A step sees windows of embeddings, each around a segment that was drawn.

    Args:
        items: Drawn segments, and background; by start.
        length: Moments of a window; a power of two that every level divides.
    """

    def __init__(
        self,
        head: AnchorFreeHead,
        embeddings: Sequence[TakeEmbeddings],
        items: Sequence[SnapshotItem],
        moments: Moments,
        length: int,
        fit: FitSettings,
        *,
        mirrored: bool,
    ) -> None:
        self.module: nn.Module = head
        self._head = head
        self._moments = moments
        self._length = length
        self._fit = fit
        self._mirrored = mirrored
        self._values = {one.take_id: one.values for one in embeddings}
        self._items = _by_take(items)
        drawn = [item for item in items if item.action != BACKGROUND]
        self._drawn = drawn * max(1, round(EPOCH_ITEMS / len(drawn)))
        self.steps_per_epoch = steps_per_epoch(len(self._drawn), fit.batch_size)
        self._points = Points.of(length, head.shape.n_levels)

    def batch(self, step: int) -> Batch:
        """Embeddings (B, D, N) float32; of P points each what is known, what is middle, both ends.

        The last tensor, (B,), says how much a middle point weighs in the mean over the batch.
        """
        rng = step_rng(self._fit.seed, step)
        chosen = step_items(len(self._drawn), self._fit.batch_size, self._fit.seed, step)
        windows = [self._window(self._drawn[i], rng) for i in chosen]
        values, known, middle, distances = (
            torch.from_numpy(np.stack(parts)) for parts in zip(*windows, strict=True)
        )
        n_middle = max(1, int((middle & known).sum()))
        weight = torch.full((len(windows),), len(windows) / n_middle)
        return values, known, middle, distances, weight

    def loss(self, batch: Batch) -> Tensor:
        """Focal loss of the middles and DIoU loss of the ends, both a middle point."""
        values, known, middle, distances, weight = batch
        told = self._head(values)
        sure = middle & known
        naming = (focal_loss(together(told.logits).float(), sure.float()) * known).sum()
        ends = together(told.distances).float().transpose(1, 2)[sure]
        placing = distance_loss(ends, distances.transpose(1, 2)[sure]).sum()
        return (naming + placing) * weight[0] / len(known)

    def validate(self) -> dict[str, float] | None:
        """Nothing is held out: the last weights are kept."""
        return None

    def _window(
        self, segment: SnapshotItem, rng: np.random.Generator
    ) -> tuple[npt.NDArray[Any], ...]:
        values = self._values[segment.take_id]
        n_moments = values.shape[1]
        middle = float(self._moments.places((segment.start + segment.end) / 2))
        off = rng.uniform(-_AROUND, _AROUND) * self._length
        first = round(middle - self._length / 2 + off)
        side = int(rng.random() < 0.5) if self._mirrored else 0
        places = np.arange(first, first + self._length)
        seen = values[side, places.clip(0, n_moments - 1)].T
        at = Points(self._points.places + first, self._points.levels)
        items = self._items[segment.take_id]
        said = targets(at, items, self._moments, self._head.shape.n_levels)
        is_there = (at.places >= 0) & (at.places <= n_moments - 1)
        return (
            np.ascontiguousarray(seen, np.float32),
            said.is_known & is_there,
            said.is_middle,
            said.distances,
        )


def _by_take(items: Sequence[SnapshotItem]) -> Mapping[str, list[SnapshotItem]]:
    by_take: dict[str, list[SnapshotItem]] = {}
    for item in items:
        by_take.setdefault(item.take_id, []).append(item)
    return by_take
