"""The simulated figure as a camera: what there is where no camera is."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Iterator

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
from fsamt_engine.capture.simulated import ACTIONS, SceneSettings, SimulatedPair, SimulatedScene
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, StreamKind

SIMULATED = "simulated"
_SIZES = ((424, 240), (640, 360), (848, 480))
_RATES = (15.0, 30.0)
_KINDS = (StreamKind.DEPTH, StreamKind.COLOUR)


class SimulatedCamera:
    """A participant who moves before a camera that does not exist.

    In real time it behaves like a camera: frames come when they are due, and those that nobody
    fetched in time are gone, which their numbers show. A computer that draws too slowly therefore
    loses frames; the figure then moves slower, too.

    Args:
        camera_id: "simulated", or "simulated:3" for participant 3, or "simulated:3/wave,clap" for
            those actions in turn.
        real_time: Whether frames come when they are due, or one after the other without waiting.

    Raises:
        FsamtError: The id says no number, or an action that the figure does not know.
    """

    def __init__(self, camera_id: str = SIMULATED, real_time: bool = True) -> None:
        self._participant, self._actions = _parse(camera_id)
        self._real_time = real_time
        self.info = CameraInfo(camera_id, "Simulated camera", serial=str(self._participant))
        self.capabilities = Capabilities(
            tuple(StreamMode(k, *size, r) for k in _KINDS for size in _SIZES for r in _RATES),
            is_live=real_time,
        )
        self.lost = LostFrames()
        self.has_ended = False
        self._scene: SimulatedScene | None = None
        self._open: tuple[OpenStream, ...] = ()
        self._waiting: deque[Frame] = deque()
        self._closed = threading.Event()

    @property
    def streams(self) -> tuple[OpenStream, ...]:
        """The streams that are open now."""
        return self._open

    def active_streams(self) -> tuple[ActiveStream, ...]:
        """What is drawn: without colour among the open streams, none is."""
        return tuple(ActiveStream.of(stream.mode) for stream in self._open)

    @property
    def calibration(self) -> Calibration:
        """Colour is aligned to depth."""
        return self._scene.calibration if self._scene else Calibration()

    def start(self, settings: CameraSettings) -> None:
        """Open the streams; both have the same size and rate. Colour is drawn only if it is open.

        Raises:
            FsamtError: It does not offer that.
        """
        self._refuse_closed()
        modes = settings.streams
        sizes = {(mode.width, mode.height, mode.rate_hz) for mode in modes}
        if len(sizes) != 1 or any(mode not in self.capabilities.modes for mode in modes):
            raise FsamtError(
                "The simulated camera does not offer these streams.",
                "It gives depth and colour of one size: 424x240, 640x360 or 848x480, at 15 or 30.",
            )
        (width, height, rate_hz) = sizes.pop()
        scene = SimulatedScene(
            SceneSettings(
                participant=self._participant,
                width=width,
                height=height,
                rate_hz=rate_hz,
                with_colour=StreamKind.COLOUR in settings.kinds,
            )
        )
        self._pairs: Iterator[SimulatedPair] = scene.live(self._performed())
        self._scene, self._rate_hz = scene, rate_hz
        unit_m = scene.settings.unit_m
        self._open = tuple(
            OpenStream(m, "device", unit_m if m.kind == StreamKind.DEPTH else None) for m in modes
        )
        self._waiting.clear()
        self.lost = LostFrames()
        self._n_drawn = self._n_missed = 0
        self._first_at: float | None = None

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next frame; depth comes before colour.

        Raises:
            CameraGoneError: It was closed.
        """
        self._refuse_closed()
        if not self._open:
            return None
        if not self._waiting and self._is_due(timeout_s):
            self._draw()
        return self._waiting.popleft() if self._waiting else None

    def stop(self) -> None:
        """Close the streams."""
        self._open = ()
        self._scene = None
        self._waiting.clear()

    def close(self) -> None:
        """Let go of the camera; a thread that waits in `read` comes back."""
        self._closed.set()
        self.stop()

    def _performed(self) -> Iterator[str] | None:
        return itertools.cycle(self._actions) if self._actions else None

    def _is_due(self, timeout_s: float) -> bool:
        """Wait for the next frame's moment; leave out those that are past."""
        if not self._real_time:
            return True
        now = time.monotonic()
        if self._first_at is None:
            self._first_at = now
        number = self._n_drawn + self._n_missed
        wait_s = self._first_at + number / self._rate_hz - now
        if wait_s > timeout_s:
            self._closed.wait(timeout_s)
            return False
        if wait_s > 0:
            self._closed.wait(wait_s)
        else:
            self._n_missed += int(-wait_s * self._rate_hz)
        return not self._closed.is_set()

    def _draw(self) -> None:
        pair = next(self._pairs)
        self._n_drawn += 1
        missed_us = round(self._n_missed * 1e6 / self._rate_hz)
        depth_us = pair.device_at_us + missed_us
        number = pair.frame_number + self._n_missed
        now_us = time.time_ns() // 1000
        for stream in self._open:
            is_depth = stream.mode.kind == StreamKind.DEPTH
            self._waiting.append(
                Frame(
                    stream.mode.kind,
                    pair.depth if is_depth else pair.colour,
                    depth_us if is_depth else depth_us - pair.skew_us,
                    "device",
                    number,
                    now_us,
                )
            )

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise CameraGoneError("The simulated camera was closed.", "Open it again.")


def _parse(camera_id: str) -> tuple[int, tuple[str, ...]]:
    """Participant and actions of an id."""
    _, _, rest = camera_id.partition(":")
    number, _, names = rest.partition("/")
    actions = tuple(name.strip() for name in names.split(",") if name.strip())
    unknown = [name for name in actions if name not in ACTIONS]
    if number and not number.isdigit():
        raise FsamtError(
            f'There is no camera "{camera_id}".',
            'Write "simulated", or "simulated:3" for another participant.',
        )
    if unknown:
        raise FsamtError(
            f'The simulated figure does not know the action "{unknown[0]}".',
            f"It knows: {', '.join(ACTIONS)}.",
        )
    return int(number or 0), actions
