"""Clips out of the prepared takes, drawn so that (seed, step) alone decides what a step sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fsamt_engine.learning.settings import Augmentation
from fsamt_engine.library import Library
from fsamt_engine.modalities.cache import prepared_take
from fsamt_engine.modalities.clips import ClipShape, frame_indices
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.skeleton_clips import face_forward
from fsamt_engine.modalities.tensors import (
    NORMALISATIONS,
    Normalisation,
    augment,
    flip,
    to_tensor,
)

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Window:
    """A clip's place: it begins at main frame `start` of the take and must not pass `end`."""

    take_id: str
    start: int
    end: int


class ClipReader:
    """Reads clips of one modality from the clip cache; each take's array is mapped once.

    Args:
        preparation: Its size has to be the shape's.
        normalisation: By default the modality's own.
    """

    def __init__(
        self,
        library: Library,
        modality: Modality,
        preparation: Preparation,
        shape: ClipShape,
        normalisation: Normalisation | None = None,
    ) -> None:
        self.modality = modality
        self.shape = shape
        self.normalisation = normalisation or NORMALISATIONS[modality]
        self._library = library
        self._preparation = preparation
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}

    def clip(self, window: Window) -> npt.NDArray[np.generic]:
        """The frames of a window as cached: (T, S, S[, C]), of skeletons (T, 2, J, 3).

        Of flow, each is the mean over the `step` frames up to it, so that no motion between the
        frames of a clip is lost; its unit stays pixels a frame. Where the preparation says so, as
        published networks have it, it is that of the frame alone.
        """
        array = self._arrays.get(window.take_id)
        if array is None:
            array = prepared_take(self._library, window.take_id, self.modality, self._preparation)
            self._arrays[window.take_id] = array
        frames = frame_indices(window.start, self.shape, min(window.end, len(array)))
        step = 1 if self._preparation.flow.of_frames_alone else self.shape.step
        if self.modality is not Modality.FLOW or step == 1:
            return array[frames]
        since = np.maximum(frames[:, None] - np.arange(step), 0)
        sums = np.add.reduce(array[since], axis=1, dtype=np.uint16)
        means: npt.NDArray[np.generic] = np.rint(sums / np.float32(step)).astype(array.dtype)
        return means

    def stored(
        self,
        windows: Sequence[Window],
        flipped: Sequence[bool] | None = None,
        augmentation: Augmentation | None = None,
        rng: np.random.Generator | None = None,
    ) -> Tensor:
        """A batch as it is kept; `to_tensor` makes a network's input of it.

        Without any of torch's own arithmetic, whose threads would take the cores from a training
        that runs beside.

        Args:
            windows: B of them.
            flipped: Which clips to mirror; none by default.
            augmentation: How to vary each clip, with `rng`; by default they are not varied.

        Returns:
            (B, T, S, S[, C]) in the dtype of the clip cache; of skeletons (B, T, 2, J, 3), facing
            forward.
        """
        clips = np.stack([self.clip(window) for window in windows])
        if self.modality is Modality.SKELETON:
            clips = face_forward(clips)
        if augmentation is not None and rng is not None:
            shift, scale = augmentation.shift, augmentation.scale
            clips = augment(clips, self.modality, rng, shift, scale, flipped)
        elif flipped is not None and any(flipped):
            mirrored = np.asarray(flipped)
            clips[mirrored] = flip(clips[mirrored], self.modality)
        return torch.from_numpy(clips)

    def tensor(self, windows: Sequence[Window], flipped: Sequence[bool] | None = None) -> Tensor:
        """The same as a network's input, not varied: as `to_tensor` gives it."""
        return to_tensor(self.stored(windows, flipped), self.modality, self.normalisation)


def step_items(n_items: int, batch_size: int, seed: int, step: int) -> list[int]:
    """Which items a step sees: each epoch is a new order of all items, cut into batches.

    The last batch of an epoch is filled from the epoch's beginning, so that every batch is full
    (batch norm) and every item is seen once an epoch at least.
    """
    per_epoch = steps_per_epoch(n_items, batch_size)
    epoch, position = divmod(step, per_epoch)
    order = np.random.default_rng([seed, 1, epoch]).permutation(n_items)
    size = min(batch_size, max(n_items, 2))
    return [int(order[i % n_items]) for i in range(position * size, (position + 1) * size)]


def steps_per_epoch(n_items: int, batch_size: int) -> int:
    """Batches that one pass over the items takes."""
    return max(1, -(-n_items // batch_size))


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The source of everything random in a step's data."""
    return np.random.default_rng([seed, 2, step])


def random_start(start: int, end: int, shape: ClipShape, rng: np.random.Generator) -> int:
    """A start such that the clip lies whole in [start, end), if it fits; else `start`."""
    return int(rng.integers(start, max(start, end - shape.span) + 1))


def as_tensor(values: Sequence[int] | FloatArray) -> Tensor:
    """Numbers as a tensor of their own kind."""
    return torch.as_tensor(np.asarray(values))
