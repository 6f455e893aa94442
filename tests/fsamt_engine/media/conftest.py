"""Frames that look like a sensor's."""

from collections.abc import Callable

import numpy as np
import pytest

MakeDepth = Callable[..., np.ndarray]


@pytest.fixture
def make_depth() -> MakeDepth:
    def make(n_frames: int = 12, height: int = 48, width: int = 64, seed: int = 0) -> np.ndarray:
        """(T, H, W) uint16: a tilted wall with noise, holes, and both ends of the range."""
        random = np.random.default_rng(seed)
        rows, columns = np.mgrid[:height, :width]
        depth = 900 + 7 * columns + 3 * rows + random.integers(0, 9, (n_frames, height, width))
        depth[random.random(depth.shape) < 0.05] = 0
        depth[:, 0, 0], depth[:, -1, -1] = 65535, np.arange(n_frames)
        return depth.astype(np.uint16)

    return make


@pytest.fixture
def make_colour() -> MakeDepth:
    def make(n_frames: int = 8, height: int = 48, width: int = 64) -> np.ndarray:
        """(T, H, W, 3) uint8: smooth shades that drift, so that every frame differs."""
        rows, columns = np.mgrid[:height, :width]
        frames = np.empty((n_frames, height, width, 3), np.uint8)
        for number in range(n_frames):
            frames[number, ..., 0] = 20 + 25 * number
            frames[number, ..., 1] = 255 * columns / width
            frames[number, ..., 2] = 255 * rows / height
        return frames

    return make
