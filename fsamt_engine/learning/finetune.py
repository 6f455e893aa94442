"""Finetuning on a few labelled clips an action: from a student, a teacher's weights, or nothing."""

from dataclasses import asdict

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.prepare import held_out_items, in_key_order, prepare
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import FinetuneSettings, Start
from fsamt_engine.learning.store import (
    LoadedModel,
    Made,
    checkpoint_path,
    keep_model,
    load_model,
)
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import save_snapshot
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import ActionNetwork, build, start_from
from fsamt_engine.progress import OnProgress, ShouldStop

MIN_ACTIONS = 2


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
        start: A transferred student ("ours"), a teacher whose weights are the start ("flow
            pretraining"; its first convolution is averaged over its channels), or None ("from
            scratch"). A start model brings its network, its clip shape and its preparation of
            depth; without one they come from the settings.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: Too few labels or actions, no such device, full disk.
    """
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
    method = _method(start)
    made = Made(
        ModelKind.RECOGNISER,
        method,
        asdict(settings),
        snapshot.id,
        start.id if start else None,
        start.key if start else None,
    )
    if model := find_model(library, made.key):
        return model
    chosen = choose_device(device)
    loaded = load_model(library, start, chosen) if start else None
    modality = Modality(settings.modality)
    shape = loaded.shape if loaded else settings.shape
    preparation = loaded.preparation if loaded else settings.preparation.with_size(shape.size)
    with recorded_run(library, "finetune", made.key, made.settings, on_progress) as run:
        save_snapshot(library, snapshot)
        items = in_key_order(library, snapshot.train)
        takes = [item.take_id for item in items]
        prepare(library, takes, (modality,), preparation, run.on_progress, should_stop)
        if snapshot.validation:
            trained, validation = items, in_key_order(library, snapshot.validation)
        else:
            trained, validation = held_out_items(
                items, settings.validation_share, settings.fit.seed
            )
        network = _network(settings, loaded, chosen)
        network.set_actions(len(snapshot.actions), seed=settings.fit.seed)
        naming = NamingModule(network, settings.dropout, with_norm=True)
        lesson = NamingLesson(
            naming,
            ClipReader(library, modality, preparation, shape),
            trained,
            validation,
            snapshot.actions,
            settings.fit,
            settings.augmentation,
            settings.label_smoothing,
            chosen,
        )
        result = fit(
            lesson,
            settings.fit,
            chosen,
            checkpoint_path(library, made.key),
            what=f"Finetuning ({method})",
            on_progress=run.on_progress,
            on_epoch=run.on_epoch,
            should_stop=should_stop,
        )
        naming.fold()
        metrics = {"loss": result.history[-1].loss}
        if validation:
            best = result.history[result.best_epoch - 1].metrics
            metrics |= {f"validation_{k}": v for k, v in best.items() if k != "score"}
        model = keep_model(
            library,
            made,
            network,
            result,
            chosen,
            name=f"{modality} recogniser of {len(snapshot.actions)} actions ({method})",
            modality=modality,
            preparation=preparation,
            shape=shape,
            actions=snapshot.actions,
            metrics=metrics,
        )
        run.model_id = model.id
        if result.ended != "kept best":
            checkpoint_path(library, made.key).unlink(missing_ok=True)
    return model


def _method(start: ModelRecord | None) -> str:
    if start is None:
        return Start.SCRATCH
    if start.kind is ModelKind.TEACHER:
        return (
            Start.FLOW_PRETRAINING if start.modality == "flow" else f"{start.modality} pretraining"
        )
    return Start.TRANSFER


def _network(
    settings: FinetuneSettings, start: LoadedModel | None, device: Device
) -> ActionNetwork:
    if start is None:
        return build(settings.network, 1, seed=settings.fit.seed)
    network = build(start.record.network, 1, seed=settings.fit.seed)
    start_from(network, start.network.state_dict())
    network.to(device.torch_device)
    return network
