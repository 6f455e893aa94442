"""Settings of live recognition: what is refused, and that a model keeps them."""

import json

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.recognition.live_settings import (
    live_settings_path,
    store_settings,
    stored_settings,
)
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from tests.app.modelling import add

OWN = RecognitionSettings(0.1, 0.0, Threshold(0.5, 0.5), {"down": Threshold(0.9, 0.2)})


@pytest.fixture
def record(square_library: Library) -> ModelRecord:
    return add(square_library, "recogniser-00000003", "finetune", None, "P1")


@pytest.mark.parametrize(("on", "off"), [(0.4, 0.6), (1.1, 0.4), (0.5, 0.0), (float("nan"), 0.1)])
def test_a_threshold_that_cannot_work_is_refused(on: float, off: float) -> None:
    with pytest.raises(FsamtError, match="no threshold"):
        Threshold(on, off)


@pytest.mark.parametrize("seconds", [-0.1, 99.0, float("nan"), float("inf")])
def test_times_that_cannot_work_are_refused(seconds: float) -> None:
    with pytest.raises(FsamtError, match="no smoothing"):
        RecognitionSettings(smoothing_s=seconds)
    with pytest.raises(FsamtError, match="no shortest duration"):
        RecognitionSettings(shortest_s=seconds)


def test_they_come_back_from_json_as_they_were() -> None:
    assert RecognitionSettings.from_dict(json.loads(json.dumps(OWN.to_dict()))) == OWN
    assert OWN.of("down").on == 0.9
    assert OWN.of("across").on == 0.5


@pytest.mark.parametrize("fields", [{}, {"smoothing_s": 1}, OWN.to_dict() | {"thresholds": [1]}])
def test_anything_else_is_no_settings(fields: dict[str, object]) -> None:
    with pytest.raises(FsamtError, match="no settings"):
        RecognitionSettings.from_dict(fields)


def test_a_model_keeps_its_settings(square_library: Library, record: ModelRecord) -> None:
    assert stored_settings(square_library, record) == RecognitionSettings()
    store_settings(square_library, record, OWN)
    assert stored_settings(square_library, record) == OWN
    folder = live_settings_path(square_library, record).parent
    assert not list(folder.glob("*.new"))


def test_settings_that_cannot_be_read_are_the_usual_ones(
    square_library: Library, record: ModelRecord
) -> None:
    for text in ("{", "[]", '{"smoothing_s": -1}'):
        live_settings_path(square_library, record).write_text(text)
        assert stored_settings(square_library, record) == RecognitionSettings()
