"""The library: sessions, takes, segments, snapshots, models and runs, in one folder."""

from fsamt_engine.library.library import Library
from fsamt_engine.library.records import (
    Action,
    Calibration,
    Intrinsics,
    ModelKind,
    ModelRecord,
    Run,
    RunStatus,
    Segment,
    Snapshot,
    SnapshotItem,
    Stream,
    StreamKind,
    Take,
    TakeFilter,
    TakeRow,
)

__all__ = [
    "Action",
    "Calibration",
    "Intrinsics",
    "Library",
    "ModelKind",
    "ModelRecord",
    "Run",
    "RunStatus",
    "Segment",
    "Snapshot",
    "SnapshotItem",
    "Stream",
    "StreamKind",
    "Take",
    "TakeFilter",
    "TakeRow",
]
