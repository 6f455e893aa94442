"""Hashes of what was made before a setting came stay what they were."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from fsamt_engine.learning import (
    FinetuneSettings,
    TeacherSettings,
    TransferLoss,
    TransferSettings,
    keys,
)
from fsamt_engine.learning.keys import without_later_defaults
from fsamt_engine.learning.store import Made
from fsamt_engine.library import ModelKind
from fsamt_engine.modalities.clips import ClipShape


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


def test_keys_of_version_1_are_what_they_were() -> None:
    """Written down before any later setting came, with the defaults of then."""
    student = Made(
        ModelKind.STUDENT,
        "transfer",
        asdict(TransferSettings()),
        "snapshot-1",
        "teacher-1",
        "key of the teacher",
    )
    recogniser = Made(
        ModelKind.RECOGNISER,
        "ours",
        asdict(FinetuneSettings()),
        "snapshot-1",
        "student-1",
        "key of the student",
    )
    teacher = Made(ModelKind.TEACHER, "teacher", asdict(TeacherSettings()), "snapshot-1")
    assert student.key == "f0b2ff373888fa5240a1f11bb1c4de20e1cc43c87eb4df77ef6480ffffb924b6"
    assert recogniser.key == "3f368684133dfa37348f9ed585e983cf620ae7c86dd3a7d9e13212b5709c0407"
    assert teacher.key == "1fef3dbfb1eed2e985b7c40ef81d3bb31f5f8619a99d3db34ae46a7d44db163d"


@pytest.mark.parametrize(
    "changed",
    [{"loss": TransferLoss.MSE}, {"temperature": 2.0}, {"shape": ClipShape(8, 2, 32)}],
)
def test_another_setting_makes_another_student(changed: dict[str, Any]) -> None:
    settings = asdict(replace(TransferSettings(), **changed))
    usual = Made(ModelKind.STUDENT, "transfer", asdict(TransferSettings()), "snapshot-1")
    assert Made(ModelKind.STUDENT, "transfer", settings, "snapshot-1").key != usual.key
