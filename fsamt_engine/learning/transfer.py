"""Feature-supervised action modality transfer: a teacher supervises a student on pairs.

Thoker and Snoek, ICPR 2020 (arXiv 2108.03329). Its rivals differ in the loss alone, and are here as
well. No label is read here: not of the pairs, not of the actions that the student is for.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.embeddings import teacher_embeddings
from fsamt_engine.learning.fitting_network import fitting_network
from fsamt_engine.learning.loop import FitResult, fit
from fsamt_engine.learning.matching import MatchingLoss, matching_loss
from fsamt_engine.learning.prepare import held_out_items, prepare_both, regions_of, videos_of
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import TransferLoss, TransferSettings
from fsamt_engine.learning.store import (
    LoadedModel,
    Made,
    checkpoint_path,
    keep_model,
    load_model,
)
from fsamt_engine.learning.student_shape import student_shape
from fsamt_engine.learning.teaching import TeachingLesson, TeachingModule, teaching_module
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.available import has, kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import n_channels
from fsamt_engine.networks import ActionNetwork, build, start_from
from fsamt_engine.networks.network import seeded
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
    """Train a student to agree with its teacher from another modality.

    The teacher is frozen, its batch norm in eval mode. Both sides see the same window of the same
    take; a mirrored clip is matched with the teacher's embedding of the mirrored clip. The student
    sees depth prepared exactly as the teacher's model says. A skeleton network for another number
    of joints becomes the one for those of the takes.

    Asked for a second time with the same arguments it returns the model that is there; after a
    pause or a kill it goes on exactly where it was.

    Args:
        take_ids: Takes that both see, of participants that no test is done on.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: Takes that one of them cannot see, a teacher or network or loss that does not
            fit, no such device, full disk.
    """
    chosen = choose_device(device)
    loaded = load_model(library, teacher, chosen)
    modality = Modality(settings.modality)
    _refuse_unseen(library, take_ids, loaded.modality, modality)
    network = fitting_network(library, modality, settings.network, take_ids)
    settings = replace(settings, network=network)
    matching = matching_loss(
        settings.loss, settings.granularity, loaded.network, settings.temperature
    )
    videos = videos_of(library, take_ids, settings.max_video_s)
    if len(videos) < MIN_VIDEOS:
        raise FsamtError(
            f"Transfer needs at least {MIN_VIDEOS} takes with {_streams(loaded.modality)} and "
            f"{_streams(modality)}; {len(videos)} were given.",
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
        module = _module(settings, loaded, matching)
        lesson = TeachingLesson(
            module,
            ClipReader(library, modality, preparation, shape),
            videos,
            targets,
            [videos.index(video) for video in unseen],
            matching,
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
        model = keep_model(
            library,
            made,
            module.student,
            result,
            chosen,
            name=_name(teacher, settings),
            modality=modality,
            preparation=preparation,
            shape=shape,
            metrics=_metrics(matching, result),
        )
        run.model_id = model.id
        if result.ended != "kept best":
            checkpoint_path(library, made.key).unlink(missing_ok=True)
    return model


def _refuse_unseen(
    library: Library, take_ids: Sequence[str], source: Modality, target: Modality
) -> None:
    """Both sides have to be there before anything is written."""
    unique = [take(library, one) for one in dict.fromkeys(take_ids)]
    for modality in (source, target):
        lacking = [one for one in unique if not has(one, modality)]
        if lacking:
            streams = _streams(modality)
            raise FsamtError(
                f"{len(lacking)} of {len(unique)} takes have no {streams}, so they cannot be seen "
                f"as {modality} (the first is {lacking[0].id}).",
                f"Choose takes with {streams}; of takes with depth, those that have pairs.",
            )


def _streams(modality: Modality) -> str:
    return " and ".join(kinds_of(modality))


def _module(
    settings: TransferSettings, teacher: LoadedModel, matching: MatchingLoss
) -> TeachingModule:
    seed = settings.fit.seed
    student = _fresh(settings, seed)
    if settings.start_from_teacher and teacher.record.network == settings.network:
        start_from(student, teacher.network.state_dict())
    # A peer that began like the student would have nothing to tell it.
    peers = [_fresh(settings, seed + 1 + one) for one in range(matching.n_students - 1)]
    with seeded(seed):
        return teaching_module(matching, student, peers)


def _fresh(settings: TransferSettings, seed: int) -> ActionNetwork:
    return build(settings.network, n_channels(Modality(settings.modality)), seed=seed)


def _name(teacher: ModelRecord, settings: TransferSettings) -> str:
    how = [str(settings.granularity)]
    if settings.loss is not TransferLoss.COSINE:
        how.append(str(settings.loss))
    return f"{settings.modality} student of {teacher.name} ({', '.join(how)})"


def _metrics(matching: MatchingLoss, result: FitResult) -> dict[str, float]:
    """The loss under its own name, in training and on held-out videos, and what else was read."""
    best = result.history[result.best_epoch - 1]
    found = {matching.metric: best.loss}
    own = {"loss": matching.metric}
    for name, value in best.metrics.items():
        if name != "score":
            found[f"validation_{own.get(name, name)}"] = value
    return found
