"""Feature-supervised action modality transfer: a teacher supervises a depth student on pairs.

Thoker and Snoek, ICPR 2020 (arXiv 2108.03329). No label is read here: not of the pairs, not of the
actions that the student is for.
"""

from collections.abc import Sequence
from dataclasses import asdict

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.lessons import TeachingLesson, TeachingModule
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.prepare import held_out_items, prepare_both, regions_of, videos_of
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import TransferSettings
from fsamt_engine.learning.store import (
    LoadedModel,
    Made,
    checkpoint_path,
    keep_model,
    load_model,
)
from fsamt_engine.learning.student_shape import student_shape
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import ActionNetwork, build, start_from
from fsamt_engine.progress import OnProgress, ShouldStop

MIN_VIDEOS = 2


def transfer(
    library: Library,
    teacher: ModelRecord,
    take_ids: Sequence[str],
    settings: TransferSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ModelRecord:
    """Train a student to give the teacher's embeddings from another modality.

    The teacher is frozen, its batch norm in eval mode. Both sides see the same window of the same
    take; a mirrored clip is matched with the teacher's embedding of the mirrored clip. The student
    sees depth prepared exactly as the teacher's model says.

    Asked for a second time with the same arguments it returns the model that is there; after a
    pause or a kill it goes on exactly where it was.

    Args:
        take_ids: Takes with pairs, of participants that no test is done on.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: No pairs, a teacher that does not fit, no such device, full disk.
    """
    chosen = choose_device(device)
    loaded = load_model(library, teacher, chosen)
    videos = videos_of(library, take_ids, settings.max_video_s)
    if len(videos) < MIN_VIDEOS:
        raise FsamtError(
            f"Transfer needs takes with colour and depth; {len(videos)} were given.",
            "Record or import takes with both, or choose other participants.",
        )
    snapshot = make_snapshot("unlabelled pairs of a transfer", (), videos)
    made = Made(
        ModelKind.STUDENT,
        "transfer",
        asdict(settings),
        snapshot.id,
        teacher.id,
        teacher.key,
        regions_of(library, videos),
    )
    if model := find_model(library, made.key):
        return model
    with recorded_run(library, "transfer", made.key, made.settings, on_progress) as run:
        save_snapshot(library, snapshot)
        modality = Modality(settings.modality)
        shape = student_shape(loaded, settings.network, settings.shape)
        preparation = loaded.preparation.with_size(shape.size)
        takes = [video.take_id for video in videos]
        prepare_both(
            library,
            takes,
            (modality, preparation),
            (loaded.modality, loaded.preparation),
            run.on_progress,
            should_stop,
        )
        targets = teacher_embeddings(
            library,
            loaded,
            videos,
            settings.window_stride,
            settings.augmentation.flip,
            chosen,
            on_progress=run.on_progress,
            should_stop=should_stop,
        )
        seed = settings.fit.seed
        _, unseen = held_out_items(videos, settings.validation_share, seed)
        module = TeachingModule(_student(settings, loaded), loaded.network.embedding_dim)
        lesson = TeachingLesson(
            module,
            ClipReader(library, modality, preparation, shape),
            videos,
            targets,
            [videos.index(video) for video in unseen],
            settings.granularity,
            settings.fit,
            settings.augmentation,
            chosen,
        )
        result = fit(
            lesson,
            settings.fit,
            chosen,
            checkpoint_path(library, made.key),
            what=f"Transferring {loaded.modality} to {modality}",
            on_progress=run.on_progress,
            on_epoch=run.on_epoch,
            should_stop=should_stop,
        )
        best = result.history[result.best_epoch - 1]
        metrics = {"cosine_distance": best.loss}
        if unseen:
            metrics["validation_cosine_distance"] = best.metrics["loss"]
        model = keep_model(
            library,
            made,
            module.student,
            result,
            chosen,
            name=f"{modality} student of {teacher.name} ({settings.granularity})",
            modality=modality,
            preparation=preparation,
            shape=shape,
            metrics=metrics,
        )
        run.model_id = model.id
        if result.ended != "kept best":
            checkpoint_path(library, made.key).unlink(missing_ok=True)
    return model


def _student(settings: TransferSettings, teacher: LoadedModel) -> ActionNetwork:
    student = build(settings.network, 1, seed=settings.fit.seed)
    if settings.start_from_teacher and teacher.record.network == settings.network:
        start_from(student, teacher.network.state_dict())
    return student
