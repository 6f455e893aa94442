"""Finetuning with its test, comparing, reports and the queue, from a terminal."""

import json
from pathlib import Path

import pytest

from fsamt_engine.cli import main
from fsamt_engine.library import Library
from fsamt_engine.runs import TeacherRequest
from fsamt_engine.runs.queue import add


def test_finetuning_is_tested_compared_and_reported(
    square_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--library", str(square_library.root)]

    def run(*words: str) -> str:
        assert main([*words, *where]) == 0
        return capsys.readouterr().out

    labels = ["--actions", "across,down", "--participants", "1,2", "--test-participants", "3"]
    short = ["--epochs", "1", "--device", "cpu"]
    said = run("finetune", *labels, *short, "--with-curve")
    first = said.split(":")[0]
    assert "4 clips of 1 person (P3) whom no training has seen" in said
    assert "From 2 to all (4) labels an action" in said
    assert (square_library.root / "models" / first / "report.html").is_file()
    second = run("finetune", *labels, *short, "--seed", "1").split(":")[0]
    out = tmp_path / "compared.json"
    said = run("compare", first, second, "--device", "cpu", "--json", str(out))
    assert "4 clips of P3." in said
    assert set(json.loads(out.read_text())["scores"]) == {first, second}
    page = tmp_path / "report.html"
    assert run("report", second, "--out", str(page)).strip() == str(page)
    assert second in page.read_text()


def test_curve_without_a_test_is_refused(
    square_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["finetune", "--library", str(square_library.root), "--actions", "across,down"]
    assert main([*words, "--participants", "1", "--with-curve"]) == 2
    assert "--test-participants" in capsys.readouterr().err


def test_what_waits_is_listed_and_done(
    square_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    for people in (("P1",), ("nobody",)):
        request = TeacherRequest("rgb", ("across", "down"), people, "r3d_tiny", 1, 0, "cpu")
        add(square_library, request)
    where = ["--library", str(square_library.root)]
    assert main(["runs", *where]) == 0
    assert capsys.readouterr().out.count("waiting") == 2
    assert main(["runs", *where, "--json"]) == 0
    assert [one["status"] for one in json.loads(capsys.readouterr().out)] == ["waiting"] * 2
    assert main(["runs", *where, "--continue"]) == 0
    done = capsys.readouterr()
    assert "nobody" in done.err
    assert "waiting" not in done.out
    assert "finished" in done.out
