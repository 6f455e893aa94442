from collections.abc import Iterable
from pathlib import Path

import pytest

from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.datasets.protocols import (
    PROTOCOLS,
    SHARED,
    people_tested_by,
    protocol,
    protocols_of,
    split,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.organising import assign_takes
from fsamt_engine.library.takes import list_takes
from tests.fsamt_engine.datasets.layouts import write_ntu


def fill(library: Library, folder: Path, names: Iterable[str]) -> None:
    for name in names:
        write_ntu(folder, name, ["skeleton"], bodies=[["7201"]])
    import_data_set(library, DATA_SETS["ntu"], folder)


def keys(library: Library, take_ids: Iterable[str]) -> set[str]:
    by_id = dict(library.rows("SELECT id, source_key FROM takes"))
    return {by_id[take_id].removeprefix("ntu/") for take_id in take_ids}


@pytest.mark.parametrize(
    ("name", "key", "side"),
    [
        ("ntu60-cross-subject", "S001C001P001R001A001", "train"),
        ("ntu60-cross-subject", "S017C003P038R002A060", "train"),
        ("ntu60-cross-subject", "S001C001P003R001A001", "test"),
        ("ntu60-cross-subject", "S001C001P006R001A061", None),
        ("ntu60-cross-subject", "S018C001P001R001A001", None),
        ("ntu60-cross-view", "S001C001P001R001A001", "test"),
        ("ntu60-cross-view", "S001C002P003R001A001", "train"),
        ("ntu60-cross-view", "S001C003P003R001A001", "train"),
        ("ntu120-cross-subject", "S032C001P103R001A120", "train"),
        ("ntu120-cross-subject", "S032C001P106R001A001", "test"),
        ("ntu120-cross-setup", "S002C001P003R001A001", "train"),
        ("ntu120-cross-setup", "S031C001P003R001A120", "test"),
        ("ntu120-minus-60", "S018C001P008R001A061", "train"),
        ("ntu120-minus-60", "S001C001P008R001A060", None),
    ],
)
def test_sides_of_ntu_are_the_official_ones(name: str, key: str, side: str | None) -> None:
    assert protocol(name).side_of(f"ntu/{key}") == side


@pytest.mark.parametrize(
    ("name", "source_key", "participant", "side"),
    [
        ("pku-mmd-cross-subject", "pku-mmd/0290-L", "", "train"),
        ("pku-mmd-cross-subject", "pku-mmd/0291-L", "", "test"),
        ("pku-mmd-cross-subject", "pku-mmd/0334-R", "", "test"),
        ("pku-mmd-cross-subject", "pku-mmd/0335-M", "", "train"),
        ("pku-mmd-cross-view", "pku-mmd/0291-L", "", "test"),
        ("pku-mmd-cross-view", "pku-mmd/0291-M", "", "train"),
        ("kinetics400", "kinetics/0wR5jVB-WPk_000417_000427", "Kinetics train", "train"),
        ("kinetics400", "kinetics/0wR5jVB-WPk_000417_000427", "Kinetics val", "test"),
        ("kinetics400", "kinetics/0wR5jVB-WPk_000417_000427", "Kinetics", None),
        ("utd-mhad-odd-even", "utd-mhad/a1_s1_t1", "1", "train"),
        ("utd-mhad-odd-even", "utd-mhad/a27_s8_t4", "8", "test"),
        ("nw-ucla-cross-view", "nw-ucla/v2_a01_s01_e00", "s01", "train"),
        ("nw-ucla-cross-view", "nw-ucla/v3_a01_s01_e00", "s01", "test"),
        ("nw-ucla-cross-view", "ntu/S001C001P001R001A001", "P001", None),
    ],
)
def test_sides_of_the_other_sets_are_the_official_ones(
    name: str, source_key: str, participant: str, side: str | None
) -> None:
    assert protocol(name).side_of(source_key, participant) == side


def test_official_numbers_of_people_and_samples_come_out() -> None:
    def sides(name: str, keys: Iterable[str]) -> list[str | None]:
        return [protocol(name).side_of(f"ntu/{key}") for key in keys]

    of_60 = [f"S001C001P{person:03d}R001A001" for person in range(1, 41)]
    of_120 = [f"S020C001P{person:03d}R001A061" for person in range(1, 107)]
    assert sides("ntu60-cross-subject", of_60).count("train") == 20
    assert sides("ntu120-cross-subject", of_120).count("train") == 53
    recordings = [f"{number:04d}-{view}" for number in range(1, 365) for view in "LMR"]
    side_of = PROTOCOLS["pku-mmd-cross-subject"].side_of
    assert [side_of(f"pku-mmd/{one}") for one in recordings].count("test") == 132


def test_split_divides_what_the_library_holds(tmp_path: Path, library: Library) -> None:
    names = ("S001C001P001R001A002", "S001C002P003R001A001", "S018C001P008R001A061")
    fill(library, tmp_path / "ntu", names)
    found = split(library, "ntu60-cross-subject")
    assert keys(library, found.train) == {names[0]}
    assert keys(library, found.test) == {names[1]}
    assert found.actions == ("drink water", "eat meal/snack")
    assert not found.shares_people
    assert found.words == (
        "NTU RGB+D 60, cross-subject: 20 people train, 20 others are tested. "
        "Here: 1 take of 1 participant to train, 1 take of 1 participant to test."
    )
    crossed = split(library, "ntu60-cross-view")
    assert keys(library, crossed.train) == {names[1]}
    assert crossed.shares_people
    assert crossed.words.endswith(SHARED)
    assert [one.name for one in protocols_of(library)] == [
        name for name in PROTOCOLS if name.startswith("ntu")
    ]


def test_source_set_leaves_out_whom_the_target_tests(tmp_path: Path, library: Library) -> None:
    source = ("S018C001P006R001A061", "S018C001P008R001A061", "S018C001P041R001A062")
    fill(library, tmp_path / "ntu", (*source, "S001C001P001R001A001", "S001C001P003R001A001"))
    assert keys(library, split(library, "ntu120-minus-60").train) == set(source)
    shared = people_tested_by(library, "ntu60-cross-subject")
    assert shared == ("P003", "P006")
    without = split(library, "ntu120-minus-60", without_participants=shared)
    assert keys(library, without.train) == set(source[1:])
    assert without.words.endswith("Without P003, P006.")
    assert without.test == ()


def test_sides_follow_the_data_set_and_not_new_names(tmp_path: Path, library: Library) -> None:
    fill(library, tmp_path / "ntu", ["S001C001P001R001A001", "S001C001P003R001A001"])
    assign_takes(library, [row.id for row in list_takes(library)], "somebody")
    found = split(library, "ntu60-cross-subject")
    assert (len(found.train), len(found.test)) == (1, 1)


def test_unknown_protocol_and_library_without_its_takes_are_said(library: Library) -> None:
    with pytest.raises(FsamtError) as caught:
        protocol("ntu61")
    assert "ntu60-cross-subject" in caught.value.hint
    with pytest.raises(FsamtError, match="no take to train on by kinetics400"):
        split(library, "kinetics400")
    with pytest.raises(FsamtError, match="also trains on"):
        people_tested_by(library, "ntu60-cross-view")
