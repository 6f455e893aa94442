"""A recording from its beginning to its end as one function, for the command line."""

import math
import time
from collections.abc import Callable, Sequence

from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.markers import Markers
from fsamt_engine.capture.recorder import (
    Recorder,
    RecorderLimits,
    RecorderStatus,
    RecordingOrder,
)
from fsamt_engine.errors import Cancelled
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Take
from fsamt_engine.progress import ShouldStop, Stop

_TICK_S = 0.1
_FIRST_FRAME_S = 30.0
"""How long a recording of a stated length waits for a camera that gives nothing, beyond it."""


def record_feeds(
    library: Library,
    feeds: Sequence[CameraFeed],
    order: RecordingOrder,
    seconds: float | None,
    *,
    markers: Markers | None = None,
    on_status: Callable[[RecorderStatus], None] | None = None,
    should_stop: ShouldStop | None = None,
    limits: RecorderLimits | None = None,
) -> tuple[Take, ...]:
    """Records cameras that are open, and leaves them open.

    Args:
        library: Where the takes go.
        feeds: Of the cameras.
        order: What is recorded.
        seconds: Length from the first frame; None until a played file ends, or it is stopped.
        markers: Where start and stop are told.
        on_status: Called about ten times a second.
        should_stop: Pausing, or keeping the best, ends the recording and keeps it; cancelling
            throws it away.
        limits: What the recording may use.

    Returns:
        Takes of all parts of all cameras, by part and camera.

    Raises:
        Cancelled: It was cancelled.
        FsamtError: A camera cannot be used, or a recording not be kept (what was recorded becomes
            a take at the next start).
    """
    action = order.action or ""
    recorder = Recorder(library, feeds, order, limits)
    recorder.start()
    if markers is not None:
        markers.started(action)
    try:
        _wait(recorder, seconds, on_status, should_stop)
    except Cancelled:
        if markers is not None:
            markers.stopped(action)
            markers.discarded(action)
        recorder.throw_away()
        raise
    except BaseException:
        recorder.stop()
        raise
    if markers is not None:
        markers.stopped(action)
    takes = recorder.stop()
    if markers is not None:
        for take in takes:
            markers.kept(take.id, action)
    return takes


def _wait(
    recorder: Recorder,
    seconds: float | None,
    on_status: Callable[[RecorderStatus], None] | None,
    should_stop: ShouldStop | None,
) -> None:
    give_up_at = time.monotonic() + (seconds or math.inf) + _FIRST_FRAME_S
    while True:
        status = recorder.status()
        if on_status is not None:
            on_status(status)
        asked = should_stop() if should_stop is not None else None
        if asked == Stop.CANCEL:
            raise Cancelled
        if asked is not None or status.ended is not None:
            return
        left_s = float("inf") if seconds is None else seconds - status.seconds
        if left_s <= 0 or (not status.n_frames and time.monotonic() > give_up_at):
            return
        time.sleep(min(_TICK_S, left_s))
