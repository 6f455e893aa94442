import os
import shutil

import numpy as np
import pytest

from fsamt_engine.capture.cameras import missing, open_camera
from fsamt_engine.capture.realsense_recording import record_camera
from fsamt_engine.cli import main
from fsamt_engine.datasets.realsense import RecordingNames, import_realsense
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.takes import frame_numbers, list_takes, pairs, take
from fsamt_engine.library.verify import verify
from fsamt_engine.media import DepthReader
from fsamt_engine.progress import Stop
from tests.fsamt_engine.capture import recorded
from tests.fsamt_engine.capture.recorded import COLOUR, DEPTH, INFRARED, record, steady

pytestmark = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")

NAMES = RecordingNames("visit 1", "P01", "wave")


@pytest.fixture
def file(tmp_path):
    return record(tmp_path / "1.db3", steady(20, (DEPTH, COLOUR, INFRARED)))


def only(library):
    (row,) = list_takes(library)
    return take(library, row.id)


def test_a_recording_arrives_whole(library, file):
    result = import_realsense(library, [file], NAMES)
    assert (result.added, result.already_there, result.skipped) == (1, 0, ())
    one = only(library)
    assert (one.session, one.participant, one.source) == ("visit 1", "P01", "realsense")
    assert one.started_at_us == recorded.ARRIVED_AT_US
    assert [(s.action, s.start, s.end) for s in segments(library, take_ids=[one.id])] == [
        ("wave", 0, 20)
    ]
    assert one.calibration == recorded.CALIBRATION
    assert {(s.kind, s.codec, s.n_frames) for s in one.streams} == {
        (StreamKind.DEPTH, "ffv1", 20),
        (StreamKind.COLOUR, "mjpeg", 20),
        (StreamKind.INFRARED, "ffv1", 20),
    }
    with DepthReader(library.absolute(one.stream(StreamKind.DEPTH).path)) as reader:
        stored = list(reader)
    sent = [frame.pixels for frame in steady(20, (DEPTH,))]
    np.testing.assert_array_equal(stored, sent)
    assert frame_numbers(library, one.id, StreamKind.COLOUR).tolist() == list(range(20))
    assert verify(library).problems == ()


def test_the_take_says_what_it_was_recorded_with(library, file):
    import_realsense(library, [file], NAMES)
    recording = only(library).recording
    assert (recording.camera, recording.serial) == ("file:1.db3", "1234567")
    assert (recording.usb_type, recording.ended) == ("3.2", "file ended")


def test_the_same_recording_elsewhere_is_not_imported_again(library, file, tmp_path):
    import_realsense(library, [file], NAMES)
    copy = tmp_path / "copy.db3"
    shutil.copy(file, copy)
    result = import_realsense(library, [copy], RecordingNames("another", "P02"))
    assert (result.added, result.already_there) == (0, 1)
    assert only(library).participant == "P01"


def test_without_an_action_there_is_no_label_and_without_colour_there_are_no_pairs(
    library, tmp_path
):
    file = record(tmp_path / "depth.db3", steady(4, (DEPTH,)))
    import_realsense(library, [file], RecordingNames("visit 1", "P01"))
    one = only(library)
    assert [stream.kind for stream in one.streams] == [StreamKind.DEPTH]
    assert (one.n_pairs, segments(library)) == (0, [])


def test_broken_files_are_named_and_nothing_of_them_is_kept(library, file, tmp_path):
    cut, foreign, absent, colour = (
        tmp_path / name for name in ("cut.db3", "foreign.bag", "absent.db3", "colour.db3")
    )
    content = file.read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    foreign.write_bytes(b"not a recording")
    record(colour, steady(4, (COLOUR,)))
    result = import_realsense(library, [cut, file, foreign, absent, colour], NAMES)
    assert result.added == 1
    assert {skipped.file for skipped in result.skipped} == {cut, foreign, absent, colour}
    assert all(skipped.reason.endswith(".") for skipped in result.skipped)
    assert len(list(library.takes_folder.iterdir())) == 1


def test_a_file_that_the_sdk_ends_early_is_left_out_whole(library, tmp_path):
    """Without a word it gives only the frames before the damage."""
    from tests.fsamt_engine.capture.test_playback import damage

    file = record(tmp_path / "damaged.db3", steady(60))
    damage(file)
    result = import_realsense(library, [file], NAMES)
    assert result.added == 0
    assert "of its 120 frames cannot be read" in result.skipped[0].reason
    assert list(library.takes_folder.iterdir()) == []


def test_stopping_keeps_no_half_take_and_it_goes_on_later(library, file, tmp_path):
    other = record(tmp_path / "2.db3", steady(10))
    told = []

    def stop():
        return Stop.CANCEL if told and told[-1].done == 65 else None

    with pytest.raises(Cancelled):
        import_realsense(library, [file, other], NAMES, on_progress=told.append, should_stop=stop)
    assert len(list_takes(library)) == 1
    assert len(list(library.takes_folder.iterdir())) == 1
    assert (told[0].done, told[0].total) == (0, 80)
    result = import_realsense(library, [file, other], NAMES)
    assert (result.added, result.already_there) == (1, 1)


def test_a_full_disk_ends_the_import_and_keeps_what_came(small_disk, library, file, tmp_path):
    from fsamt_engine.library import Library

    disk = small_disk(1200)
    with Library.create(disk / "library") as full:
        (disk / "filler").write_bytes(bytes(900_000))
        with pytest.raises(FsamtError, match="full"):
            import_realsense(full, [file], NAMES)
        assert list(full.takes_folder.iterdir()) == []


def test_names_that_cannot_be_are_refused_before_anything_is_read(library, file):
    with pytest.raises(FsamtError):
        import_realsense(library, [file], RecordingNames("", "P01"))
    assert list_takes(library) == []


def test_import_of_a_recording_of_the_simulated_figure_gives_pairs(library, tmp_path, capsys):
    """What the issue asks to be shown: recorded by the SDK, imported by the command line."""
    from fsamt_engine.capture.camera import CameraSettings, StreamMode

    modes = tuple(StreamMode(kind, 424, 240, 30.0) for kind in (DEPTH.kind, COLOUR.kind))
    camera = open_camera("simulated:2/wave", real_time=False)
    file = tmp_path / "figure.db3"
    n_frames = record_camera(file, camera, CameraSettings(modes), seconds=0.3)
    camera.close()
    root = str(library.root)
    arguments = ["--library", root, "--session", "s", "--participant", "P02", "--action", "wave"]
    assert main(["import", "realsense", str(file), *arguments]) == 0
    assert "1 take added" in capsys.readouterr().out
    one = only(library)
    assert (one.participant, one.n_pairs) == ("P02", n_frames // 2)
    assert abs(pairs(library, one.id)[:, 2]).max() < 8_000
    assert one.calibration.depth.fx == pytest.approx(camera_focal(240), rel=1e-6)


def camera_focal(height):
    return height / 2 / np.tan(np.radians(29))


def test_command_says_in_a_sentence_why_a_file_cannot_be_imported(library, tmp_path, capsys):
    (tmp_path / "foreign.bag").write_bytes(b"not a recording")
    file = str(tmp_path / "foreign.bag")
    arguments = ["--library", str(library.root), "--participant", "P01"]
    assert main(["import", "realsense", file, *arguments]) == 2
    assert "foreign.bag is not a recording of the RealSense SDK." in capsys.readouterr().err


def test_a_real_recording_of_a_d435_is_imported_as_it_is(library, shared_data):
    path = shared_data / "realsense" / "single_depth_color_640x480.bag"
    if not path.is_file():
        pytest.skip("no recording of a D435 among the real data")
    size_before = os.stat(path).st_size
    result = import_realsense(library, [path], RecordingNames("real", "nobody"))
    assert (result.added, result.skipped) == (1, ())
    one = only(library)
    depth, colour = one.stream(StreamKind.DEPTH), one.stream(StreamKind.COLOUR)
    assert (depth.n_frames, colour.n_frames, depth.rate_hz) == (2, 1, 6.0)
    assert (depth.unit_m, depth.timestamp_domain) == (0.001, "device")
    assert frame_numbers(library, one.id, StreamKind.DEPTH).tolist() == [169, 170]
    assert one.n_pairs == 0  # They are 101 ms apart, more than half a frame of 6 Hz.
    assert one.started_at_us == 1_534_232_519_732_000
    assert (one.recording.device, one.recording.firmware) == ("Intel RealSense D435", "05.09.14.00")
    assert os.stat(path).st_size == size_before
    assert verify(library).problems == ()
