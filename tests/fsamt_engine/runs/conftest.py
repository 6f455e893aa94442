"""A small library with a queue, and requests that are done in seconds."""

from collections.abc import Callable

import pytest

from fsamt_engine.library import Library
from fsamt_engine.runs import FinetuneRequest

Make = Callable[..., FinetuneRequest]


@pytest.fixture
def request_of(square_library: Library) -> Make:
    """A finetuning from scratch of P1 and P2, tested on P3."""

    def make(**changes: object) -> FinetuneRequest:
        values: dict[str, object] = {
            "start_id": None,
            "actions": ("across", "down"),
            "train_participants": ("P1", "P2"),
            "test_participants": ("P3",),
            "labels_per_action": None,
            "network": "r3d_tiny",
            "epochs": 3,
            "device": "cpu",
            "batch_size": 4,
        }
        return FinetuneRequest(**(values | changes))  # type: ignore[arg-type]

    return make
