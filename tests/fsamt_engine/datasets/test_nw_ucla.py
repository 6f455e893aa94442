from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from fsamt_engine.datasets.nw_ucla import ACTIONS, NwUcla
from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from tests.fsamt_engine.datasets.layouts import FRAMES, depth_of, into_zip

READER = NwUcla()


def joints_text(n_bodies: int) -> str:
    rows = [f"{j / 10 + 5 * b},{j / 20},{2 + b},1" for b in range(n_bodies) for j in range(20)]
    return f"{n_bodies}\n" + "\n".join(rows) + "\n" if n_bodies else ""


def write_take(
    root: Path,
    name: str = "view_1/a11_s02_e03",
    kinds: Sequence[str] = ("rgb", "depth", "skeletons"),
    bodies: Sequence[int] = (1,) * FRAMES,
    at_ms: Sequence[int] = (0, 33, 66, 132, 165),
    scale: int = 1,
) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    for number, ms in enumerate(at_ms):
        stem = f"frame_{number}_tc_{90467319 + ms}"
        later = f"frame_{number}_tc_{90467319 + ms + 5}"
        if "rgb" in kinds:
            picture = np.full((24, 32, 3), (10, 20, 200), np.uint8)
            cv2.imwrite(str(folder / f"{stem}_rgb.jpg"), picture)
        if "depth" in kinds:
            cv2.imwrite(str(folder / f"{later}_depth.png"), depth_of(number) * np.uint16(scale))
            cv2.imwrite(str(folder / f"{later}_depth_vis.jpg"), np.zeros((24, 32), np.uint8))
        if "skeletons" in kinds:
            (folder / f"{later}_skeletons.txt").write_text(joints_text(bodies[number]))
    (folder / "fileList.txt").write_text("0 90467319 90467324\n")
    return folder


def test_ten_actions_have_their_official_numbers() -> None:
    assert len(set(ACTIONS.values())) == 10
    assert READER.actions["carry"] == "NW-UCLA a12"


def test_take_is_loaded_with_its_real_times(tmp_path: Path) -> None:
    write_take(tmp_path, bodies=(0, 1, 2, 1, 1))
    (found,) = READER.find(tmp_path)
    assert (found.key, found.participant, found.actions) == ("v1_a11_s02_e03", "s02", ("throw",))
    take = READER.load(found)
    assert (take.session, take.segments) == ("NW-UCLA s02 view 1", (("throw", 0, FRAMES),))
    assert take.colour.timestamps_us.tolist() == [0, 33000, 66000, 132000, 165000]
    assert take.depth.timestamps_us.tolist() == [5000, 38000, 71000, 137000, 170000]
    assert take.skeleton_us.tolist() == take.depth.timestamps_us.tolist()
    assert take.depth.timestamp_domain == "host"
    assert take.pairs.tolist() == [[i, i, 5000] for i in range(FRAMES)]
    assert take.depth.rate_hz == pytest.approx(1000 / 33)
    np.testing.assert_array_equal(list(take.depth.frames), [depth_of(i) for i in range(FRAMES)])
    red = next(iter(take.colour.frames)).mean(axis=(0, 1))
    assert red.tolist() == pytest.approx([200, 20, 10], abs=6)
    assert take.skeleton.shape == (FRAMES, 2, 20, 3)
    there = np.isfinite(take.skeleton).all(axis=(2, 3))
    assert there.tolist() == [[False, False], [True, False], [True, True], *[[True, False]] * 2]
    assert take.skeleton[1, 0, 4].tolist() == pytest.approx([0.4, -0.2, 2])


def test_clock_that_goes_backwards_is_not_believed(tmp_path: Path) -> None:
    write_take(tmp_path, at_ms=(0, 33, 20, 99, 132))
    take = READER.load(READER.find(tmp_path)[0])
    assert take.depth.timestamp_domain == "nominal"
    assert take.depth.timestamps_us[:3].tolist() == [0, 33333, 66667]
    assert len(take.pairs) == FRAMES


@pytest.mark.parametrize(("scale", "unit_m"), [(1, 0.001), (8, 0.000125)])
def test_unit_of_depth_follows_from_what_the_sensor_can_see(
    tmp_path: Path, scale: int, unit_m: float
) -> None:
    write_take(tmp_path, scale=scale)
    assert READER.load(READER.find(tmp_path)[0]).depth.unit_m == unit_m


@pytest.mark.parametrize("kind", ["rgb", "depth", "skeletons"])
def test_one_modality_alone_is_a_take(tmp_path: Path, kind: str) -> None:
    write_take(tmp_path, kinds=[kind])
    take = READER.load(READER.find(tmp_path)[0])
    streams = {"rgb": take.colour, "depth": take.depth, "skeletons": take.skeleton}
    assert [name for name, stream in streams.items() if stream is not None] == [kind]
    assert take.segments == (("throw", 0, FRAMES),)


def test_views_of_the_same_moment_are_takes_of_their_own(tmp_path: Path) -> None:
    for view in (1, 2, 3):
        write_take(tmp_path / "multiview_action", f"view_{view}/a01_s01_e00")
    keys = [take.key for take in READER.find(tmp_path)]
    assert keys == ["v1_a01_s01_e00", "v2_a01_s01_e00", "v3_a01_s01_e00"]
    into_zip(tmp_path / "multiview_action.zip", tmp_path / "multiview_action")
    assert [take.key for take in READER.find(tmp_path)] == keys
    assert len(list(READER.load(READER.find(tmp_path)[2]).depth.frames)) == FRAMES
    assert READER.missing(tmp_path) == []


def test_empty_folder_cut_skeleton_and_unknown_action_are_refused(tmp_path: Path) -> None:
    folder = write_take(tmp_path / "a")
    path = next(folder.glob("frame_2_*_skeletons.txt"))
    path.write_text(path.read_text()[:100])
    write_take(tmp_path / "b", kinds=[])
    write_take(tmp_path / "c", "view_1/a07_s01_e00")
    for name in ("a", "b", "c"):
        (take,) = READER.find(tmp_path / name)
        with pytest.raises(BrokenFileError):
            READER.load(take)
    (tmp_path / "d").mkdir()
    with pytest.raises(FsamtError, match="no takes of NW-UCLA"):
        READER.find(tmp_path / "d")
