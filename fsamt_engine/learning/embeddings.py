"""A frozen teacher's embeddings of unlabelled videos, computed once and kept in the cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.clips import ClipReader, FloatArray, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.embedding_file import EmbeddingFile
from fsamt_engine.learning.inference import windows_in_batches
from fsamt_engine.learning.prepare import regions_of
from fsamt_engine.learning.spread import Processes, processes
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
        Cancelled: Asked to stop. What was computed before a pause or a kill stays.
        FsamtError: The disk is full.
    """
    starts = _starts(teacher, videos, stride)
    windows = _windows(videos, starts)
    file = _file(library, teacher, windows, mirrored)
    if file.read() is None:
        _compute(library, teacher, windows, mirrored, device, file, on_progress, should_stop)
    values = file.read()
    if values is None:
        raise FsamtError(
            "The teacher's embeddings were removed while they were read.", "Try again."
        )
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
    return _file(library, teacher, windows, mirrored).read() is not None


def _compute(
    library: Library,
    teacher: LoadedModel,
    windows: Sequence[Window],
    mirrored: bool,
    device: Device,
    file: EmbeddingFile,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    """Embed windows, each process its part; the first one puts the file together."""
    reader = ClipReader(
        library, teacher.modality, teacher.preparation, teacher.shape, teacher.normalisation
    )
    team = processes()

    def stop_waiting() -> None:
        if should_stop and should_stop():
            raise Cancelled(resumable=True)

    own = windows[team.part(len(windows))]
    try:
        with file.growing(team.rank, team.n, stop_waiting) as (n_there, add):
            if team.n == 1 and file.read() is not None:  # by whom we waited for
                own = own[:0]
            for flipped in (False, True) if mirrored else (False,):
                to_do = own[min(n_there, len(own)) :]
                n_there = max(0, n_there - len(own))
                for rows in windows_in_batches(
                    teacher.network,
                    teacher.network.embed,
                    reader,
                    to_do,
                    device,
                    flipped=flipped,
                    what="Computing teacher embeddings" + (" (mirrored)" if flipped else ""),
                    on_progress=on_progress,
                    should_stop=should_stop,
                ):
                    add(rows)
    except Cancelled as cancelled:
        if not cancelled.resumable:
            file.forget_parts()
        raise
    team.wait()
    if team.leads:
        parts = [len(windows[Processes(rank, team.n).part(len(windows))]) for rank in range(team.n)]
        file.put_together(parts, mirrored)
    team.wait()


def _starts(
    teacher: LoadedModel, videos: Sequence[SnapshotItem], stride: int
) -> list[tuple[int, ...]]:
    return [tuple(clip_starts(v.start, v.end, teacher.shape, stride)) for v in videos]


def _windows(videos: Sequence[SnapshotItem], starts: Sequence[tuple[int, ...]]) -> list[Window]:
    return [Window(v.take_id, s, v.end) for v, own in zip(videos, starts, strict=True) for s in own]


def _file(
    library: Library, teacher: LoadedModel, windows: Sequence[Window], mirrored: bool
) -> EmbeddingFile:
    name = f"{_key(library, teacher, windows, mirrored)}.npy"
    path = library.cache_folder / "embeddings" / name
    return EmbeddingFile(path, len(windows), teacher.network.embedding_dim)


def _key(library: Library, teacher: LoadedModel, windows: Sequence[Window], mirrored: bool) -> str:
    content = [teacher.record.key, str(mirrored)]
    content += [f"{w.take_id}:{w.start}:{w.end}" for w in windows]
    content += [f"{take_id} {region}" for take_id, region in regions_of(library, windows).items()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:32]
