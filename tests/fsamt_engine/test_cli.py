"""The command line: what it answers, what it writes, and how quickly it starts."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.capture.cameras import open_camera
from fsamt_engine.cli import main
from fsamt_engine.library import Library, StreamKind

_OPTIONS = (
    "--source-actions across,down --target-actions diagonal,still --train-participants 1,2"
    " --test-participants 3 --labels-per-action 1,2 --seeds 2 --device cpu"
    " --epochs-teacher 1 --epochs-transfer 1 --steps-finetune 1"
)
TABLE = _OPTIONS.split()


def test_main_job_by_hand(square_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """Teacher, transfer, finetune, evaluate, and what the models say afterwards."""
    where = ["--library", str(square_library.root)]

    def run(*words: str) -> str:
        assert main([*words, *where]) == 0
        return capsys.readouterr().out

    short = ["--epochs", "1", "--device", "cpu"]
    teach = ["teacher", "train", "--actions", "across,down", "--participants", "P1,P2", *short]
    teacher = run(*teach).split(":")[0]
    student = run("transfer", "--teacher", teacher, "--participants", "1,2", *short).split(":")[0]
    few = ["--actions", "diagonal,still", "--participants", "P1", "--labels-per-action", "1"]
    recogniser = run("finetune", "--start", student, *few, *short).split(":")[0]
    out = square_library.root / "test.json"
    tested = run("evaluate", recogniser, "--participants", "P3", "--json", str(out))
    assert "4 segments of 1 person" in tested
    assert len(json.loads(out.read_text())["predictions"]) == 4
    assert {one["id"] for one in json.loads(run("models", "list", "--json"))} == {
        teacher,
        student,
        recogniser,
    }
    assert student in run("models", "show", recogniser)
    whole = run("models", "show", recogniser, "--lineage")
    assert teacher in whole
    assert whole.index(teacher) < whole.index(student) < whole.index(recogniser)
    assert {one["kind"] for one in json.loads(run("runs", "--json"))} == {
        "teacher",
        "transfer",
        "finetune",
        "evaluation",
    }
    assert main(["models", "remove", teacher, *where]) == 2
    assert "Remove those first" in capsys.readouterr().err
    assert f"Removed {recogniser}" in run("models", "remove", recogniser)


def test_pairs_that_the_realsense_sdk_recorded_serve_a_transfer(
    square_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The simulated figure, recorded to .db3 by the SDK, imported, and used as pairs."""
    pytest.importorskip("pyrealsense2", reason="the RealSense SDK is not installed")
    from fsamt_engine.capture.realsense_recording import record_camera

    where = ["--library", str(square_library.root)]
    short = ["--epochs", "1", "--device", "cpu"]
    kinds = (StreamKind.DEPTH, StreamKind.COLOUR)
    modes = tuple(StreamMode(kind, 424, 240, 30.0) for kind in kinds)
    for action in ("wave", "squat"):
        camera = open_camera(f"simulated:2/{action}", real_time=False)
        file = tmp_path / f"{action}.db3"
        record_camera(file, camera, CameraSettings(modes), seconds=1.0)
        camera.close()
        assert main(["import", "realsense", str(file), "--participant", "P9", *where]) == 0
    teach = ["teacher", "train", "--actions", "across,down", "--participants", "P1,P2", *short]
    capsys.readouterr()
    assert main([*teach, *where]) == 0
    teacher = capsys.readouterr().out.split(":")[0]
    assert main(["transfer", "--teacher", teacher, "--participants", "P9", *short, *where]) == 0
    assert capsys.readouterr().out.startswith("student-")


def test_experiment_writes_its_table_and_its_report(
    square_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, report = tmp_path / "table.json", tmp_path / "report.html"
    words = ["experiment", "target-labels", "--library", str(square_library.root), *TABLE]
    assert main([*words, "--json", str(table), "--html", str(report)]) == 0
    printed = capsys.readouterr().out
    content = json.loads(table.read_text())
    rows = content["rows"]
    assert [(row["method"], row["labels_per_action"]) for row in rows] == [
        (method, n) for method in ("from scratch", "flow pretraining", "ours") for n in (1, 2)
    ]
    for row in rows:
        assert len(row["accuracies"]) == 2
        assert all(0 <= value <= 100 for value in row["accuracies"])
        assert row["mean"] == pytest.approx(np.mean(row["accuracies"]), abs=0.01)
        assert row["std"] == pytest.approx(np.std(row["accuracies"], ddof=1), abs=0.01)
        assert f"{row['mean']:.1f} ± {row['std']:.1f}" in printed
    settings = content["settings"]
    assert settings["source_actions"] == ["across", "down"]
    assert settings["train_participants"] == ["P1", "P2"]
    assert settings["finetune_steps"] == 1
    page = report.read_text(encoding="utf-8")
    assert "Finetuning on 2 labels an action" in page
    assert "depth, as the student sees it" in page
    assert page.count("<svg") >= 3
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_library_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "new")
    assert main(["library", "create", folder]) == 0
    simulate = ["simulate", "--library", folder, "--participants", "1", "--takes", "1"]
    assert main([*simulate, "--actions", "wave,clap"]) == 0
    assert main([*simulate, "--actions", "wave,clap"]) == 0
    assert "0 takes added, 2 were there already" in capsys.readouterr().out
    assert main(["library", "info", folder, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["takes"] == facts["takes_with_pairs"] == 2
    assert [one["name"] for one in facts["actions"]] == ["clap", "wave"]
    assert main(["library", "info", folder]) == 0
    assert "2 takes (2 with colour and depth)" in capsys.readouterr().out
    assert main(["library", "list", folder, "--actions", "wave", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["actions"] == ["wave"]
    assert main(["library", "list", folder, "--limit", "1"]) == 0
    assert "1 of 2 takes" in capsys.readouterr().out
    assert main(["library", "verify", folder]) == 0
    assert "2 takes are sound" in capsys.readouterr().out


def test_library_that_is_not_sound_ends_with_2_and_names_the_file(
    square_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = next(square_library.takes_folder.glob("*/depth.mkv"))
    broken.write_bytes(broken.read_bytes()[:-100])
    assert main(["library", "verify", str(square_library.root)]) == 2
    answer = capsys.readouterr()
    assert f"{broken.parent.name}/depth.mkv" in answer.out
    assert "23 takes are sound" in answer.out
    assert "Traceback" not in answer.err


def test_every_data_set_that_has_a_reader_can_be_named() -> None:
    from fsamt_engine.cli.importing import DATA_SET_NAMES
    from fsamt_engine.datasets import DATA_SETS

    assert set(DATA_SET_NAMES) == set(DATA_SETS)


@pytest.mark.parametrize("words", [["--help"], ["experiment", "--help"], ["library", "info"]])
def test_quick_commands_import_nothing_heavy(square_library: Library, words: list[str]) -> None:
    if words == ["library", "info"]:
        words = [*words, str(square_library.root)]
    program = (
        "import sys; from fsamt_engine.cli import main; main(sys.argv[1:]);"
        "heavy = {'torch', 'av', 'cv2', 'scipy', 'jinja2'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    import click

    from fsamt_engine.cli.entry import fsamt

    def commands(group: click.Group, words: list[str]) -> list[list[str]]:
        found = []
        for name, command in group.commands.items():
            found.append([*words, name])
            if isinstance(command, click.Group):
                found += commands(command, [*words, name])
        return found

    for words in commands(fsamt, []):
        assert main([*words, "--help"]) == 0
        assert "Usage: fsamt" in capsys.readouterr().out


def test_help_names_the_steps_that_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import fields

    from fsamt_engine.experiments.settings import ExperimentSettings

    (steps,) = (one for one in fields(ExperimentSettings) if one.name == "finetune_steps")
    assert main(["experiment", "--help"]) == 0
    assert f"[default: {steps.default}]" in " ".join(capsys.readouterr().out.split())


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from fsamt_engine import __version__

    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
