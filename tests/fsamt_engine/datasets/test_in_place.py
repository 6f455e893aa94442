"""Takes whose frames stay in the data set."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.datasets import import_data_set
from fsamt_engine.datasets.exchange import export_takes
from fsamt_engine.datasets.importing import ImportChoice
from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.files.outgoing import TakeTimes
from fsamt_engine.library import Library, StreamKind, Take
from fsamt_engine.library.bin import bin_takes, empty_bin, restore_takes
from fsamt_engine.library.elsewhere import folders_elsewhere, relocate, video_of
from fsamt_engine.library.labels import add_segment
from fsamt_engine.library.takes import list_takes, take
from fsamt_engine.library.verify import verify
from fsamt_engine.media import ColourReader, DepthReader, InfraredReader
from tests.fsamt_engine.datasets.lying import (
    LyingDataSet,
    depth_of,
    write_take,
    write_video,
    zip_up,
)

IN_PLACE = ImportChoice(in_place=True)
KEYS = ("p1a", "p1b", "p2a")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for key in KEYS:
        write_take(tmp_path / "set", key)
    return tmp_path / "set"


@pytest.fixture(params=["on disk", "in zips"])
def lying(request: pytest.FixtureRequest, source: Path) -> Path:
    if request.param == "in zips":
        zip_up(source, "depth", "infrared", "rgb")
    return source


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _one(library: Library, key: str) -> Take:
    takes = [take(library, row.id) for row in list_takes(library)]
    return next(one for one in takes if one.source_key == f"lying/{key}")


def _n_elsewhere(library: Library) -> int:
    takes = [take(library, row.id) for row in list_takes(library)]
    return sum(stream.is_elsewhere for one in takes for stream in one.streams)


def _depth(library: Library, key: str) -> np.ndarray:
    stream = _one(library, key).stream(StreamKind.DEPTH)
    with DepthReader(library.absolute(stream.path), stream.n_frames) as reader:
        return reader.read(0, len(reader))


def test_frames_are_read_where_they_lie_to_the_bit(library: Library, lying: Path):
    before = _files(lying)
    result = import_data_set(library, LyingDataSet(), lying, IN_PLACE)
    assert (result.added, result.skipped) == (3, ())
    np.testing.assert_array_equal(_depth(library, "p2a"), depth_of("p2a"))
    one = _one(library, "p2a")
    infrared, colour = one.stream(StreamKind.INFRARED), one.stream(StreamKind.COLOUR)
    with InfraredReader(library.absolute(infrared.path)) as reader:
        np.testing.assert_array_equal(reader[5], depth_of("p2a")[5] // 2)
    with ColourReader(library.absolute(colour.path), colour.n_frames) as reader:
        assert (len(reader), reader.n_missing, reader.width, reader.height) == (6, 0, 64, 48)
        assert np.allclose([frame.mean() for frame in reader], np.linspace(10, 240, 6), atol=4)
        assert reader[0].mean() == pytest.approx(10, abs=4)
    assert [stream.is_elsewhere for stream in one.streams] == [True, True, True, False]
    assert one.calibration.colour.width == 64
    assert _files(lying) == before
    assert sum(s.n_bytes for s in one.streams if s.is_elsewhere) < 3000
    assert verify(library).problems == ()


def test_data_set_is_never_touched_not_even_by_the_bin(library: Library, lying: Path):
    before = _files(lying)
    import_data_set(library, LyingDataSet(), lying, IN_PLACE)
    ids = [row.id for row in list_takes(library)]
    bin_takes(library, ids)
    restore_takes(library, ids[:1])
    assert verify(library).problems == ()
    bin_takes(library, ids[:1])
    empty_bin(library)
    assert list_takes(library) == []
    assert _files(lying) == before


def test_moved_data_set_is_named_in_a_sentence_until_it_is_found_again(
    library: Library, lying: Path, tmp_path: Path
):
    import_data_set(library, LyingDataSet(), lying, IN_PLACE)
    moved = Path(shutil.copytree(lying, tmp_path / "disk" / "set"))
    shutil.rmtree(lying)
    with pytest.raises(FsamtError, match="outside the library") as caught:
        _depth(library, "p1a")
    assert "relocate" in caught.value.hint
    problems = verify(library).problems
    assert len(problems) == 9
    assert "relocate" in problems[0].hint
    (told,) = verify(library).told
    assert told.what.startswith(f"9 streams of 3 takes are no longer in {lying}, which lies")
    assert "relocate" in told.hint
    found = relocate(library, moved)
    assert (found.folders, found.n_found, found.n_missing) == ((moved,), 9, 0)
    np.testing.assert_array_equal(_depth(library, "p1a"), depth_of("p1a"))
    assert verify(library).problems == ()
    assert import_data_set(library, LyingDataSet(), moved, IN_PLACE).added == 0


def test_folder_that_holds_something_else_is_no_new_place(
    library: Library, source: Path, tmp_path: Path
):
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(FsamtError, match="Nothing of what the library needs"):
        relocate(library, other)
    write_take(other, "p1a", size=(128, 96))
    with pytest.raises(FsamtError, match="is not the file that the library knows"):
        relocate(library, other)
    with pytest.raises(FsamtError, match="Nothing of this library lies in"):
        relocate(library, other, tmp_path / "elsewhere")
    assert folders_elsewhere(library) == (source,)
    np.testing.assert_array_equal(_depth(library, "p1a"), depth_of("p1a"))


def test_folder_above_several_data_sets_is_moved_at_once(library: Library, tmp_path: Path):
    for name, key in (("one", "p1a"), ("two", "p2b")):
        write_take(tmp_path / "old" / name, key)
        import_data_set(library, LyingDataSet(), tmp_path / "old" / name, IN_PLACE)
    (tmp_path / "old").rename(tmp_path / "new")
    with pytest.raises(FsamtError, match="in several folders"):
        relocate(library, tmp_path / "new")
    assert relocate(library, tmp_path / "new", tmp_path / "old").n_found == _n_elsewhere(library)
    assert verify(library).problems == ()


@pytest.mark.parametrize("change", ["gone", "cut", "other size"])
def test_changed_file_is_found_by_verify_and_by_its_reader(
    library: Library, source: Path, change: str
):
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    picture = source / "depth" / "p1b" / "D-00000003.png"
    if change == "gone":
        picture.unlink()
    elif change == "cut":
        picture.write_bytes(picture.read_bytes()[:-20])
    else:
        picture.write_bytes((source / "infrared" / "p2a" / "D-00000001.png").read_bytes() + b"\0")
    assert [problem.take_id for problem in verify(library).problems] == [_one(library, "p1b").id]
    stream = _one(library, "p1b").stream(StreamKind.DEPTH)
    with DepthReader(library.absolute(stream.path), 6) as reader:
        assert reader.n_missing == (1 if change == "gone" else 0)
        assert reader[1].any()
        if change != "other size":
            with pytest.raises(FsamtError, match=r"D-00000003\.png"):
                reader[2]


def test_another_video_in_the_place_of_one_is_not_taken_for_it(library: Library, source: Path):
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    write_video(source / "rgb" / "p1a.avi", n_frames=9)
    stream = _one(library, "p1a").stream(StreamKind.COLOUR)
    with pytest.raises(FsamtError, match="not what it was when the take was added"):
        ColourReader(library.absolute(stream.path), stream.n_frames)


def test_depth_pictures_of_8_bits_are_refused(library: Library, source: Path):
    from tests.fsamt_engine.datasets.lying import encoded

    for picture in (source / "depth" / "p1a").iterdir():
        picture.write_bytes(encoded(np.zeros((24, 32), np.uint8), "png", "gray"))
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    with pytest.raises(FsamtError, match="16-bit"):
        _depth(library, "p1a")


def test_handing_takes_on_copies_their_frames(library: Library, lying: Path, tmp_path: Path):
    import_data_set(library, LyingDataSet(), lying, IN_PLACE)
    ids = [row.id for row in list_takes(library)]
    result = export_takes(library, ids, tmp_path / "handed")
    assert (result.added, result.skipped) == (3, ())
    shutil.rmtree(lying)
    with Library.open(tmp_path / "handed") as handed:
        assert _n_elsewhere(handed) == 0
        np.testing.assert_array_equal(_depth(handed, "p1b"), depth_of("p1b"))
        assert verify(handed).problems == ()


def test_frames_that_are_gone_leave_their_take_behind(
    library: Library, source: Path, tmp_path: Path
):
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    (source / "rgb" / "p1a.avi").unlink()
    ids = [row.id for row in list_takes(library)]
    result = export_takes(library, ids, tmp_path / "handed")
    assert result.added == 2
    assert "is not there" in result.skipped[0].reason


def test_library_inside_its_data_set_is_no_trouble_but_the_other_way_is(tmp_path: Path):
    write_take(tmp_path / "set", "p1a")
    with Library.create(tmp_path / "set" / "library") as library:
        assert import_data_set(library, LyingDataSet(), tmp_path / "set", IN_PLACE).added == 1
        shutil.copytree(tmp_path / "set" / "depth", library.root / "inside" / "depth")
        with pytest.raises(FsamtError, match="in the library itself"):
            import_data_set(library, LyingDataSet(), library.root / "inside", IN_PLACE)


def test_labels_are_bounded_by_main_frames_and_name_the_video_itself(
    library: Library, source: Path
):
    shutil.rmtree(source / "depth")
    write_video(source / "rgb" / "p1a.avi", n_frames=9)
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    one = _one(library, "p1a")
    assert (one.main.kind, one.main.n_frames) == (StreamKind.INFRARED, 6)
    add_segment(library, one.id, "clap", 2, 6)
    with pytest.raises(FsamtError, match="6 frames"):
        add_segment(library, one.id, "clap", 2, 7)
    times = TakeTimes.of(library, one)
    assert times.n_frames == 6
    assert times.media == source / "rgb" / "p1a.avi"
    assert video_of(library, one.main) is None


def test_flipped_bit_of_a_picture_is_not_shown_as_depth(library: Library, source: Path):
    import_data_set(library, LyingDataSet(), source, IN_PLACE)
    picture = source / "depth" / "p1a" / "D-00000001.png"
    content = bytearray(picture.read_bytes())
    content[-14] ^= 0x10  # In the checksum of the pixels, which are whole: only that tells.
    picture.write_bytes(content)
    with pytest.raises(FsamtError, match="damaged"):
        _depth(library, "p1a")
