"""Streams of one SDK device, a camera or a recording, from opening to stopping."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from fsamt_engine.capture.camera import Frame, LostFrames, OpenStream
from fsamt_engine.capture.realsense_frames import OfferedStream, depth_unit_m, to_frame
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind

STOP_LIMIT_S = 5.0
"""How long the driver may take to stop."""


class RealSenseStreams:
    """Some streams of a device, open, and the queue on which their frames wait to be read.

    Sensors are opened one by one with exactly the profiles that are wanted, then started: the SDK's
    pipeline would open others as well, and pair (so: drop) frames by rules of its own. The SDK's
    threads copy each frame onto the queue.

    Args:
        streams: What to open.
        arrival_us: When a frame came to this computer, asked in the SDK's thread.
        capacity: How many frames may wait to be read.
        waits: Whether a frame waits for room on a full queue, or is counted as lost. It waits only
            after `hold_back` was called.

    Attributes:
        lost: Frames for which there was no room.
        n_arrived: Frames that the SDK gave, lost ones too.
    """

    def __init__(
        self,
        streams: Sequence[OfferedStream],
        arrival_us: Callable[[Any], int],
        *,
        capacity: int,
        waits: bool,
    ) -> None:
        self._offered = tuple(streams)
        self._arrival_us, self._capacity, self._waits = arrival_us, capacity, waits
        self.lost = LostFrames()
        self.n_arrived: Counter[StreamKind] = Counter()
        self._domains: dict[StreamKind, str] = {}
        self._units: dict[StreamKind, float] = {
            stream.mode.kind: _unit_m(stream)
            for stream in streams
            if stream.mode.kind == StreamKind.DEPTH
        }
        self._frames: deque[Frame] = deque()
        self._changed = threading.Condition()
        self._is_bounded = not waits
        self._is_over = False
        self._failure: BaseException | None = None
        self._opened: list[Any] = []
        self._started: list[Any] = []

    @property
    def open_streams(self) -> tuple[OpenStream, ...]:
        """As the camera says. Before the first frame, the clock is taken for the device's."""
        return tuple(
            OpenStream(
                stream.mode,
                self._domains.get(stream.mode.kind, "device"),
                self._units.get(stream.mode.kind),
            )
            for stream in self._offered
        )

    def start(self) -> None:
        """Open all sensors, then start all of them.

        Raises:
            RuntimeError: The SDK says no. Nothing is open then.
        """
        sensors: list[tuple[Any, list[Any]]] = []
        for stream in self._offered:
            for sensor, profiles in sensors:
                if sensor is stream.sensor:
                    profiles.append(stream.profile)
                    break
            else:
                sensors.append((stream.sensor, [stream.profile]))
        kinds = {stream.profile.unique_id(): stream.mode.kind for stream in self._offered}
        try:
            for sensor, profiles in sensors:
                sensor.open(profiles)
                self._opened.append(sensor)
            for sensor, _ in sensors:
                sensor.start(lambda frame: self._take(frame, kinds))
                self._started.append(sensor)
        except RuntimeError:
            self.stop()
            raise

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

    @property
    def is_used_up(self) -> bool:
        """Whether `end` was said, and every frame before it has been read."""
        return self._is_over and not self._frames

    def end(self) -> None:
        """Say that no more frames come; those that wait can still be read."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def stop(self, limit_s: float = STOP_LIMIT_S) -> bool:
        """Close the sensors; frames that nobody read are dropped.

        Returns:
            Whether the driver did it in time. Otherwise its thread was left to itself.
        """
        self.end()
        with self._changed:
            self._frames.clear()
            started, opened = self._started, self._opened
            self._started, self._opened = [], []
        calls = [sensor.stop for sensor in started] + [sensor.close for sensor in opened]
        return not calls or _call_within(limit_s, calls)

    def _take(self, sdk_frame: Any, kinds: dict[int, StreamKind]) -> None:
        """Runs in the SDK's threads, where an exception would vanish."""
        try:
            kind = kinds.get(sdk_frame.get_profile().unique_id())
            if kind is None:
                return
            with self._changed:
                self.n_arrived[kind] += 1
                if self._waits:
                    self._changed.wait_for(lambda: self._is_over or self._has_room)
                if self._is_over:
                    return
                if not self._has_room:
                    self.lost.count(kind)
                    return
            frame = to_frame(sdk_frame, kind, self._arrival_us(sdk_frame))
            with self._changed:
                self._domains[kind] = frame.domain
                self._frames.append(frame)
                self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - handed to the reader
            self._failure = error
            self.end()

    @property
    def _has_room(self) -> bool:
        return not self._is_bounded or len(self._frames) < self._capacity


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
            try:
                call()
            except RuntimeError:  # A camera that is gone cannot be stopped.
                continue

    thread = threading.Thread(target=call_all, name="stop RealSense", daemon=True)
    thread.start()
    thread.join(limit_s)
    return not thread.is_alive()
