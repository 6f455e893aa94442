"""`fsamt export`, and `fsamt models import` of what it wrote."""

import json
from pathlib import Path

import pytest

from fsamt_engine.cli import main
from fsamt_engine.library import Library
from tests.fsamt_engine.export.leaving import House


def words(house: House, *more: object) -> list[str]:
    return ["export", house.recogniser.id, "--library", str(house.library.root), *map(str, more)]


def test_what_leaves_by_a_command_comes_in_by_another(
    house: House, elsewhere: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, licence = tmp_path / "moves.zip", tmp_path / "LICENCE"
    licence.write_text("Ours alone.")
    assert main(words(house, out, "--format", "safetensors", "--licence", licence)) == 0
    said = capsys.readouterr().out
    assert "The answers agree in" in said
    assert f"Written: {out}" in said
    assert main(["models", "import", str(out), "--library", str(elsewhere.root)]) == 0
    assert house.recogniser.id in capsys.readouterr().out
    assert main(["models", "show", house.recogniser.id, "--library", str(elsewhere.root)]) == 0


def test_programs_get_json(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "moves"
    assert main(words(house, out, "--format", "safetensors", "--json")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["path"] == str(out)
    assert said["agreement"] == 1.0
    assert said["parity"]["max_difference"] == 0.0


def test_a_refusal_is_a_sentence_with_a_hint(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "moves.zip"
    out.write_bytes(b"mine")
    assert main(words(house, out, "--format", "safetensors")) == 2
    said = capsys.readouterr().err
    assert "is there already" in said
    assert "Hint:" in said
    assert main(words(house, tmp_path / "x", "--participants", "nobody")) == 2
    assert main(words(house, tmp_path / "x", "--tolerance", "2")) == 2
