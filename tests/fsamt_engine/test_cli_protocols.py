"""From a source set to a tested recogniser by official splits, from a terminal."""

import pytest

from fsamt_engine.cli import main
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.runs.finetuning import actions_of_protocol

SHORT = ["--epochs", "1", "--device", "cpu"]


def as_ntu(library: Library) -> None:
    """Makes samples of NTU RGB+D of the squares; P2 is somebody whom the official split tests."""
    numbers = {"across": 61, "down": 62, "diagonal": 1, "still": 2}
    people = {"P1": 1, "P2": 3, "P3": 4}
    rows = library.rows(
        "SELECT takes.id, participant, actions.name FROM takes JOIN segments ON take_id = takes.id"
        " JOIN actions ON actions.id = action_id ORDER BY source_key"
    )
    for again, (take_id, who, action) in enumerate(rows):
        setup = 18 if numbers[action] > 60 else 1
        key = f"S{setup:03d}C001P{people[who]:03d}R{again:03d}A{numbers[action]:03d}"
        library.write(
            lambda db, values=(f"ntu/{key}", take_id): db.conn.execute(
                "UPDATE takes SET source = 'ntu', source_key = ? WHERE id = ?", values
            )
        )


def test_teacher_student_and_recogniser_keep_to_a_protocol(
    square_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    as_ntu(square_library)
    where = ["--library", str(square_library.root)]

    def run(*words: str) -> str:
        assert main([*words, *where]) == 0
        return capsys.readouterr().out

    run("teacher", "train", "--source", "ntu120-minus-60", "--modality", "rgb", *SHORT)
    (teacher,) = list_models(square_library)
    assert set(teacher.actions) == {"across", "down"}
    seen = snapshot(square_library, str(teacher.snapshot_id))
    assert {item.participant for item in seen.train} == {"P1", "P3"}
    of_pairs = ["--protocol", "ntu60-cross-subject", *SHORT]
    student = run("transfer", "--teacher", teacher.id, *of_pairs).split(":")[0]
    said = run("finetune", "--start", student, "--labels-per-action", "1", *of_pairs)
    assert "4 clips of 1 person (P2) whom no training has seen" in said
    recogniser = said.split(":")[0]
    said = run("evaluate", recogniser, "--protocol", "ntu60-cross-subject", "--device", "cpu")
    assert "4 segments of 1 person;" in said


def test_protocol_has_the_actions_that_were_recorded_with_the_modality(
    square_library: Library,
) -> None:
    as_ntu(square_library)
    name = "ntu60-cross-subject"
    assert set(actions_of_protocol(square_library, name, Modality.DEPTH)[0]) == {
        "diagonal",
        "still",
    }
    square_library.write(
        lambda db: db.conn.execute(
            "DELETE FROM segments WHERE take_id IN (SELECT id FROM takes WHERE participant != 'P2'"
            " AND source_key LIKE '%A001')"
        )
    )
    assert actions_of_protocol(square_library, name, Modality.DEPTH) == (("still",), ("diagonal",))
    with pytest.raises(FsamtError, match="No take to train on by ntu60-cross-subject has skeleton"):
        actions_of_protocol(square_library, name, Modality.SKELETON)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["teacher", "train"], "--source, --actions or --exclude-actions"),
        (["finetune", "--actions", "still"], "or a --protocol"),
        (["finetune", "--protocol", "x", "--participants", "P1"], "says itself who trains"),
        (["finetune", "--protocol", "ntu61"], "There is no protocol ntu61"),
        (["finetune", "--protocol", "ntu60-cross-view"], "no take to train on"),
        (["evaluate", "recogniser-1"], "Give --participants or a --protocol"),
        (
            ["experiment", "classification", "--teachers", "teacher-1", "--size", "64"],
            "With --teachers the clips are theirs",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    square_library: Library, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--library", str(square_library.root)]) == 2
    assert said in capsys.readouterr().err
