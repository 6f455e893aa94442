"""A small real library for the rooms that learn: real files, a square that moves."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fsamt_engine.library import Calibration, Intrinsics, Library, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter

WIDTH, HEIGHT, N_FRAMES = 48, 40, 20
MOVES = {"across": (1.0, 0.0), "down": (0.0, 1.0), "diagonal": (1.0, 1.0), "still": (0.0, 0.0)}
PARTICIPANTS = ("P1", "P2", "P3")
TAKES_PER_ACTION = 2


def moving_square(
    action: str, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """Depth (T, H, W) in mm and colour (T, H, W, 3): a textured square 1 m before a wall."""
    depth = np.full((N_FRAMES, HEIGHT, WIDTH), 3000, np.uint16)
    colour = np.repeat(rng.integers(60, 120, (1, HEIGHT, WIDTH, 3)), N_FRAMES, 0).astype(np.uint8)
    texture = rng.integers(100, 255, (12, 12, 3)).astype(np.uint8)
    speed = 0.8 + 0.4 * rng.random()
    x, y = rng.uniform(4, 12, 2)
    for t in range(N_FRAMES):
        left = int(x + MOVES[action][0] * speed * t)
        top = int(y + MOVES[action][1] * speed * t)
        depth[t, top : top + 12, left : left + 12] = 2000 + rng.integers(0, 20)
        colour[t, top : top + 12, left : left + 12] = texture[: HEIGHT - top, : WIDTH - left]
    return depth, colour


def add_square_take(
    library: Library, participant: str, action: str, number: int, *, with_colour: bool = True
) -> str:
    """Add one take of a moving square; returns its id."""
    rng = np.random.default_rng(
        [PARTICIPANTS.index(participant), list(MOVES).index(action), number]
    )
    depth, colour = moving_square(action, rng)
    times = np.arange(N_FRAMES, dtype=np.int64) * 33_333
    size = {"width": WIDTH, "height": HEIGHT, "n_frames": N_FRAMES, "rate_hz": 30.0}
    with staging_folder(library) as staging:
        with DepthWriter(staging / "depth.mkv", WIDTH, HEIGHT, 30.0) as depth_file:
            for frame in depth:
                depth_file.write(frame)
        streams = [
            StreamDraft(
                StreamKind.DEPTH,
                staging / "depth.mkv",
                codec="ffv1",
                unit_m=0.001,
                timestamps_us=times,
                **size,
            )
        ]
        if with_colour:
            with ColourWriter(staging / "colour.mkv", WIDTH, HEIGHT, 30.0) as colour_file:
                for picture in colour:
                    colour_file.write(picture)
            streams.append(
                StreamDraft(
                    StreamKind.COLOUR,
                    staging / "colour.mkv",
                    codec="mjpeg",
                    timestamps_us=times,
                    **size,
                )
            )
        index = np.arange(N_FRAMES, dtype=np.int64)
        pairs = np.stack([index, index, np.zeros_like(index)], axis=1)
        lens = Intrinsics(WIDTH, HEIGHT, 45.0, 45.0, WIDTH / 2, HEIGHT / 2)
        draft = TakeDraft(
            session=f"visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"test/{participant}/{action}/{number}",
            started_at_us=0,
            streams=streams,
            pairs=pairs if with_colour else np.zeros((0, 3), np.int64),
            segments=[(action, 0, N_FRAMES)],
            calibration=Calibration(depth=lens, colour=lens),
        )
        return add_take(library, staging, draft).id


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No error file and no setting lands in the user's folder."""
    home = tmp_path_factory.getbasetemp() / "home"
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))


@pytest.fixture(scope="session")
def _square_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("squares") / "library"
    with Library.create(root) as library:
        for participant in PARTICIPANTS:
            for action in MOVES:
                for number in range(TAKES_PER_ACTION):
                    add_square_take(library, participant, action, number)
    return root


@pytest.fixture
def square_library(_square_source: Path, tmp_path: Path) -> Iterator[Library]:
    """24 takes: 4 actions by 3 participants, twice; 20 frames of 48x40, colour and depth."""
    root = tmp_path / "squares"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        yield library
