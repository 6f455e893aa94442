"""A recording from its beginning to its end as one function, for the command line."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import Camera, CameraSettings
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.markers import Markers
from fsamt_engine.capture.recorder import (
    Recorder,
    RecorderLimits,
    RecorderState,
    RecorderStatus,
    RecordingOrder,
)
from fsamt_engine.errors import Cancelled
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import StreamKind, Take
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

_TICK_S = 0.1
_FIRST_FRAME_S = 30.0
"""How long a recording of a stated length waits for a camera that gives nothing, beyond it."""


def record(
    library: Library,
    camera_ids: Sequence[str],
    settings: CameraSettings,
    order: RecordingOrder,
    seconds: float | None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    open_camera: Callable[[str], Camera] = cameras.open_camera,
    limits: RecorderLimits | None = None,
) -> tuple[Take, ...]:
    """Opens cameras, records them together, and closes them.

    Args:
        library: Where the takes go.
        camera_ids: Which cameras.
        settings: What is wanted of each; without colour where the order says so.
        order: What is recorded.
        seconds: Length from the first frame; None until a played file ends, or it is stopped.
        on_progress: Gets "Recording" about ten times a second: seconds done of seconds to do (0 if
            that is not known), with frames, drops and fill of the queues.
        should_stop: Pausing, or keeping the best, ends the recording and keeps it; cancelling
            throws it away.
        open_camera: Opens a camera by its id.
        limits: What the recording may use.

    Returns:
        Takes of all parts of all cameras, by part and camera.

    Raises:
        Cancelled: It was cancelled.
        FsamtError: A camera cannot be opened, or a recording not be kept (what was recorded becomes
            a take at the next start).
    """
    modes = settings.streams
    if not order.with_colour:
        modes = tuple(mode for mode in modes if mode.kind != StreamKind.COLOUR)
    wanted = replace(settings, streams=modes)
    with ExitStack() as stack:
        feeds = [stack.enter_context(CameraFeed(id, wanted, open_camera)) for id in camera_ids]
        for feed in feeds:
            feed.wait_until_open()

        def show(status: RecorderStatus) -> None:
            if on_progress is not None:
                on_progress(_progress(status, seconds))

        return record_feeds(
            library, feeds, order, seconds, on_status=show, should_stop=should_stop, limits=limits
        )


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


def _progress(status: RecorderStatus, seconds: float | None) -> Progress:
    what = "Waiting for the camera" if status.state == RecorderState.WAITING else "Recording"
    return Progress(
        what,
        int(status.seconds),
        int(seconds or 0),
        {
            "frames": status.n_frames,
            "dropped": status.n_dropped,
            "queue_fill": status.queue_fill,
            "disk_minutes_left": status.disk_seconds_left / 60,
        },
        None if seconds is None else max(0.0, seconds - status.seconds),
    )
