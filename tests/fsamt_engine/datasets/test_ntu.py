import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest

from fsamt_engine.datasets.found import FoundTakes
from fsamt_engine.datasets.ntu import Ntu
from fsamt_engine.datasets.ntu_actions import ACTIONS
from fsamt_engine.datasets.reader import BrokenFileError, LoadedTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place
from tests.fsamt_engine.datasets.layouts import (
    COLOUR_SIZE,
    DEPTH_SIZE,
    FRAMES,
    depth_of,
    into_zip,
    joints_of,
    ntu_skeleton,
    write_depth,
    write_ntu,
)

READER = Ntu()
NAME = "S001C002P003R002A013"


def only(root: Path) -> LoadedTake:
    (take,) = READER.find(root)
    return READER.load(take)


def test_120_actions_have_distinct_names_and_their_official_numbers() -> None:
    assert len(set(ACTIONS)) == 120
    assert READER.actions["drink water"] == "NTU RGB+D A1"
    assert READER.actions["walking apart from each other"] == "NTU RGB+D A60"
    assert READER.actions["put on headphone"] == "NTU RGB+D A61"
    assert not any("," in name for name in ACTIONS)  # The command line separates by commas.


def test_sample_is_loaded_with_all_that_is_known(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME)
    (found,) = READER.find(tmp_path)
    assert (found.key, found.participant, found.actions) == (NAME, "P003", ("tear up paper",))
    take = READER.load(found)
    assert (take.session, take.participant) == ("NTU S001 camera 2", "P003")
    assert take.segments == (("tear up paper", 0, FRAMES),)
    assert (take.depth.width, take.depth.height, take.depth.unit_m) == (*DEPTH_SIZE, 0.001)
    assert (take.colour.width, take.colour.height) == COLOUR_SIZE
    assert take.pairs.tolist() == [[i, i, 0] for i in range(FRAMES)]
    assert take.skeleton.shape == (FRAMES, 1, 25, 3)
    assert take.calibration.colour.width == COLOUR_SIZE[0]
    assert take.depth.place == Place(tmp_path / "nturgb+d_depth_masked" / NAME)
    assert len(take.depth.pictures) == FRAMES


def test_depth_keeps_its_16_bits(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["depth"])
    frames = list(only(tmp_path).depth.frames)
    assert [frame.dtype for frame in frames] == [np.uint16] * FRAMES
    for number, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, depth_of(number))


def test_depth_that_was_saved_with_8_bits_is_refused(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["depth"])
    for picture in (tmp_path / "nturgb+d_depth_masked" / NAME).iterdir():
        cv2.imwrite(str(picture), np.full((26, 32), 200, np.uint8))
    with pytest.raises(FsamtError, match="16-bit"):
        list(only(tmp_path).depth.frames)


@pytest.mark.parametrize("first", [0, 1])
def test_pictures_count_from_0_or_1(tmp_path: Path, first: int) -> None:
    write_depth(tmp_path / "nturgb+d_depth" / NAME, "Depth-{:08d}.png", first, 12)
    take = only(tmp_path)
    assert take.segments == (("tear up paper", 0, 12),)
    assert [int(frame[0, 0]) for frame in take.depth.frames] == [1000 * (i + 1) for i in range(12)]


def test_pictures_without_leading_zeros_are_sorted_by_number(tmp_path: Path) -> None:
    write_depth(tmp_path / NAME, "Depth-{:d}.png", 0, 12)
    assert [int(frame[0, 0]) for frame in only(tmp_path).depth.frames][9:] == [10000, 11000, 12000]


def test_whole_depth_goes_before_depth_without_background(tmp_path: Path) -> None:
    write_depth(tmp_path / "nturgb+d_depth_masked" / NAME)
    write_depth(tmp_path / "nturgb+d_depth" / NAME, "Depth-{:08d}.png", n_frames=7)
    assert len(only(tmp_path).depth.timestamps_us) == 7


@pytest.mark.parametrize(
    ("kinds", "n_frames"),
    [(["rgb"], 5), (["ir"], 5), (["skeleton"], 5), (["depth", "skeleton"], 5)],
)
def test_any_subset_of_modalities_is_a_take(
    tmp_path: Path, kinds: list[str], n_frames: int
) -> None:
    write_ntu(tmp_path, NAME, kinds)
    take = only(tmp_path)
    there = {
        "depth": take.depth, "rgb": take.colour, "ir": take.infrared, "skeleton": take.skeleton
    }  # fmt: skip
    assert {kind for kind, stream in there.items() if stream is not None} == set(kinds)
    assert take.segments == (("tear up paper", 0, n_frames),)
    assert take.pairs.shape == (0, 3)
    assert READER.missing(tmp_path) == []


def test_infrared_is_its_brightness(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["ir"])
    frames = list(only(tmp_path).infrared.frames)
    assert {(frame.shape, frame.dtype.name) for frame in frames} == {((26, 32), "uint8")}
    assert [int(frame.mean()) for frame in frames] == pytest.approx([40, 60, 80, 100, 120], abs=3)


@pytest.mark.parametrize("below", ["nturgbd_s001", "a/b/nturgbd_s001"])
def test_nested_folders_are_gone_through(tmp_path: Path, below: str) -> None:
    write_ntu(tmp_path / below, NAME)
    (take,) = READER.find(tmp_path)
    assert sorted(take.files) == ["colour", "infrared", "masked", "skeleton"]


def test_official_zips_are_read_as_they_are(tmp_path: Path) -> None:
    for name in (NAME, "S002C001P001R001A001"):
        write_ntu(tmp_path / "unpacked", name)
        write_ntu(tmp_path / "zipped", name)
    for folder in sorted((tmp_path / "zipped").iterdir()):
        into_zip(tmp_path / "zipped" / f"{folder.name}_s001.zip", folder)
    pairs = zip(READER.find(tmp_path / "unpacked"), READER.find(tmp_path / "zipped"), strict=True)
    for plain, zipped in pairs:
        assert (plain.key, plain.participant) == (zipped.key, zipped.participant)
        one, other = READER.load(plain), READER.load(zipped)
        assert other.colour.place.member == f"nturgb+d_rgb/{plain.key}_rgb.avi"
        for kind in ("depth", "colour", "infrared"):
            mine, theirs = getattr(one, kind), getattr(other, kind)
            np.testing.assert_array_equal(list(mine.frames), list(theirs.frames))
        np.testing.assert_array_equal(one.skeleton, other.skeleton)


def test_names_in_small_letters_are_the_same_samples(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["rgb"])
    path = tmp_path / "nturgb+d_rgb" / f"{NAME}_rgb.avi"
    path.rename(path.with_name(path.name.lower()))
    (take,) = READER.find(tmp_path)
    assert (take.key, len(list(READER.load(take).colour.frames))) == (NAME, FRAMES)


def test_one_zip_alone_is_a_source(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["depth"])
    path = into_zip(tmp_path / "nturgb+d_depth_masked_s001.zip", tmp_path / "nturgb+d_depth_masked")
    (take,) = READER.find(path)
    assert take.files["masked"] == Place(path, f"nturgb+d_depth_masked/{NAME}/")


def test_half_a_zip_is_missed_and_the_rest_comes(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["rgb"])
    (tmp_path / "nturgbd_depth_masked_s001.zip").write_bytes(b"PK\x03\x04" + bytes(500))
    assert len(READER.find(tmp_path)) == 1
    (missing,) = READER.missing(tmp_path)
    assert str(missing) == (
        "1 zip: cut off or damaged, and what is in it (nturgbd_depth_masked_s001.zip)"
    )


def test_what_some_samples_lack_is_told(tmp_path: Path) -> None:
    for action in range(1, 9):
        kinds = ["rgb", "depth"] if action == 1 else ["depth"]
        write_ntu(tmp_path, f"S001C001P001R001A{action:03d}", kinds)
    (missing,) = READER.missing(tmp_path)
    assert (missing.what, missing.n, len(missing.examples)) == ("no colour", 7, 5)


def test_listed_skeletons_stay_away_though_they_are_there(tmp_path: Path) -> None:
    for action in (1, 2, 3):
        kinds = ["depth"] if action == 3 else ["depth", "skeleton"]
        write_ntu(tmp_path, f"S001C001P001R001A{action:03d}", kinds)
    (tmp_path / "NTU_RGBD120_samples_with_missing_skeletons.txt").write_text(
        '535 of the captured samples in the "NTU RGB+D 120" dataset have missing or incomplete'
        " skeleton data.\nIf you are working on skeleton-based analysis, please ignore these files"
        " in your training and testing procedures.\n\nS001C001P001R001A002\nS020C002P041R001A063\n"
    )
    assert [sorted(take.files) for take in READER.find(tmp_path)] == [
        ["masked", "skeleton"],
        ["masked"],
        ["masked"],
    ]
    assert [(one.what, one.examples) for one in READER.missing(tmp_path)] == [
        ("no skeleton, as the data set's own list says", ("S001C001P001R001A002",)),
        ("no skeleton", ("S001C001P001R001A003",)),
    ]


def test_listed_sample_of_nothing_but_its_skeleton_is_no_take(tmp_path: Path) -> None:
    for action in (1, 2):
        write_ntu(tmp_path, f"S001C001P001R001A{action:03d}", ["skeleton"])
    (tmp_path / "missing_skeletons.txt").write_text("S001C001P001R001A001\n")
    assert [take.key for take in READER.find(tmp_path)] == ["S001C001P001R001A002"]
    assert [one.examples for one in READER.missing(tmp_path)] == [("S001C001P001R001A001",)]


def test_bodies_keep_their_places_and_y_points_down(tmp_path: Path) -> None:
    seen = [[], ["7201"], ["7202", "7201"], ["7203", "7202", "7201"], ["7202"]]
    write_ntu(tmp_path, NAME, ["skeleton"], bodies=seen)
    joints = only(tmp_path).skeleton
    assert (joints.shape, joints.dtype.name) == ((5, 3, 25, 3), "float32")
    there = np.isfinite(joints).all(axis=(2, 3))
    order = ["7201", "7202", "7203"]
    assert there.tolist() == [[body in frame for body in order] for frame in seen]
    expected = joints_of(3, 2) * [1, -1, 1]
    np.testing.assert_allclose(joints[3, 1], expected, atol=1e-5)


def test_sample_with_nobody_in_its_skeleton_has_none(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["depth", "skeleton"], bodies=[[]] * FRAMES)
    assert only(tmp_path).skeleton is None
    write_ntu(tmp_path / "alone", NAME, ["skeleton"], bodies=[[]] * FRAMES)
    with pytest.raises(BrokenFileError, match="no body"):
        only(tmp_path / "alone")


@pytest.mark.parametrize("word", ["NaN", "nan", "-1.#IND"])
def test_numbers_that_are_none_are_joints_not_seen(tmp_path: Path, word: str) -> None:
    write_ntu(tmp_path, NAME, ["skeleton"])
    path = tmp_path / "nturgb+d_skeletons" / f"{NAME}.skeleton"
    lines = path.read_text().splitlines()
    lines[4] = " ".join([word] * 3 + lines[4].split()[3:])
    path.write_text("\n".join(lines))
    joints = only(tmp_path).skeleton
    assert np.isnan(joints[0, 0, 0]).all()
    assert np.isfinite(joints[0, 0, 1:]).all()


def test_any_cut_of_a_skeleton_is_refused(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["skeleton"])
    path = tmp_path / "nturgb+d_skeletons" / f"{NAME}.skeleton"
    text = ntu_skeleton([["7201"]] * FRAMES)
    for length in (0, 1, 3, 30, len(text) // 2, len(text) - 10):
        path.write_text(text[:length])
        with pytest.raises(BrokenFileError):
            only(tmp_path)
    path.write_text("a letter\nto somebody\n")
    with pytest.raises(BrokenFileError, match="no skeleton file"):
        only(tmp_path)


@pytest.mark.parametrize(
    ("bodies", "sentence"),
    [
        ([[str(body) for body in range(21)]], "21 bodies in one frame"),
        ([[str(10 * frame)] for frame in range(101)], "101 bodies in 101 frames"),
        ([["72"], ["73"]] + [[]] * 250_000, "2 bodies in 250002 frames"),
    ],
)
def test_more_bodies_than_a_sensor_sees_are_refused(
    tmp_path: Path, bodies: list[list[str]], sentence: str
) -> None:
    write_ntu(tmp_path, NAME, ["skeleton"], bodies=bodies)
    with pytest.raises(BrokenFileError, match=sentence):
        only(tmp_path)


def test_picture_that_is_gone_or_damaged_is_named(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["depth"])
    folder = tmp_path / "nturgb+d_depth_masked" / NAME
    content = (folder / "MDepth-00000003.png").read_bytes()
    (folder / "MDepth-00000003.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(FsamtError, match="MDepth-00000003"):
        list(only(tmp_path).depth.frames)
    (folder / "MDepth-00000003.png").unlink()
    with pytest.raises(BrokenFileError) as caught:
        only(tmp_path)
    assert caught.value.reason == "1 of its 5 pictures are missing."
    for picture in folder.iterdir():
        picture.unlink()
    with pytest.raises(BrokenFileError, match="no picture"):
        only(tmp_path)


def test_cut_video_or_unknown_action_is_refused(tmp_path: Path) -> None:
    write_ntu(tmp_path, NAME, ["rgb"])
    path = tmp_path / "nturgb+d_rgb" / f"{NAME}_rgb.avi"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    with pytest.raises(BrokenFileError):
        only(tmp_path)
    write_ntu(tmp_path / "other", "S001C001P001R001A121", ["rgb"])
    with pytest.raises(BrokenFileError, match="no action 121"):
        only(tmp_path / "other")


def test_wrong_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="no folder"):
        READER.find(tmp_path / "absent")
    (tmp_path / "holiday.avi").write_bytes(b"")
    with pytest.raises(FsamtError, match="no samples of NTU"):
        READER.find(tmp_path)


def test_a_sample_that_was_found_needs_a_few_hundred_bytes() -> None:
    n = 5000
    found = FoundTakes(lambda key: (key[8:12], (ACTIONS[int(key[-3:]) - 1],)))
    folder = Path("/data/nturgb+d_rgb")
    tracemalloc.start()
    for number in range(n):
        key = f"S001C001P{number // 120 + 1:03d}R001A{number % 120 + 1:03d}"
        for kind, ending in (("colour", "_rgb.avi"), ("skeleton", ".skeleton")):
            found.add(key, kind, Place(folder / f"{key}{ending}"))
    n_found = sum(1 for _ in found)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_found == n
    assert peak < 300 * n  # A list of takes with their paths needs some 1,500.


def test_real_ntu_video_is_read(shared_data: Path) -> None:
    folder = shared_data / "ntu-rgbd-sample"
    if not folder.is_dir():
        pytest.skip("no NTU RGB+D file among the real data")
    (found,) = READER.find(folder)
    take = READER.load(found)
    assert (found.key, take.participant) == ("S001C001P001R001A001", "P001")
    assert (take.colour.width, take.colour.height) == (1920, 1080)
    assert take.segments == (("drink water", 0, 103),)
    assert next(iter(take.colour.frames)).shape == (1080, 1920, 3)
