"""Embeddings of a take at equal distances in time: of the clip around every k-th moment."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.clips import ClipReader, FloatArray, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.embedding_file import EmbeddingFile
from fsamt_engine.learning.inference import windows_in_batches
from fsamt_engine.learning.spread import Processes, processes
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_MOMENTS_A_CLIP = 15
"""So many moments lie in the span of a clip; of usual clips that is one a step."""


@dataclass(frozen=True)
class Moments:
    """The moments of a take that are embedded: each in the middle of a clip.

    They lie where a live detector that looks at the clip ending with every k-th frame has them, so
    that a take and a camera are seen alike.

    Attributes:
        shape: Of the clips.
        every: Main frames between two moments.
    """

    shape: ClipShape
    every: int

    @classmethod
    def of(cls, shape: ClipShape) -> "Moments":
        """As dense as is usual for clips of this shape."""
        return cls(shape, max(2, round(shape.span / _MOMENTS_A_CLIP)))

    @property
    def behind(self) -> int:
        """Frames from a moment to the end of its clip, which is the first frame after it."""
        return self.shape.span - self.shape.span // 2

    @property
    def first(self) -> int:
        """The first moment: the main frame in the middle of its clip."""
        return -self.behind % self.every

    def count(self, n_frames: int) -> int:
        """Moments of a take; a take shorter than a step has one all the same."""
        return max(1, -(-(n_frames - self.first) // self.every))

    def frames(self, places: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Where moments lie, in main frames: the middle of a frame is half a frame after it."""
        return self.first + 0.5 + self.every * np.asarray(places, np.float64)

    def places(self, frames: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Main frames counted in moments: the inverse of `frames`."""
        return (np.asarray(frames, np.float64) - self.first - 0.5) / self.every

    def window(self, take_id: str, n_frames: int, place: int) -> Window:
        """The clip around a moment; beyond the take its first and last frame repeat."""
        middle = min(self.first + self.every * place, n_frames - 1)
        return Window(take_id, middle - self.shape.span // 2, n_frames)


@dataclass(frozen=True, eq=False)
class TakeEmbeddings:
    """What a backbone says of a take.

    Attributes:
        values: (2, N, D) float32: of N moments as they are, and mirrored.
    """

    take_id: str
    values: FloatArray


def training_embeddings(
    library: Library,
    key: str,
    network: ActionNetwork,
    reader: ClipReader,
    moments: Moments,
    takes: Sequence[tuple[str, int]],
    device: Device,
    *,
    mirrored: bool,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[TakeEmbeddings]:
    """Embeddings of whole takes, computed once and kept in the cache while a head is trained.

    Args:
        key: Of the network's weights.
        takes: Ids and main frames of each, in order.
        mirrored: Whether those of the mirrored takes are needed too; else they are taken as equal.

    Raises:
        Cancelled: Asked to stop. What was computed before a pause or a kill stays.
        FsamtError: The disk is full.
    """
    windows = [
        moments.window(take_id, n_frames, place)
        for take_id, n_frames in takes
        for place in range(moments.count(n_frames))
    ]
    file = embedding_file(library, key, moments, takes, mirrored, network.embedding_dim)
    if file.read() is None:
        _compute(file, network, reader, windows, device, mirrored, on_progress, should_stop)
    values = file.read()
    if values is None:
        raise FsamtError("The embeddings were removed while they were read.", "Try again.")
    ends = np.cumsum([moments.count(n_frames) for _, n_frames in takes])
    return [
        TakeEmbeddings(take_id, values[:, end - moments.count(n_frames) : end])
        for (take_id, n_frames), end in zip(takes, ends, strict=True)
    ]


def embedding_file(
    library: Library,
    key: str,
    moments: Moments,
    takes: Sequence[tuple[str, int]],
    mirrored: bool,
    dim: int,
) -> EmbeddingFile:
    """Where `training_embeddings` keeps them; deleted, they come back by themselves."""
    content = [key, str(moments), str(mirrored), *(f"{name}:{n}" for name, n in takes)]
    name = hashlib.sha256("\n".join(content).encode()).hexdigest()[:32]
    path = library.cache_folder / "embeddings" / f"{name}.npy"
    return EmbeddingFile(path, sum(moments.count(n) for _, n in takes), dim)


def _compute(
    file: EmbeddingFile,
    network: ActionNetwork,
    reader: ClipReader,
    windows: Sequence[Window],
    device: Device,
    mirrored: bool,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    """Embed windows, each process its part; the first one puts the file together."""

    def stop_waiting() -> None:
        if should_stop and should_stop():
            raise Cancelled(resumable=True)

    team = processes()
    own = windows[team.part(len(windows))]
    total = len(own) * (2 if mirrored else 1)
    try:
        with file.growing(team.rank, team.n, stop_waiting) as (n_there, add):
            n_done, watch = n_there, Stopwatch(total, n_there)
            for flipped in (False, True) if mirrored else (False,):
                to_do = own[min(n_there, len(own)) :]
                n_there = max(0, n_there - len(own))
                for rows in windows_in_batches(
                    network,
                    network.embed,
                    reader,
                    to_do,
                    device,
                    flipped=flipped,
                    should_stop=should_stop,
                ):
                    add(rows)
                    n_done += len(rows)
                    if on_progress:
                        left = watch.seconds_left(n_done)
                        told = Progress("Computing embeddings", n_done, total, seconds_left=left)
                        on_progress(told)
    except Cancelled as cancelled:
        if not cancelled.resumable:
            file.forget_parts()
        raise
    team.wait()
    if team.leads:
        parts = [len(windows[Processes(rank, team.n).part(len(windows))]) for rank in range(team.n)]
        file.put_together(parts, mirrored)
    team.wait()


class EmbeddingWindows:
    """Embeddings of a take, window by window, each moment embedded once; memory stays flat.

    Args:
        n_frames: Main frames of the take.
    """

    def __init__(
        self,
        network: ActionNetwork,
        reader: ClipReader,
        moments: Moments,
        take_id: str,
        n_frames: int,
        device: Device,
    ) -> None:
        self._network, self._reader, self._device = network, reader, device
        self._moments, self._take_id, self._n_frames = moments, take_id, n_frames
        self._first = 0
        self._rows = np.zeros((0, network.embedding_dim), np.float32)

    def read(
        self,
        first: int,
        last: int,
        on_embedded: Callable[[int], None],
        should_stop: ShouldStop | None,
    ) -> FloatArray:
        """Those of the moments from `first` to `last`, not included: (last - first, D).

        Neither goes back from window to window.

        Args:
            on_embedded: Told after every batch how many moments of the take are embedded.

        Raises:
            Cancelled: Asked to stop.
        """
        parts = [self._rows[first - self._first :]]
        there = first + len(parts[0])
        windows = [
            self._moments.window(self._take_id, self._n_frames, place)
            for place in range(there, last)
        ]
        for rows in windows_in_batches(
            self._network,
            self._network.embed,
            self._reader,
            windows,
            self._device,
            should_stop=should_stop,
        ):
            parts.append(rows)
            there += len(rows)
            on_embedded(there)
        self._first, self._rows = first, np.concatenate(parts)
        return self._rows
