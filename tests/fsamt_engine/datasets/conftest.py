"""A small data set in the layout of UTD-MHAD, and the library that it goes into."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.io import savemat

from fsamt_engine.library import Library

WIDTH, HEIGHT = 32, 24
MakeTake = Callable[..., None]


def _write_colour(path: Path, frames: np.ndarray, rate: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"g": "1000"})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))


def _depth_of(key: str, n_frames: int) -> np.ndarray:
    """(T, H, W) uint16: a slab that moves, other for every key; 0 around it."""
    depth = np.zeros((n_frames, HEIGHT, WIDTH), np.uint16)
    near = 2000 + sum(key.encode())
    for number, frame in enumerate(depth):
        frame[6:20, 3 + number : 13 + number] = near + number
    return depth


@pytest.fixture
def make_take() -> MakeTake:
    def make(
        source: Path,
        key: str,
        *,
        n_frames: int = 12,
        n_colour: int | None = None,
        with_colour: bool = True,
        colour_rate: int = 30,
        colour_scale: int = 1,
        noise: int = 0,
        folders: tuple[str, str, str] = ("Depth", "RGB", "Skeleton"),
    ) -> None:
        depth_folder, colour_folder, skeleton_folder = (source / name for name in folders)
        for folder in (depth_folder, colour_folder, skeleton_folder):
            folder.mkdir(parents=True, exist_ok=True)
        depth = _depth_of(key, n_frames)
        savemat(
            depth_folder / f"{key}_depth.mat",
            {"d_depth": np.moveaxis(depth, 0, 2)},
            do_compression=True,
        )
        joints = np.random.default_rng(0).normal(size=(20, 3, n_frames))
        savemat(skeleton_folder / f"{key}_skeleton.mat", {"d_skel": joints}, do_compression=True)
        if with_colour:
            shades = np.linspace(0, 250, n_colour or n_frames).astype(np.uint8)
            colour = np.empty(
                (len(shades), HEIGHT * colour_scale, WIDTH * colour_scale, 3), np.uint8
            )
            colour[:] = shades[:, None, None, None]
            colour += np.random.default_rng(0).integers(0, noise + 1, colour.shape, np.uint8)
            _write_colour(colour_folder / f"{key}_color.avi", colour, colour_rate)

    return make


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as library:
        yield library
