"""Transfer health: does the student see in depth what its teacher sees in colour?

Measured on the pairs that the transfer held out, without any label.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation import health_measures as measures
from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.evaluation.health_advice import advise, doubtful_pairs
from fsamt_engine.evaluation.health_record import (
    Advice,
    AdviceCode,
    Neighbour,
    PairHealth,
    Retrieval,
    TransferHealth,
    health_path,
    stored_health,
)
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.embeddings import VideoEmbeddings, embeddings_kept, teacher_embeddings
from fsamt_engine.learning.inference import run_windows
from fsamt_engine.learning.prepare import held_out_items, prepare, prepare_both
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import Granularity, TransferLoss
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.incoming import is_entered
from fsamt_engine.library.models import model as find_by_name
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.progress import OnProgress, ShouldStop

__all__ = [
    "Advice",
    "AdviceCode",
    "Neighbour",
    "PairHealth",
    "Retrieval",
    "TransferHealth",
    "stored_health",
    "transfer_health",
]

AT = (1, 5, 10)
N_NEIGHBOURS = 6
N_WORST = 12
MAX_CLIPS = 1000
"""Clips that are looked at, one a video; of a larger transfer a sample."""


@dataclass(frozen=True)
class _Clips:
    """One clip a video, held-out ones first: the candidates, and the questions."""

    videos: list[SnapshotItem]
    targets: list[VideoEmbeddings]
    n_held_out: int

    def windows(self) -> list[Window]:
        """The middle window of each, as the transfer's own validation takes it."""
        return [
            Window(video.take_id, own.starts[len(own.starts) // 2], video.end)
            for video, own in zip(self.videos, self.targets, strict=True)
        ]

    def embeddings(self, granularity: Granularity) -> NDArray[np.float32]:
        """What the student had to match: (1 or 2, n, D)."""
        kinds = []
        if granularity is not Granularity.VIDEO:
            kinds.append([own.clips[0, len(own.starts) // 2] for own in self.targets])
        if granularity is not Granularity.CLIP:
            kinds.append([own.video[0] for own in self.targets])
        return np.asarray(kinds, np.float32)


def transfer_health(
    library: Library,
    student: ModelRecord,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> TransferHealth:
    """Measure a transfer, and keep the result beside the student's weights.

    Of each held-out video the student answers the middle clip. Its answer is compared with the
    teacher's embedding of the same clip (or video, or both: what the transfer's loss asked for),
    with those of held-out clips of other takes, and with all candidates: the held-out clips and
    clips of trained videos, one a video, at most 1,000 and never all of them held out. Reads no
    label.

    Raises:
        Cancelled: Stopped; nothing is kept.
        FsamtError: The model is no transferred student, or its teacher or its takes are gone.
    """
    teacher = _teacher_of(library, student)
    chosen = choose_device(device)
    key = f"health of {student.key}"
    with recorded_run(library, "health", key, {"model": student.id}, on_progress) as run:
        health = _measure(library, student, teacher, chosen, run.on_progress, should_stop)
        _save(library, student, health)
        run.model_id = student.id
    return health


def _teacher_of(library: Library, student: ModelRecord) -> ModelRecord:
    if student.kind is not ModelKind.STUDENT or student.parent_id is None:
        raise FsamtError(
            f"{student.id} is no student of a transfer, so there is no teacher to compare it with.",
            "Choose a student: a model that a transfer has made.",
        )
    return find_by_name(library, student.parent_id)


def _measure(
    library: Library,
    student: ModelRecord,
    teacher: ModelRecord,
    device: Device,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> TransferHealth:
    settings = student.settings
    seed = int(settings["fit"]["seed"])
    listed = snapshot(library, str(student.snapshot_id)).train
    trained, held_out = held_out_items(listed, settings["validation_share"], seed)
    present = {take_id for take_id in {v.take_id for v in listed} if is_entered(library, take_id)}
    if not present:
        raise FsamtError(
            f"None of the takes that {student.id} was transferred on is in this library.",
            "Measure its health in the library that it was made in.",
        )
    pupil, master = load_model(library, student, device), load_model(library, teacher, device)
    videos = [video for video in listed if video.take_id in present]
    stride, mirrored = settings["window_stride"], settings["augmentation"]["flip"]
    takes = [video.take_id for video in videos]
    kept = embeddings_kept(library, master, videos, stride, mirrored)
    own = pupil.modality, pupil.preparation
    if kept:
        prepare(library, takes, own[:1], own[1], on_progress, should_stop)
    else:
        of_master = master.modality, master.preparation
        prepare_both(library, takes, own, of_master, on_progress, should_stop)
    targets = teacher_embeddings(
        library,
        master,
        videos,
        stride,
        mirrored,
        device,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    by_video = dict(zip(videos, targets, strict=True))
    known = [v for v in trained if v in by_video]
    # Without trained pairs beside the held-out ones, nobody could say what the student has learned.
    n_asked = MAX_CLIPS - min(len(known), MAX_CLIPS // 2)
    asked = _sample([v for v in held_out if v in by_video], n_asked, seed)
    others = _sample(known, MAX_CLIPS - len(asked), seed)
    clips = _Clips(asked + others, [by_video[v] for v in asked + others], len(asked))
    windows = clips.windows()
    answers = run_windows(
        pupil.network,
        pupil.network.embed,
        ClipReader(library, pupil.modality, pupil.preparation, pupil.shape, pupil.normalisation),
        windows,
        device,
        what="Comparing student and teacher",
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return _health(clips, windows, answers, pupil, device, len(listed))


def _health(
    clips: _Clips,
    windows: Sequence[Window],
    answers: NDArray[np.float32],
    pupil: LoadedModel,
    device: Device,
    n_videos: int,
) -> TransferHealth:
    n, settings = clips.n_held_out, pupil.record.settings
    wanted = clips.embeddings(Granularity(settings["granularity"]))
    loss = TransferLoss(settings.get("loss", TransferLoss.COSINE))
    is_fitted = answers.shape[1] != wanted.shape[2] or not loss.matches_embeddings
    if is_fitted and n == len(clips.videos):
        raise FsamtError(
            f"None of the takes that {pupil.record.id} was trained on is in this library, and its"
            " embedding is not in the space of its teacher's, so they cannot be compared.",
            "Measure its health in the library that it was made in.",
        )
    if is_fitted:
        known = wanted.mean(axis=0)[n:]
        answers = (answers @ measures.linear_fit(answers[n:], known)).astype(np.float32)
    table = measures.similarities(answers, wanted)
    above, equal = measures.places(table, np.arange(len(table)))
    ranks = measures.mid_ranks(above, equal)
    items = [
        SnapshotItem(w.take_id, v.participant, w.start, min(w.start + pupil.shape.span, w.end))
        for w, v in zip(windows, clips.videos, strict=True)
    ]
    pairs = tuple(
        PairHealth(
            items[i],
            round(float(table[i, i]), 4),
            float(ranks[i]),
            _neighbours(table[i], i, items),
            i < n,
        )
        for i in range(len(items))
    )
    random_cosines = measures.random_pairs(
        table[:n, :n], [item.take_id for item in items[:n]], int(settings["fit"]["seed"])
    )
    matched = tuple(one.cosine for one in pairs[:n])
    by_chance = tuple(round(float(value), 4) for value in random_cosines)
    trained = tuple(one.cosine for one in pairs[n:])
    worst = tuple(sorted(pairs, key=lambda one: one.cosine)[:N_WORST])
    doubtful = doubtful_pairs(pairs, by_chance)
    return TransferHealth(
        student_id=pupil.record.id,
        teacher_id=str(pupil.record.parent_id),
        device=device.name,
        n_videos=n_videos,
        n_candidates=len(items),
        matched=matched,
        random=by_chance,
        trained=trained,
        retrieval=_retrieval(above[:n], equal[:n], len(items)),
        pairs=pairs[:n],
        worst=worst,
        doubtful=doubtful,
        advice=advise(matched, trained, by_chance, doubtful, worst, int(settings["fit"]["epochs"])),
        is_fitted=is_fitted,
    )


def _retrieval(
    above: NDArray[np.intp], equal: NDArray[np.intp], n_candidates: int
) -> tuple[Retrieval, ...]:
    if not len(above):
        return ()
    found = []
    for k in AT:
        if k <= n_candidates:
            share = round(measures.found_within(k, above, equal), 4)
            interval = measures.interval_of(share, len(above))
            found.append(Retrieval(k, share, k / n_candidates, interval))
    return tuple(found)


def _neighbours(
    row: NDArray[np.float64], own: int, items: Sequence[SnapshotItem]
) -> tuple[Neighbour, ...]:
    nearest = np.argsort(-row, kind="stable")[:N_NEIGHBOURS]
    return tuple(Neighbour(items[j], round(float(row[j]), 4), int(j) == own) for j in nearest)


def _sample(videos: list[SnapshotItem], n: int, seed: int) -> list[SnapshotItem]:
    """At most n of them, in their order."""
    if len(videos) <= n:
        return videos
    places = sorted(random.Random(f"{seed}|health").sample(range(len(videos)), max(0, n)))
    return [videos[i] for i in places]


def _save(library: Library, student: ModelRecord, health: TransferHealth) -> None:
    write_beside(library, health_path(library, student), json.dumps(health.to_dict()))
