"""Training a detector on labelled segments: from a student, a teacher's weights, or nothing."""

from dataclasses import asdict, replace

import numpy as np

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import TakeSpan
from fsamt_engine.detection.heads import FittedHead, HeadJob, head
from fsamt_engine.detection.search import search_take, span_of
from fsamt_engine.detection.settings import DetectionHead, DetectorSettings, usual_search
from fsamt_engine.detection.threshold import Searched, choose_threshold
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detection_labels import ignored_of, truth_of
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.prepare import in_key_order, prepare
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import Augmentation, FinetuneSettings, FitSettings
from fsamt_engine.learning.starting import made_from, settings_with
from fsamt_engine.learning.store import (
    checkpoint_path,
    keep_model,
    load_model,
    read_description,
)
from fsamt_engine.learning.student_shape import shape_for
from fsamt_engine.library import BACKGROUND, Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import save_snapshot
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

_THRESHOLD_S = 120.0
"""Seconds of the training takes that are searched for the threshold."""


def train_detector(
    library: Library,
    start: ModelRecord | None,
    snapshot: Snapshot,
    settings: DetectorSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ModelRecord:
    """Train a detector on the segments of `snapshot.train` (see `detection_labels`).

    Its threshold for live use is chosen on its own training takes, where it does better than on
    others: it is a beginning, not a measurement.

    Args:
        start: As of `learning.finetune`: a transferred student, a teacher whose weights are the
            start, or None. It brings its network, its clips and its preparation.

    Raises:
        Cancelled: Paused or cancelled. A paused training goes on exactly where it was.
        FsamtError: Too few labels, a network that the head cannot use, no such device, full disk.
    """
    _refuse_too_little(snapshot)
    settings = _settings_with(library, settings, start, snapshot)
    made = made_from(library, ModelKind.DETECTOR, start, snapshot, asdict(settings))
    if model := find_model(library, made.key):
        return model
    chosen = choose_device(device)
    checkpoint = checkpoint_path(library, made.key)
    with recorded_run(library, "detector", made.key, made.settings, on_progress) as run:
        save_snapshot(library, snapshot)
        loaded = load_model(library, start, chosen) if start else None
        modality = Modality(settings.modality)
        shape = loaded.shape if loaded else shape_for(settings.network, settings.shape)
        preparation = loaded.preparation if loaded else settings.preparation.with_size(shape.size)
        takes = [item.take_id for item in snapshot.train]
        prepare(library, takes, (modality,), preparation, run.on_progress, should_stop)
        job = HeadJob(
            library,
            loaded,
            snapshot,
            settings,
            preparation,
            shape,
            loaded.normalisation if loaded and loaded.modality is modality else None,
            chosen,
            checkpoint,
            run.on_progress,
            run.on_epoch,
            should_stop,
        )
        try:
            fitted = head(settings.head).fit(job)
            threshold = _threshold(job, fitted)
        except Cancelled as cancelled:
            if not cancelled.resumable:
                _forget(job)
            raise
        model = keep_model(
            library,
            made,
            fitted.detector,
            fitted.result,
            chosen,
            name=f"{modality} detector of {len(snapshot.actions)} actions ({made.method}, "
            f"{settings.head})",
            modality=modality,
            preparation=fitted.preparation,
            shape=fitted.shape,
            normalisation=fitted.normalisation,
            actions=snapshot.actions,
            metrics={"loss": fitted.result.history[-1].loss, **fitted.metrics},
            extra={
                "detector": {
                    "head": str(settings.head),
                    "config": fitted.detector.config(),
                    "student_shape": asdict(shape),
                    "threshold": threshold,
                    "threshold_chosen_on": "its own training takes",
                }
            },
        )
        run.model_id = model.id
        if fitted.result.ended != "kept best":
            _forget(job)
    return model


def detector_settings_of(library: Library, model: ModelRecord) -> DetectorSettings:
    """What a detector was trained with, its student's clips and preparation as they really were.

    Raises:
        FsamtError: Its model.json is missing or cannot be read.
    """
    described = read_description(library, model)
    own = model.settings
    try:
        adapt = own["adapt"]
        return DetectorSettings(
            head=DetectionHead(own["head"]),
            modality=model.modality,
            network=str(described["network"]),
            shape=ClipShape(**described["detector"]["student_shape"]),
            preparation=Preparation.from_dict(described["preparation"]),
            fit=FitSettings(**own["fit"]),
            adapt=None if adapt is None else FitSettings(**adapt),
            augmentation=Augmentation(**own["augmentation"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FsamtError(
            f"{model.id} does not say how it was trained ({error}).", "Train it again."
        ) from error


def _refuse_too_little(snapshot: Snapshot) -> None:
    if not snapshot.actions:
        raise FsamtError(
            "A detector needs labels of at least 1 action; there are none.",
            "Label a few segments of each action first.",
        )
    if unlabelled := set(snapshot.actions) - {item.action for item in snapshot.train}:
        raise FsamtError(
            f'There is no segment to train on of "{min(unlabelled)}".',
            "Label at least one segment of each action, or leave the action out.",
        )
    if all(item.action != BACKGROUND for item in snapshot.train):
        raise FsamtError(
            "Nothing in these takes lies between the actions, so there is no start or end to "
            "learn.",
            "Choose untrimmed takes, or join takes with fsamt compose.",
        )


def _settings_with(
    library: Library, settings: DetectorSettings, start: ModelRecord | None, snapshot: Snapshot
) -> DetectorSettings:
    asked = FinetuneSettings(modality=settings.modality, network=settings.network)
    real = settings_with(library, asked, start, snapshot)
    return replace(settings, modality=real.modality, network=real.network)


def _threshold(job: HeadJob, fitted: FittedHead) -> float:
    """Chosen on as much of the training takes as is quickly searched."""
    reader = ClipReader(
        job.library,
        Modality(job.settings.modality),
        fitted.preparation,
        fitted.shape,
        fitted.normalisation,
    )
    settings = usual_search(job.settings.head)
    items = in_key_order(job.library, job.snapshot.train)
    takes = list(dict.fromkeys(item.take_id for item in items))
    left_s = _THRESHOLD_S
    searched = []
    for done, take_id in enumerate(takes, 1):
        whole = span_of(take(job.library, take_id))
        span = replace(whole, n_frames=min(whole.n_frames, round(left_s * whole.rate_hz)))
        found = search_take(
            fitted.detector,
            reader,
            span,
            settings,
            job.device,
            should_stop=job.stop_other_stage,
        )
        searched.append(_searched(found, job.snapshot, span))
        if job.on_progress:
            job.on_progress(Progress("Choosing the threshold", done, len(takes)))
        left_s -= span.n_frames / span.rate_hz
        if left_s < 1:
            break
    return choose_threshold(searched)


def _searched(found: Candidates, snapshot: Snapshot, span: TakeSpan) -> Searched:
    """A take's candidates beside the segments that were taught in what was searched of it."""
    taught = [i for i in truth_of(snapshot, span.take_id) if i.start < span.n_frames]
    unknown = ignored_of(snapshot, span.take_id, span.n_frames)
    return Searched(
        found,
        np.array([(item.start, item.end) for item in taught], np.float64).reshape(-1, 2),
        np.array([snapshot.actions.index(str(item.action)) for item in taught], np.int64),
        np.array(unknown, np.float64).reshape(-1, 2),
    )


def _forget(job: HeadJob) -> None:
    """Remove what an interrupted training left, of every stage."""
    for path in job.checkpoint.parent.glob(f"{job.checkpoint.stem}*.pt"):
        path.unlink(missing_ok=True)
