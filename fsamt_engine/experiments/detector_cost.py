"""What the parts of a detector are expected to cost, for the time left."""

from collections.abc import Iterable

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.settings import DetectorSettings
from fsamt_engine.experiments.overall import INFER_S, TRAIN_S, Phase
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import BACKGROUND, Snapshot, SnapshotItem

_WINDOW_CLIPS = 8
"""A window of R-C3D, in clips of its student."""
_EMBEDDED_EVERY = 4
"""Frames between two embeddings that the anchor-free head looks at."""
_HEAD_SHARE = 0.25
"""Of the finetuning before it: what training the anchor-free head takes."""


def detector_training(snapshot: Snapshot, settings: DetectorSettings) -> tuple[Phase, ...]:
    """The parts of `train_detector`, as it reports them."""
    clips = n_training_clips(snapshot, settings)
    threshold = Phase("search", INFER_S * _n_searched(snapshot.train), "Choosing the threshold")
    return Phase("train", TRAIN_S * clips, ""), threshold


def detector_testing(items: Iterable[SnapshotItem]) -> tuple[Phase, ...]:
    """The parts of `evaluate_detector`, as it reports them."""
    return (Phase("search", INFER_S * _n_searched(items), "Searching"),)


def n_training_clips(snapshot: Snapshot, settings: DetectorSettings) -> float:
    """Clips of the student that go through a training, windows counted by their length."""
    n_segments = sum(item.action != BACKGROUND for item in snapshot.train)
    if settings.head is DetectionHead.R_C3D:
        return _WINDOW_CLIPS * _trained(n_segments, settings.fit)
    adapted = _trained(len(snapshot.train), settings.adapt) if settings.adapt else 0
    return (1 + _HEAD_SHARE) * adapted + _n_searched(snapshot.train) * INFER_S / TRAIN_S


def detector_clips(snapshot: Snapshot, settings: DetectorSettings) -> float:
    """A training and its test, in clips of a training."""
    searched = _n_searched(snapshot.train) + _n_searched(snapshot.test)
    return n_training_clips(snapshot, settings) + searched * INFER_S / TRAIN_S


def _trained(n_items: int, fit: FitSettings) -> int:
    return fit.epochs * steps_per_epoch(n_items, fit.batch_size) * fit.batch_size


def _n_searched(items: Iterable[SnapshotItem]) -> int:
    """Clips that a search of these items' takes looks at."""
    return sum(item.end - item.start for item in items) // _EMBEDDED_EVERY
