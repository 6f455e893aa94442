"""`fsamt health`, `fsamt suggest` and `fsamt models import`, as a terminal sees them."""

import json

import pytest

from fsamt_engine.cli import main
from fsamt_engine.learning import FitSettings, TeacherSettings, TransferSettings
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import remove_segment, segments
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.suggestions import list_suggestions
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation

SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)


@pytest.fixture
def student(square_library: Library) -> ModelRecord:
    items = [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(square_library, actions=["across", "down"], participants=["P1"])
    ]
    fit = FitSettings(epochs=1)
    teacher = train_teacher(
        square_library,
        make_snapshot("test", ("across", "down"), items),
        TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=fit),
        device="cpu",
    )
    takes = take_ids_with_pairs(square_library)
    return transfer(square_library, teacher, takes, TransferSettings(fit=fit), device="cpu")


def test_from_a_student_to_its_health_suggestions_and_another_library(
    square_library: Library, student: ModelRecord, tmp_path, capsys
) -> None:
    root = str(square_library.root)
    assert main(["health", student.id, "--library", root, "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "2 of 24 pairs were held out" in said
    assert "What next: more pairs. Only 2 pairs were held out" in said
    assert main(["health", student.id, "--library", root, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["student_id"] == student.id

    for segment in segments(square_library, participants=["P3"]):
        remove_segment(square_library, segment.id)
    asked = ["suggest", "--library", root, "--model", student.id, "--participants", "P3", "-n", "4"]
    assert main(asked) == 0
    assert "Typical of" in capsys.readouterr().out
    assert len(list_suggestions(square_library)) == 4

    other = tmp_path / "other"
    Library.create(other).close()
    assert main(["models", "import", root, "--library", str(other)]) == 0
    assert str(student.parent_id) in capsys.readouterr().out
    assert main(["models", "import", str(tmp_path), "--library", str(other)]) == 2
    assert "no model of this program" in capsys.readouterr().err
