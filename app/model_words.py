"""What a model is, how it came about and how good it is, in words."""

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.library import ModelKind, ModelRecord
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.units import format_percent

translate = QCoreApplication.translate

Interval = tuple[float, float]


def kind_name(kind: ModelKind) -> str:
    """As it stands in a list."""
    return {
        ModelKind.TEACHER: translate("Models", "Teacher"),
        ModelKind.STUDENT: translate("Models", "Student"),
        ModelKind.RECOGNISER: translate("Models", "Recogniser"),
        ModelKind.DETECTOR: translate("Models", "Detector"),
        ModelKind.DETECTOR: translate("Models", "Detector"),
    }[kind]


def icon_name(kind: ModelKind) -> str:
    """Of the icon of this kind."""
    icons = {
        ModelKind.TEACHER: "teacher",
        ModelKind.STUDENT: "transfer",
        ModelKind.DETECTOR: "interval",
    }
    return icons.get(kind, "live")


def head_name(head: str) -> str:
    """Of what finds the actions in a detector."""
    return {
        "r-c3d": translate("Models", "R-C3D"),
        "anchor-free": translate("Models", "anchor-free"),
    }.get(head, head)


def loss_name(loss: str) -> str:
    """Of a `TransferLoss`, as it stands in a field or beside a curve."""
    return {
        "cosine": translate("Models", "cosine distance"),
        "mse": translate("Models", "mean squared difference"),
        "infonce": translate("Models", "InfoNCE"),
        "infonce+cosine": translate("Models", "InfoNCE + cosine distance"),
        "relational": translate("Models", "relations between clips"),
        "soft targets": translate("Models", "soft targets"),
        "hard labels": translate("Models", "hard labels"),
    }[loss]


def tested(model: ModelRecord) -> tuple[float, Interval, int] | None:
    """Accuracy, its 95 % interval and the number of test clips; None where it was not tested."""
    accuracy, n = model.metrics.get("test_accuracy"), round(model.metrics.get("test_n", 0))
    if accuracy is None or n < 1:
        return None
    return accuracy, wilson_interval(accuracy * n, n), n


def is_tested(model: ModelRecord) -> bool:
    """Whether it is known how good it is, of a recogniser or a detector."""
    return share_of_test(model) >= 0


def share_of_test(model: ModelRecord) -> float:
    """Accuracy of a recogniser, mAP at 0.5 of a detector, 0..1; -1 where it was not tested."""
    if model.kind is ModelKind.DETECTOR:
        return model.metrics.get("test_map_50", -1.0)
    found = tested(model)
    return -1.0 if found is None else found[0]


def result_line(model: ModelRecord) -> str:
    """The one number of a model, in a line."""
    if model.kind is ModelKind.DETECTOR:
        return _found_line(model)
    found = tested(model)
    if found is not None:
        share, interval, n = found
        return translate("Models", "{share}, {clips}").format(
            share=words.share_with_interval(share, interval), clips=words.clips(n)
        )
    validation = model.metrics.get("validation_accuracy")
    distance = model.metrics.get("validation_cosine_distance")
    if model.kind is ModelKind.RECOGNISER:
        return translate("Models", "not tested yet")
    if model.kind is ModelKind.TEACHER and validation is not None:
        return translate("Models", "{share} of held-out takes").format(
            share=format_percent(validation)
        )
    if model.method == PUBLISHED_WEIGHTS:
        return translate("Models", "by {source}").format(source=model.settings.get("source", ""))
    if distance is not None:
        return translate("Models", "cosine {cosine:.2f} on held-out pairs").format(
            cosine=1 - distance
        )
    return translate("Models", "nothing was held out")


def _found_line(model: ModelRecord) -> str:
    share = model.metrics.get("test_map_50")
    if share is None:
        return translate("Models", "not tested yet")
    return translate("Models", "mAP {share} at 0.5, {labels}").format(
        share=format_percent(share), labels=words.labels(round(model.metrics.get("test_n", 0)))
    )


def made_line(model: ModelRecord) -> str:
    """What it is, how it came about and when, in a short line."""
    short = {
        "ours": translate("Models", "transferred"),
        "flow pretraining": translate("Models", "pretrained"),
        "from scratch": translate("Models", "from scratch"),
        PUBLISHED_WEIGHTS: translate("Models", "published"),
    }.get(model.method, "")
    day = words.day(model.created_at_us).split()[0]
    sees = "" if model.modality == "depth" else model.modality
    return " · ".join(filter(None, (kind_name(model.kind), sees, short, day)))


def method_name(model: ModelRecord) -> str:
    """How it came about."""
    known = {
        "teacher": translate("Models", "trained on labels"),
        "transfer": translate("Models", "transfer"),
        "ours": translate("Models", "transfer, then finetuned"),
        "flow pretraining": translate("Models", "teacher's weights, then finetuned"),
        "from scratch": translate("Models", "from scratch"),
        PUBLISHED_WEIGHTS: translate("Models", "published weights, as they are"),
    }
    return known.get(model.method, model.method)
