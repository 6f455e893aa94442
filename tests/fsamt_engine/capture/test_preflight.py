"""The preflight: measured on this computer, from a camera that the tests make as they need it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.capture import measuring, preflight
from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraGoneError,
    CameraInfo,
    CameraSettings,
    Capabilities,
    Frame,
    LostFrames,
    OpenStream,
    StreamMode,
)
from fsamt_engine.capture.checks import BAD, GOOD, Check
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.records import Calibration, StreamKind
from fsamt_engine.progress import Stop

SIZE = (64, 48)
MODES = tuple(StreamMode(kind, *SIZE, 50.0) for kind in (StreamKind.DEPTH, StreamKind.COLOUR))
SETTINGS = CameraSettings(MODES)


class Room:
    """A camera before a room: how bright it is, how much depth reads, which streams come."""

    def __init__(
        self,
        grey: int = 120,
        holes: float = 0.1,
        usb_type: str = "",
        is_live: bool = True,
        gives: tuple[StreamMode, ...] = MODES,
    ) -> None:
        self.info = CameraInfo("room", "Room", usb_type=usb_type)
        self.capabilities = Capabilities(MODES, is_live)
        self.calibration = Calibration()
        self.lost = LostFrames()
        self.has_ended = False
        self.streams: tuple[OpenStream, ...] = ()
        self.n_read = 0
        self._gives = gives
        depth = np.full(SIZE[::-1], 2000, np.uint16)
        depth[: round(holes * SIZE[1])] = 0
        colour = np.full((*SIZE[::-1], 3), grey, np.uint8)
        self._pictures = {StreamKind.DEPTH: depth, StreamKind.COLOUR: colour}
        self._is_closed = False

    def start(self, settings: CameraSettings) -> None:
        self.streams = tuple(OpenStream(mode, "device", 0.001) for mode in settings.streams)

    def active_streams(self) -> tuple[ActiveStream, ...]:
        return tuple(ActiveStream.of(stream.mode) for stream in self.streams)

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        if self._is_closed:
            raise CameraGoneError("closed")
        mode = self._gives[self.n_read % len(self._gives)]
        self.n_read += 1
        time.sleep(1 / (mode.rate_hz * len(self._gives)))
        picture = self._pictures[mode.kind].copy()
        return Frame(mode.kind, picture, time.time_ns() // 1000, "device", self.n_read, 0)

    def stop(self) -> None:
        self.streams = ()

    def close(self) -> None:
        self._is_closed = True


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_SETTLING_S", 0.0)
    monkeypatch.setattr(preflight, "_WATCH_S", 0.3)
    monkeypatch.setattr(preflight, "_ENCODE_S", 0.1)
    monkeypatch.setattr(preflight, "_WRITE_S", 0.05)


def look(folder: Path, room: Room) -> dict[str, Check]:
    with CameraFeed("room", SETTINGS, lambda _id: room) as feed:
        return {check.name: check for check in preflight.preflight(folder, feed)}


def test_everything_is_looked_at(tmp_path: Path) -> None:
    found = look(tmp_path, Room(usb_type="3.2"))
    assert list(found) == [
        "USB",
        "Frame rate",
        "Exposure",
        "Brightness",
        "Depth",
        "Encoders",
        "Disk space",
        "Disk speed",
    ]
    assert {name for name, check in found.items() if check.level == GOOD} >= {
        "USB",
        "Brightness",
        "Depth",
        "Encoders",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_camera_without_usb_is_not_judged_by_it(tmp_path: Path) -> None:
    assert "USB" not in look(tmp_path, Room())


def test_a_dark_room_and_blind_depth_are_told(tmp_path: Path) -> None:
    found = look(tmp_path, Room(grey=5, holes=1.0))
    assert found["Brightness"].level == BAD
    assert found["Depth"].level == BAD


def test_a_stream_that_never_comes_is_told(tmp_path: Path) -> None:
    found = look(tmp_path, Room(gives=MODES[:1]))
    assert found["Frame rate"].level == BAD
    assert "nothing comes from colour" in found["Frame rate"].hint
    assert "Brightness" not in found


def test_a_recording_loses_no_frame_to_the_preflight(tmp_path: Path) -> None:
    room = Room(is_live=False)
    assert set(look(tmp_path, room)) == {"Disk space", "Disk speed"}
    assert room.n_read == 0


def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    found = look(tmp_path / "nowhere", Room())
    assert found["Disk space"].level == BAD
    assert "Nothing can be written" in found["Disk space"].words


def test_a_full_disk_is_told_and_left_as_it_was(
    small_disk: Callable[[int], Path], tmp_path: Path
) -> None:
    folder = small_disk(200)
    found = look(folder, Room())
    assert found["Disk space"].level == BAD
    assert "No space left" in found["Disk space"].words
    assert list(folder.iterdir()) == []
    assert os.statvfs(folder).f_bavail > 0


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with (
        CameraFeed("room", SETTINGS, lambda _id: Room()) as feed,
        pytest.raises(Cancelled),
    ):
        preflight.preflight(tmp_path, feed, should_stop=lambda: Stop.CANCEL)


def test_a_camera_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with (
        CameraFeed("webcam:0") as feed,
        pytest.raises(FsamtError, match="webcam:0"),
    ):
        preflight.preflight(tmp_path, feed)


def test_the_rate_is_what_came() -> None:
    with CameraFeed("room", SETTINGS, lambda _id: Room()) as feed:
        sample = measuring.sample_camera(feed, feed.wait_until_open(), 0.4)
    # Sleeping is inexact on a busy computer, and only ever too long.
    assert all(10 < rate < 75 for rate in sample.rates_hz.values())
    assert set(sample.pixels) == {StreamKind.DEPTH, StreamKind.COLOUR}


def test_encoders_are_measured_with_the_pictures_of_the_camera() -> None:
    noise = np.random.default_rng(0).integers(0, 65536, (48, 64), np.uint16)
    sizes = [
        measuring.measure_encoders(MODES, {StreamKind.DEPTH: [picture]}, 0.1)
        for picture in (noise, np.full_like(noise, 2000))
    ]
    assert [set(one) for one in sizes] == [{StreamKind.DEPTH}] * 2
    noisy, flat = (one[StreamKind.DEPTH] for one in sizes)
    assert noisy.bytes_per_frame > 10 * flat.bytes_per_frame
    assert min(noisy.rate_hz, flat.rate_hz) > 50


def test_the_speed_of_a_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    assert measuring.measure_write_speed(tmp_path, 0.05) > 1e5
    assert list(tmp_path.iterdir()) == []
