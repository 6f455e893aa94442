"""Embeddings of what could be labelled, or is: intervals of takes, as a depth model sees them."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.intervals import cut, gaps, motion_of
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.inference import run_windows
from fsamt_engine.learning.prepare import prepare
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.library import Library, ModelKind, ModelRecord, Segment, SnapshotItem
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.available import has
from fsamt_engine.modalities.clips import clip_starts
from fsamt_engine.modalities.kept import KeptTake
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_LONGEST_IN_CLIPS = 3
"""A take up to so many clips long is one interval; a longer one is cut at quiet places."""
_TAKES_AT_ONCE = 32


@dataclass(frozen=True)
class ClipEmbeddings:
    """Intervals as a model sees them.

    Attributes:
        items: The intervals; `action` is their label, None where they have none.
        vectors: (N, D) float32: the mean over the clips of each interval.
        probabilities: (N, A) float32, rows that sum to 1; None where the model names no actions.
        actions: The A actions that the model names.
        model_id: What saw them.
    """

    items: tuple[SnapshotItem, ...]
    vectors: NDArray[np.float32]
    probabilities: NDArray[np.float32] | None
    actions: tuple[str, ...]
    model_id: str

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class _Seen:
    """A take as a model sees it: a clip every half clip. values: (W, D + A), embedding first."""

    middles: NDArray[np.float64]
    values: NDArray[np.float32]

    def mean(self, start: int, end: int) -> NDArray[np.float32]:
        """Over the clips whose middle lies in [start, end); of none, the nearest clip's."""
        inside = (self.middles >= start) & (self.middles < end)
        if not inside.any():
            inside = np.zeros(len(self.middles), bool)
            inside[np.abs(self.middles - (start + end) / 2).argmin()] = True
        mean: NDArray[np.float32] = self.values[inside].mean(axis=0)
        return mean


def clip_embeddings(
    library: Library,
    model: ModelRecord,
    take_ids: Sequence[str],
    *,
    labelled: bool = False,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ClipEmbeddings:
    """Embeddings of what of these takes has no label yet (or, with `labelled`, of what has one).

    An unlabelled stretch of at most three clips is one interval; a longer one is cut where little
    moves. What a model sees of a take is kept in the cache, whatever is labelled later.

    Args:
        library: Where the takes are.
        model: A student or a recogniser.
        take_ids: Takes; those that lack what the model sees are left out.
        labelled: The labelled intervals instead.
        device: Name of a device.
        on_progress: Told take by take.
        should_stop: Asked several times a second.

    Raises:
        Cancelled: Stopped; takes that were seen stay in the cache.
        FsamtError: The model is a teacher, or a take cannot be read.
    """
    if model.kind is ModelKind.TEACHER:
        raise FsamtError(
            f"{model.id} is a teacher: it knows other actions than those that are labelled.",
            "Choose a student or a recogniser.",
        )
    chosen = choose_device(device)
    loaded = load_model(library, model, chosen)
    takes = [take(library, take_id) for take_id in dict.fromkeys(take_ids)]
    ids = [one.id for one in takes if has(one, loaded.modality)]
    prepare(library, ids, (loaded.modality,), loaded.preparation, on_progress, should_stop)
    kept = {
        one.id: KeptTake(library, one, loaded.preparation) for one in takes if one.id in set(ids)
    }
    items = _labelled(library, ids) if labelled else _unlabelled(library, kept, loaded)
    needed = {item.take_id for item in items}
    seen = _see(
        library,
        {take_id: one for take_id, one in kept.items() if take_id in needed},
        loaded,
        chosen,
        on_progress,
        should_stop,
    )
    dim, n_actions = loaded.network.embedding_dim, len(model.actions)
    rows = [seen[item.take_id].mean(item.start, item.end) for item in items]
    values = np.stack(rows) if rows else np.zeros((0, dim + n_actions), np.float32)
    return ClipEmbeddings(
        tuple(items),
        values[:, :dim],
        values[:, dim:] if n_actions else None,
        model.actions,
        model.id,
    )


def _labelled(library: Library, take_ids: Sequence[str]) -> list[SnapshotItem]:
    return [
        SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
        for one in segments(library, take_ids=take_ids, composed=False)
    ]


def _unlabelled(
    library: Library, kept: Mapping[str, KeptTake], model: LoadedModel
) -> list[SnapshotItem]:
    by_take: dict[str, list[Segment]] = {take_id: [] for take_id in kept}
    for segment in segments(library, take_ids=list(kept)):
        by_take[segment.take_id].append(segment)
    span = model.shape.span
    items = []
    for take_id, one in kept.items():
        n_frames = one.take.main.n_frames
        for start, end in gaps(by_take[take_id], n_frames, min(span // 2, n_frames)):
            parts = [(0, end - start)]
            if end - start > _LONGEST_IN_CLIPS * span:
                prepared = one.read(model.modality)
                if prepared is not None:
                    parts = cut(motion_of(prepared[start:end]), span, _LONGEST_IN_CLIPS * span)
            participant = one.take.participant
            items += [SnapshotItem(take_id, participant, start + a, start + b) for a, b in parts]
    return items


def _see(
    library: Library,
    kept: Mapping[str, KeptTake],
    model: LoadedModel,
    device: Device,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> dict[str, _Seen]:
    """All clips of all takes, from the cache or computed now, some takes at a time."""
    stride = max(1, model.shape.span // 2)
    starts: dict[str, list[int]] = {}
    lengths: dict[str, int] = {}
    values: dict[str, NDArray[np.float32]] = {}
    width = model.network.embedding_dim + len(model.record.actions)
    for take_id, one in kept.items():
        lengths[take_id] = one.take.main.n_frames
        starts[take_id] = clip_starts(0, lengths[take_id], model.shape, stride)
        found = _load(_path(one, model), (len(starts[take_id]), width))
        if found is not None:
            values[take_id] = found
    waiting = [take_id for take_id in kept if take_id not in values]
    reader = ClipReader(
        library, model.modality, model.preparation, model.shape, model.normalisation
    )
    watch = Stopwatch(len(waiting))
    for at in range(0, len(waiting), _TAKES_AT_ONCE):
        part = waiting[at : at + _TAKES_AT_ONCE]
        windows = [Window(i, start, lengths[i]) for i in part for start in starts[i]]
        computed = run_windows(
            model.network, _both(model), reader, windows, device, should_stop=should_stop
        )
        edges = np.cumsum([0, *(len(starts[i]) for i in part)])
        for place, take_id in enumerate(part):
            values[take_id] = computed[edges[place] : edges[place + 1]]
            _save(library, _path(kept[take_id], model), values[take_id])
        if on_progress:
            done = at + len(part)
            left = watch.seconds_left(done)
            on_progress(Progress("Looking at takes", done, len(waiting), seconds_left=left))
    span = model.shape.span
    return {
        take_id: _Seen(
            np.asarray([(s + min(s + span, lengths[take_id])) / 2 for s in own]), values[take_id]
        )
        for take_id, own in starts.items()
    }


def _both(model: LoadedModel) -> Callable[[Tensor], Tensor]:
    """Clips to embeddings, with the probabilities of the actions beside them, if there are any."""
    network = model.network

    def see(clips: Tensor) -> Tensor:
        embeddings = network.embed(clips).float()
        if not model.record.actions:
            return embeddings
        assert network.classifier is not None
        return torch.cat([embeddings, network.classifier(embeddings).float().softmax(1)], dim=1)

    return see


def _path(kept: KeptTake, model: LoadedModel) -> Path:
    parts = (model.record.key, kept.digest(model.modality), str(model.shape))
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
    return kept.library.cache_folder / "embeddings" / "takes" / kept.take.id / f"{digest}.npy"


def _load(path: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    try:
        values: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return values if values.shape == shape else None


def _save(library: Library, path: Path, values: NDArray[np.float32]) -> None:
    with environment_errors(library.root):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.new")
        try:
            with beside.open("wb") as file:
                np.save(file, values)
            os.replace(beside, path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
