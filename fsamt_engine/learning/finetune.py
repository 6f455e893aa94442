"""Finetuning on a few labelled clips an action: from a student, a teacher's weights, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import FitResult, fit
from fsamt_engine.learning.prepare import held_out_items, in_key_order, prepare
from fsamt_engine.learning.runs import RecordedRun, recorded_run
from fsamt_engine.learning.settings import (
    Augmentation,
    FinetuneSettings,
    FitSettings,
)
from fsamt_engine.learning.starting import first_network, made_from, method_of, settings_with
from fsamt_engine.learning.store import (
    Made,
    checkpoint_path,
    keep_model,
    load_model,
    read_description,
)
from fsamt_engine.learning.student_shape import shape_for
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import save_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.progress import OnProgress, ShouldStop

MIN_ACTIONS = 2


@dataclass(frozen=True)
class Finetuned:
    """A network that was finetuned, in eval mode, with what its input is made of.

    Attributes:
        result: How the training went.
        validation: Items that chose the best weights; none where the last ones were kept.
    """

    network: ActionNetwork
    modality: Modality
    preparation: Preparation
    shape: ClipShape
    normalisation: Normalisation
    result: FitResult
    validation: tuple[SnapshotItem, ...]


def finetune(
    library: Library,
    start: ModelRecord | None,
    snapshot: Snapshot,
    settings: FinetuneSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ModelRecord:
    """Train a recogniser on the labelled items of `snapshot.train`.

    Args:
        start: A transferred student ("ours", or how else it was transferred), a teacher whose
            weights are the start ("flow pretraining"; its first convolution is averaged over its
            channels), or None ("from scratch"). A start model brings its network, its clip shape
            and its preparation of depth, a student its modality too; without one they come from
            the settings.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: Too few labels or actions, a network that does not fit the modality or the
            skeletons of the takes, no such device, full disk.
    """
    _refuse_too_little(snapshot)
    settings = settings_with(library, settings, start, snapshot)
    made = made_from(library, ModelKind.RECOGNISER, start, snapshot, asdict(settings))
    if model := find_model(library, made.key):
        return model
    chosen = choose_device(device)
    with recorded_run(library, "finetune", made.key, made.settings, on_progress) as run:
        save_snapshot(library, snapshot)
        trained = _train(library, start, snapshot, settings, made, chosen, run, should_stop)
        history, best_epoch = trained.result.history, trained.result.best_epoch
        metrics = {"loss": history[-1].loss}
        if trained.validation:
            best = history[best_epoch - 1].metrics
            metrics |= {f"validation_{k}": v for k, v in best.items() if k != "score"}
        model = keep_model(
            library,
            made,
            trained.network,
            trained.result,
            chosen,
            name=f"{trained.modality} recogniser of {len(snapshot.actions)} actions "
            f"({made.method})",
            modality=trained.modality,
            preparation=trained.preparation,
            shape=trained.shape,
            normalisation=trained.normalisation,
            actions=snapshot.actions,
            metrics=metrics,
        )
        run.model_id = model.id
        if trained.result.ended != "kept best":
            checkpoint_path(library, made.key).unlink(missing_ok=True)
    return model


@contextmanager
def finetune_on_trial(
    library: Library,
    start: ModelRecord | None,
    snapshot: Snapshot,
    settings: FinetuneSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Iterator[Finetuned]:
    """Train as `finetune` does, for a block that tests the network; the library keeps no model.

    A pause or a kill in the training is made good as ever. What the block raises leaves the
    checkpoint, so that little has to be trained again.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: As `finetune`.
    """
    _refuse_too_little(snapshot)
    settings = settings_with(library, settings, start, snapshot)
    made = made_from(library, ModelKind.RECOGNISER, start, snapshot, asdict(settings))
    chosen = choose_device(device)
    # A key of its own: no finetuning of the same labels is to meet this checkpoint.
    made = replace(made, method=f"trial, {made.method}")
    with recorded_run(library, "trial", made.key, made.settings, on_progress) as run:
        yield _train(library, start, snapshot, settings, made, chosen, run, should_stop)
        checkpoint_path(library, made.key).unlink(missing_ok=True)


def settings_of(library: Library, model: ModelRecord) -> FinetuneSettings:
    """What a recogniser was finetuned with, its clips and preparation as they really were.

    Raises:
        FsamtError: Its model.json is missing or cannot be read.
    """
    described = read_description(library, model)
    own = model.settings
    try:
        return FinetuneSettings(
            modality=model.modality,
            network=str(described["network"]),
            shape=ClipShape(**described["shape"]),
            preparation=Preparation.from_dict(described["preparation"]),
            fit=FitSettings(**own["fit"]),
            augmentation=Augmentation(**own["augmentation"]),
            label_smoothing=own["label_smoothing"],
            dropout=own["dropout"],
            validation_share=own["validation_share"],
        )
    except (KeyError, TypeError) as error:
        raise FsamtError(
            f"{model.id} does not say how it was finetuned ({error}).", "Finetune it again."
        ) from error


def _refuse_too_little(snapshot: Snapshot) -> None:
    if len(snapshot.actions) < MIN_ACTIONS:
        raise FsamtError(
            f"A recogniser needs labels of at least {MIN_ACTIONS} actions; there are "
            f"{len(snapshot.actions)}.",
            "Label a few clips of each action first, `background` among them.",
        )
    unlabelled = set(snapshot.actions) - {item.action for item in snapshot.train}
    if unlabelled:
        raise FsamtError(
            f'There is no label to train on of "{min(unlabelled)}".',
            "Label at least one clip of each action, or leave the action out.",
        )


def _train(
    library: Library,
    start: ModelRecord | None,
    snapshot: Snapshot,
    settings: FinetuneSettings,
    made: Made,
    device: Device,
    run: RecordedRun,
    should_stop: ShouldStop | None,
) -> Finetuned:
    loaded = load_model(library, start, device) if start else None
    modality = Modality(settings.modality)
    shape = loaded.shape if loaded else shape_for(settings.network, settings.shape)
    preparation = loaded.preparation if loaded else settings.preparation.with_size(shape.size)
    items = in_key_order(library, snapshot.train)
    takes = [item.take_id for item in items]
    prepare(library, takes, (modality,), preparation, run.on_progress, should_stop)
    if snapshot.validation:
        trained, validation = items, in_key_order(library, snapshot.validation)
    else:
        trained, validation = held_out_items(items, settings.validation_share, settings.fit.seed)
    network = first_network(settings, loaded)
    network.set_actions(len(snapshot.actions), seed=settings.fit.seed)
    naming = NamingModule(network, settings.dropout, with_norm=True)
    stated = loaded.normalisation if loaded and loaded.modality is modality else None
    reader = ClipReader(library, modality, preparation, shape, stated)
    lesson = NamingLesson(
        naming,
        reader,
        trained,
        validation,
        snapshot.actions,
        settings.fit,
        settings.augmentation,
        settings.label_smoothing,
        device,
    )
    result = fit(
        lesson,
        settings.fit,
        device,
        checkpoint_path(library, made.key),
        what=f"Finetuning ({method_of(start)})",
        on_progress=run.on_progress,
        on_epoch=run.on_epoch,
        should_stop=should_stop,
    )
    naming.fold()
    return Finetuned(
        network, modality, preparation, shape, reader.normalisation, result, tuple(validation)
    )
