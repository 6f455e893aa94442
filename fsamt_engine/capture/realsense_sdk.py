"""The RealSense SDK (pyrealsense2), imported here and nowhere else, and only when it is asked for.

What follows was found out by experiment with pyrealsense2 2.59 and shapes the modules around this
one; what is said of a kind of file holds for `.db3` (ROS 2) and `.bag` (ROS 1) unless named.

- Every failure is a RuntimeError, whatever its cause.
- A device belongs to the context it came from. `query_devices` lists a software device that was
  added with `add_to` only as long as somebody keeps the list that the devices-changed callback got.
- Profiles that a sensor opens in one call come one by one through its callback; a sensor that was
  not opened delivers nothing. A callback's exception vanishes in the SDK.
- Times are milliseconds as float64, frame numbers 64 bits on reading but 31 bits on pushing.
- A float option such as the depth unit is float32: 0.000125 reads 0.0001250000059371814.

Playing files:

- Playing begins with the first sensor that is started. What comes before the others are started is
  gone (in 2 of 12 runs), unless the playback is paused until all of them are. With a `.bag`, frames
  are also gone (in 23 of 150 runs) if a sensor is opened after another was started.
- When not in real time, a callback that waits makes the reader of the file wait: nothing is lost.
- A damaged `.db3` ends as if it were over, without an error: see `realsense_contents`.
- A callback is destroyed in a thread of the device. When it holds the last reference to the device,
  even indirectly, that thread waits for itself, and "terminate called" ends the process (in about 1
  of 20 runs): callbacks must not know anything of the SDK.
- A device that is let go while its file is still read crashes the process (in 3 of 75 runs of the
  tests), and stopping its sensors only asks for the end of that: see `PlaybackCamera.stop`.
- The status is "stopped" after the last callback has returned; the position is 0 by then. A device
  that is played a second time does not always begin: it is loaded again.
- Neither `resume` nor `stop` comes back while a frame's callback waits for room: let it go first.
- In real time, the SDK drops frames when a stream's last callback has not returned, and reads
  slower than real time where the processor does not decode its PNGs in time.
- The ending of the name decides how a file is read: `.db3`, anything else is taken for a `.bag`.
- Numbers, times and clocks are those of the recording, to the last digit, doubles too; pixels of
  `.db3` are PNG inside, lossless for depth, colour and infrared. Pace and order in real time are
  those in which the frames came to the recorder.

Recording: the recorder compresses in a thread of its own, and loses what waits there when it is
closed (161 of 480 frames). Frames that come right after a `resume` are stamped wrong, and play in
another order than they came (2 of 100 files): see `realsense_recording`.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from fsamt_engine.errors import FsamtError


@lru_cache(maxsize=1)
def sdk() -> Any:
    """The module pyrealsense2.

    Raises:
        FsamtError: It is not there, or cannot be loaded.
    """
    _load_libusb()
    try:
        import pyrealsense2
    except ImportError as error:
        raise FsamtError(
            f"RealSense cameras and files need pyrealsense2, which cannot be loaded ({error}).",
            "There is none for macOS; elsewhere: pip install pyrealsense2 (and libusb-package on "
            "Linux). Everything else works without it.",
        ) from error
    return pyrealsense2


DEVICE_LISTENERS: list[Callable[[Any], None]] = []
"""Called in a thread of the SDK with what changed among the cameras that are plugged in."""


@lru_cache(maxsize=1)
def cameras_context() -> Any:
    """The context that knows the cameras which are plugged in, one for the whole process."""
    with sdk_errors("The RealSense SDK does not start", "Unplug the cameras, and try again."):
        context = sdk().context()
        context.set_devices_changed_callback(_tell_listeners)
        return context


def _tell_listeners(change: Any) -> None:
    for listener in tuple(DEVICE_LISTENERS):
        listener(change)


@contextmanager
def sdk_errors(what_failed: str, hint: str) -> Iterator[None]:
    """Turns a failure of the SDK into a sentence.

    Args:
        what_failed: A sentence without its full stop; what the SDK says follows in brackets.
        hint: What to do about it.

    Raises:
        FsamtError: The SDK failed.
    """
    try:
        yield
    except RuntimeError as error:
        raise FsamtError(f"{what_failed} ({error}).", hint) from error


def _load_libusb() -> None:
    """The SDK needs libusb, which not every Linux has; the one that PyPI carries will do."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import libusb_package

        path = libusb_package.get_library_path()
        if path is not None:
            ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except (ImportError, OSError):
        return  # Then the system's own is used, or the import says what is missing.
