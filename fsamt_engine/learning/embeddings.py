"""A frozen teacher's embeddings of unlabelled videos, computed once and kept in the cache."""

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader, FloatArray, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.inference import run_windows
from fsamt_engine.learning.prepare import regions_of
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library
from fsamt_engine.library.records import SnapshotItem
from fsamt_engine.modalities.clips import clip_starts
from fsamt_engine.progress import OnProgress, ShouldStop


@dataclass(frozen=True)
class VideoEmbeddings:
    """What a teacher says of one video.

    Attributes:
        starts: Of the windows, in depth frames of the take (W,).
        clips: (2, W, D) float32: of the windows as they are, and mirrored.
    """

    starts: tuple[int, ...]
    clips: FloatArray

    @cached_property
    def video(self) -> FloatArray:
        """Mean over the windows: (2, D), as it is and mirrored."""
        mean: FloatArray = self.clips.mean(axis=1)
        return mean


def teacher_embeddings(
    library: Library,
    teacher: LoadedModel,
    videos: Sequence[SnapshotItem],
    stride: int,
    mirrored: bool,
    device: Device,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[VideoEmbeddings]:
    """Embeddings of every `stride`-th window of each video.

    Args:
        mirrored: Whether the mirrored windows are needed too; otherwise they are taken as equal.

    Raises:
        Cancelled: Asked to stop; nothing of an unfinished computation is kept.
    """
    starts = _starts(teacher, videos, stride)
    windows = _windows(videos, starts)
    path = _path(library, teacher, windows, mirrored)
    values = _load(path, len(windows), teacher.network.embedding_dim)
    if values is None:
        reader = ClipReader(
            library, teacher.modality, teacher.preparation, teacher.shape, teacher.normalisation
        )
        sides = [
            run_windows(
                teacher.network,
                teacher.network.embed,
                reader,
                windows,
                device,
                flipped=flipped,
                what="Computing teacher embeddings" + (" (mirrored)" if flipped else ""),
                on_progress=on_progress,
                should_stop=should_stop,
            )
            for flipped in ((False, True) if mirrored else (False,))
        ]
        values = np.stack([sides[0], sides[-1]])
        _save(path, values)
    ends = np.cumsum([len(own) for own in starts])
    return [
        VideoEmbeddings(own, values[:, end - len(own) : end])
        for own, end in zip(starts, ends, strict=True)
    ]


def embeddings_kept(
    library: Library,
    teacher: LoadedModel,
    videos: Sequence[SnapshotItem],
    stride: int,
    mirrored: bool,
) -> bool:
    """Whether `teacher_embeddings` would find these in the cache, and need no colour."""
    windows = _windows(videos, _starts(teacher, videos, stride))
    path = _path(library, teacher, windows, mirrored)
    return _load(path, len(windows), teacher.network.embedding_dim) is not None


def _starts(
    teacher: LoadedModel, videos: Sequence[SnapshotItem], stride: int
) -> list[tuple[int, ...]]:
    return [tuple(clip_starts(v.start, v.end, teacher.shape, stride)) for v in videos]


def _windows(videos: Sequence[SnapshotItem], starts: Sequence[tuple[int, ...]]) -> list[Window]:
    return [Window(v.take_id, s, v.end) for v, own in zip(videos, starts, strict=True) for s in own]


def _path(
    library: Library, teacher: LoadedModel, windows: Sequence[Window], mirrored: bool
) -> Path:
    return library.cache_folder / "embeddings" / f"{_key(library, teacher, windows, mirrored)}.npy"


def _key(library: Library, teacher: LoadedModel, windows: Sequence[Window], mirrored: bool) -> str:
    content = [teacher.record.key, str(mirrored)]
    content += [f"{w.take_id}:{w.start}:{w.end}" for w in windows]
    content += [f"{take_id} {region}" for take_id, region in regions_of(library, windows).items()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:32]


def _load(path: Path, n_windows: int, dim: int) -> FloatArray | None:
    try:
        values: FloatArray = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return values if values.shape == (2, n_windows, dim) else None


def _save(path: Path, values: FloatArray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            np.save(file, values)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FsamtError(
            "The disk is full, so the teacher's embeddings could not be kept.",
            "Make room, then run the same command again.",
        ) from error
