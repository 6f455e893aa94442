from pathlib import Path

import pytest

from fsamt_engine.datasets.kinetics import Kinetics
from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from tests.fsamt_engine.datasets.layouts import COLOUR_SIZE, FRAMES, into_zip, write_video

READER = Kinetics()
ONE, OTHER = "0wR5jVB-WPk_000417_000427", "-_ab01CD23E_000001_000011"
HEAD = "label,youtube_id,time_start,time_end,split\n"


def told(source: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {take.key: (take.participant, take.actions) for take in READER.find(source)}


@pytest.mark.parametrize("folder", ["tap dancing", "tap_dancing"])
def test_folders_tell_class_and_split(tmp_path: Path, folder: str) -> None:
    write_video(tmp_path / "train" / folder / f"{ONE}.mp4")
    write_video(tmp_path / "val" / "abseiling" / f"{OTHER}.mp4")
    assert told(tmp_path) == {
        ONE: ("Kinetics train", ("tap dancing",)),
        OTHER: ("Kinetics val", ("abseiling",)),
    }


def test_video_is_a_take_of_colour_alone(tmp_path: Path) -> None:
    write_video(tmp_path / "train" / "abseiling" / f"{ONE}.mp4")
    (found,) = READER.find(tmp_path)
    take = READER.load(found)
    assert (take.depth, take.infrared, take.skeleton) == (None, None, None)
    assert (take.colour.width, take.colour.height, take.colour.rate_hz) == (*COLOUR_SIZE, 30)
    assert take.segments == (("abseiling", 0, FRAMES),)
    assert len(list(take.colour.frames)) == FRAMES


def test_list_goes_before_the_folder_and_counts_what_is_missing(tmp_path: Path) -> None:
    write_video(tmp_path / "videos_val" / f"{ONE}.mp4")
    write_video(tmp_path / "train_256" / "abseiling" / f"{OTHER}.mp4")
    rows = [f"tap dancing,0wR5jVB-WPk,417,427,val\nabseiling,{OTHER[:11]},1.0,11.0,validate\n"]
    rows += [f"clapping,gone{number:07d},2,12,train\n" for number in range(7)]
    (tmp_path / "k400.csv").write_text(HEAD + "".join(rows))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert told(tmp_path) == {
        ONE: ("Kinetics val", ("tap dancing",)),
        OTHER: ("Kinetics val", ("abseiling",)),
    }
    (missing,) = READER.missing(tmp_path)
    assert (missing.what, missing.n) == ("in the list of the train split, but no video", 7)
    assert missing.examples[0] == "gone0000000_000002_000012"


def test_file_that_is_no_list_is_passed_by(tmp_path: Path) -> None:
    write_video(tmp_path / "val" / "abseiling" / f"{ONE}.mp4")
    (tmp_path / "a.csv").write_text(HEAD + "x" * 200_000 + ",1,2,3,val\n")
    (tmp_path / "b.csv").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "c.csv").write_text(HEAD + "clapping,abcdefghijk,inf,nan,val\n")
    assert told(tmp_path) == {ONE: ("Kinetics val", ("abseiling",))}
    assert READER.missing(tmp_path) == []


def test_video_that_nothing_names_has_no_label(tmp_path: Path) -> None:
    write_video(tmp_path / "val" / f"{ONE}.mp4")
    assert told(tmp_path) == {ONE: ("Kinetics val", ())}
    assert READER.load(READER.find(tmp_path)[0]).segments == ()
    assert [one.what for one in READER.missing(tmp_path)] == [
        "neither a list nor a folder names the action"
    ]


def test_name_without_times_counts_only_where_a_list_names_it(tmp_path: Path) -> None:
    write_video(tmp_path / "my-holidays.mp4")
    with pytest.raises(FsamtError, match="no videos of Kinetics"):
        READER.find(tmp_path)
    (tmp_path / "val.csv").write_text(HEAD + "clapping,my-holidays,3,13,val\n")
    assert told(tmp_path) == {"my-holidays": ("Kinetics val", ("clapping",))}
    assert READER.missing(tmp_path) == []


def test_videos_and_lists_inside_zips_are_read(tmp_path: Path) -> None:
    write_video(tmp_path / "val" / "abseiling" / f"{ONE}.mp4")
    (tmp_path / "val" / "val.csv").write_text(HEAD + "skydiving,0wR5jVB-WPk,417,427,val\n")
    into_zip(tmp_path / "kinetics_val.zip", tmp_path / "val")
    (take,) = READER.find(tmp_path)
    assert (take.participant, take.actions) == ("Kinetics val", ("skydiving",))
    assert len(list(READER.load(take).colour.frames)) == FRAMES


def test_broken_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train" / "abseiling" / f"{ONE}.mp4"
    write_video(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BrokenFileError):
        READER.load(READER.find(tmp_path)[0])
