"""What the parts of a detector are expected to cost, for the time left.

Measured with r3d_tiny on one core, in clips of its student: of all costs only the ratios matter,
and only until the pace of each kind of work was measured.
"""

from collections.abc import Iterable

from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.settings import DetectorSettings
from fsamt_engine.experiments.overall import INFER_S, TRAIN_S, Phase
from fsamt_engine.learning.clips import steps_per_epoch
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import BACKGROUND, Snapshot, SnapshotItem

_WINDOW_CLIPS = 4.5
"""A window of R-C3D in training."""
_HEAD_CLIPS = 5.5
"""A take, in an epoch of the anchor-free head."""
_EMBEDDED_EVERY = 5
"""Frames a clip, where embeddings of training takes are computed."""
_SEARCHED_EVERY = {DetectionHead.R_C3D: 13, DetectionHead.ANCHOR_FREE: 1.6}
"""Frames a clip, where takes are searched."""


def detector_training(snapshot: Snapshot, settings: DetectorSettings) -> tuple[Phase, ...]:
    """The parts of `train_detector`, as it reports them."""
    n_frames = _n_frames(snapshot.train)
    # What the anchor-free head needs for it was computed before.
    threshold = INFER_S * n_frames / _SEARCHED_EVERY[DetectionHead.R_C3D]
    last = Phase("threshold", threshold, "Choosing the threshold")
    if settings.head is DetectionHead.R_C3D:
        return Phase("train r-c3d", TRAIN_S * _n_window_clips(snapshot, settings), "Training"), last
    return (
        Phase("train", TRAIN_S * _n_adapted(snapshot, settings), "Finetuning the network"),
        Phase("infer", INFER_S * _n_embedded(snapshot, settings), "Computing embeddings"),
        Phase("train head", TRAIN_S * _n_head_clips(snapshot, settings), "Training"),
        last,
    )


def detector_testing(
    items: Iterable[SnapshotItem], settings: DetectorSettings
) -> tuple[Phase, ...]:
    """The parts of `evaluate_detector`, as it reports them."""
    return (Phase("search", INFER_S * _n_searched(items, settings), "Searching"),)


def detector_clips(snapshot: Snapshot, settings: DetectorSettings) -> float:
    """A training and its test, in clips of a training."""
    inferred = _n_searched(snapshot.test, settings)
    if settings.head is DetectionHead.R_C3D:
        trained = _n_window_clips(snapshot, settings)
    else:
        trained = _n_adapted(snapshot, settings) + _n_head_clips(snapshot, settings)
        inferred += _n_embedded(snapshot, settings)
    return trained + inferred * INFER_S / TRAIN_S


def _n_window_clips(snapshot: Snapshot, settings: DetectorSettings) -> float:
    n_segments = sum(item.action != BACKGROUND for item in snapshot.train)
    return _WINDOW_CLIPS * _trained(n_segments, settings.fit)


def _n_adapted(snapshot: Snapshot, settings: DetectorSettings) -> float:
    return _trained(len(snapshot.train), settings.adapt) if settings.adapt else 0.0


def _n_head_clips(snapshot: Snapshot, settings: DetectorSettings) -> float:
    n_takes = len({item.take_id for item in snapshot.train})
    return _HEAD_CLIPS * settings.fit.epochs * n_takes


def _n_embedded(snapshot: Snapshot, settings: DetectorSettings) -> float:
    """Mirrored clips are computed, too, where the training has them."""
    return (1 + settings.augmentation.flip) * _n_frames(snapshot.train) / _EMBEDDED_EVERY


def _n_searched(items: Iterable[SnapshotItem], settings: DetectorSettings) -> float:
    return _n_frames(items) / _SEARCHED_EVERY[settings.head]


def _n_frames(items: Iterable[SnapshotItem]) -> int:
    return sum(item.end - item.start for item in items)


def _trained(n_items: int, fit: FitSettings) -> int:
    return fit.epochs * steps_per_epoch(n_items, fit.batch_size) * fit.batch_size
