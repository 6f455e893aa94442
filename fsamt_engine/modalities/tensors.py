"""From prepared arrays to the tensors that networks take, and how training varies them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fsamt_engine.modalities.flow import STILL
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.skeleton_clips import mirror, vary

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Normalisation:
    """Per-channel mean and standard deviation, in the modality's own range.

    The range is 0..1 for depth, rgb and infrared (uint8 / 255), and -1..1 for flow (+-bound);
    joints of a skeleton are in metres.
    A published network that takes 0..255 minus a mean has `mean / 255` and `std = 1 / 255`.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]


NORMALISATIONS: Mapping[Modality, Normalisation] = {
    Modality.RGB: Normalisation((0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)),
    Modality.FLOW: Normalisation((0.0, 0.0), (0.25, 0.25)),
    Modality.DEPTH: Normalisation((0.25,), (0.25,)),
    Modality.INFRARED: Normalisation((0.35,), (0.25,)),
    Modality.SKELETON: Normalisation((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
"""What is used where a model states no other. RGB: Kinetics-400, torchvision's."""

GREY = (Modality.DEPTH, Modality.INFRARED)
"""Modalities of one channel, which are stored without an axis for it."""


def n_channels(modality: Modality) -> int:
    """Channels of a modality's tensors."""
    return len(NORMALISATIONS[modality].mean)


def to_tensor(
    batch: Array | Tensor, modality: Modality, normalisation: Normalisation | None = None
) -> Tensor:
    """Turns prepared clips into what a network takes, on the device where they are.

    Args:
        batch: (B, T, H, W) float16 for depth, (B, T, H, W) uint8 for infrared, (B, T, H, W, 3)
            uint8 for rgb, (B, T, H, W, 2) uint8 for flow, (B, T, 2, J, 3) float32 for skeletons
            that face forward. A tensor that was moved to a GPU as stored is widened there.
        modality: Of the batch.
        normalisation: By default the modality's own.

    Returns:
        (B, C, T, H, W) float32, contiguous; of skeletons (B, 3, T, J, 2).
    """
    used = normalisation or NORMALISATIONS[modality]
    stored = torch.as_tensor(batch)
    if modality in GREY:
        stored = stored[..., None]
    elif modality is Modality.SKELETON:
        stored = stored.transpose(2, 3)
    scale, offset = {
        Modality.RGB: (1 / 255, 0.0),
        Modality.FLOW: (1 / 127.5, -1.0),
        Modality.DEPTH: (1.0, 0.0),
        Modality.INFRARED: (1 / 255, 0.0),
        Modality.SKELETON: (1.0, 0.0),
    }[modality]
    mean = torch.tensor(used.mean, device=stored.device)
    std = torch.tensor(used.std, device=stored.device)
    channels_first = stored.movedim(-1, 1)
    values = channels_first.to(torch.float32, memory_format=torch.contiguous_format, copy=True)
    shape = (1, -1, 1, 1, 1)
    return values.mul_((scale / std).view(shape)).add_(((offset - mean) / std).view(shape))


def flip(batch: Array, modality: Modality) -> Array:
    """Mirrors prepared clips left to right; flow's x changes its sign (255 - v).

    Args:
        batch: (..., H, W) for depth and infrared, (..., H, W, C) for rgb and flow, as stored; of
            skeletons (..., J, 3).
        modality: Of the batch.

    Returns:
        A new array of the same shape and type.
    """
    if modality is Modality.SKELETON:
        return mirror(batch)
    if modality in GREY:
        return batch[..., ::-1].copy()
    mirrored = batch[..., ::-1, :].copy()
    if modality is Modality.FLOW:
        mirrored[..., 0] = 255 - mirrored[..., 0]
    return mirrored


def augment(
    batch: Array,
    modality: Modality,
    rng: np.random.Generator,
    shift: float,
    scale: float,
    mirrored: Sequence[bool] | None = None,
) -> Array:
    """Mirrors, then shifts and scales every clip at random, all of its frames alike.

    Pixels are taken from the nearest place, so that no edge mixes two surfaces. What comes in from
    outside is no reading (depth), black (rgb, infrared) or still (flow); flow grows with the
    picture. Skeletons are turned as well, see `skeleton_clips.vary`.

    Args:
        batch: (B, T, H, W[, C]), as stored; of skeletons (B, T, 2, J, 3).
        modality: Of the batch.
        rng: Where chance comes from; the same state gives the same result.
        shift: Largest shift each way, as a share of the side.
        scale: Largest change of size, as a share (0.1: from 0.9 to 1.1 times).
        mirrored: Which clips to mirror; none by default.

    Returns:
        A new array of the same shape and type.
    """
    if modality is Modality.SKELETON:
        return vary(batch, rng, shift, scale, mirrored)
    height, width = batch.shape[2:4]
    pixels = _as_pixels(batch)
    result = np.empty_like(batch)
    moved = _as_pixels(result)
    outside = STILL if modality is Modality.FLOW else 0
    draws = rng.uniform(-1, 1, (len(batch), 3))
    for i, (draw_scale, draw_x, draw_y) in enumerate(draws):
        factor = 1 + scale * draw_scale
        is_mirrored = mirrored is not None and mirrored[i]
        rows, lost_rows = _places(height, factor, shift * draw_y)
        columns, lost_columns = _places(width, factor, shift * draw_x)
        if is_mirrored:
            columns = width - 1 - columns
        places = (rows[:, None] * width + columns).ravel()
        pixels[i].take(places, axis=1, out=moved[i], mode="clip")
        out = result[i]
        if modality is Modality.FLOW:
            _scale_flow(out, factor, is_mirrored)
        out[:, lost_rows] = outside
        out[:, :, lost_columns] = outside
    return result


def _as_pixels(batch: Array) -> Array:
    """(B, T, H * W[, C]); the two bytes of flow as one number, which numpy moves faster."""
    n, frames, height, width = batch.shape[:4]
    if batch.ndim == 5 and batch.shape[4] == 2 and batch.dtype == np.uint8:
        batch = batch.view(np.uint16)[..., 0]
    return batch.reshape(n, frames, height * width, *batch.shape[4:])


def _scale_flow(clip: Array, factor: float, is_mirrored: bool) -> None:
    """Multiply coded flow (T, H, W, 2) by a factor in place; mirrored, x changes its sign."""
    codes = np.arange(256, dtype=np.float32)
    signs = (-1 if is_mirrored else 1, 1)
    tables = [np.clip(np.rint((codes - 127.5) * s * factor + 127.5), 0, 255) for s in signs]
    table = np.stack(tables, axis=-1).astype(np.uint8)[None]
    rows = clip.reshape(-1, *clip.shape[2:])
    cv2.LUT(rows, table, dst=rows)


def _places(
    n: int, factor: float, shift: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Where the n pixels of a row come from, and which of them come from outside."""
    middle = (n - 1) / 2
    places = np.rint((np.arange(n) - middle - shift * n) / factor + middle).astype(np.intp)
    return np.clip(places, 0, n - 1), (places < 0) | (places >= n)
