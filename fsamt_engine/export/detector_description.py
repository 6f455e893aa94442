"""What an exported detector says of itself beside model.json: detector.json, for its runner."""

from dataclasses import asdict
from typing import Any

from fsamt_engine.datasets.pku_mmd import ACTIONS
from fsamt_engine.detection.anchor_free_detector import AnchorFreeDetector
from fsamt_engine.detection.detector import LoadedDetector
from fsamt_engine.detection.r_c3d_detector import RC3D
from fsamt_engine.detection.r_c3d_network import PROPOSAL_OVERLAP, REGION_SCALE
from fsamt_engine.detection.search import search_of
from fsamt_engine.evaluation.pku_mmd_score import official_actions
from fsamt_engine.learning.device import choose_device

FILE_NAME = "detector.json"


def detector_json(loaded: LoadedDetector) -> dict[str, Any]:
    """All numbers that a search needs beside the graphs; main frames where nothing else is said."""
    stream = loaded.detector.stream(loaded.modality, loaded.normalisation, choose_device("cpu"))
    return {
        "format": 1,
        "model": loaded.record.id,
        "actions": loaded.actions,
        "labels": _labels(loaded.actions),
        "rate_hz": loaded.rate_hz,
        "clip": asdict(loaded.shape),
        "head": str(loaded.head),
        "threshold": loaded.threshold,
        "longest": loaded.detector.longest,
        "search": asdict(search_of(loaded.record)),
        "every": stream.every,
        "settle": stream.settle,
        **_of_head(loaded),
    }


def _of_head(loaded: LoadedDetector) -> dict[str, Any]:
    detector = loaded.detector
    if isinstance(detector, AnchorFreeDetector):
        return {
            "first": detector.moments.first,
            "behind": detector.moments.behind,
            "memory": detector.memory,
            "n_levels": detector.head.shape.n_levels,
            **detector.reading,
        }
    assert isinstance(detector, RC3D)
    return {
        "stride": detector.network.stride,
        "lengths": detector.network.lengths.tolist(),
        "n_parts": detector.settings.n_parts,
        "n_proposals": detector.settings.n_proposals,
        "proposal_overlap": PROPOSAL_OVERLAP,
        "region_scale": REGION_SCALE,
    }


def _labels(actions: tuple[str, ...]) -> list[int]:
    """The number of each action in PKU-MMD's lines: the official one, where all are of PKU-MMD."""
    if official_actions(actions) == ACTIONS:
        return [ACTIONS.index(action) + 1 for action in actions]
    return list(range(1, len(actions) + 1))
