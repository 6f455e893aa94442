"""`fsamt models import` and `download` of published weights, as a terminal sees them."""

import json
from pathlib import Path

import pytest
import torch

from fsamt_engine.cli import main
from fsamt_engine.library import Library
from tests.fsamt_engine.networks.layouts import slowonly_shapes, small


@pytest.fixture
def root(tmp_path: Path) -> str:
    Library.create(tmp_path / "library").close()
    return str(tmp_path / "library")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """SlowOnly for flow, as MMAction2 publishes it."""
    config = "dict(type='SampleFrames', clip_len=4, frame_interval=16, num_clips=1)"
    content = {"meta": {"config": config}, "state_dict": small(slowonly_shapes(2, 400))}
    torch.save(content, tmp_path / "flow.pth")
    return tmp_path / "flow.pth"


def test_a_file_of_weights_says_by_itself_what_it_is(
    root: str, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "import", str(weights), "--library", root]) == 0
    said = capsys.readouterr().out
    assert "slowonly_50 of MMAction2, flow, Kinetics-400" in said
    assert "clips of 4 frames, 16 apart, 224 x 224 pixels; licence: Apache-2.0" in said
    assert "with TV-L1, as published" in said
    assert main(["models", "list", "--library", root, "--json"]) == 0
    (model,) = json.loads(capsys.readouterr().out)
    assert (model["kind"], model["modality"]) == ("teacher", "flow")
    assert main(["models", "show", model["id"], "--library", root, "--lineage"]) == 0
    assert "published weights" in capsys.readouterr().out


def test_what_the_file_does_not_say_can_be_said(
    root: str, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--crop", "centre", "--frames", "8", "--step", "8", "--flow", "dis"]
    assert main(["models", "import", str(weights), "--library", root, *more]) == 0
    said = capsys.readouterr().out
    assert "clips of 8 frames, 8 apart" in said
    assert "TV-L1" not in said
    with Library.open(Path(root)) as library:
        (folder,) = library.models_folder.iterdir()
        described = json.loads((folder / "model.json").read_text())
    assert described["preparation"]["flow"]["method"] == "dis"
    assert described["preparation"]["depth"]["crop"]["mode"] == "centre"


def test_a_wrong_file_ends_with_its_reason(
    root: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({"a.weight": torch.zeros(1)}, tmp_path / "other.pth")
    assert main(["models", "import", str(tmp_path / "other.pth"), "--library", root]) == 2
    said = capsys.readouterr().err
    assert "a.weight" in said
    assert "Known are: MARS" in said


def test_what_can_be_fetched_is_listed_with_its_licence(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "download", "--library", root]) == 0
    said = capsys.readouterr().out
    for word in ("r3d_18", "swin3d_b", "videomae:base", "vjepa2:large", "NC"):
        assert word in said


def test_an_unknown_name_is_refused_before_anything_is_fetched(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "download", "r3d_99", "--library", root]) == 2
    assert "no weights called" in capsys.readouterr().err
