"""Which models watch live, and what they answer with; read without PyTorch."""

import json

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold

_DEPTH = "depth"


def can_watch(record: ModelRecord) -> bool:
    """Whether a model recognises or detects actions from depth, which is all that live opens."""
    is_taught = record.kind in (ModelKind.RECOGNISER, ModelKind.DETECTOR)
    return is_taught and record.modality == _DEPTH and bool(record.actions)


def refuse_what_cannot_watch(record: ModelRecord) -> None:
    """Refuse a model that cannot watch live.

    Raises:
        FsamtError: It does not see depth, or knows no actions.
    """
    choose_another = (
        "Choose a recogniser or a detector: a student that was finetuned on labelled depth."
    )
    if record.kind is ModelKind.TEACHER or record.modality != _DEPTH:
        raise FsamtError(
            f'The model "{record.name}" sees {record.modality}; live, only depth is opened.',
            choose_another,
        )
    if not record.actions:
        raise FsamtError(
            f'The model "{record.name}" knows no actions yet.',
            "Finetune it on a few labels first, then choose the recogniser that comes of it.",
        )


def is_detector(record: ModelRecord) -> bool:
    """Whether it tells of an action when it is over, with an onset and an offset of its own."""
    return record.kind is ModelKind.DETECTOR


def live_actions(record: ModelRecord) -> tuple[str, ...]:
    """What a model answers with, in the order of its probabilities.

    A detector is not taught `background`: there it is what its actions leave.
    """
    if is_detector(record) and BACKGROUND not in record.actions:
        return (*record.actions, BACKGROUND)
    return record.actions


def usual_settings(library: Library, record: ModelRecord) -> RecognitionSettings:
    """The settings of a model that has none of its own.

    A detection is told from the score on that the detector's training chose; what is no number
    there is left to the usual one.
    """
    if not is_detector(record):
        return RecognitionSettings()
    try:
        content = json.loads((library.absolute(record.path) / "model.json").read_text("utf-8"))
        score = float(content["detector"]["threshold"])
    except (OSError, ValueError, KeyError, TypeError):
        return RecognitionSettings()
    if not 0 < score <= 1:
        return RecognitionSettings()
    return RecognitionSettings(threshold=Threshold(score, score))
