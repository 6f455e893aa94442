import av
import numpy as np
import pytest

from fsamt_engine.capture.camera import CameraGoneError, CameraSettings, StreamMode
from fsamt_engine.capture.cameras import usual_settings
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import StreamKind
from fsamt_engine.library.takes import take, timestamps
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.recognition.sources import depth_only
from fsamt_engine.recognition.take_camera import TakeCamera
from tests.fsamt_engine.conftest import HEIGHT, N_FRAMES, WIDTH


@pytest.fixture
def library(square_library):
    return square_library


@pytest.fixture
def take_id(library):
    return library.rows("SELECT id FROM takes ORDER BY id")[0][0]


@pytest.fixture
def opened(library, take_id):
    camera = started(library, take_id, real_time=False)
    yield camera
    camera.close()


class Clock:
    """A clock that only waiting moves."""

    now = 100.0

    def wait(self, seconds):
        self.now += seconds
        return False


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


def started(library, take_id, **options):
    camera = TakeCamera(library, take_id, **options)
    camera.start(usual_settings(camera.capabilities, depth_only()))
    return camera


def in_real_time(library, take_id, clock):
    camera = started(library, take_id)
    camera._closed.wait = clock.wait
    return camera


def depth_path(library, take_id):
    return library.absolute(take(library, take_id).stream(StreamKind.DEPTH).path)


def read_all(camera):
    frames = []
    while (frame := camera.read()) is not None:
        frames.append(frame)
    return frames


def test_frame_by_frame_every_frame_comes_as_it_was_recorded(library, take_id, opened):
    frames = read_all(opened)
    assert [frame.number for frame in frames] == list(range(N_FRAMES))
    times = timestamps(library, take_id, StreamKind.DEPTH)
    assert [frame.at_us for frame in frames] == times.tolist()
    with DepthReader(depth_path(library, take_id)) as reader:
        for frame, stored in zip(frames, reader, strict=True):
            assert np.array_equal(frame.pixels, stored)
    assert opened.has_ended
    assert opened.lost.by_kind == {}


def test_unit_geometry_and_clock_are_those_of_the_take(library, take_id, opened):
    (stream,) = opened.streams
    assert (stream.unit_m, stream.timestamp_domain) == (0.001, "nominal")
    assert opened.read().domain == "nominal"
    assert opened.calibration.depth == take(library, take_id).calibration.depth
    assert opened.calibration.colour is None
    assert opened.take.region is None


def test_the_file_of_colour_is_never_opened(library, take_id, monkeypatch):
    paths = []
    real = av.open

    def noted(file, *rest, **options):
        paths.append(str(file))
        return real(file, *rest, **options)

    monkeypatch.setattr(av, "open", noted)
    camera = started(library, take_id, real_time=False)
    assert len(read_all(camera)) == N_FRAMES
    camera.close()
    assert paths
    assert {path.rpartition("/")[2] for path in paths} == {"depth.mkv"}


def test_colour_is_refused(library, take_id):
    camera = TakeCamera(library, take_id)
    (depth,) = camera.capabilities.modes
    colour = StreamMode(StreamKind.COLOUR, WIDTH, HEIGHT, 30.0)
    for streams in ((depth, colour), (colour,)):
        with pytest.raises(FsamtError) as refused:
            camera.start(CameraSettings(streams))
        assert refused.value.hint
    assert camera.streams == ()
    assert camera.active_streams() == ()


def test_what_is_open_is_what_the_file_says(opened):
    (active,) = opened.active_streams()
    assert (active.kind, active.width, active.height) == (StreamKind.DEPTH, WIDTH, HEIGHT)
    opened.stop()
    assert opened.active_streams() == ()


def test_in_real_time_a_frame_comes_when_it_is_due(library, take_id, clock):
    camera = in_real_time(library, take_id, clock)
    for _ in range(4):
        camera.read()
    assert clock.now == pytest.approx(100.1, abs=1e-4)
    assert camera.read(timeout_s=0.001) is None
    camera.close()


def test_in_real_time_what_nobody_fetches_is_gone_and_counted(library, take_id, clock):
    camera = in_real_time(library, take_id, clock)
    first = camera.read()
    clock.now += 0.4
    second = camera.read()
    assert (first.number, second.number) == (0, 12)
    assert camera.lost.by_kind == {StreamKind.DEPTH: 11}
    assert len(read_all(camera)) == N_FRAMES - 13
    camera.close()


def test_in_real_time_a_short_delay_loses_nothing(library, take_id, clock):
    camera = in_real_time(library, take_id, clock)
    camera.read()
    clock.now += 0.2
    assert [camera.read().number for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    camera.close()


def test_a_clock_that_was_set_makes_nobody_wait_for_an_hour(library, take_id, clock):
    times = timestamps(library, take_id, StreamKind.DEPTH)
    times[10:] += 3_600_000_000
    times[15:] -= 7_200_000_000

    def change(db):
        db.conn.execute("UPDATE frames SET timestamps_us = ?", [times.astype("<i8").tobytes()])

    library.write(change)
    camera = in_real_time(library, take_id, clock)
    frames = [camera.read(timeout_s=60) for _ in range(N_FRAMES)]
    assert [frame.at_us for frame in frames] == times.tolist()
    assert clock.now < 110
    camera.close()


def test_it_starts_from_the_beginning_again(opened):
    settings = usual_settings(opened.capabilities)
    assert [opened.read().number for _ in range(3)] == [0, 1, 2]
    opened.start(settings)
    assert not opened.has_ended
    assert opened.read().number == 0


def test_closing_twice_is_fine_and_reading_after_it_is_refused(opened):
    opened.close()
    opened.close()
    with pytest.raises(CameraGoneError):
        opened.read()
    with pytest.raises(CameraGoneError):
        opened.start(usual_settings(opened.capabilities))


def test_a_frame_that_is_damaged_is_left_out_and_counted(library, take_id):
    path = depth_path(library, take_id)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 24] = bytes(24)
    path.write_bytes(content)
    camera = started(library, take_id, real_time=False)
    frames = read_all(camera)
    n_lost = camera.lost.by_kind[StreamKind.DEPTH]
    assert n_lost >= 1
    assert len(frames) == N_FRAMES - n_lost
    assert frames[-1].number == N_FRAMES - 1
    assert camera.has_ended
    camera.close()


def test_frames_that_are_cut_off_the_end_are_counted(library, take_id):
    path = depth_path(library, take_id)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    camera = started(library, take_id, real_time=False)
    frames = read_all(camera)
    assert 0 < len(frames) < N_FRAMES
    assert len(frames) + camera.lost.by_kind[StreamKind.DEPTH] == N_FRAMES
    camera.close()


@pytest.mark.parametrize("content", [b"", b"no video at all" * 99, None])
def test_a_take_whose_file_is_damaged_as_a_whole_is_refused_in_words(library, take_id, content):
    path = depth_path(library, take_id)
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(FsamtError) as refused:
        started(library, take_id)
    assert refused.value.hint


def test_a_take_whose_unit_is_not_known_is_refused_in_words(library, take_id):
    library.write(lambda db: db.conn.execute("UPDATE streams SET unit_m = NULL"))
    with pytest.raises(FsamtError) as refused:
        TakeCamera(library, take_id)
    assert "unit" in refused.value.message


def test_a_take_without_depth_is_refused_in_words(library, take_id):
    library.write(lambda db: db.conn.execute("DELETE FROM streams WHERE kind = 'depth'"))
    with pytest.raises(FsamtError) as refused:
        TakeCamera(library, take_id)
    assert "no depth" in refused.value.message
