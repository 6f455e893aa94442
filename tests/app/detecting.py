"""Untrimmed takes, and detectors with their tests but without weights: made quickly."""

import json
from collections.abc import Sequence

import numpy as np

from fsamt_engine.evaluation.detection_test import (
    DetectionTest,
    KnownAfter,
    TestedTake,
    keep_detection_test,
)
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import (
    BACKGROUND,
    Library,
    ModelKind,
    ModelRecord,
    SnapshotItem,
    StreamKind,
)
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import add_model, list_models, set_metrics
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media import DepthWriter
from tests.app.modelling import HISTORY

RATE_HZ = 30.0
N_FRAMES = 120
LABELS = (("across", 10, 30), ("down", 45, 60), ("across", 80, 100))
"""What an untrimmed take shows."""


def add_long_take(
    library: Library,
    participant: str,
    number: int,
    labels: Sequence[tuple[str, int, int]] = LABELS,
    n_frames: int = N_FRAMES,
) -> str:
    """Add a depth take in which a square moves where a label says so; returns its id."""
    times = np.rint(np.arange(n_frames) * 1e6 / RATE_HZ).astype(np.int64)
    x, y = 4, 4
    with staging_folder(library) as staging:
        path = staging / "depth.mkv"
        with DepthWriter(path, 48, 40, RATE_HZ) as file:
            for t in range(n_frames):
                for action, start, end in labels:
                    if start <= t < end:
                        x, y = (x + 1, y) if action == "across" else (x, y + 1)
                frame = np.full((40, 48), 3000, np.uint16)
                top, left = y % 28, x % 36
                frame[top : top + 12, left : left + 12] = 2000
                file.write(frame)
        stream = StreamDraft(
            StreamKind.DEPTH,
            path,
            width=48,
            height=40,
            n_frames=n_frames,
            rate_hz=RATE_HZ,
            codec="ffv1",
            unit_m=0.001,
            timestamps_us=times,
        )
        draft = TakeDraft(
            session=f"long visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"long/{participant}/{number}",
            started_at_us=1_760_000_000_000_000 + number,
            streams=[stream],
            pairs=np.zeros((0, 3), np.int64),
            segments=list(labels),
        )
        return add_take(library, staging, draft).id


def add_detector(
    library: Library,
    model_id: str,
    train: str,
    test: str = "",
    parent_id: str | None = None,
    actions: tuple[str, ...] = ("across", "down"),
) -> ModelRecord:
    """Enter a detector that was trained on the long takes of one person, to be tested on others."""

    def items(who: str) -> list[SnapshotItem]:
        found = segments(library, participants=[who], actions=actions) if who else []
        return [
            SnapshotItem(s.take_id, who, s.start, s.end, s.action)
            for s in found
            if s.end - s.start < N_FRAMES and s.take_id in _long(library)
        ]

    trained = items(train)
    background = [SnapshotItem(one.take_id, train, 0, 8, BACKGROUND) for one in trained[:1]]
    seen = make_snapshot(model_id, actions, [*trained, *background], (), items(test))
    save_snapshot(library, seen)
    folder = library.models_folder / model_id
    folder.mkdir()
    training = {
        "ended": "finished",
        "best_epoch": 3,
        "seconds": 70.0,
        "device": "CPU",
        "precision": "float32",
        "history": HISTORY,
    }
    described = {"parent_id": parent_id, "training": training, "detector": {"threshold": 0.4}}
    (folder / "weights.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text(json.dumps(described))
    fit = {"epochs": 3, "seed": 7}
    return add_model(
        library,
        ModelRecord(
            *(model_id, f"key of {model_id}", ModelKind.DETECTOR, f"detector of {train}"),
            *("r3d_tiny", "depth", 256, actions, f"models/{model_id}"),
            "ours" if parent_id else "from scratch",
            1_760_000_000_000_000 + len(list_models(library)),
            {"head": "anchor-free", "modality": "depth", "fit": fit, "adapt": fit},
            {},
            seen.id,
            parent_id,
        ),
    )


def keep_test(
    library: Library,
    model: ModelRecord,
    who: str,
    found: Sequence[tuple[int, str, float, float, float]],
    takes: Sequence[str],
) -> DetectionTest:
    """Keep a test of whole takes.

    Args:
        found: The place of the take, the action, start, end and score of each detection.
        takes: Ids of the tested takes.
    """
    truth = tuple(
        SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
        for one in segments(library, take_ids=takes, actions=model.actions)
    )
    detections = tuple(
        Detection(takes[place], who, action, start, end, score)
        for place, action, start, end, score in found
    )
    test = DetectionTest(
        model.id,
        model.actions,
        truth,
        tuple(TestedTake(take_id, who, N_FRAMES, RATE_HZ) for take_id in takes),
        detections,
        {},
        "CPU",
        watched=tuple(takes[:1]),
        known=tuple(KnownAfter(one, one.end + 12) for one in detections[:2]),
    )
    keep_detection_test(library, model, test)
    metrics = {"test_map_50": test.scores.map_at(0.5), "test_n": float(len(truth))}
    set_metrics(library, model.id, metrics)
    return test


def _long(library: Library) -> set[str]:
    return {row[0] for row in library.rows("SELECT id FROM takes WHERE source_key LIKE 'long/%'")}
