import wave
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.pages.capture.live_range import LiveRange
from app.pages.capture.numbers import LiveNumbers
from app.pages.capture.readings import clock, show_numbers
from app.pages.capture.sounds import Sound, Sounds, write_sound
from app.widgets.depth_colours import DepthRange
from fsamt_engine.capture.camera import StreamMode
from fsamt_engine.capture.feed import FeedState, FeedStatus
from fsamt_engine.capture.feed_stats import StreamStats
from fsamt_engine.capture.recorder import RecorderState, RecorderStatus
from fsamt_engine.library import StreamKind

DEPTH = StreamMode(StreamKind.DEPTH, 848, 480, 30.0)
COLOUR = StreamMode(StreamKind.COLOUR, 848, 480, 30.0)


def feed(depth_hz: float = 30.0, age_s: float = 0.02, skew_us: float | None = 4100.0) -> FeedStatus:
    streams = (StreamStats(DEPTH, depth_hz, 100, 0, age_s), StreamStats(COLOUR, 30.0, 100, 0, 0.02))
    return FeedStatus(FeedState.RUNNING, streams=streams, skew_us=skew_us)


def recorder(
    n_dropped: int = 0, queue_fill: float = 0.0, disk_seconds_left: float = 9000.0
) -> RecorderStatus:
    state = RecorderState.RECORDING
    return RecorderStatus(
        state,
        5.0,
        (),
        300,
        n_dropped,
        queue_fill,
        10**7,
        2e6,
        disk_seconds_left,
        None,
        "",
        None,
        (),
    )


@pytest.fixture
def cells(qtbot: QtBot) -> LiveNumbers:
    made = LiveNumbers()
    qtbot.addWidget(made)
    return made


def told(cells: LiveNumbers) -> list[tuple[str, str]]:
    return [(cell.number.text, cell.number.tone) for cell in cells.cells]


def test_numbers_of_a_good_recording_ask_for_nothing(cells: LiveNumbers):
    show_numbers(cells, feed(), recorder(), 0, None)
    assert told(cells) == [
        ("30.0 fps", ""),
        ("30.0 fps", ""),
        ("0", ""),
        ("4.1 ms", ""),
        ("0 %", ""),
        ("2 h 30 min", ""),
    ]


@pytest.mark.parametrize(
    ("depth_hz", "age_s", "expected"),
    [
        (29.0, 0.02, ("29.0 fps", "")),
        (26.0, 0.02, ("26.0 fps", "caution")),
        (15.0, 0.02, ("15.0 fps", "bad")),
        (30.0, 3.0, ("0.0 fps", "bad")),
    ],
)
def test_slow_or_silent_stream_shows(
    cells: LiveNumbers, depth_hz: float, age_s: float, expected: tuple[str, str]
):
    show_numbers(cells, feed(depth_hz, age_s), None, 0, None)
    assert told(cells)[0] == expected


def test_drops_full_queue_and_little_disk_show(cells: LiveNumbers):
    show_numbers(cells, feed(skew_us=15_000.0), recorder(3, 0.9, 120.0), 1, None)
    assert told(cells)[2:] == [
        ("3", "bad"),
        ("15.0 ms", "caution"),
        ("90 %", "bad"),
        ("2 min", "bad"),
    ]


def test_frames_that_the_camera_skipped_count_as_dropped(cells: LiveNumbers):
    show_numbers(cells, feed(), recorder(), 7, None)
    assert told(cells)[2] == ("7", "bad")


def test_depth_only_camera_has_no_colour_and_no_skew(cells: LiveNumbers):
    alone = FeedStatus(FeedState.RUNNING, streams=(StreamStats(DEPTH, 30.0, 100, 0, 0.02),))
    show_numbers(cells, alone, None, 0, 60_000.0)
    assert [text for text, _ in told(cells)] == ["30.0 fps", "off", "0", "–", "–", "16 h 40 min"]


def test_without_a_camera_no_number_is_left(cells: LiveNumbers):
    show_numbers(cells, feed(), recorder(3), 0, None)
    show_numbers(cells, None, None, 0, None)
    assert {text for text, _ in told(cells)} == {"–"}


def test_clock_counts_minutes():
    assert [clock(s) for s in (0.9, 61.2, 3600)] == ["0:00", "1:01", "60:00"]


def wall(metres: float) -> np.ndarray:
    frame = np.full((48, 64), round(metres * 1000), np.uint16)
    frame[:24] = 1000
    return frame


def test_colours_stand_still_until_the_scene_asks_for_others_for_a_while():
    times = iter((0.0, 1.0, 2.0, 3.0, 3.6, 4.2, 5.0, 6.0))
    range_ = LiveRange(lambda: next(times))
    scene_m = (3.0, 3.2, 3.2, 5.0, 3.0, 5.0, 5.0, 5.0)
    shown_m = [range_.update(wall(metres), 0.001).far_m for metres in scene_m]
    assert shown_m == [3.0] * 7 + [5.0]


def test_range_waits_for_the_first_reading():
    range_ = LiveRange(lambda: 0.0)
    assert range_.update(np.zeros((48, 64), np.uint16), 0.001) == DepthRange(0.0, 1.0)
    assert range_.update(wall(3.0), 0.001) == DepthRange(1.0, 3.0)


@pytest.mark.parametrize("sound", Sound)
def test_sound_is_a_loud_wave_file(sound: Sound, tmp_path: Path):
    write_sound(sound, tmp_path / "sound.wav")
    with wave.open(str(tmp_path / "sound.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        seconds = file.getnframes() / file.getframerate()
    assert seconds == pytest.approx(sum(length for _, length in sound.value), abs=0.001)
    assert 20_000 < np.abs(samples).max() < 32_767
    assert abs(int(samples[0])) < 500


def test_bell_rings_where_no_program_plays_sounds(monkeypatch: pytest.MonkeyPatch):
    rung = []
    monkeypatch.setattr("app.pages.capture.sounds.shutil.which", lambda name: None)
    monkeypatch.setattr("app.pages.capture.sounds.sys.platform", "linux")
    monkeypatch.setattr(QApplication, "beep", lambda: rung.append(1))
    sounds = Sounds()
    sounds.play(Sound.COUNT)
    sounds.is_muted = True
    sounds.play(Sound.COUNT)
    assert rung == [1]
