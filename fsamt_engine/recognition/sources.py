"""What a recogniser watches: a camera, a recording, the simulated figure or a take; depth alone."""

from fsamt_engine.capture.camera import Camera, CameraSettings, StreamMode
from fsamt_engine.capture.cameras import open_camera
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import StreamKind
from fsamt_engine.recognition.take_camera import TAKE, TakeCamera

_USUAL_DEPTH = StreamMode(StreamKind.DEPTH, 848, 480, 30.0)


def depth_only() -> CameraSettings:
    """What every source is asked for: depth, near 848x480 at 30 Hz, and no other stream.

    A source that does not offer just that gives the nearest that it offers (`usual_settings`).
    """
    return CameraSettings((_USUAL_DEPTH,))


def open_source(library: Library | None, source_id: str, *, real_time: bool = True) -> CameraFeed:
    """Opens a source with its depth alone, in a thread of its own; whoever gets it closes it.

    What cannot be opened is told by the feed (`wait_until_open`, `status`), as with any camera.

    Args:
        library: Where takes are; a camera needs none.
        source_id: "realsense:SERIAL", "file:PATH", "simulated[:PARTICIPANT[/ACTIONS]]" or
            "take:TAKE_ID".
        real_time: Whether frames come when they are due, and those that nobody takes are lost; or
            (recordings, takes and the simulated figure) every frame, as soon as it can be taken.

    Raises:
        FsamtError: A take without a library, or its driver still hangs since the last time.
    """
    kind, _, name = source_id.partition(":")
    if kind == TAKE and library is None:
        raise FsamtError(
            f"The take {name} cannot be opened without a library.", "Open its library first."
        )

    def open_it(camera_id: str) -> Camera:
        if kind == TAKE and library is not None:
            return TakeCamera(library, name, real_time=real_time)
        return open_camera(camera_id, real_time)

    return CameraFeed(source_id, depth_only(), open_it)
