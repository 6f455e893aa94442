"""Frames of a small scene, what goes wrong with them in labs, and the SDK's own ways for them.

The faults work on lists of frames, in the order of arrival. `record` sends a list through the SDK's
recorder into a file; `Plugged` delivers frames through a device that the SDK lists as a camera.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Self

import numpy as np

from fsamt_engine.capture.camera import CameraSettings, Frame, StreamMode
from fsamt_engine.capture.realsense_recording import SoftwareCamera, record_frames
from fsamt_engine.library.records import Calibration, Intrinsics, StreamKind

WIDTH, HEIGHT, RATE_HZ = 64, 48, 30.0
PERIOD_US, SKEW_US = 33_333, 4_000
ARRIVED_AT_US = 1_735_722_000_000_000
DEPTH = StreamMode(StreamKind.DEPTH, WIDTH, HEIGHT, RATE_HZ)
COLOUR = StreamMode(StreamKind.COLOUR, WIDTH, HEIGHT, RATE_HZ)
INFRARED = StreamMode(StreamKind.INFRARED, WIDTH, HEIGHT, RATE_HZ)
SETTINGS = CameraSettings((DEPTH, COLOUR))
CALIBRATION = Calibration(
    Intrinsics(WIDTH, HEIGHT, 45.5, 46.5, 31.25, 23.75, "brown_conrady", (0.5, 0.25, 0, 0, 0)),
    Intrinsics(WIDTH, HEIGHT, 50.5, 51.5, 33.25, 24.75, "brown_conrady", (0, 0, 0, 0, 0)),
    (0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    (0.015625, 0.25, -0.5),
)
Frames = list[Frame]


def frame(mode: StreamMode, number: int) -> Frame:
    """A frame that differs from every other in each of its pixels' noise. Colour is 4 ms early."""
    kind = mode.kind
    rng = np.random.default_rng([list(StreamKind).index(kind), number])
    if kind == StreamKind.DEPTH:
        pixels = rng.integers(0, 65_536, (mode.height, mode.width), np.uint16)
    else:
        channels = (3,) if kind == StreamKind.COLOUR else ()
        pixels = rng.integers(0, 256, (mode.height, mode.width, *channels), np.uint8)
    at_us = 1_000_000 + number * PERIOD_US - (SKEW_US if kind == StreamKind.COLOUR else 0)
    arrived_at_us = ARRIVED_AT_US + number * PERIOD_US // 1000 * 1000  # As the SDK keeps it: ms.
    return Frame(kind, pixels, at_us, "device", number, arrived_at_us)


def steady(n: int, modes: Sequence[StreamMode] = (DEPTH, COLOUR)) -> Frames:
    """So many frames of each stream, with nothing wrong."""
    return [frame(mode, number) for number in range(n) for mode in modes]


def _changed(
    frames: Frames, is_meant: Callable[[Frame], bool], change: Callable[[Frame], Frame]
) -> Frames:
    return [change(one) if is_meant(one) else one for one in frames]


def stalled(frames: Frames, number: int, seconds: float) -> Frames:
    """The camera gives nothing for a while before `number`; then it counts on, its clock too."""
    wait_us, n_missed = round(seconds * 1e6), round(seconds * RATE_HZ)

    def later(one: Frame) -> Frame:
        return replace(
            one,
            at_us=one.at_us + wait_us,
            number=one.number + n_missed,
            arrived_at_us=one.arrived_at_us + wait_us,
        )

    return _changed(frames, lambda one: one.number >= number, later)


def without(frames: Frames, kind: StreamKind, numbers: Iterable[int]) -> Frames:
    """Some frames of a stream never arrive."""
    gone = set(numbers)
    return [one for one in frames if one.kind != kind or one.number not in gone]


def twice(frames: Frames, kind: StreamKind, numbers: Iterable[int]) -> Frames:
    """Some frames of a stream arrive a second time, with the same number and time."""
    doubled = set(numbers)
    return [
        one
        for original in frames
        for one in [original] * (1 + (original.kind == kind and original.number in doubled))
    ]


def colour_at_half_rate(frames: Frames) -> Frames:
    """Automatic exposure halves the rate of colour, which counts only what it gives."""
    kept = [one for one in frames if one.kind != StreamKind.COLOUR or one.number % 2 == 0]
    return _changed(
        kept,
        lambda one: one.kind == StreamKind.COLOUR,
        lambda one: replace(one, number=one.number // 2),
    )


def by_the_computers_clock(frames: Frames, kind: StreamKind, first: int = 0) -> Frames:
    """From a number on, the driver has no time of the device for a stream."""
    return _changed(
        frames,
        lambda one: one.kind == kind and one.number >= first,
        lambda one: replace(one, at_us=one.arrived_at_us, domain="host"),
    )


def clock_jumped(frames: Frames, number: int, by_us: int) -> Frames:
    """The device's clock is set while it runs."""
    return _changed(
        frames, lambda one: one.number >= number, lambda one: replace(one, at_us=one.at_us + by_us)
    )


def unplugged(frames: Frames, number: int) -> Frames:
    """Nothing more from a number on; of its pair, depth still came through."""
    last = [one for one in frames if one.number == number and one.kind == StreamKind.DEPTH]
    return [one for one in frames if one.number < number] + last


def record(path: Path, frames: Frames, unit_m: float = 0.001, serial: str = "1234567") -> Path:
    """A file with these frames, made by the SDK's recorder."""
    kinds = {one.kind for one in frames}
    modes = [mode for mode in (DEPTH, COLOUR, INFRARED) if mode.kind in kinds]
    camera = SoftwareCamera(modes, unit_m=unit_m, calibration=CALIBRATION, serial=serial)
    record_frames(path, camera, frames)
    return path


class Plugged:
    """A camera that the SDK lists, and that delivers what it is given, or frames all the time.

    Args:
        modes: What it offers.
        serial: Its serial number.
        frames_per_s: So many pairs a second come by themselves; None for none.
    """

    def __init__(
        self,
        modes: Sequence[StreamMode] = (DEPTH, COLOUR, INFRARED),
        *,
        unit_m: float = 0.001,
        serial: str = "7654321",
        frames_per_s: float | None = None,
    ) -> None:
        self.camera = SoftwareCamera(modes, unit_m=unit_m, calibration=CALIBRATION, serial=serial)
        self._modes, self._frames_per_s = modes, frames_per_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._deliver)

    def push(self, frames: Frames) -> None:
        """Deliver frames now."""
        for one in frames:
            self.camera.push(one)

    def __enter__(self) -> Self:
        self.camera.plug_in()
        if self._frames_per_s:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._frames_per_s:
            self._thread.join()
        self.camera.unplug()

    def _deliver(self) -> None:
        for number in count():
            if self._ended.wait(1 / self._frames_per_s):
                return
            self.push([frame(mode, number) for mode in self._modes])
