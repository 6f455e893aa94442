"""Libraries with small files in place of videos: the library never looks into them."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.library import Library, Recording, StreamKind, Take
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder

N_FRAMES = 10
MakeTake = Callable[..., Take]


def draft_in(
    staging: Path,
    key: str = "1",
    *,
    session: str = "first visit",
    participant: str = "P1",
    source: str = "test",
    started_at_us: int = 5_000_000,
    n_frames: int = N_FRAMES,
    colour: bool = True,
    segments: Sequence[tuple[str, int, int]] = (("wave", 0, 4), ("clap", 4, 9)),
    recording: Recording | None = None,
) -> TakeDraft:
    """Write the files of a take into a staging folder and describe them."""
    kinds = [StreamKind.DEPTH, StreamKind.COLOUR][: 1 + colour]
    for kind in kinds:
        (staging / f"{kind}.mkv").write_bytes(f"{kind} of {key} ".encode() * 50)
    index = np.arange(n_frames)
    return TakeDraft(
        session,
        participant,
        source,
        f"{source}/{key}",
        started_at_us,
        [
            StreamDraft(
                kind,
                staging / f"{kind}.mkv",
                320,
                240,
                n_frames,
                30.0,
                "ffv1",
                timestamps_us=index * 33_333,
                unit_m=0.001 if kind == StreamKind.DEPTH else None,
                frame_numbers=index * 2 if kind == StreamKind.DEPTH else None,
            )
            for kind in kinds
        ],
        np.stack([index, index, index * 7], axis=1)[: n_frames * colour],
        list(segments),
        recording=recording,
    )


@pytest.fixture(scope="session")
def _empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("empty") / "library"
    Library.create(root).close()
    return root


@pytest.fixture
def library(_empty_library: Path, tmp_path: Path) -> Iterator[Library]:
    shutil.copytree(_empty_library, tmp_path / "library")
    with Library.open(tmp_path / "library") as library:
        yield library


@pytest.fixture
def make_take(library: Library) -> MakeTake:
    """Adds a take to `library`; the keywords are those of `draft_in`."""

    def make(key: str = "1", **keywords: object) -> Take:
        with staging_folder(library) as staging:
            return add_take(library, staging, draft_in(staging, key, **keywords))

    return make


@pytest.fixture
def make_draft() -> Callable[..., TakeDraft]:
    """`draft_in`, for tests of what is refused."""
    return draft_in
