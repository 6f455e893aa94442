"""The one line about a recording."""

from dataclasses import replace

import pytest
from rich.console import Console

from fsamt_engine.capture.camera import StreamMode
from fsamt_engine.capture.feed import FeedState, FeedStatus
from fsamt_engine.capture.feed_stats import StreamStats
from fsamt_engine.capture.recorder import RecorderState, RecorderStatus
from fsamt_engine.capture.script import ScriptTake
from fsamt_engine.capture.script_runner import Phase
from fsamt_engine.capture.scripted import ScriptMoment
from fsamt_engine.cli import live_line
from fsamt_engine.cli.live_line import LiveLine, recording_words, script_words
from fsamt_engine.library.records import StreamKind

STATUS = RecorderStatus(
    RecorderState.RECORDING, 72.4, (), 4000, 2, 0.03, 10**8, 4e6, 13_000.0, None, "", None, ()
)
FEED = FeedStatus(
    FeedState.RUNNING,
    streams=tuple(
        StreamStats(StreamMode(kind, 848, 480, 30.0), rate_hz, 2000, 0, 0.01)
        for kind, rate_hz in ((StreamKind.DEPTH, 30.04), (StreamKind.COLOUR, 29.5))
    ),
    skew_us=4100.0,
)
TAKE = ScriptTake("wave", 5.0, 3.0, 2, 3)
MOMENT = ScriptMoment(Phase.COUNTDOWN, TAKE, 1.2, 1, 5, 40.0, (), None, "")


def test_a_recording_tells_time_drops_rates_skew_and_disk() -> None:
    assert recording_words(STATUS, [FEED], 300.0) == (
        "Recording 1:12 of 5:00: 2 dropped, 30.0 + 29.5 fps, skew 4.1 ms, disk 3 h 36 min"
    )


def test_a_recording_without_end_and_without_colour_tells_less() -> None:
    depth_only = replace(FEED, streams=FEED.streams[:1], skew_us=None)
    words = recording_words(STATUS, [depth_only], None)
    assert words == "Recording 1:12: 2 dropped, 30.0 fps, disk 3 h 36 min"


def test_a_filling_queue_is_told() -> None:
    assert "queue 43 %" in recording_words(replace(STATUS, queue_fill=0.43), [FEED], None)
    assert "queue" not in recording_words(STATUS, [FEED], None)


def test_cameras_that_record_together_are_told_apart() -> None:
    other = replace(FEED, skew_us=9000.0)
    words = recording_words(STATUS, [FEED, other], None)
    assert "30.0 + 29.5 | 30.0 + 29.5 fps, skew 9.0 ms" in words


def test_a_problem_is_told_in_place_of_numbers() -> None:
    gone = replace(STATUS, message="The camera was unplugged.")
    assert recording_words(gone, [FEED], None) == "The camera was unplugged."


def test_endless_disks_are_told_without_a_bug() -> None:
    endless = replace(STATUS, disk_seconds_left=float("inf"))
    assert "disk 100 h" in recording_words(endless, [], None)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (MOMENT, "wave (2 of 3) in 2 s; left: 5 takes, 40 s"),
        (replace(MOMENT, phase=Phase.REST), "Rest 2 s, then wave (2 of 3); left: 5 takes, 40 s"),
        (
            replace(MOMENT, phase=Phase.RECORDING, recorder=STATUS),
            "NOW wave (2 of 3), 2 s left: 2 dropped, 30.0 + 29.5 fps, skew 4.1 ms",
        ),
        (
            replace(MOMENT, phase=Phase.PAUSED, seconds_left=None, n_left=1),
            "Paused, then wave (2 of 3); left: 1 take, 40 s",
        ),
        (replace(MOMENT, message="The camera is gone."), "The camera is gone."),
        (replace(MOMENT, phase=Phase.FINISHED, take=None), "The script is finished"),
    ],
)
def test_a_script_tells_what_to_do_and_what_comes(moment: ScriptMoment, words: str) -> None:
    assert script_words(moment, [FEED]) == words


def test_a_log_gets_a_line_now_and_then_and_no_bell(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveLine() as line:
        for number in range(50):
            line.show(f"line {number}")
        line.ring()
        line.show("important", now=True)
        line.say("stays")
    assert capsys.readouterr().err.splitlines() == ["line 0", "important", "stays"]


def test_a_terminal_gets_a_line_that_is_drawn_again_and_the_bell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        live_line, "Console", lambda **_: Console(stderr=True, force_terminal=True, width=30)
    )
    with LiveLine() as line:
        line.show("a line that is too long for this terminal", now=True)
        line.ring()
        line.say("this one stays, however long it is")
    drawn = capsys.readouterr().err
    assert "a line that is too long for t…" in drawn
    assert "\a" in drawn
    assert "this one stays, however long it is" in drawn.replace("\n", "")
