"""Training a teacher on labelled source actions, from RGB or flow."""

from dataclasses import asdict

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.lessons import NamingLesson, NamingModule
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.prepare import held_out_items, in_key_order, prepare, regions_of
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.settings import TeacherSettings
from fsamt_engine.learning.store import Made, checkpoint_path, keep_model
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import find_model
from fsamt_engine.library.snapshots import save_snapshot
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import build
from fsamt_engine.progress import OnProgress, ShouldStop


def train_teacher(
    library: Library,
    snapshot: Snapshot,
    settings: TeacherSettings,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ModelRecord:
    """Train a teacher on the labelled items of `snapshot.train`.

    Asked for a second time with the same arguments it returns the model that is there; after a
    pause or a kill it goes on exactly where it was.

    Raises:
        Cancelled: Paused or cancelled.
        FsamtError: Takes without colour, too few items, no such device, full disk.
    """
    modality = Modality(settings.modality)
    if modality not in (Modality.RGB, Modality.FLOW):
        raise FsamtError(f"A teacher sees RGB or flow, not {modality}.", 'Choose "flow" or "rgb".')
    regions = regions_of(library, (*snapshot.train, *snapshot.validation))
    made = Made(ModelKind.TEACHER, "teacher", asdict(settings), snapshot.id, regions=regions)
    if model := find_model(library, made.key):
        return model
    chosen = choose_device(device)
    preparation = settings.preparation.with_size(settings.shape.size)
    with recorded_run(library, "teacher", made.key, made.settings, on_progress) as run:
        save_snapshot(library, snapshot)
        items = in_key_order(library, snapshot.train)
        takes = [item.take_id for item in items]
        prepare(library, takes, (modality,), preparation, run.on_progress, should_stop)
        seed = settings.fit.seed
        trained, validation = held_out_items(items, settings.validation_share, seed)
        actions = snapshot.actions
        network = build(
            settings.network, 2 if modality is Modality.FLOW else 3, len(actions), seed=seed
        )
        reader = ClipReader(library, modality, preparation, settings.shape)
        lesson = NamingLesson(
            NamingModule(network, settings.dropout, with_norm=False),
            reader,
            trained,
            validation,
            actions,
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
            what=f"Training the {modality} teacher",
            on_progress=run.on_progress,
            on_epoch=run.on_epoch,
            should_stop=should_stop,
        )
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
            name=f"{modality} teacher of {len(actions)} actions",
            modality=modality,
            preparation=preparation,
            shape=settings.shape,
            actions=actions,
            metrics=metrics,
        )
        run.model_id = model.id
        if result.ended != "kept best":
            checkpoint_path(library, made.key).unlink(missing_ok=True)
    return model
