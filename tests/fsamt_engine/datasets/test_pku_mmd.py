from pathlib import Path

import av
import numpy as np
import pytest

from fsamt_engine.datasets.pku_mmd import ACTIONS, PkuMmd
from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from tests.fsamt_engine.datasets.layouts import (
    DEPTH_SIZE,
    FRAMES,
    depth_of,
    into_zip,
    write_depth,
    write_video,
)

READER = PkuMmd()


def write_skeleton(path: Path, n_frames: int = FRAMES) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.concatenate([np.arange(1, 76) / 10, np.zeros(75)])
    lines = [" ".join(map(str, rows + (rows > 0) * frame)) for frame in range(n_frames)]
    path.write_text("\n".join(lines) + "\n")


def write_recording(root: Path, key: str) -> None:
    write_video(root / "Data" / "RGB_VIDEO" / f"{key}.avi")
    write_depth(root / "Data" / "DEPTH" / key, "{:d}.png", 0)
    write_video(root / "Data" / "IR_VIDEO" / f"{key}-infrared.avi", size=DEPTH_SIZE)
    write_skeleton(root / "Data" / "PKU_Skeleton_Renew" / f"{key}.txt")
    labels = root / "Label" / "Train_Label_PKU_final" / f"{key}.txt"
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text("6,1,3,2\n13,3,900,1\n51,40,50,1\n\n")


def test_51_actions_have_distinct_names_and_their_official_numbers() -> None:
    assert len(set(ACTIONS)) == 51
    assert READER.actions["bow"] == "PKU-MMD 1"
    assert READER.actions["writing"] == "PKU-MMD 51"
    assert not any("," in name for name in ACTIONS)  # The command line separates by commas.


def test_recording_is_loaded_with_labels_cut_at_its_end(tmp_path: Path) -> None:
    write_recording(tmp_path / "PKUMMD", "0002-L")
    (found,) = READER.find(tmp_path)
    take = READER.load(found)
    assert (found.key, take.session, take.participant) == (
        "0002-L", "PKU-MMD 0002", "PKU-MMD train"
    )  # fmt: skip
    assert take.segments == (("clapping", 1, 3), ("hand waving", 3, 5))
    assert take.pairs.tolist() == [[i, i, 0] for i in range(FRAMES)]
    assert (take.infrared.width, take.infrared.height) == DEPTH_SIZE
    np.testing.assert_array_equal(list(take.depth.frames), [depth_of(i) for i in range(FRAMES)])
    assert take.skeleton.shape == (FRAMES, 2, 25, 3)
    assert np.isnan(take.skeleton[:, 1]).all()
    assert take.skeleton[2, 0, 0].tolist() == pytest.approx([2.1, -2.2, 2.3])


def test_people_of_the_official_test_are_told_apart(tmp_path: Path) -> None:
    for key in ("0002-L", "0290-M", "0291-R", "0334-L", "0335-M", "0364-R"):
        write_skeleton(tmp_path / "Skeleton" / f"{key}.txt", 1)
    sides = {take.key: take.participant.rpartition(" ")[2] for take in READER.find(tmp_path)}
    assert [key for key, side in sides.items() if side == "test"] == ["0291-R", "0334-L"]


def test_files_beside_each_other_are_told_by_what_they_hold(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "a" / "0002-L.txt")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "0002-L.txt").write_text("6,1,3,2\n")
    write_video(tmp_path / "0003-M.avi")
    assert [sorted(take.files) for take in READER.find(tmp_path)] == [
        ["labels", "skeleton"],
        ["colour"],
    ]


@pytest.mark.parametrize("below", ["", "part 1", "rgb and depth/DEPTH"])
def test_folder_of_one_kind_alone_is_what_it_is_called(tmp_path: Path, below: str) -> None:
    write_video(tmp_path / "depth and rgb" / "RGB_VIDEO" / "0003-L.avi")
    assert list(READER.find(tmp_path / "depth and rgb")[0].files) == ["colour"]
    assert list(READER.find(tmp_path / "depth and rgb" / "RGB_VIDEO")[0].files) == ["colour"]
    write_video(tmp_path / "Depth_VIDEO" / below / "0002-L.avi")
    (found,) = READER.find(tmp_path / "Depth_VIDEO")
    assert list(found.files) == ["depth"]
    zipped = into_zip(tmp_path / "depth.zip", tmp_path / "Depth_VIDEO")
    assert list(READER.find(zipped)[0].files) == ["depth"]


def test_zips_are_read_as_they_are(tmp_path: Path) -> None:
    write_recording(tmp_path, "0002-L")
    for folder in (*(tmp_path / "Data").iterdir(), *(tmp_path / "Label").iterdir()):
        into_zip(folder.with_suffix(".zip"), folder)
    (found,) = READER.find(tmp_path)
    assert sorted(found.files) == ["colour", "depth", "infrared", "labels", "skeleton"]
    take = READER.load(found)
    np.testing.assert_array_equal(list(take.depth.frames), [depth_of(i) for i in range(FRAMES)])
    assert len(take.segments) == 2


def test_depth_video_of_8_bits_is_left_out_and_told(tmp_path: Path) -> None:
    write_video(tmp_path / "RGB_VIDEO" / "0002-L.avi")
    write_video(tmp_path / "DEPTH_VIDEO" / "0002-L-depth.avi", size=DEPTH_SIZE)
    take = READER.load(READER.find(tmp_path)[0])
    assert (take.depth, take.colour is None) == (None, False)
    assert [(one.what, one.n) for one in READER.missing(tmp_path)] == [
        ("depth only as a video of 8 bits, which holds no distances", 1)
    ]


def test_depth_video_of_16_bits_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "DEPTH_VIDEO" / "0002-L.avi"
    path.parent.mkdir()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = *DEPTH_SIZE, "gray16le"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(depth_of(number), "gray16le")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    depth = READER.load(READER.find(tmp_path)[0]).depth
    assert depth.unit_m == 0.001
    np.testing.assert_array_equal(list(depth.frames), [depth_of(i) for i in range(FRAMES)])


def test_lacking_files_are_told_by_kind(tmp_path: Path) -> None:
    write_recording(tmp_path, "0002-L")
    write_video(tmp_path / "Data" / "RGB_VIDEO" / "0002-M.avi")
    assert [one.what for one in READER.missing(tmp_path)] == [
        "no depth", "no infrared", "no skeleton", "no labels"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("Data/PKU_Skeleton_Renew/0002-L.txt", "1 2 3\n"),
        ("Data/PKU_Skeleton_Renew/0002-L.txt", "a b c\n"),
        ("Label/Train_Label_PKU_final/0002-L.txt", "52,1,3,2\n"),
        ("Label/Train_Label_PKU_final/0002-L.txt", "6;1;3\n"),
    ],
)
def test_damaged_skeleton_or_labels_are_refused(tmp_path: Path, file: str, text: str) -> None:
    write_recording(tmp_path, "0002-L")
    (tmp_path / file).write_text(text)
    with pytest.raises(BrokenFileError) as caught:
        READER.load(READER.find(tmp_path)[0])
    assert caught.value.file == tmp_path / file


def test_wrong_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="no folder"):
        READER.find(tmp_path / "absent")
    (tmp_path / "0002-L.docx").write_bytes(b"")
    with pytest.raises(FsamtError, match="no recordings of PKU-MMD"):
        READER.find(tmp_path)
