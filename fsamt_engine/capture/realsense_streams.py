"""Streams of one SDK device, a camera or a recording, from opening to stopping."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from fsamt_engine.capture.camera import ActiveStream, Frame, LostFrames, OpenStream
from fsamt_engine.capture.realsense_frames import (
    OfferedStream,
    active_streams,
    depth_unit_m,
    to_frame,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind

STOP_LIMIT_S = 5.0
"""How long the driver may take to stop."""


class FrameInbox:
    """Where the SDK's threads put frames, until they are read.

    It holds nothing of the SDK: a callback is destroyed in one of the SDK's threads, and a device
    that ends with it there waits for its own thread, which ends the process.

    Args:
        kinds: Kinds of stream by the SDK's profile ids; frames of others are ignored.
        arrival_us: When a frame came to this computer.
        capacity: How many frames may wait to be read.
        waits: Whether a frame waits for room when it is full, or is counted as lost. It waits only
            after `hold_back` was called.

    Attributes:
        lost: Frames for which there was no room.
        n_arrived: Frames that the SDK gave, lost ones too.
        domains: The clock of the last frame of a kind.
    """

    def __init__(
        self,
        kinds: dict[int, StreamKind],
        arrival_us: Callable[[Any], int],
        *,
        capacity: int,
        waits: bool,
    ) -> None:
        self.lost = LostFrames()
        self.n_arrived: Counter[StreamKind] = Counter()
        self.domains: dict[StreamKind, str] = {}
        self._kinds, self._arrival_us = kinds, arrival_us
        self._capacity, self._waits = capacity, waits
        self._is_bounded = not waits
        self._frames: deque[Frame] = deque()
        self._changed = threading.Condition()
        self._is_over = False
        self._failure: Exception | None = None

    @property
    def is_used_up(self) -> bool:
        """Whether `end` was said, and every frame before it has been read."""
        return self._is_over and not self._frames

    def take(self, sdk_frame: Any) -> None:
        """Copy a frame. Runs in the SDK's threads, where an exception would vanish."""
        try:
            kind = self._kinds.get(sdk_frame.get_profile().unique_id())
            if kind is None or not self._let_in(kind):
                return
            frame = to_frame(sdk_frame, kind, self._arrival_us(sdk_frame))
            with self._changed:
                self.domains[kind] = frame.domain
                self._frames.append(frame)
                self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - handed to the reader
            self._failure = error
            self.end()

    def _let_in(self, kind: StreamKind) -> bool:
        with self._changed:
            self.n_arrived[kind] += 1
            if self._waits:
                self._changed.wait_for(lambda: self._is_over or self._has_room)
            if self._is_over:
                return False
            if not self._has_room:
                self.lost.count(kind)
                return False
            return True

    @property
    def _has_room(self) -> bool:
        return not self._is_bounded or len(self._frames) < self._capacity

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame; None when none came in time, or none comes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._is_over, timeout_s)
            if self._failure is not None:
                raise self._failure
            frame = self._frames.popleft() if self._frames else None
            self._changed.notify_all()
            return frame

    def hold_back(self) -> None:
        """From now on, frames wait for room."""
        self._is_bounded = True

    def end(self, *, keep: bool = True) -> None:
        """Say that no more frames come. Those that wait can still be read, if they are kept."""
        with self._changed:
            self._is_over = True
            if not keep:
                self._frames.clear()
            self._changed.notify_all()


class RealSenseStreams:
    """Some streams of a device, open.

    Sensors are opened one by one with exactly the profiles that are wanted, then started: the SDK's
    pipeline would open others as well, and pair (so: drop) frames by rules of its own.

    Args:
        device: The SDK's device.
        streams: What to open of it.
        arrival_us, capacity, waits: See `FrameInbox`.

    Raises:
        FsamtError: The unit of depth is not known.
    """

    def __init__(
        self,
        device: Any,
        streams: Sequence[OfferedStream],
        arrival_us: Callable[[Any], int],
        *,
        capacity: int,
        waits: bool,
    ) -> None:
        self._sensors: tuple[Any, ...] = tuple(device.query_sensors())
        self._offered = tuple(streams)
        self._units: dict[StreamKind, float] = {
            stream.mode.kind: _unit_m(stream)
            for stream in streams
            if stream.mode.kind == StreamKind.DEPTH
        }
        kinds = {stream.profile.unique_id(): stream.mode.kind for stream in streams}
        self.inbox = FrameInbox(kinds, arrival_us, capacity=capacity, waits=waits)
        self._opened: list[Any] = []
        self._started: list[Any] = []

    @property
    def open_streams(self) -> tuple[OpenStream, ...]:
        """As the camera says. Before the first frame, the clock is taken for the device's."""
        return tuple(
            OpenStream(
                stream.mode,
                self.inbox.domains.get(stream.mode.kind, "device"),
                self._units.get(stream.mode.kind),
            )
            for stream in self._offered
        )

    def active(self) -> tuple[ActiveStream, ...]:
        """What runs on all sensors of the device, those that were not opened here too.

        Raises:
            RuntimeError: The SDK does not say.
        """
        return active_streams(self._sensors)

    def start(self) -> None:
        """Open all sensors, then start all of them.

        Raises:
            RuntimeError: The SDK says no. Nothing is open then.
        """
        sensors: dict[int, tuple[Any, list[Any]]] = {}
        for stream in self._offered:
            sensors.setdefault(id(stream.sensor), (stream.sensor, []))[1].append(stream.profile)
        try:
            for sensor, profiles in sensors.values():
                sensor.open(profiles)
                self._opened.append(sensor)
            for sensor, _ in sensors.values():
                sensor.start(self.inbox.take)
                self._started.append(sensor)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> bool:
        """Close the sensors; frames that nobody read are dropped.

        Returns:
            Whether the driver did it in time. Otherwise its thread was left to itself.
        """
        self.inbox.end(keep=False)
        calls = [sensor.stop for sensor in self._started]
        calls += [sensor.close for sensor in self._opened]
        self._started, self._opened = [], []
        return not calls or _call_within(STOP_LIMIT_S, calls)


def _unit_m(stream: OfferedStream) -> float:
    unit_m = depth_unit_m(stream.sensor)
    if unit_m is None:
        raise FsamtError(
            "This camera or recording does not say in which unit its depth is.",
            "Without it, depth cannot be used.",
        )
    return unit_m


def _call_within(limit_s: float, calls: Sequence[Callable[[], None]]) -> bool:
    """Whether some calls came back within a limit; what the SDK says meanwhile is no matter."""

    def call_all() -> None:
        for call in calls:
            with suppress(RuntimeError):  # A camera that is gone cannot be stopped.
                call()

    thread = threading.Thread(target=call_all, name="stop RealSense", daemon=True)
    thread.start()
    thread.join(limit_s)
    return not thread.is_alive()
