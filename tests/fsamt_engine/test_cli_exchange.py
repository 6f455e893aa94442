import shutil
from pathlib import Path

import pytest

from fsamt_engine.cli.entry import main
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import count_takes


@pytest.fixture
def root(square_library: Library, tmp_path: Path) -> Path:
    shutil.copytree(square_library.root, tmp_path / "library")
    return tmp_path / "library"


def test_takes_of_one_person_go_out_and_come_into_another_library(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    assert main(["library", "export", str(root), str(out), "--participants", "P1"]) == 0
    assert "8 takes added" in capsys.readouterr().out
    assert main(["library", "create", str(other)]) == 0
    assert main(["import", "library", str(out), "--library", str(other)]) == 0
    with Library.open(other) as opened:
        assert count_takes(opened) == len(segments(opened)) == 8
    assert main(["library", "export", str(root), str(out), "--participants", "P9"]) == 2
    assert "No take is like that" in capsys.readouterr().err


def test_depth_only_leaves_all_colour_behind(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["library", "export", str(root), str(out), "--depth-only"]) == 0
    assert list(out.rglob("depth.mkv"))
    assert not list(out.rglob("colour.mkv"))


def test_labels_go_out_and_come_back(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.csv"
    assert main(["labels", "export", str(file), "--library", str(root)]) == 0
    assert "24 labels written" in capsys.readouterr().out
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[-1].replace(",0,20,", ",3,9,"), "no,1,1,P,x,0,1,0,1"]))
    assert main(["labels", "import", str(file), "--library", str(root), "--dry-run"]) == 0
    answer = capsys.readouterr()
    assert "1 new labels, 24 were there already, 1 overlap others. 0 added." in answer.out
    assert "no take no is in this library" in answer.err
    assert main(["labels", "import", str(file), "--library", str(root), "--replace"]) == 0
    with Library.open(root) as opened:
        assert len(segments(opened)) == 25
    assert main(["undo", "--library", str(root)]) == 0
    with Library.open(root) as opened:
        assert len(segments(opened)) == 24
