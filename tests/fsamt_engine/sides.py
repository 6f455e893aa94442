"""Takes that can be seen as everything: colour, infrared and a skeleton, with depth or without."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.media.infrared import InfraredWriter
from fsamt_engine.media.skeleton import write_skeleton

N_FRAMES, SIDE = 12, 24
_WRITERS: dict[StreamKind, Any] = {
    StreamKind.DEPTH: DepthWriter,
    StreamKind.INFRARED: InfraredWriter,
    StreamKind.COLOUR: ColourWriter,
}


def add_take_of_sides(
    library: Library,
    action: str,
    number: int,
    *,
    with_depth: bool = False,
    n_joints: int = 20,
    participant: str = "P1",
) -> str:
    """A square and a body that move to the right ("across") or down; returns the take's id."""
    rng = np.random.default_rng([number, action == "across"])
    step = np.array([1, 0] if action == "across" else [0, 1])
    infrared = np.full((N_FRAMES, SIDE, SIDE), 40, np.uint8)
    for t in range(N_FRAMES):
        x, y = rng.integers(0, 3, 2) + t * step
        infrared[t, y : y + 8, x : x + 8] = 220
    body = rng.normal([0, 0, 2.5], 0.3, (n_joints, 3))
    path = np.zeros((N_FRAMES, 1, 1, 3))
    path[..., :2] = 0.05 * np.arange(N_FRAMES)[:, None, None, None] * step
    streams: dict[StreamKind, npt.NDArray[Any]] = {
        StreamKind.INFRARED: infrared,
        StreamKind.COLOUR: np.repeat(infrared[..., None], 3, axis=3),
        StreamKind.SKELETON: (body + path).astype(np.float32),
    }
    if with_depth:
        streams[StreamKind.DEPTH] = np.where(infrared > 100, 1500, 3000).astype(np.uint16)
    index = np.arange(N_FRAMES if with_depth else 0, dtype=np.int64)
    with staging_folder(library) as staging:
        draft = TakeDraft(
            session=f"visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"sides/{participant}/{action}/{number}",
            started_at_us=0,
            streams=_drafts(staging, streams),
            pairs=np.stack([index, index, np.zeros_like(index)], axis=1),
            segments=[(action, 0, N_FRAMES)],
        )
        return add_take(library, staging, draft).id


def _drafts(staging: Path, streams: Mapping[StreamKind, npt.NDArray[Any]]) -> list[StreamDraft]:
    drafts = []
    for kind, frames in streams.items():
        path = staging / f"{kind}.{'npy' if kind is StreamKind.SKELETON else 'mkv'}"
        if kind is StreamKind.SKELETON:
            write_skeleton(path, frames)
            width, height = frames.shape[2], frames.shape[1]
        else:
            height, width = frames.shape[1:3]
            with _WRITERS[kind](path, width, height, 30.0) as file:
                for frame in frames:
                    file.write(frame)
        drafts.append(
            StreamDraft(
                kind,
                path,
                width,
                height,
                len(frames),
                30.0,
                "made",
                timestamps_us=np.arange(len(frames), dtype=np.int64) * 33_333,
                unit_m=0.001 if kind is StreamKind.DEPTH else None,
            )
        )
    return drafts
