"""What a detector found in the takes of its test, and its form on disk; read without PyTorch."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelRecord, SnapshotItem

FILE_NAME = "detection_test.json"


@dataclass(frozen=True)
class TestedTake:
    """A take that was searched whole.

    Attributes:
        n_frames: Of its main stream.
        rate_hz: Frames a second of its main stream.
    """

    __test__ = False  # Its name does not make it a test.

    take_id: str
    participant: str
    n_frames: int
    rate_hz: float


@dataclass(frozen=True)
class KnownAfter:
    """A detection as somebody watching live would have been told it.

    Attributes:
        known_at: The main frame at which it was told.
    """

    detection: Detection
    known_at: float


@dataclass(frozen=True)
class DetectionTest:
    """The result of a detector's test.

    Attributes:
        actions: Those that the detector knows.
        truth: The labelled segments of these actions in the tested takes.
        takes: Every take that was searched, those without any segment too.
        found: Every detection, whatever its score.
        settings: How it searched, as stored (JSON).
        device: What it was computed on.
        known: What it would have told live, and when; empty where that was not tried.
    """

    __test__ = False  # Its name does not make it a test.

    model_id: str
    actions: tuple[str, ...]
    truth: tuple[SnapshotItem, ...]
    takes: tuple[TestedTake, ...]
    found: tuple[Detection, ...]
    settings: Mapping[str, Any]
    device: str = field(compare=False)
    known: tuple[KnownAfter, ...] = ()


def write_detection_test(library: Library, path: Path, test: DetectionTest) -> None:
    """Write a test beside its place, then rename it there.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    content = {
        "model": test.model_id,
        "actions": test.actions,
        "settings": dict(test.settings),
        "device": test.device,
        "takes": [astuple(take) for take in test.takes],
        "truth": [astuple(item) for item in test.truth],
        "found": [astuple(one) for one in test.found],
        "known": [(*astuple(one.detection), one.known_at) for one in test.known],
    }
    write_beside(library, path, json.dumps(content))


def read_detection_test(path: Path, model: ModelRecord) -> DetectionTest | None:
    """What an earlier test left; None where there is none, or where the file is damaged."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if tuple(content["actions"]) != model.actions:
            return None
        return DetectionTest(
            model_id=model.id,
            actions=model.actions,
            truth=tuple(SnapshotItem(*item) for item in content["truth"]),
            takes=tuple(TestedTake(*take) for take in content["takes"]),
            found=tuple(Detection(*one) for one in content["found"]),
            settings=dict(content["settings"]),
            device=str(content["device"]),
            known=tuple(KnownAfter(Detection(*one[:-1]), one[-1]) for one in content["known"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_detection_test(library: Library, model: ModelRecord, test: DetectionTest) -> None:
    """Keep a detector's test beside its weights, where clearing the cache does not reach.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    write_detection_test(library, _path(library, model), test)


def kept_detection_test(library: Library, model: ModelRecord) -> DetectionTest | None:
    """The test that was kept beside a detector; None where there is none."""
    return read_detection_test(_path(library, model), model)


def _path(library: Library, model: ModelRecord) -> Path:
    return library.absolute(model.path) / FILE_NAME
