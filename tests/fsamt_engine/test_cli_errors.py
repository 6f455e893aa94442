"""Everything that a user or a machine can get wrong: one sentence, a hint, exit code 2."""

import errno
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import torch

from fsamt_engine.cli import main
from fsamt_engine.cli.console import long_work
from fsamt_engine.library import Library
from fsamt_engine.library.models import list_models
from fsamt_engine.progress import Progress, Stop

_OPTIONS = (
    "--source-actions across,down --target-actions diagonal,still --train-participants P1,P2"
    " --test-participants P3 --labels-per-action 1 --seeds 1 --device cpu"
    " --epochs-teacher 1 --epochs-transfer 1 --steps-finetune 1"
)
TABLE = _OPTIONS.split()
_TEACHER = "teacher train --actions across,down --participants P1 --epochs 1 --device cpu"
TEACHER = _TEACHER.split()


def table(root: Path, *others: str) -> list[str]:
    return ["experiment", "classification", "--library", str(root), *TABLE, *others]


def with_new_version(root: Path) -> None:
    with sqlite3.connect(root / "library.db") as database:
        database.execute("UPDATE about SET value = '99' WHERE name = 'major'")


def with_cut_off_video(root: Path) -> None:
    for video in (root / "takes").glob("*/depth.mkv"):
        os.truncate(video, video.stat().st_size // 2)


def without_pairs(root: Path) -> None:
    with sqlite3.connect(root / "library.db") as database:
        database.execute("UPDATE takes SET n_pairs = 0")


def without_takes(root: Path) -> None:
    shutil.rmtree(root)
    Library.create(root).close()


def without_labels(root: Path) -> None:
    with Library.open(root) as library:
        library.write(lambda db: db.execute("DELETE FROM segments"))


def as_it_is(_root: Path) -> None:
    pass


CASES: dict[str, tuple[Callable[[Path], None], Callable[[Path], list[str]], str]] = {
    "no library": (
        as_it_is,
        lambda root: ["library", "info", str(root / "nowhere")],
        "There is no library in",
    ),
    "library in the way": (
        as_it_is,
        lambda root: ["library", "create", str(root)],
        "There is a library in",
    ),
    "folder in the way": (
        as_it_is,
        lambda root: ["demo", "--library", str(root / "takes")],
        "is not an empty folder",
    ),
    "no source": (
        as_it_is,
        lambda root: ["import", "utd-mhad", str(root / "nowhere"), "--library", str(root)],
        "There is no folder",
    ),
    "source without takes": (
        as_it_is,
        lambda root: ["import", "utd-mhad", str(root / "models"), "--library", str(root)],
        "There are no files of UTD-MHAD",
    ),
    "empty library": (without_takes, table, "There are no takes in this library yet"),
    "nothing labelled": (
        without_labels,
        lambda root: table(root, "--test-participants", "P3"),
        "There are no labelled takes in this library yet",
    ),
    "newer library": (with_new_version, table, "made by a newer FSAMT Studio"),
    "cut off video": (with_cut_off_video, table, "lacks|cannot be read|is damaged"),
    "cut off video, teacher": (
        with_cut_off_video,
        lambda root: [*TEACHER, "--library", str(root)],
        "lacks|cannot be read|is damaged",
    ),
    "no pairs": (without_pairs, table, "no pairs of colour and depth"),
    "no pairs, teacher": (
        without_pairs,
        lambda root: [*TEACHER, "--library", str(root)],
        "no label on a take with colour",
    ),
    "too few labels": (
        as_it_is,
        lambda root: table(root, "--labels-per-action", "5"),
        "4 labels .* and 5 are asked for",
    ),
    "no GPU": (
        as_it_is,
        lambda root: table(root, "--device", "cuda"),
        "A GPU was asked for, but",
    ),
    "no such device": (
        as_it_is,
        lambda root: table(root, "--device", "tpu"),
        'There is no device called "tpu"',
    ),
    "no such action": (
        as_it_is,
        lambda root: table(root, "--target-actions", "diagonall,still"),
        'There is no action "diagonall"',
    ),
    "no such participant": (
        as_it_is,
        lambda root: table(root, "--test-participants", "P7"),
        'There is no participant "P7"',
    ),
    "same people on both sides": (
        as_it_is,
        lambda root: table(root, "--test-participants", "P2,P3"),
        "share the participant P2",
    ),
    "same actions on both sides": (
        as_it_is,
        lambda root: table(root, "--target-actions", "down,still"),
        "share the action down",
    ),
    "no such network": (
        as_it_is,
        lambda root: table(root, "--network", "r3d_huge"),
        'There is no network called "r3d_huge"',
    ),
    "no such model": (
        as_it_is,
        lambda root: ["evaluate", "best", "--library", str(root), "--participants", "P3"],
        "There is no model best",
    ),
    "no such teacher": (
        as_it_is,
        lambda root: ["transfer", "--teacher", "best", "--library", str(root)],
        "There is no model best",
    ),
    "result into a folder that is not there": (
        as_it_is,
        lambda root: table(root, "--json", str(root / "nowhere" / "table.json")),
        "cannot be written",
    ),
    "result over a folder": (
        as_it_is,
        lambda root: table(root, "--html", str(root / "models")),
        "is a folder",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_gets_one_sentence_and_a_hint(
    square_library: Library,
    case: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    square_library.close()
    spoil, words, sentence = CASES[case]
    spoil(square_library.root)
    assert main(words(square_library.root)) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    said = [line for line in answer.err.splitlines() if not re.match(r"[^:]+: \d+ %", line)]
    assert len(said) == 2, said
    assert re.search(f"^Error: .*({sentence})", said[0])
    assert re.match("Hint: .+", said[1])
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "words",
    [
        ["library", "create"],
        ["unknown"],
        ["experiment", "depth"],
        ["experiment", "granularity", "--library", "x", "--seeds", "0"],
        ["experiment", "granularity", "--library", "x", "--source-actions", "1,,2"],
        ["experiment", "granularity", "--library", "x", "--labels-per-action", "two"],
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "Usage: fsamt" in capsys.readouterr().err


def test_full_disk_is_a_sentence_and_the_same_command_goes_on(
    square_library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = table(square_library.root)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("fsamt_engine.learning.store.save_weights", full)
        assert main(words) == 2
    answer = capsys.readouterr()
    assert "could not be written" in answer.err
    assert "Hint: Make room" in answer.err
    assert "Traceback" not in answer.err
    assert list_models(square_library) == []
    assert main(words) == 0


def test_full_disk_that_nobody_expected_is_a_sentence_too(
    square_library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fsamt_engine.evaluation.source_sets.segments", full)
    assert main([*TEACHER, "--library", str(square_library.root)]) == 2
    assert "The disk is full" in capsys.readouterr().err


def test_bug_is_a_sentence_and_its_details_are_in_a_file(
    square_library: Library,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("fsamt_engine.library.takes.count_takes", broken)
    monkeypatch.setattr("click.get_app_dir", lambda _name: str(tmp_path / "own"))
    assert main(["library", "info", str(square_library.root)]) == 1
    said = capsys.readouterr().err
    assert "Error: fsamt has a bug and stopped (ZeroDivisionError)." in said
    assert "Traceback" not in said
    (log,) = (tmp_path / "own" / "errors").iterdir()
    assert str(log) in said
    assert "ZeroDivisionError: a bug" in log.read_text()


def test_first_interrupt_asks_for_a_pause() -> None:
    before = signal.getsignal(signal.SIGINT)
    with long_work() as (_, should_stop):
        assert should_stop() is None
        signal.raise_signal(signal.SIGINT)
        assert should_stop() is Stop.PAUSE
    assert signal.getsignal(signal.SIGINT) is before


def test_interrupted_experiment_ends_with_130_and_goes_on(
    square_library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsamt_engine.cli import console

    show = console._Lines.show

    def interrupt(lines: console._Lines, progress: Progress) -> None:
        show(lines, progress)
        if progress.what.startswith("Transferring"):
            signal.raise_signal(signal.SIGINT)

    words = table(square_library.root)
    with monkeypatch.context() as patch:
        patch.setattr(console._Lines, "show", interrupt)
        assert main(words) == 130
    said = capsys.readouterr().err
    assert "Stopped." in said
    assert "the same command goes on" in said
    assert {model.kind for model in list_models(square_library)} == {"teacher"}
    assert main(words) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals between processes")
def test_second_interrupt_ends_the_program_at_once() -> None:
    program = (
        "import signal, sys\n"
        "from fsamt_engine.cli.console import long_work\n"
        "with long_work():\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    signal.raise_signal(signal.SIGINT)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr


def test_reader_who_has_enough_of_a_list_gets_no_complaint(square_library: Library) -> None:
    command = [sys.executable, "-m", "fsamt_engine.cli", "library", "list"]
    with subprocess.Popen(
        [*command, str(square_library.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_error_files_of_tests_stay_out_of_the_users_folder(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = Path(click.get_app_dir("fsamt-studio"))
    assert folder.is_relative_to(tmp_path_factory.getbasetemp())
