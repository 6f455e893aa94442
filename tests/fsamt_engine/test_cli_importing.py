"""Data sets from a terminal: chosen, estimated, in place, moved, with a report."""

import json
from pathlib import Path

import pytest

from fsamt_engine import datasets
from fsamt_engine.cli import importing, main
from fsamt_engine.datasets.estimate import ImportEstimate
from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.arrival_estimate import ArrivalEstimate
from fsamt_engine.library import Library
from fsamt_engine.library.listing import list_takes
from tests.fsamt_engine.datasets.lying import LyingDataSet, write_take


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What imports three takes, from a data set that takes the place of another."""
    monkeypatch.setattr(datasets, "DATA_SETS", {"utd-mhad": LyingDataSet()})
    for key in ("p1a", "p1b", "p2a"):
        write_take(tmp_path / "set", key)
    Library.create(tmp_path / "library").close()
    where = ["--library", str(tmp_path / "library")]
    return ["import", "utd-mhad", str(tmp_path / "set"), *where]


def test_report_says_what_came_and_what_is_missing(
    lying: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "set" / "rgb" / "p1b.avi").unlink()
    (tmp_path / "set" / "rgb" / "p2a.avi").write_bytes(b"cut")
    assert main([*lying, "--json", "--report", str(tmp_path / "report.json")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "report.json").read_text())
    assert (told["found"], told["added"], told["already_there"]) == (3, 2, 0)
    assert told["left_out"][0]["file"].endswith("p2a.avi")
    assert told["missing"] == [{"what": "no colour", "n": 1, "examples": ["p1b"], "counts": "take"}]
    assert main(lying) == 0
    shown = capsys.readouterr()
    assert "0 takes added, 2 were there already, 1 left out." in shown.out
    assert "Missing in the data set: 1 take: no colour (p1b)." in shown.err


def test_only_chosen_people_and_actions_come(
    lying: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*lying, "--participants", "p1", "--actions", "clap"]) == 0
    assert "1 take added" in capsys.readouterr().out
    assert main([*lying, "--participants", "p7"]) == 2
    assert "There are: p1, p2." in capsys.readouterr().err


def test_estimate_imports_nothing(
    lying: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*lying, "--estimate", "--in-place", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["arrival"]["n_takes"], told["arrival"]["n_frames"]) == (3, 18)
    assert told["flow_s"] > 0
    assert told["embeddings_s"] > 0
    with Library.open(tmp_path / "library") as library:
        assert list_takes(library) == []
        assert list(library.cache_folder.iterdir()) == []


def test_large_import_says_first_what_it_will_take(
    lying: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_MANY", 3)
    assert main(lying) == 0
    words = capsys.readouterr().out
    assert words.index("3 takes to import") < words.index("3 takes added")
    assert "free on the disk" in words


def test_moved_data_set_is_found_again(
    lying: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(tmp_path / "library")
    assert main([*lying, "--in-place"]) == 0
    (tmp_path / "set").rename(tmp_path / "moved")
    assert main(["library", "verify", root]) == 2
    assert "fsamt library relocate" in capsys.readouterr().out
    assert main(["library", "info", root]) == 0
    assert "(not there now)" in capsys.readouterr().out
    assert main(["library", "relocate", root, str(tmp_path / "moved")]) == 0
    assert "9 streams are there" in capsys.readouterr().out
    assert main(["library", "verify", root]) == 0


@pytest.mark.parametrize("in_place", [True, False])
def test_what_does_not_fit_is_told_to_stay_in_place_only_where_it_is_copied(in_place: bool) -> None:
    found = ArrivalEstimate(
        ImportEstimate(3, 0, 60.0, 2_000, 1_000, 9, 9, 1, 0), 0.0, 0, 0.0, 0, "r3d_tiny", "CPU"
    )
    with pytest.raises(FsamtError) as raised:
        importing._tell_estimate(found, in_place=in_place)
    assert ("--in-place" in raised.value.hint) != in_place
