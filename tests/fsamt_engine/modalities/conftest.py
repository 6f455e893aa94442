"""A made scene and a made take, small enough to see by eye what has to come out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.library import Calibration, Intrinsics, Library, StreamKind, Take
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter

CAMERA = Intrinsics(320, 240, 285.6, 285.6, 160.0, 120.0)


class Scene:
    """A person of boards in a room: a torso, legs, a head and one arm that goes up and down.

    Camera 1 m above the floor, wall 4.5 m away, the person at `x_m`, `z_m`.
    """

    camera = CAMERA

    def __init__(self, *, room: bool = True, noise: bool = False, seed: int = 0) -> None:
        self.room = room
        self.noise = noise
        self._rng = np.random.default_rng(seed)
        columns, rows = np.meshgrid(np.arange(320), np.arange(240))
        self._x_slope = (columns - CAMERA.cx) / CAMERA.fx
        self._y_slope = (rows - CAMERA.cy) / CAMERA.fy

    def frame(self, arm: float, x_m: float = 0.3, z_m: float = 2.8) -> np.ndarray:
        """Depth in mm, (240, 320) uint16. `arm`: 0 hanging, 1 stretched up."""
        floor = 1.0 / np.maximum(self._y_slope, 1e-6)
        depth = np.minimum(floor, 4.5) if self.room else np.zeros_like(floor)
        body = [(-0.22, 0.22, -0.45, 0.2, 0.0), (-0.1, 0.1, -0.75, -0.45, 0.0)]
        body += [(-0.17, -0.03, 0.2, 1.0, 0.0), (0.03, 0.17, 0.2, 1.0, 0.0)]
        hand_y = 0.3 - arm * 1.3
        body.append((0.16, 0.32, min(-0.4, hand_y), max(-0.3, hand_y), -0.08))
        for x0, x1, y0, y1, nearer_m in body:
            z = z_m + nearer_m
            x, y = self._x_slope * z - x_m, self._y_slope * z
            depth[(x >= x0) & (x < x1) & (y >= y0) & (y < y1)] = z
        if self.noise:
            depth = depth + self._rng.normal(0, 0.004, depth.shape) * depth**2
            depth[self._rng.random(depth.shape) < 0.03] = 0
        return np.round(depth * 1000).clip(0, 65535).astype(np.uint16)

    def waving(self, n_frames: int, **where: float) -> np.ndarray:
        """(T, 240, 320) uint16, the arm going up and down once in 40 frames; the torso is still."""
        return np.stack(
            [self.frame(0.5 - 0.5 * np.cos(2 * np.pi * t / 40), **where) for t in range(n_frames)]
        )


@pytest.fixture
def make_scene() -> type[Scene]:
    return Scene


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as library:
        yield library


AddTake = Callable[..., Take]


@pytest.fixture
def add_made_take(library: Library) -> AddTake:
    """Adds a take of given frames, colour shifted by a pixel a frame unless it is given."""

    def add(
        depth: np.ndarray,
        colour: np.ndarray | None = None,
        pairs: np.ndarray | None = None,
        key: str = "made/1",
        calibration: Calibration | None = None,
    ) -> Take:
        with staging_folder(library) as staging:
            streams = [_stream(staging, depth, StreamKind.DEPTH)]
            if colour is not None:
                streams.append(_stream(staging, colour, StreamKind.COLOUR))
                if pairs is None:
                    n = min(len(depth), len(colour))
                    pairs = np.stack([np.arange(n), np.arange(n), np.zeros(n)], axis=1)
            draft = TakeDraft(
                session="s",
                participant="p",
                source="made",
                source_key=key,
                started_at_us=0,
                streams=streams,
                pairs=np.zeros((0, 3), np.int64) if pairs is None else pairs.astype(np.int64),
                calibration=calibration or Calibration(CAMERA, CAMERA),
            )
            return add_take(library, staging, draft)

    return add


def _stream(folder: Path, frames: np.ndarray, kind: StreamKind) -> StreamDraft:
    path = folder / f"{kind}.mkv"
    n_frames, height, width = frames.shape[:3]
    writer = DepthWriter if kind is StreamKind.DEPTH else ColourWriter
    with writer(path, width, height, 30.0) as file:
        for frame in frames:
            file.write(frame)
    is_depth = kind is StreamKind.DEPTH
    return StreamDraft(
        kind,
        path,
        width,
        height,
        n_frames,
        30.0,
        "ffv1" if is_depth else "mjpeg",
        timestamps_us=np.arange(n_frames, dtype=np.int64) * 33_333,
        unit_m=0.001 if is_depth else None,
    )
