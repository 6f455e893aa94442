"""`fsamt compose`."""

import json
import shutil
from pathlib import Path

import pytest

from fsamt_engine.cli.entry import main
from fsamt_engine.library import Library
from fsamt_engine.library.compositions import composed_take_ids

WANTED = ("--actions", "across,down", "--participants", "P1")


@pytest.fixture
def root(square_library: Library, tmp_path: Path) -> str:
    shutil.copytree(square_library.root, tmp_path / "library")
    return str(tmp_path / "library")


def n_composed(root: str) -> int:
    with Library.open(Path(root)) as library:
        return len(composed_take_ids(library))


def test_takes_are_composed_and_told_in_a_table_and_found_again(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compose", "--library", root, *WANTED]
    assert main([*command, "--estimate"]) == 0
    assert "1 take to compose" in capsys.readouterr().out
    assert n_composed(root) == 0
    assert main([*command, "--distractors", "still"]) == 0
    told = capsys.readouterr().out.splitlines()
    columns = "take participant session number length labels actions"
    assert told[1].split() == columns.split()
    assert told[2].endswith("across, down")
    assert main([*command, "--distractors", "still"]) == 0
    assert "0 takes to compose" in capsys.readouterr().out
    assert n_composed(root) == 1


def test_programs_get_json(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compose", "--library", root, *WANTED, "--minutes", "0.2", "--rest", "1", "--json"]
    assert main([*command, "--estimate"]) == 0
    assert json.loads(capsys.readouterr().out)["n_takes"] == 1
    assert main(command) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["participant"] == "P1"
    assert row["actions"] == ["across", "down"]
    assert row["seconds"] >= 12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pieces", "4", "--minutes", "1"), "--pieces or --minutes, not both"),
        (("--rest", "long"), "not a range of seconds such as 0.5-3"),
        (("--distractors", "across"), "named twice"),
        (("--participants", "P9"), "P9"),
    ],
)
def test_bad_options_are_refused(
    root: str, options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compose", "--library", root, *WANTED, *options]) == 2
    assert words in capsys.readouterr().err
    assert n_composed(root) == 0
