"""Takes of every data set, from their official files into a library."""

from pathlib import Path

import numpy as np

from fsamt_engine.datasets import DATA_SETS, import_data_set
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.takes import list_takes, take, timestamps
from fsamt_engine.media import DepthReader, read_skeleton
from tests.fsamt_engine.datasets.layouts import (
    COLOUR_SIZE,
    FRAMES,
    depth_of,
    write_ntu,
    write_video,
)
from tests.fsamt_engine.datasets.test_nw_ucla import write_take
from tests.fsamt_engine.datasets.test_pku_mmd import write_recording


def bring_in(library: Library, name: str, source: Path) -> None:
    result = import_data_set(library, DATA_SETS[name], source)
    assert not result.skipped
    assert result.added == len(DATA_SETS[name].find(source))


def test_ntu_comes_in_with_every_bit_of_its_depth(tmp_path: Path, library: Library) -> None:
    write_ntu(tmp_path / "ntu", "S001C001P001R001A001")
    write_ntu(tmp_path / "ntu", "S001C001P002R001A060", ["skeleton"])
    write_ntu(tmp_path / "ntu", "S001C001P003R001A002", ["rgb"])
    bring_in(library, "ntu", tmp_path / "ntu")
    takes = {one.source_key: one for one in (take(library, r.id) for r in list_takes(library))}
    assert [one.main.kind for _, one in sorted(takes.items())] == ["depth", "skeleton", "colour"]
    whole = takes["ntu/S001C001P001R001A001"]
    assert {stream.kind for stream in whole.streams} == set(StreamKind)
    with DepthReader(library.absolute(whole.stream(StreamKind.DEPTH).path)) as reader:
        np.testing.assert_array_equal(list(reader), [depth_of(i) for i in range(FRAMES)])
    assert whole.n_pairs == FRAMES
    assert {(one.participant, one.action, one.end) for one in segments(library)} == {
        ("P001", "drink water", FRAMES),
        ("P002", "walking apart from each other", FRAMES),
        ("P003", "eat meal/snack", FRAMES),
    }
    described = {action.name: action.description for action in actions(library)}
    assert described["drink water"] == "NTU RGB+D A1"


def test_pku_mmd_comes_in_with_its_labels(tmp_path: Path, library: Library) -> None:
    write_recording(tmp_path / "pku", "0002-L")
    bring_in(library, "pku-mmd", tmp_path / "pku")
    assert sorted((one.action, one.start, one.end) for one in segments(library)) == [
        ("clapping", 1, 3), ("hand waving", 3, 5)
    ]  # fmt: skip


def test_kinetics_comes_in_as_colour_alone(tmp_path: Path, library: Library) -> None:
    write_video(tmp_path / "k" / "train" / "tap_dancing" / "0wR5jVB-WPk_000417_000427.mp4")
    bring_in(library, "kinetics", tmp_path / "k")
    (row,) = list_takes(library)
    one = take(library, row.id)
    assert [(s.kind, s.width, s.n_frames) for s in one.streams] == [
        (StreamKind.COLOUR, COLOUR_SIZE[0], FRAMES)
    ]
    assert row.actions == ("tap dancing",)


def test_skeleton_of_nw_ucla_keeps_the_times_of_depth(tmp_path: Path, library: Library) -> None:
    write_take(tmp_path / "ucla")
    bring_in(library, "nw-ucla", tmp_path / "ucla")
    (row,) = list_takes(library)
    depth_us, skeleton_us = (
        timestamps(library, row.id, kind) for kind in (StreamKind.DEPTH, StreamKind.SKELETON)
    )
    np.testing.assert_array_equal(skeleton_us, depth_us)
    one = take(library, row.id)
    path = library.absolute(one.stream(StreamKind.SKELETON).path)
    assert read_skeleton(path).shape == (FRAMES, 1, 20, 3)
