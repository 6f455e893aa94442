"""Testing a model on labelled intervals of people that nothing of it was ever trained on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import (
    USUAL,
    Evaluation,
    EvaluationSettings,
    Prediction,
    read_evaluation,
    write_evaluation,
)
from fsamt_engine.evaluation.scores import ClipAveraging
from fsamt_engine.evaluation.seen import protocol_of, refuse_seen
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.inference import clip_probabilities, item_means
from fsamt_engine.learning.prepare import in_key_order, prepare, regions_of
from fsamt_engine.learning.runs import recorded_run
from fsamt_engine.learning.store import load_model, refuse_detector
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library import models as library_models
from fsamt_engine.progress import OnProgress, ShouldStop

FORMAT = 1
_SMALLEST = 1e-12
"""Probability that stands for 0 where a logarithm is taken."""


def evaluate(
    library: Library,
    model: ModelRecord,
    items: Sequence[SnapshotItem],
    settings: EvaluationSettings = USUAL,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    as_result: bool = True,
    protocol: str = "",
) -> Evaluation:
    """Test a model; asked for a second time with the same arguments it reads what it found before.

    Args:
        items: Labelled intervals, all of actions that the model knows.
        as_result: Note the scores as the model's own; not for a test that only serves to compare.
        protocol: The official split that the test is of; by default the one the model was made by.

    Raises:
        Cancelled: Stopped; nothing of an unfinished test is kept.
        FsamtError: The model is a detector or has no actions, an item's action is none of them, or
            an item's participant took part in training the model, its teacher, or its transfer
            (with the exception that `refuse_seen` makes for the official split the model was made
            by).
    """
    _refuse_unknown_actions(model, items)
    refuse_seen(library, model, items, protocol or protocol_of(library, model))
    ordered = in_key_order(library, items)
    key = _key(library, model, ordered, settings)
    path = _path(library, key)
    evaluation = read_evaluation(path, model)
    if evaluation is None:
        chosen = choose_device(device)
        described = {"model": model.id, "n_items": len(ordered), **asdict(settings)}
        with recorded_run(library, "evaluation", key, described, on_progress) as run:
            loaded = load_model(library, model, chosen)
            takes = [item.take_id for item in ordered]
            modalities = (loaded.modality,)
            prepare(library, takes, modalities, loaded.preparation, run.on_progress, should_stop)
            clips, owners = clip_probabilities(
                loaded.network,
                ClipReader(
                    library,
                    loaded.modality,
                    loaded.preparation,
                    loaded.shape,
                    loaded.normalisation,
                ),
                ordered,
                settings.n_clips,
                chosen,
                on_progress=run.on_progress,
                should_stop=should_stop,
            )
            answers = video_answers(clips, owners, settings.averaging)
            # Rounded as they are stored, so that a test read from the file equals the one made.
            predictions = tuple(
                Prediction(item, tuple(round(float(value), 6) for value in row))
                for item, row in zip(ordered, answers, strict=True)
            )
            evaluation = Evaluation(model.id, model.actions, settings, predictions, chosen.name)
            evaluation.scores  # noqa: B018 - refuses answers that are no numbers, before they are kept
            write_evaluation(library, path, evaluation)
            run.model_id = model.id
    scores = evaluation.scores
    metrics = {
        "test_accuracy": scores.accuracy,
        "test_macro_f1": scores.macro_f1,
        "test_n": float(scores.n),
    }
    if as_result and metrics.items() - model.metrics.items():
        library_models.set_metrics(library, model.id, metrics)
    return evaluation


def kept_evaluation(
    library: Library,
    model: ModelRecord,
    items: Sequence[SnapshotItem],
    settings: EvaluationSettings = USUAL,
) -> Evaluation | None:
    """What `evaluate` found with these arguments, None where it was not asked or is forgotten."""
    ordered = in_key_order(library, items)
    return read_evaluation(_path(library, _key(library, model, ordered, settings)), model)


def video_answers(
    clips: NDArray[np.float32], owners: NDArray[np.int64], averaging: ClipAveraging
) -> NDArray[np.float32]:
    """Probabilities of videos from those of their clips.

    Args:
        clips: (M, A) float32, rows that sum to 1.
        owners: (M,) int64, the video of each clip.

    Returns:
        (N, A) float32, rows that sum to 1.
    """
    if averaging is ClipAveraging.PROBABILITIES:
        return item_means(clips, owners)
    # A clip's logits are its log probabilities plus one number, which the softmax takes away again.
    powers = np.exp(item_means(np.log(np.maximum(clips, _SMALLEST)), owners))
    shares: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _refuse_unknown_actions(model: ModelRecord, items: Sequence[SnapshotItem]) -> None:
    refuse_detector(model)
    if not model.actions:
        raise FsamtError(
            f"{model.id} is a {model.kind} that names no actions yet.",
            "Finetune it on a few labels first, and test the recogniser that comes of it.",
        )
    unknown = {str(item.action) for item in items} - set(model.actions)
    if unknown:
        raise FsamtError(
            f'{model.id} does not know the action "{min(unknown)}".',
            f"It knows: {', '.join(model.actions)}.",
        )


def _path(library: Library, key: str) -> Path:
    return library.cache_folder / "evaluations" / f"{key}.json"


def _key(
    library: Library,
    model: ModelRecord,
    items: Sequence[SnapshotItem],
    settings: EvaluationSettings,
) -> str:
    content = [FORMAT, model.key, asdict(settings), [astuple(item) for item in items]]
    if regions := regions_of(library, items):
        content.append(regions)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
