import shutil

import numpy as np
import pytest
from scipy.io import savemat

from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.datasets.utd_mhad import ACTIONS, UtdMhad
from fsamt_engine.errors import FsamtError
from tests.fsamt_engine.datasets.layouts import into_zip

READER = UtdMhad()


def _only(source):
    [take] = READER.find(source)
    return READER.load(take)


def test_27_actions_have_distinct_names_and_their_official_numbers():
    assert len(set(ACTIONS)) == 27
    assert READER.actions["swipe left"] == "UTD-MHAD a1"
    assert READER.actions["squat"] == "UTD-MHAD a27"
    assert not any("," in name for name in ACTIONS)  # The command line separates by commas.


def test_take_is_loaded_with_all_that_is_known(tmp_path, make_take):
    make_take(tmp_path, "a24_s3_t2")
    take = _only(tmp_path)
    assert (take.session, take.participant) == ("UTD-MHAD s3", "3")
    assert take.segments == (("sit to stand", 0, 12),)
    assert take.depth.unit_m == 0.001
    assert take.depth.timestamps_us[:3].tolist() == [0, 33333, 66667]
    assert len(take.pairs) == 12
    assert take.skeleton.shape == (12, 1, 20, 3)
    assert take.calibration.depth == take.calibration.colour
    assert take.calibration.depth.fx == pytest.approx(28.56)


@pytest.mark.parametrize(
    ("below", "folders"),
    [
        ("", ("Depth", "RGB", "Skeleton")),
        ("", ("Depth/Depth", "RGB/RGB", "Skeleton/Skeleton")),
        ("UTD-MHAD", ("Depth", "RGB", "Skeleton")),
        ("", (".", ".", ".")),
    ],
)
def test_files_are_found_in_every_usual_layout(tmp_path, make_take, below, folders):
    make_take(tmp_path / below, "a2_s1_t1", folders=folders)
    [take] = READER.find(tmp_path)
    assert (take.key, sorted(take.files)) == ("a2_s1_t1", ["colour", "depth", "skeleton"])


def test_takes_come_by_participant_action_and_trial_as_numbers(tmp_path, make_take):
    for key in ("a10_s1_t1", "a2_s1_t2", "a2_s1_t1", "a1_s3_t1", "a1_s2_t1"):
        make_take(tmp_path, key, with_colour=False, n_frames=1)
    assert [take.key for take in READER.find(tmp_path)] == [
        "a2_s1_t1", "a2_s1_t2", "a10_s1_t1", "a1_s2_t1", "a1_s3_t1",
    ]  # fmt: skip


def test_take_without_colour_is_depth_only(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", with_colour=False)
    take = _only(tmp_path)
    assert take.colour is None
    assert take.pairs.shape == (0, 3)
    assert take.calibration.colour is None


def test_colour_of_another_length_is_paired_as_far_as_it_goes(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", n_frames=12, n_colour=10)
    take = _only(tmp_path)
    assert take.pairs.tolist() == [[i, i, 0] for i in range(10)]


def test_colour_at_half_the_rate_is_paired_by_time(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", n_frames=12, n_colour=6, colour_rate=15)
    take = _only(tmp_path)
    assert take.colour.rate_hz == 15
    assert take.pairs[:, :2].tolist() == [[0, 0], [2, 1], [4, 2], [6, 3], [8, 4], [10, 5]]


def test_wrong_rate_in_the_header_is_not_believed(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", n_frames=12, n_colour=12, colour_rate=15)
    assert len(_only(tmp_path).pairs) == 12


def test_larger_colour_has_scaled_intrinsics(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", colour_scale=2)
    calibration = _only(tmp_path).calibration
    assert calibration.colour.fx == 2 * calibration.depth.fx
    assert (calibration.colour.width, calibration.colour.cy) == (64, 2 * calibration.depth.cy)


@pytest.mark.parametrize("kind", ["Depth", "RGB", "Skeleton"])
def test_one_modality_alone_is_a_take(tmp_path, make_take, kind):
    make_take(tmp_path, "a1_s1_t1", n_frames=12)
    for folder in {"Depth", "RGB", "Skeleton"} - {kind}:
        shutil.rmtree(tmp_path / folder)
    take = _only(tmp_path)
    streams = {"Depth": take.depth, "RGB": take.colour, "Skeleton": take.skeleton}
    assert [name for name, stream in streams.items() if stream is not None] == [kind]
    assert take.segments == (("swipe left", 0, 12),)
    assert READER.missing(tmp_path) == []


def test_zip_that_is_cut_off_is_told(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1")
    into_zip(tmp_path / "Depth.zip", tmp_path / "Depth")
    make_take(tmp_path, "a1_s1_t2")
    content = (tmp_path / "Depth.zip").read_bytes()
    (tmp_path / "Depth.zip").write_bytes(content[: len(content) // 2])
    assert [take.key for take in READER.find(tmp_path)] == ["a1_s1_t1", "a1_s1_t2"]
    assert [str(one) for one in READER.missing(tmp_path)] == [
        "1 take: no depth (a1_s1_t1)",
        "1 zip: cut off or damaged, and what is in it (Depth.zip)",
    ]


def test_official_zips_are_read_as_they_are(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1")
    make_take(tmp_path, "a1_s1_t2", with_colour=False)
    plain = READER.load(READER.find(tmp_path)[0])
    for folder in ("Depth", "RGB", "Skeleton"):
        into_zip(tmp_path / f"{folder}.zip", tmp_path / folder)
    zipped = READER.load(READER.find(tmp_path)[0])
    np.testing.assert_array_equal(np.asarray(zipped.depth.frames), np.asarray(plain.depth.frames))
    np.testing.assert_array_equal(zipped.skeleton, plain.skeleton)
    assert len(list(zipped.colour.frames)) == 12
    assert [str(one) for one in READER.missing(tmp_path)] == ["1 take: no colour (a1_s1_t2)"]


def test_single_frame_that_matlab_flattened_is_a_take(tmp_path):
    savemat(tmp_path / "a1_s1_t1_depth.mat", {"d_depth": np.full((24, 32), 900.0)})
    assert [frame[0, 0] for frame in _only(tmp_path).depth.frames] == [900]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"other": np.zeros((3, 3, 3))}, "no numbers called d_depth"),
        ({"d_depth": "a text"}, "no numbers"),
        ({"d_depth": np.zeros((0, 0, 0))}, "shape"),
        ({"d_depth": np.full((4, 4, 2), 1.5)}, "no depth in millimetres"),
        ({"d_depth": np.full((4, 4, 2), 70000.0)}, "no depth in millimetres"),
        ({"d_depth": np.full((4, 4, 2), np.nan)}, "no depth in millimetres"),
        ({"d_depth": np.zeros((4, 4, 2, 2))}, "shape"),
    ],
)
def test_strange_depth_is_refused_with_a_reason(tmp_path, content, reason):
    savemat(tmp_path / "a1_s1_t1_depth.mat", content)
    with pytest.raises(BrokenFileError) as caught:
        _only(tmp_path)
    assert reason in caught.value.reason
    assert caught.value.file.name == "a1_s1_t1_depth.mat"


def test_any_cut_or_garbage_in_a_mat_file_is_refused_with_a_reason(tmp_path, make_take):
    make_take(tmp_path, "a1_s1_t1", with_colour=False)
    path = tmp_path / "Depth" / "a1_s1_t1_depth.mat"
    content = path.read_bytes()
    for length in (0, 1, 60, 127, 128, 135, 140, 200, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        with pytest.raises(BrokenFileError):
            _only(tmp_path)
    random = np.random.default_rng(0)
    for _ in range(20):
        path.write_bytes(content[:128] + random.bytes(500))
        with pytest.raises(BrokenFileError):
            _only(tmp_path)


def test_matlab_7_3_is_named(tmp_path):
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    (tmp_path / "a1_s1_t1_depth.mat").write_bytes(header + b"\x89HDF\r\n\x1a\n" + bytes(2000))
    with pytest.raises(BrokenFileError) as caught:
        _only(tmp_path)
    assert "7.3" in caught.value.reason


def test_broken_skeleton_colour_or_number_is_refused(tmp_path, make_take):
    make_take(tmp_path / "skeleton", "a1_s1_t1")
    savemat(tmp_path / "skeleton/Skeleton/a1_s1_t1_skeleton.mat", {"d_skel": np.zeros((20, 4, 3))})
    make_take(tmp_path / "colour", "a1_s1_t1")
    (tmp_path / "colour/RGB/a1_s1_t1_color.avi").write_bytes(b"RIFF" + bytes(5000))
    make_take(tmp_path / "action", "a28_s1_t1")
    for name, file in [
        ("skeleton", "a1_s1_t1_skeleton.mat"),
        ("colour", "a1_s1_t1_color.avi"),
        ("action", "a28_s1_t1_depth.mat"),
    ]:
        with pytest.raises(BrokenFileError) as caught:
            READER.load(READER.find(tmp_path / name)[-1])
        assert caught.value.file.name == file
        assert caught.value.reason


def test_wrong_folder_is_said(tmp_path):
    with pytest.raises(FsamtError, match="no folder"):
        READER.find(tmp_path / "absent")
    (tmp_path / "holiday.mat").write_bytes(b"")
    with pytest.raises(FsamtError, match="no files of UTD-MHAD"):
        READER.find(tmp_path)


def test_real_skeleton_lies_on_the_real_body(shared_data):
    folder = shared_data / "utd-mhad"
    if not folder.is_dir():
        pytest.skip("no UTD-MHAD among the real data")
    takes = READER.find(folder)
    assert len(takes) == 431
    take = READER.load(next(take for take in takes if take.key == "a24_s1_t1"))
    lens, depth = take.calibration.depth, np.asarray(take.depth.frames)
    x, y, z = np.moveaxis(take.skeleton[:, 0], 2, 0)
    columns = np.rint(lens.cx + lens.fx * x / z).astype(int)
    rows = np.rint(lens.cy + lens.fy * y / z).astype(int)
    on_body = depth[np.arange(len(depth))[:, None], rows, columns] > 0
    assert on_body.mean() > 0.9
    head_height = -y[:, 0]
    assert head_height[-1] - head_height[0] > 0.3  # "sit to stand": the official order is right.
