"""Cameras that give what a test says, when it says it; unplugged and hanging, too."""

import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

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
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, StreamKind

WIDTH, HEIGHT, RATE_HZ = 64, 48, 30.0
DEPTH = StreamMode(StreamKind.DEPTH, WIDTH, HEIGHT, RATE_HZ)
COLOUR = StreamMode(StreamKind.COLOUR, WIDTH, HEIGHT, RATE_HZ)
BOTH, DEPTH_ONLY = CameraSettings((DEPTH, COLOUR)), CameraSettings((DEPTH,))
SKEW_US = 4000

_UNPLUGGED, _ENDED, _HANG = object(), object(), object()


def wait_until(condition: Callable[[], object], limit_s: float = 10.0) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.005)


class Puppet:
    """A device on the end of a cable: `open` gives a camera while it is plugged in.

    `give` puts moments on the cable. `asked` are the settings of every start. `says_active` is what
    its driver says that runs; None for what was started.
    """

    def __init__(self, id: str = "puppet", is_live: bool = True) -> None:
        self.id = id
        self.is_live = is_live
        self.is_plugged_in = True
        self.may_close, self.may_read_on = threading.Event(), threading.Event()
        self.may_close.set()
        self.is_hanging = threading.Event()
        self.asked: list[CameraSettings] = []
        self.cable: queue.Queue[object] = queue.Queue()
        self.n_given = 0
        self._pictures: list[weakref.ref[np.ndarray]] = []
        self.lost = LostFrames()
        self.says_active: list[StreamMode] | None = None

    def open(self, camera_id: str) -> "PuppetCamera":
        if not self.is_plugged_in:
            raise FsamtError(f"There is no camera {camera_id}.", "Plug it in.")
        self.cable = queue.Queue()
        self.lost = LostFrames()
        return PuppetCamera(self)

    def give(self, n: int = 1) -> None:
        """The next `n` moments: depth, then the colour of it."""
        for _ in range(n):
            for frame in moment(self.n_given):
                self._pictures.append(weakref.ref(frame.pixels))
                self.cable.put(frame)
            self.n_given += 1

    @property
    def n_pictures_in_memory(self) -> int:
        """Of all that were given."""
        return sum(picture() is not None for picture in self._pictures)

    def skip(self, n: int = 1) -> None:
        """Moments that the camera counts but does not give."""
        self.n_given += n

    def unplug(self) -> None:
        self.is_plugged_in = False
        self.cable.put(_UNPLUGGED)

    def plug_in(self) -> None:
        self.is_plugged_in = True

    def end(self) -> None:
        self.cable.put(_ENDED)

    def hang(self) -> None:
        """The next read does not come back until `may_read_on`."""
        self.cable.put(_HANG)

    def fail(self, error: Exception) -> None:
        self.cable.put(error)


class PuppetCamera:
    def __init__(self, puppet: Puppet) -> None:
        self._puppet = puppet
        self.info = CameraInfo(puppet.id, "Puppet", "17", "1.0", "3.2")
        self.capabilities = Capabilities((DEPTH, COLOUR), puppet.is_live)
        self.calibration = Calibration()
        self.lost = puppet.lost
        self.has_ended = False
        self.streams: tuple[OpenStream, ...] = ()
        self._is_closed = False

    def start(self, settings: CameraSettings) -> None:
        self._puppet.asked.append(settings)
        self.streams = tuple(
            OpenStream(m, "device", 0.001 if m.kind == StreamKind.DEPTH else None)
            for m in settings.streams
        )

    def active_streams(self) -> tuple[ActiveStream, ...]:
        said = self._puppet.says_active or [stream.mode for stream in self.streams]
        return tuple(ActiveStream.of(mode) for mode in said)

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        if self._is_closed:
            raise CameraGoneError("closed")
        try:
            item = self._puppet.cable.get(timeout=0.02)
        except queue.Empty:
            return None
        if item is _UNPLUGGED:
            raise CameraGoneError(f"The camera {self._puppet.id} was unplugged.", "Plug it in.")
        if item is _HANG:
            self._puppet.is_hanging.set()
            self._puppet.may_read_on.wait()
            return None
        if item is _ENDED:
            self.has_ended = True
            return None
        if isinstance(item, Exception):
            raise item
        assert isinstance(item, Frame)
        return item if any(s.mode.kind == item.kind for s in self.streams) else None

    def stop(self) -> None:
        self.streams = ()

    def close(self) -> None:
        self._puppet.may_close.wait()
        self._is_closed = True
        self.stop()


def moment(number: int) -> Iterator[Frame]:
    """Depth and colour number `number`; every pixel is `number`, depth plus one."""
    at_us = 1_000_000 + round(number * 1e6 / RATE_HZ)
    now_us = time.time_ns() // 1000
    depth = np.full((HEIGHT, WIDTH), number + 1, np.uint16)
    colour = np.full((HEIGHT, WIDTH, 3), number % 256, np.uint8)
    yield Frame(StreamKind.DEPTH, depth, at_us, "device", number, now_us)
    yield Frame(StreamKind.COLOUR, colour, at_us - SKEW_US, "device", number, now_us)


@contextmanager
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    wait_until(lambda: not [t for t in threading.enumerate() if t not in before])
