"""Which frames a student sees of its teacher's windows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.learning import FitSettings, TeacherSettings, TransferSettings
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.learning.student_shape import (
    PUBLISHED_WEIGHTS,
    shape_for,
    student_shape,
    usual_shape,
)
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import DepthPreparation, Modality
from tests.fsamt_engine.sides import add_take_of_sides

from .fresh import recogniser

OURS = ClipShape(16, 4, 64)


def teacher_with(shape: ClipShape, method: str = "teacher") -> LoadedModel:
    loaded = recogniser(DepthPreparation(size=shape.size), shape)
    return replace(loaded, modality=Modality.RGB, record=replace(loaded.record, method=method))


@pytest.mark.parametrize(
    ("shape", "method", "network", "expected"),
    [
        (OURS, "teacher", "r3d_tiny", OURS),
        (ClipShape(16, 4, 112), "teacher", "r3d_tiny", ClipShape(16, 4, 112)),
        (OURS, "teacher", "stgcn", ClipShape(61, 1, 64)),
        # MARS: 16 frames one after the other, 112 pixels.
        (ClipShape(16, 1, 112), PUBLISHED_WEIGHTS, "r3d_tiny", ClipShape(16, 1, 64)),
        (ClipShape(16, 1, 112), PUBLISHED_WEIGHTS, "r3d_18", ClipShape(16, 1, 112)),
        # V-JEPA 2: 64 frames of 256 pixels.
        (ClipShape(64, 2, 256), PUBLISHED_WEIGHTS, "r3d_tiny", ClipShape(16, 8, 64)),
        # Fewer frames than the student has: none is seen twice.
        (ClipShape(8, 1, 224), PUBLISHED_WEIGHTS, "r3d_tiny", ClipShape(8, 1, 64)),
        (ClipShape(8, 8, 224), PUBLISHED_WEIGHTS, "stgcn", ClipShape(57, 1, 224)),
    ],
)
def test_a_student_sees_the_seconds_that_its_teacher_sees(
    shape: ClipShape, method: str, network: str, expected: ClipShape
) -> None:
    found = student_shape(teacher_with(shape, method), network, None)
    assert found == expected
    assert found.span <= shape.span


def test_a_shape_that_is_asked_for_is_taken() -> None:
    given = ClipShape(4, 2, 32)
    assert student_shape(teacher_with(OURS, PUBLISHED_WEIGHTS), "stgcn", given) == given


def test_a_network_from_nothing_gets_the_clips_that_suit_it() -> None:
    assert usual_shape("r3d_18") == ClipShape(16, 4, 112)
    assert usual_shape("stgcn_20") == shape_for("stgcn_20", ClipShape()) == ClipShape(61, 1, 64)
    assert shape_for("stgcn", ClipShape(61, 1, 64)) == ClipShape(61, 1, 64)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as library:
        for action in ("across", "down"):
            for number in range(2):
                add_take_of_sides(library, action, number)
        yield library


def test_teacher_and_student_may_see_pictures_of_different_sizes(library: Library) -> None:
    labelled = segments(library)
    items = [SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action) for s in labelled]
    teacher = train_teacher(
        library,
        make_snapshot("test", ("across", "down"), items),
        TeacherSettings(modality="rgb", shape=ClipShape(6, 2, 24), fit=FitSettings(epochs=1)),
        device="cpu",
    )
    settings = TransferSettings(
        modality="infrared", shape=ClipShape(4, 3, 16), fit=FitSettings(epochs=1, batch_size=2)
    )
    takes = [s.take_id for s in labelled]
    student = transfer(library, teacher, takes, settings, device="cpu")
    loaded = load_model(library, student, choose_device("cpu"))
    assert loaded.shape == ClipShape(4, 3, 16)
    assert loaded.preparation.size == 16
    assert loaded.modality is Modality.INFRARED
    usual = replace(settings, shape=None)
    as_teacher = transfer(library, teacher, takes, usual, device="cpu")
    assert as_teacher.id != student.id
    assert load_model(library, as_teacher, choose_device("cpu")).shape == ClipShape(6, 2, 24)
