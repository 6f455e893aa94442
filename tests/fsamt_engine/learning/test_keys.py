"""Hashes of what was made before a setting came stay what they were."""

from typing import Any

import pytest

from fsamt_engine.learning import keys
from fsamt_engine.learning.keys import without_later_defaults


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "LATER", {"loss": "cosine", "shape": None})


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"epochs": 80, "loss": "cosine"}, {"epochs": 80}),
        ({"epochs": 80, "loss": "mse"}, {"epochs": 80, "loss": "mse"}),
        ({"fit": {"seed": 1, "shape": None}}, {"fit": {"seed": 1}}),
    ],
)
def test_a_later_setting_counts_only_where_it_was_changed(
    settings: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert without_later_defaults(settings) == kept
