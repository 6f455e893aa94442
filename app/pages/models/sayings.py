"""Lengths, counts and settings of a model in words, and what the page says of it."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from fsamt_engine.library import ModelKind
from fsamt_engine.library.lineage import Gathered

translate = QCoreApplication.translate


def seconds_long(seconds: float) -> str:
    """As "70 s", "4.7 min", "2.1 h"."""
    if seconds < 100:
        return translate("Models", "{n:.0f} s").format(n=seconds)
    if seconds < 6_000:
        return translate("Models", "{n:.1f} min").format(n=seconds / 60)
    return translate("Models", "{n:.1f} h").format(n=seconds / 3_600)


def each_action(seen: Gathered) -> str:
    """How many labels an action has: "3 each", "2 to 6 each"."""
    counts = seen.by_action.values()
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return translate("Models", "{n} of each").format(n=most)
    return translate("Models", "{fewest} to {most} of each").format(fewest=fewest, most=most)


def setting_name(key: str) -> str:
    """A setting in words; its own name where nobody has given it one."""
    known = {
        "fit": translate("Models", "Training"),
        "epochs": translate("Models", "Epochs"),
        "batch_size": translate("Models", "Clips in a batch"),
        "learning_rate": translate("Models", "Learning rate"),
        "weight_decay": translate("Models", "Weight decay"),
        "warmup_share": translate("Models", "Warm-up, share of the steps"),
        "gradient_clip": translate("Models", "Longest gradient"),
        "patience": translate("Models", "Epochs without progress until it ends"),
        "seed": translate("Models", "Seed"),
        "augmentation": translate("Models", "Variation of the clips"),
        "flip": translate("Models", "Mirrored"),
        "shift": translate("Models", "Shifted, share of the picture"),
        "scale": translate("Models", "Enlarged, share of the picture"),
        "shape": translate("Models", "Clip"),
        "n_frames": translate("Models", "Frames"),
        "step": translate("Models", "Every so many-th frame"),
        "size": translate("Models", "Width and height in pixels"),
        "preparation": translate("Models", "Preparation"),
        "depth": translate("Models", "Depth"),
        "flow": translate("Models", "Flow"),
        "crop": translate("Models", "Crop"),
        "mode": translate("Models", "Around"),
        "region": translate("Models", "Region"),
        "side_m": translate("Models", "Side of the crop in metres"),
        "relative": translate("Models", "Relative to the person"),
        "range_m": translate("Models", "Range in metres"),
        "near_m": translate("Models", "Nearest in metres"),
        "far_m": translate("Models", "Farthest in metres"),
        "method": translate("Models", "Method"),
        "preset": translate("Models", "Preset"),
        "bound_share": translate("Models", "Largest flow, share of the width"),
        "modality": translate("Models", "Sees"),
        "network": translate("Models", "Network"),
        "granularity": translate("Models", "Granularity"),
        "loss": translate("Models", "Loss"),
        "temperature": translate("Models", "Temperature"),
        "start_from_teacher": translate("Models", "Begins with the teacher's weights"),
        "window_stride": translate("Models", "Frames from clip to clip"),
        "max_video_s": translate("Models", "Longest video in seconds"),
        "validation_share": translate("Models", "Held out, share of the videos"),
        "label_smoothing": translate("Models", "Label smoothing"),
        "dropout": translate("Models", "Dropout"),
        "source": translate("Models", "Published by"),
        "licence": translate("Models", "Licence"),
        "origin": translate("Models", "From"),
        "head_learning_rate": translate("Models", "Learning rate of the classifier"),
        "head": translate("Models", "Finds by"),
        "adapt": translate("Models", "Finetuning before it"),
    }
    return known.get(key, key.replace("_", " ").capitalize())


def setting_value(value: Any) -> str:
    """A value as it is read."""
    if value is None:
        return translate("Models", "none")
    if isinstance(value, bool):
        return translate("Models", "yes") if value else translate("Models", "no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_group(value: Any) -> bool:
    """Whether a setting holds others."""
    return isinstance(value, Mapping)


def next_words(kind: ModelKind) -> tuple[str, str]:
    """What is done next with a model of this kind: on the button, and its tooltip."""
    return {
        ModelKind.TEACHER: (
            translate("Models", "Transfer from it"),
            translate("Models", "Teach a depth student with this teacher (Ctrl+Return)"),
        ),
        ModelKind.STUDENT: (
            translate("Models", "Open its transfer health"),
            translate(
                "Models", "How close it is to its teacher, and what to do next (Ctrl+Return)"
            ),
        ),
        ModelKind.RECOGNISER: (
            translate("Models", "Open its result"),
            translate("Models", "Its test, what was taken for what, its label curve (Ctrl+Return)"),
        ),
        ModelKind.DETECTOR: (
            translate("Models", "Open its result"),
            translate("Models", "Its test: what it found and missed in whole takes (Ctrl+Return)"),
        ),
    }[kind]


def empty_words(*, has_library: bool) -> tuple[str, str]:
    """Why there is no model to be seen, and the button that changes it."""
    if not has_library:
        return (
            translate(
                "Models",
                "No library is open. This page shows the models of a library, and everything "
                "that each was made from.",
            ),
            translate("Models", "Open or create a library…"),
        )
    return (
        translate(
            "Models",
            "This library has no models yet. The first one is a teacher, which learns some actions "
            "from colour so that a depth student learns from it; or drop here what somebody else "
            "has exported, or the weights of a published network.",
        ),
        translate("Models", "Train or bring in a teacher"),
    )


def removed_words(model_id: str) -> str:
    """Of a station of a lineage that is no more."""
    return translate(
        "Models",
        "{id} was removed from this library. Made again with the same settings and takes, or "
        "brought in from another library, it stands here again.",
    ).format(id=model_id)
