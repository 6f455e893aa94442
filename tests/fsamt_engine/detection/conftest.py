"""A library of untrimmed takes, and a detector of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.detection.train import train_detector
from fsamt_engine.evaluation.detection_labels import detection_labels
from fsamt_engine.library import Library, ModelRecord, Snapshot

from .tiny import add_untrimmed_take, use_tiny_head, with_fit

ACTIONS = ("across", "down")


@pytest.fixture(scope="session")
def _untrimmed_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("untrimmed") / "library"
    with Library.create(root) as library:
        for participant in ("P1", "P2", "P3"):
            for number in range(2):
                add_untrimmed_take(library, participant, ACTIONS, number)
    return root


@pytest.fixture
def untrimmed_library(_untrimmed_source: Path, tmp_path: Path) -> Iterator[Library]:
    """6 takes of 3 participants: in each a square moves across and then down."""
    root = tmp_path / "untrimmed"
    shutil.copytree(_untrimmed_source, root)
    with Library.open(root) as library:
        yield library


@pytest.fixture
def labels(untrimmed_library: Library) -> Snapshot:
    """P1 and P2 train, P3 is tested."""
    return detection_labels(untrimmed_library, ACTIONS, ("P1", "P2"), ("P3",))


@pytest.fixture
def detector(
    untrimmed_library: Library, labels: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> ModelRecord:
    """A detector with the tiny head, hardly trained."""
    use_tiny_head(monkeypatch)
    return train_detector(untrimmed_library, None, labels, with_fit(epochs=4), device="cpu")
