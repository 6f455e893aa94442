"""What the numbers below the pictures say, and how bad it is."""

import math

from PySide6.QtCore import QCoreApplication

from app.pages.capture.numbers import LiveNumbers
from app.widgets.number_cell import Number
from fsamt_engine.capture.camera import StreamMode
from fsamt_engine.capture.feed import FeedStatus
from fsamt_engine.capture.feed_stats import StreamStats
from fsamt_engine.capture.recorder import RecorderStatus
from fsamt_engine.library import StreamKind
from fsamt_engine.units import format_duration

translate = QCoreApplication.translate

_SETTLED_FRAMES = 15
_FULL_RATE, _FAIR_RATE = 0.95, 0.8
_STALE_S = 0.5
_FULL_QUEUE, _FILLING_QUEUE = 0.8, 0.4
_LITTLE_DISK_S, _NO_DISK_S = 3600.0, 600.0


def show_numbers(
    cells: LiveNumbers,
    feed: FeedStatus | None,
    recorder: RecorderStatus | None,
    n_missing: int,
    disk_seconds_left: float | None,
) -> None:
    """Write everything that is known now.

    Args:
        cells: Where to write it.
        feed: Of the camera that is looked at; None where none runs.
        recorder: Of the recording that is under way, if there is one.
        n_missing: Frames that the cameras skipped, since this recording began or, where nothing
            is recorded, since they were opened.
        disk_seconds_left: Where nothing is recorded: for how long there would be room.
    """
    if feed is None or not feed.streams:
        cells.clear()
    else:
        by_kind = {stats.mode.kind: stats for stats in feed.streams}
        left = StreamKind.COLOUR if StreamKind.COLOUR in by_kind else StreamKind.INFRARED
        cells.depth_rate.show_number(rate_number(by_kind.get(StreamKind.DEPTH)))
        cells.colour_rate.show_number(rate_number(by_kind.get(left)))
        cells.skew.show_number(_skew(feed, by_kind.get(StreamKind.DEPTH)))
    if recorder is None and (feed is None or not feed.streams):
        return
    cells.dropped.show_number(_dropped(n_missing, recorder))
    cells.queue.show_number(_queue(recorder))
    seconds_left = recorder.disk_seconds_left if recorder else disk_seconds_left
    cells.disk.show_number(_disk(seconds_left))


def rate_number(stats: StreamStats | None) -> Number:
    """The rate of a stream; none for a stream that is not open."""
    if stats is None:
        return Number(translate("Readings", "off"))
    text = translate("Readings", "{rate:.1f} fps").format(rate=stats.rate_hz)
    words = translate("Readings", "{rate:.1f} of {nominal:g} frames a second").format(
        rate=stats.rate_hz, nominal=stats.mode.rate_hz
    )
    if stats.age_s is not None and stats.age_s > max(_STALE_S, 5 / stats.mode.rate_hz):
        return Number(
            translate("Readings", "0.0 fps"),
            "bad",
            translate("Readings", "No frame came for {seconds:.1f} s.").format(seconds=stats.age_s),
        )
    if stats.n_frames < _SETTLED_FRAMES:
        return Number(text, "", words)
    share = stats.rate_hz / stats.mode.rate_hz
    tone = "" if share >= _FULL_RATE else "caution" if share >= _FAIR_RATE else "bad"
    return Number(text, tone, words)


def _dropped(n_missing: int, recorder: RecorderStatus | None) -> Number:
    missing = translate("Readings", "Frames that the camera skipped: {n:,}.").format(n=n_missing)
    if recorder is None:
        return Number(f"{n_missing:,}", "caution" if n_missing else "", missing)
    # What is lost on the way from the camera is missing from its numbers, too.
    n_lost = max(n_missing, recorder.n_dropped)
    unkept = translate("Readings", "Frames that could not be kept: {n:,}.").format(
        n=recorder.n_dropped
    )
    return Number(f"{n_lost:,}", "bad" if n_lost else "", f"{unkept} {missing}")


def _skew(feed: FeedStatus, depth: StreamStats | None) -> Number:
    if feed.skew_us is None or depth is None:
        return Number(words=translate("Readings", "There are no pairs."))
    words = translate(
        "Readings", "How far colour and depth of a pair are apart, median of the last second"
    )
    tone = "" if feed.skew_us <= skew_limit_us(depth.mode) else "caution"
    return Number(translate("Readings", "{ms:.1f} ms").format(ms=feed.skew_us / 1000), tone, words)


def skew_limit_us(mode: StreamMode) -> float:
    """A skew above a third of a frame's time asks for attention."""
    return 1e6 / mode.rate_hz / 3


def _queue(recorder: RecorderStatus | None) -> Number:
    if recorder is None:
        return Number(
            words=translate("Readings", "What waits for the encoders while a take is recorded")
        )
    fill = recorder.queue_fill
    words = translate(
        "Readings", "Of the fullest queue before an encoder; at 100 % frames are dropped."
    )
    tone = "bad" if fill >= _FULL_QUEUE else "caution" if fill >= _FILLING_QUEUE else ""
    return Number(f"{fill * 100:.0f} %", tone, words)


def _disk(seconds_left: float | None) -> Number:
    if seconds_left is None:
        return Number()
    if not math.isfinite(seconds_left):
        return Number(words=translate("Readings", "Nothing is being written."))
    words = translate(
        "Readings", "Until the disk is so full that recording stops; it stops cleanly."
    )
    tone = "" if seconds_left >= _LITTLE_DISK_S else "caution"
    if seconds_left < _NO_DISK_S:
        tone = "bad"
    minutes = seconds_left if seconds_left < 600 else round(seconds_left / 60) * 60
    return Number(format_duration(minutes), tone, words)


def clock(seconds: float) -> str:
    """Seconds as "0:07", "12:40"."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
