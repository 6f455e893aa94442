"""Events for other programs: lines of JSON that lose nothing silently, and LSL's markers."""

import errno
import io
import json
import os
import time
import uuid
from pathlib import Path

import pytest

from fsamt_engine.capture import markers
from fsamt_engine.errors import FsamtError
from fsamt_engine.recognition.events_out import JsonLines, event_line
from fsamt_engine.recognition.lsl_out import EventMarkers
from fsamt_engine.recognition.state import LiveEvent

HOST_US = 1_760_000_000_123_456
BEGUN = LiveEvent(3, "draw x", 5_000_000, None, "device", HOST_US, 0.87654, 150)
ENDED = LiveEvent(3, "draw x", 5_000_000, 6_500_000, "device", HOST_US, 0.9, 150, 195, True)


class FullDisk(io.BytesIO):
    """Takes `room` bytes, then refuses."""

    room = 10

    def write(self, content: object) -> int:
        n_bytes = min(self.room, len(memoryview(content)))  # type: ignore[arg-type]
        if not n_bytes:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= n_bytes
        return super().write(memoryview(content)[:n_bytes])  # type: ignore[arg-type]


def test_a_line_says_all_that_is_known_of_an_event() -> None:
    assert event_line(ENDED, "recogniser-1", "take:t1") == {
        "event": "end",
        "number": 3,
        "action": "draw x",
        "onset_us": 5_000_000,
        "offset_us": 6_500_000,
        "domain": "device",
        "host_onset_us": HOST_US,
        "host_onset": "2025-10-09T08:53:20.123456+00:00",
        "confidence": 0.9,
        "onset_frame": 150,
        "offset_frame": 195,
        "was_right": True,
        "known_us": None,
        "known_frame": None,
        "delay_s": None,
        "model": "recogniser-1",
        "source": "take:t1",
    }
    begun = event_line(BEGUN, "m", "s")
    assert (begun["event"], begun["confidence"], begun["offset_us"]) == ("begin", 0.8765, None)


def test_a_line_is_in_the_file_at_once_and_an_older_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"old": 1}\n')
    with JsonLines(path) as lines:
        lines.write({"action": "Händewaschen"})
        assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
            {"old": 1},
            {"action": "Händewaschen"},
        ]
    assert lines.n_lost == 0


def test_a_file_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="cannot be written"):
        JsonLines(tmp_path / "missing" / "events.jsonl")


def test_a_full_disk_is_said_once_counted_and_costs_no_other_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    out = FullDisk()
    lines = JsonLines(out)
    for number in range(3):
        lines.write({"number": number})
    assert (lines.n_lost, len(caplog.records)) == (3, 1)
    assert lines.failure is not None
    assert "disk is full" in lines.failure.message
    out.room = 1000
    lines.write({"number": 3})
    assert out.getvalue().splitlines() == [b'{"number":', b'{"number": 3}']
    assert lines.n_lost == 3


def test_a_file_on_a_full_disk_can_still_be_closed() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    with JsonLines(Path("/dev/full")) as lines:
        lines.write({"number": 1})
    assert lines.n_lost == 1


def test_nobody_reads_any_more_and_recognition_goes_on() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        lines = JsonLines(pipe)
        lines.write({"number": 1})
    assert lines.failure is not None
    assert "Nobody reads" in lines.failure.message


def test_markers_carry_the_event_and_the_time_of_its_onset(monkeypatch: pytest.MonkeyPatch) -> None:
    pylsl = pytest.importorskip("pylsl")
    monkeypatch.setattr(markers, "STREAM_NAME", f"FSAMT test {uuid.uuid4()}")
    monkeypatch.setattr(markers, "_LAST_WORDS_S", 0.0)
    with EventMarkers("recogniser-1", "simulated") as outlet:
        found = pylsl.resolve_byprop("name", f"{markers.STREAM_NAME} live", timeout=5.0)
        if not found:
            pytest.skip("this computer has no network on which LSL finds itself")
        inlet = pylsl.StreamInlet(found[0])
        inlet.open_stream(timeout=5.0)
        assert outlet.has_listener()
        onset_us = round(1e6 * (time.time() - 3.0))
        now = pylsl.local_clock()
        for event in (BEGUN, ENDED):
            outlet.write(LiveEvent(**(vars(event) | {"host_onset_us": onset_us})))
        (begin,), begun_at = inlet.pull_sample(timeout=5.0)
        (end,), ended_at = inlet.pull_sample(timeout=5.0)
        inlet.close_stream()
    assert begin.startswith("begin draw x {")
    assert json.loads(end.removeprefix("end draw x "))["offset_us"] == 6_500_000
    assert now - begun_at == pytest.approx(3.0, abs=0.2)
    assert ended_at - begun_at == pytest.approx(1.5, abs=0.05)
