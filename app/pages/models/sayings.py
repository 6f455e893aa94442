"""Lengths, counts and settings of a model, in words."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from fsamt_engine.library.lineage import Gathered


def seconds_long(seconds: float) -> str:
    """As "70 s", "4.7 min", "2.1 h"."""
    if seconds < 100:
        return _tr("{n:.0f} s").format(n=seconds)
    if seconds < 6_000:
        return _tr("{n:.1f} min").format(n=seconds / 60)
    return _tr("{n:.1f} h").format(n=seconds / 3_600)


def each_action(seen: Gathered) -> str:
    """How many labels an action has: "3 each", "2 to 6 each"."""
    counts = seen.by_action.values()
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return _tr("{n} of each").format(n=most)
    return _tr("{fewest} to {most} of each").format(fewest=fewest, most=most)


def setting_name(key: str) -> str:
    """A setting in words; its own name where nobody has given it one."""
    known = {
        "fit": _tr("Training"),
        "epochs": _tr("Epochs"),
        "batch_size": _tr("Clips in a batch"),
        "learning_rate": _tr("Learning rate"),
        "weight_decay": _tr("Weight decay"),
        "warmup_share": _tr("Warm-up, share of the steps"),
        "gradient_clip": _tr("Longest gradient"),
        "patience": _tr("Epochs without progress until it ends"),
        "seed": _tr("Seed"),
        "augmentation": _tr("Variation of the clips"),
        "flip": _tr("Mirrored"),
        "shift": _tr("Shifted, share of the picture"),
        "scale": _tr("Enlarged, share of the picture"),
        "shape": _tr("Clip"),
        "n_frames": _tr("Frames"),
        "step": _tr("Every so many-th frame"),
        "size": _tr("Width and height in pixels"),
        "preparation": _tr("Preparation"),
        "depth": _tr("Depth"),
        "flow": _tr("Flow"),
        "crop": _tr("Crop"),
        "mode": _tr("Around"),
        "region": _tr("Region"),
        "side_m": _tr("Side of the crop in metres"),
        "relative": _tr("Relative to the person"),
        "range_m": _tr("Range in metres"),
        "near_m": _tr("Nearest in metres"),
        "far_m": _tr("Farthest in metres"),
        "method": _tr("Method"),
        "preset": _tr("Preset"),
        "bound_share": _tr("Largest flow, share of the width"),
        "modality": _tr("Sees"),
        "network": _tr("Network"),
        "granularity": _tr("Granularity"),
        "start_from_teacher": _tr("Begins with the teacher's weights"),
        "window_stride": _tr("Frames from clip to clip"),
        "max_video_s": _tr("Longest video in seconds"),
        "validation_share": _tr("Held out, share of the videos"),
        "label_smoothing": _tr("Label smoothing"),
        "dropout": _tr("Dropout"),
        "head_learning_rate": _tr("Learning rate of the classifier"),
    }
    return known.get(key, key.replace("_", " ").capitalize())


def setting_value(value: Any) -> str:
    """A value as it is read."""
    if value is None:
        return _tr("none")
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_group(value: Any) -> bool:
    """Whether a setting holds others."""
    return isinstance(value, Mapping)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Models", text)
