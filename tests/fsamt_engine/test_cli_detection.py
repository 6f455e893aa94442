"""Detectors from a terminal: finetuned, tested, let loose on takes, and compared in a table."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsamt_engine.cli import main
from fsamt_engine.detection import train
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.suggestions import list_suggestions
from fsamt_engine.library.untrimmed import untrimmed_takes

from . import finding

Say = Callable[..., str]
SIDES = ["--actions", "across,down", "--participants", "1,2", "--test-participants", "3"]
SHORT = ["--epochs", "4", "--device", "cpu"]


@pytest.fixture(scope="module", autouse=True)
def puppets() -> Iterator[None]:
    """Heads train in a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "head", lambda kind: finding.PuppetHead())
        patch.setattr("fsamt_engine.detection.heads.head", lambda kind: finding.PuppetHead())
        yield


@pytest.fixture(scope="module")
def made_source(
    _square_source: Path, tmp_path_factory: pytest.TempPathFactory, puppets: None
) -> Path:
    """With a detector of P1 and P2 that was not tested."""
    root = finding.untrimmed_copy(_square_source, tmp_path_factory.mktemp("long") / "library")
    command = ["finetune", "--task", "detection", "--library", str(root)]
    assert main([*command, *SIDES[:4], *SHORT]) == 0
    return root


@pytest.fixture
def library(made_source: Path, tmp_path: Path) -> Iterator[Library]:
    """The square library with untrimmed takes and a detector."""
    shutil.copytree(made_source, tmp_path / "long")
    with Library.open(tmp_path / "long") as opened:
        yield opened


@pytest.fixture
def say(library: Library, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command on the library; what it says, or of a refusal its error."""

    def run(*words: str, code: int = 0) -> str:
        assert main([*words, "--library", str(library.root)]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def detector_of(library: Library) -> str:
    """The newest."""
    return list_models(library, ModelKind.DETECTOR)[0].id


def test_detector_is_finetuned_tested_and_reported(library: Library, say: Say) -> None:
    said = say("finetune", "--task", "detection", "--head", "r-c3d", *SIDES, *SHORT)
    name = detector_of(library)
    assert said.startswith(f"{name}: depth detector of 2 actions (from scratch, r-c3d)")
    assert "mAP at an overlap of 0.5" in said
    assert "4 segments in 2 takes of 1 person (P3) whom no training has seen" in said
    assert "over 2 takes of one participant" in said
    report = library.root / "models" / name / "report.html"
    assert f"The report is {report}" in said
    report.unlink()
    assert say("report", name).strip() == str(report)
    assert report.is_file()
    assert "mAP" in say("models", "list")


def test_detector_is_tested_on_other_people_by_both_protocols(
    library: Library, say: Say, tmp_path: Path
) -> None:
    name, folder, out = detector_of(library), tmp_path / "found", tmp_path / "scores.json"
    said = say(
        "evaluate",
        name,
        *("--participants", "3", "--pku-mmd", "--device", "cpu"),
        *("--predictions", str(folder), "--json", str(out)),
    )
    for words in ("AP at 0.1", "mAP at 0.5:", "95 %:", "F1 at 0.5", "PKU-MMD's protocol at 0.5"):
        assert words in said
    content = json.loads(out.read_text())
    assert content["map"]["0.5"] == pytest.approx(
        sum(row[content["scores"]["overlaps"].index(0.5)] for row in content["scores"]["ap"]) / 2
    )
    assert {"f1", "ap", "map_actions", "map_videos", "ap_2d"} <= set(content["pku_mmd"])
    takes = untrimmed_takes(library, ["P3"])
    assert {file.stem for file in folder.iterdir()} == {*takes, "labels"}
    # A report needs a test, and this was one.
    assert say("report", name).strip().endswith("report.html")
    again = say("evaluate", name, "--participants", "1", code=2)
    assert "P1" in again


def test_takes_are_searched_and_what_is_found_is_suggested(
    library: Library, say: Say, tmp_path: Path
) -> None:
    name, table = detector_of(library), tmp_path / "found.csv"
    quiet = ["--device", "cpu"]
    everything = json.loads(say("detect", name, "--participants", "3", "--score", "0", "--json"))
    assert everything["model"] == name
    assert {one["participant"] for one in everything["found"]} == {"P3"}
    for one in everything["found"]:
        assert one["end_s"] > one["start_s"] >= 0
        assert one["start_s"] == pytest.approx(one["start"] / 30, abs=0.001)
    folder = tmp_path / "all"
    said = say(
        "detect",
        name,
        *("--participants", "3", "--score", "0", "--csv", str(table), "--out", str(folder)),
        *("--suggest", *quiet),
    )
    n = len(everything["found"])
    assert f"{n} segments in 8 takes" in said or f"{n} segments in 10 takes" in said
    with table.open() as file:
        assert [one["action"] for one in csv.DictReader(file)] == [
            one["action"] for one in everything["found"]
        ]
    assert len(list(folder.glob("*.txt"))) == 10 + 1
    assert {one.model_id for one in list_suggestions(library)} <= {name}
    assert "on the page Label; what is labelled already is left out." in said
    none = say("detect", name, "--takes", untrimmed_takes(library)[0], "--score", "1")
    assert "0 segments in 1 take, with a score of 1.00 or more." in none


def test_what_is_of_the_other_kind_of_model_is_refused(library: Library, say: Say) -> None:
    name = detector_of(library)
    recogniser = say("finetune", *SIDES[:4], "--epochs", "1", "--device", "cpu").split(":")[0]
    for words, error in (
        (("evaluate", name, "--participants", "3", "--clips", "3"), "--clips is of a recogniser"),
        (("evaluate", recogniser, "--participants", "3", "--pku-mmd"), "--pku-mmd is of a detec"),
        (("detect", recogniser, "--participants", "3"), "does not say when an action starts"),
        (("detect", name), "--takes or --participants"),
        (("detect", name, "--takes", "nothing"), "no take nothing"),
        (("finetune", *SIDES, "--head", "r-c3d"), "--task detection"),
        (("finetune", "--task", "detection", *SIDES, "--with-curve"), "no --with-curve"),
        (("experiment", "losses", "--heads", "r-c3d"), "are of the detection table"),
        (("experiment", "detection", "--steps-finetune", "9"), "give --epochs-finetune"),
        (("experiment", "detection", "--heads", "yolo"), 'no head "yolo"'),
        (("experiment", "detection", "--overlap", "0.42"), "overlap of 0.42"),
    ):
        assert error in say(*words, code=2)


def test_detection_table_is_filled_in_with_its_own_measure(
    library: Library, say: Say, tmp_path: Path
) -> None:
    out, page = tmp_path / "table.json", tmp_path / "report.html"
    words = [
        *("experiment", "detection", "--heads", "anchor-free", "--overlap", "0.3"),
        *("--labels-per-action", "1", "--seeds", "1", "--size", "32", "--device", "cpu"),
        *("--method", "from scratch, anchor-free", "--epochs-finetune", "2"),
    ]
    said = say(*words, "--json", str(out), "--html", str(page))
    assert "Where actions start and end: mAP at 0.3 in %" in said
    assert "Tested on 4 segments of 1 person (P3)" in said
    assert "accuracy" not in said.casefold()
    content = json.loads(out.read_text())
    assert content["measure"] == "mAP at 0.3"
    assert content["settings"]["heads"] == ["anchor-free"]
    assert [row["method"] for row in content["rows"]] == ["from scratch, anchor-free"]
    assert "At other overlaps" in page.read_text()


def test_library_without_untrimmed_takes_is_told_what_to_do(
    square_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", "detection", "--library", str(square_library.root)]) == 2
    said = capsys.readouterr().err
    assert "untrimmed takes" in said
    assert "fsamt compose" in said
