"""Recordings through the real SDK: frames are recorded by it, and played by it."""

import contextlib
import sqlite3
import threading

import numpy as np
import pytest

from fsamt_engine.capture.cameras import missing, open_camera
from fsamt_engine.capture.playback import PlaybackCamera
from fsamt_engine.capture.realsense_contents import stored_frames
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind
from tests.fsamt_engine.capture import recorded
from tests.fsamt_engine.capture.recorded import COLOUR, DEPTH, INFRARED, SETTINGS, record, steady

pytestmark = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")


def play(path, settings=SETTINGS):
    """All frames of a recording, and the camera that gave them."""
    camera = PlaybackCamera(path, real_time=False)
    camera.start(settings)
    frames = []
    while (frame := camera.read(20.0)) is not None:
        frames.append(frame)
    assert camera.has_ended
    return frames, camera


def of(frames, kind):
    return [frame for frame in frames if frame.kind == kind]


def seen(frames):
    """All that is said of frames, for comparison."""
    return [(f.at_us, f.domain, f.number, f.arrived_at_us, f.pixels.tobytes()) for f in frames]


def assert_same(played, frames):
    for kind in {frame.kind for frame in frames}:
        assert seen(of(played, kind)) == seen(of(frames, kind))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recorded.db3"


def test_every_frame_comes_as_it_was_recorded(path):
    frames = steady(40, (DEPTH, COLOUR, INFRARED))
    record(path, frames)
    played, camera = play(path, recorded.CameraSettings((DEPTH, COLOUR, INFRARED)))
    assert_same(played, frames)
    assert camera.lost.by_kind == {}
    camera.close()


def test_camera_is_described_as_it_was_recorded(path):
    record(path, steady(3), unit_m=0.000125)
    camera = PlaybackCamera(path, real_time=False)
    assert (camera.info.id, camera.info.serial) == (f"file:{path}", "1234567")
    assert camera.info.usb_type == "3.2"
    assert set(camera.capabilities.modes) == {DEPTH, COLOUR}
    camera.start(SETTINGS)
    assert camera.calibration == recorded.CALIBRATION
    camera.close()


def test_a_depth_unit_of_an_eighth_of_a_millimetre_is_exact(path):
    record(path, steady(3), unit_m=0.000125)
    _, camera = play(path)
    (unit_m,) = [s.unit_m for s in camera.streams if s.mode.kind == StreamKind.DEPTH]
    assert unit_m == 0.000125
    camera.close()


def test_no_frame_is_lost_at_the_beginning_however_often_it_is_played(path):
    record(path, steady(6))
    for _ in range(15):
        played, camera = play(path)
        camera.close()
        assert len(played) == 12


def test_a_slow_reader_gets_every_frame(path):
    record(path, steady(30))
    camera = PlaybackCamera(path, real_time=False)
    camera.start(SETTINGS)
    waited = threading.Event()
    n_frames = 0
    while camera.read(20.0) is not None:
        n_frames += 1
        waited.wait(0.005)
    assert (n_frames, camera.lost.by_kind) == (60, {})
    camera.close()


def test_it_starts_from_the_beginning_again(path):
    record(path, steady(10))
    camera = PlaybackCamera(path, real_time=False)
    for n_read in (3, 20):
        camera.start(SETTINGS)
        numbers = [camera.read(20.0).number for _ in range(n_read)]
        assert min(numbers) == 0
        assert not camera.has_ended
        camera.stop()
    camera.close()


def test_in_real_time_what_nobody_fetches_is_counted(path):
    record(path, steady(60))
    camera = PlaybackCamera(path, real_time=True)
    camera.start(SETTINGS)
    n_read = 0
    while not camera.has_ended:
        n_read += camera.read(1.0) is not None
    assert n_read + sum(camera.lost.by_kind.values()) == 120
    camera.close()


def test_depth_alone_gives_all_of_depth_and_nothing_else(path):
    frames = steady(20)
    record(path, frames)
    played, camera = play(path, recorded.CameraSettings((DEPTH,)))
    assert seen(played) == seen(of(frames, StreamKind.DEPTH))
    camera.close()


def test_a_stream_that_was_not_recorded_is_refused_with_those_that_were(path):
    record(path, steady(2, (DEPTH,)))
    camera = PlaybackCamera(path, real_time=False)
    with pytest.raises(FsamtError) as refused:
        camera.start(SETTINGS)
    assert "depth 64x48 at 30" in refused.value.hint
    camera.close()


def test_closing_while_frames_wait_to_be_read_leaves_no_thread(path):
    record(path, steady(60))
    before = threading.active_count()
    camera = PlaybackCamera(path, real_time=False)
    camera.start(SETTINGS)
    assert camera.read(20.0) is not None
    camera.close()
    assert threading.active_count() == before


def test_damage_in_the_middle_is_counted_as_lost(path):
    record(path, steady(60))
    damage(path)
    played, camera = play(path)
    assert len(played) < 120
    assert len(played) + sum(camera.lost.by_kind.values()) == 120
    camera.close()


def damage(path):
    """Overwrite a page of pixels in the middle of a file, as a bad disk would."""
    sound = path.read_bytes()
    for at in range(len(sound) // 2 // 4096 * 4096, len(sound), 4096):
        path.write_bytes(sound[:at] + bytes(4096) + sound[at + 4096 :])
        with contextlib.suppress(FsamtError):
            stored_frames(path)
            return


def _foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE topics (id)")
        connection.execute("CREATE TABLE messages (id)")
    connection.close()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cut.db3", lambda path: (record(path, steady(9)), cut(path))),
        ("empty.db3", lambda path: path.write_bytes(b"")),
        ("noise.db3", lambda path: path.write_bytes(np.random.default_rng(0).bytes(9000))),
        ("noise.bag", lambda path: path.write_bytes(b"#ROSBAG V2.0\n" + bytes(range(256)) * 9)),
        ("text.txt", lambda path: path.write_text("hello")),
        ("foreign.db3", _foreign),
        ("absent.db3", lambda path: None),
        ("folder.db3", lambda path: path.mkdir()),
        (
            "renamed.bag",
            lambda path: record(path.with_suffix(".db3"), steady(2)).rename(path),
        ),
    ],
)
def test_what_is_no_whole_recording_is_refused_in_words(tmp_path, name, make):
    make(tmp_path / name)
    with pytest.raises(FsamtError) as refused:
        open_camera(f"file:{tmp_path / name}")
    assert name in refused.value.message
    assert refused.value.hint


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_an_index_that_promises_more_than_there_is_asks_for_no_memory(tmp_path):
    header = b"\x05\x00\x00\x00op=\x03\x12\x00\x00\x00index_pos=" + (60).to_bytes(8, "little")
    record_ = len(header).to_bytes(4, "little") + header + bytes(4)
    path = tmp_path / "huge.bag"
    path.write_bytes((b"#ROSBAG V2.0\n" + record_).ljust(60, b" ") + b"\xff\xff\xff\x7f")
    with pytest.raises(FsamtError, match="index"):
        open_camera(f"file:{path}")


def test_without_a_depth_unit_a_recording_is_refused(path, monkeypatch):
    record(path, steady(2))
    camera = PlaybackCamera(path, real_time=False)
    monkeypatch.setattr("fsamt_engine.capture.realsense_streams.depth_unit_m", lambda _: None)
    with pytest.raises(FsamtError, match="unit"):
        camera.start(SETTINGS)
    assert camera.streams == ()
    camera.close()


def test_a_real_recording_of_a_d435_plays(shared_data):
    path = shared_data / "realsense" / "single_depth_color_640x480.bag"
    if not path.is_file():
        pytest.skip("no recording of a D435 among the real data")
    camera = PlaybackCamera(path, real_time=False)
    frames, camera = play(path, recorded.CameraSettings(camera.capabilities.modes))
    assert (camera.info.name, camera.info.serial) == ("Intel RealSense D435", "728612070259")
    numbers = {kind: [f.number for f in of(frames, kind)] for kind in (StreamKind.DEPTH,)}
    assert numbers == {StreamKind.DEPTH: [169, 170]}
    (colour,) = of(frames, StreamKind.COLOUR)
    assert (colour.at_us, colour.domain) == (360_713_523, "device")
    assert colour.pixels.shape == (480, 640, 3)
    assert 10 < colour.pixels.mean() < 245
    assert camera.calibration.depth_to_colour_translation[0] == pytest.approx(0.0143, abs=1e-4)
    camera.close()
