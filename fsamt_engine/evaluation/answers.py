"""What a test found, answer by answer, and its form on disk; read without PyTorch."""

import json
import os
from dataclasses import asdict, astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from fsamt_engine.evaluation.scores import ClipAveraging, Scores, score
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library.environment import environment_errors


@dataclass(frozen=True)
class EvaluationSettings:
    """How a video is answered.

    Attributes:
        n_clips: Clips spread evenly over each labelled interval.
        averaging: What of the clips is averaged into the video's answer.
    """

    n_clips: int = 5
    averaging: ClipAveraging = ClipAveraging.PROBABILITIES


USUAL = EvaluationSettings()
"""How models are tested where nothing else is asked for."""


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one labelled interval.

    Attributes:
        probabilities: One for each action of the model, in its order.
    """

    item: SnapshotItem
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Evaluation:
    """The result of a test.

    Attributes:
        device: What it was computed on.
    """

    model_id: str
    actions: tuple[str, ...]
    settings: EvaluationSettings
    predictions: tuple[Prediction, ...]
    device: str = field(compare=False)

    @cached_property
    def scores(self) -> Scores:
        """Accuracy, F1 and confusion of the predictions."""
        number = {action: place for place, action in enumerate(self.actions)}
        truth = [number[str(one.item.action)] for one in self.predictions]
        return score([one.probabilities for one in self.predictions], truth, self.actions)


def write_evaluation(library: Library, path: Path, evaluation: Evaluation) -> None:
    """Write a test beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    content = {
        "model": evaluation.model_id,
        "actions": evaluation.actions,
        "settings": asdict(evaluation.settings),
        "device": evaluation.device,
        "scores": evaluation.scores.to_dict(),
        "items": [astuple(one.item) for one in evaluation.predictions],
        "probabilities": [one.probabilities for one in evaluation.predictions],
    }
    write_beside(library, path, json.dumps(content))


def read_evaluation(path: Path, model: ModelRecord) -> Evaluation | None:
    """What an earlier test left; None where there is none, or where the file is damaged."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        described = content["settings"]
        settings = EvaluationSettings(described["n_clips"], ClipAveraging(described["averaging"]))
        predictions = tuple(
            Prediction(SnapshotItem(*item), tuple(float(value) for value in row))
            for item, row in zip(content["items"], content["probabilities"], strict=True)
        )
        device = str(content["device"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if any(len(one.probabilities) != len(model.actions) for one in predictions):
        return None
    return Evaluation(model.id, model.actions, settings, predictions, device)


def write_beside(library: Library, path: Path, text: str) -> None:
    """Write a file of the library so that it is at every moment the old one or the new one.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    with environment_errors(library.root):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.new")
        try:
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
