from collections.abc import Iterator
from pathlib import Path

import pytest

from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.source_sets import NOBODY, source_snapshot
from fsamt_engine.library import Library, Snapshot
from tests.fsamt_engine.datasets.layouts import write_ntu, write_video


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """NTU RGB+D 120's actions 61 and 62 in colour, NTU 60's action 1, and three web videos."""
    for person in (6, 8, 41):
        for action in (61, 62):
            write_ntu(tmp_path / "ntu", f"S018C001P{person:03d}R001A{action:03d}", ["rgb"])
    for person in (1, 3):
        write_ntu(tmp_path / "ntu", f"S001C001P{person:03d}R001A001", ["rgb", "depth"])
    write_ntu(tmp_path / "ntu", "S018C001P042R001A063", ["depth"])
    videos = tmp_path / "kinetics"
    for split, action, name in (
        ("train", "abseiling", "0wR5jVB-WPk_000417_000427"),
        ("train", "drumming", "1wR5jVB-WPk_000417_000427"),
        ("val", "drumming", "2wR5jVB-WPk_000417_000427"),
    ):
        write_video(videos / split / action / f"{name}.mp4")
    with Library.create(tmp_path / "library") as library:
        import_data_set(library, DATA_SETS["ntu"], tmp_path / "ntu")
        import_data_set(library, DATA_SETS["kinetics"], videos)
        yield library


def people(snapshot: Snapshot) -> set[str]:
    return {item.participant for item in snapshot.train}


def test_source_set_leaves_out_whom_the_target_will_test(library: Library) -> None:
    made = source_snapshot(library, "ntu120-minus-60")
    assert made.actions == ("put on headphone", "take off headphone")
    assert people(made) == {"P008", "P041"}
    assert (made.test, made.protocol) == ((), "")
    assert "Without P003, P006." in made.description
    whole = source_snapshot(library, "ntu120-minus-60", apart_from=NOBODY)
    assert people(whole) == {"P006", "P008", "P041"}


def test_actions_and_people_are_left_out_by_name(library: Library) -> None:
    made = source_snapshot(
        library,
        "ntu120-minus-60",
        exclude_actions=["take off headphone"],
        exclude_participants=["P041"],
    )
    assert (made.actions, people(made)) == (("put on headphone",), {"P008"})


def test_web_videos_without_depth_are_a_source_set(library: Library) -> None:
    made = source_snapshot(library, "kinetics400")
    assert made.actions == ("abseiling", "drumming")
    assert people(made) == {"Kinetics train"}


def test_everything_but_the_target_is_a_source_set_too(library: Library) -> None:
    made = source_snapshot(library, exclude_actions=["drink water"])
    assert made.actions == ("abseiling", "drumming", "put on headphone", "take off headphone")
    fewer = source_snapshot(library, exclude_actions=["drink water"], exclude_participants=["P008"])
    assert people(made) - people(fewer) == {"P008"}
    chosen = source_snapshot(library, actions=["drumming"], participants=["Kinetics val"])
    assert (chosen.actions, people(chosen)) == (("drumming",), {"Kinetics val"})


def test_nothing_left_and_unknown_sets_are_said(library: Library) -> None:
    with pytest.raises(FsamtError, match="Nothing is left"):
        source_snapshot(library, actions=["shoot at the basket"])
    with pytest.raises(FsamtError, match="no protocol ntu61"):
        source_snapshot(library, "ntu61")
