"""What a camera, a disk and the encoders do on this computer, measured within seconds."""

import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.camera import Frame, StreamMode
from fsamt_engine.capture.feed import CameraFeed, OpenedCamera
from fsamt_engine.capture.take_writer import PIXEL_WRITERS
from fsamt_engine.errors import Cancelled
from fsamt_engine.library.records import RecordingEnd, StreamKind
from fsamt_engine.progress import ShouldStop

_SETTLING_S = 0.5
_N_KEPT = 8
_STOP_IS_ASKED_EVERY_S = 0.1
_BLOCK_BYTES, _MOST_BLOCKS = 1 << 20, 64
_WHITE = 250


@dataclass(frozen=True)
class Sample:
    """What came from a camera for a moment.

    Attributes:
        rates_hz: Frames a second of each stream that gave at least two.
        pixels: The last frames of each stream, as `Frame.pixels`.
    """

    rates_hz: Mapping[StreamKind, float]
    pixels: Mapping[StreamKind, Sequence[NDArray[Any]]]


def sample_camera(
    feed: CameraFeed, opened: OpenedCamera, seconds: float, should_stop: ShouldStop | None = None
) -> Sample:
    """Watch a camera, after it has settled (exposure, the first frames).

    Args:
        feed: Of a live camera.
        opened: The camera as it is open now.
        seconds: How long.
        should_stop: Asked ten times a second.

    Raises:
        Cancelled: It was asked to stop.
    """
    sampler = _Sampler()
    _pause(_SETTLING_S, should_stop)
    feed.attach(sampler, opened)
    try:
        _pause(seconds, should_stop)
    finally:
        feed.detach(sampler)
    return sampler.sample()


class _Sampler:
    """A sink that keeps the times of all frames, and the last of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[StreamKind, list[float]] = {}
        self._pixels: dict[StreamKind, deque[NDArray[Any]]] = {}

    def take_frame(self, frame: Frame) -> None:
        with self._lock:
            self._times.setdefault(frame.kind, []).append(time.monotonic())
            self._pixels.setdefault(frame.kind, deque(maxlen=_N_KEPT)).append(frame.pixels)

    def camera_ended(self, how: RecordingEnd) -> None:
        """What came until then is the sample."""

    def sample(self) -> Sample:
        with self._lock:
            rates_hz = {
                kind: (len(times) - 1) / (times[-1] - times[0])
                for kind, times in self._times.items()
                if len(times) > 1
            }
            return Sample(rates_hz, {kind: tuple(kept) for kind, kept in self._pixels.items()})


@dataclass(frozen=True)
class EncoderSpeed:
    """What an encoder does.

    Attributes:
        rate_hz: Frames a second.
        bytes_per_frame: Of these pictures.
    """

    rate_hz: float
    bytes_per_frame: float


def measure_encoders(
    modes: Sequence[StreamMode], pixels: Mapping[StreamKind, Sequence[NDArray[Any]]], seconds: float
) -> dict[StreamKind, EncoderSpeed]:
    """Encode so many seconds of all streams, each in a thread of its own, as the recorder does.

    A stream that is done leaves the processor to the others: as in a recording, none does more
    than is asked of it.

    Args:
        modes: The streams.
        pixels: Pictures of each, of the camera: others would compress better or worse. A stream
            without a picture is left out.
        seconds: Of recording; after twice that time what was encoded is enough.

    Raises:
        FsamtError: The folder for temporary files is full, or may not be written to.
    """
    measured = [mode for mode in modes if pixels.get(mode.kind)]
    with (
        tempfile.TemporaryDirectory(prefix="fsamt-") as folder,
        ThreadPoolExecutor(max(1, len(measured)), "measure encoder") as pool,
    ):
        running = {
            mode.kind: pool.submit(
                _measure_encoder, Path(folder) / mode.kind, mode, pixels[mode.kind], seconds
            )
            for mode in measured
        }
        return {kind: future.result() for kind, future in running.items()}


def _measure_encoder(
    path: Path, mode: StreamMode, pixels: Sequence[NDArray[Any]], seconds: float
) -> EncoderSpeed:
    with closing(PIXEL_WRITERS[mode.kind](path, mode.width, mode.height, mode.rate_hz)) as writer:
        writer.write(pixels[0])  # The first is slow: codecs set themselves up.
        started_at = time.monotonic()
        for n, frame in enumerate(cycle(pixels), 1):
            writer.write(frame)
            elapsed = time.monotonic() - started_at
            if n >= seconds * mode.rate_hz or elapsed >= 2 * seconds:
                break
    return EncoderSpeed(n / elapsed, path.stat().st_size / (n + 1))


def measure_write_speed(folder: Path, seconds: float) -> float:
    """Bytes a second that a disk takes, until they are on it for good.

    Writes 64 MB at most, into a file without a name: nothing is left, whatever happens.

    Raises:
        OSError: The disk is full, or the folder may not be written to.
    """
    block = os.urandom(_BLOCK_BYTES)
    started_at = time.monotonic()
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_MOST_BLOCKS):
            file.write(block)
            if time.monotonic() - started_at >= seconds:
                break
        os.fsync(file.fileno())
        return file.tell() / (time.monotonic() - started_at)


def brightness(colour: Sequence[NDArray[np.uint8]]) -> tuple[float, float]:
    """Mean brightness, 0..255, and share of white pixels of (H, W, 3) uint8 RGB pictures."""
    last = colour[-1][::2, ::2]
    return float(last.mean()), float((last >= _WHITE).all(axis=2).mean())


def share_of_holes(depth: Sequence[NDArray[np.uint16]]) -> float:
    """Share of pixels without reading in (H, W) uint16 depth pictures: the median of them."""
    return float(np.median([(frame == 0).mean() for frame in depth]))


def _pause(seconds: float, should_stop: ShouldStop | None) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled
        time.sleep(min(left, _STOP_IS_ASKED_EVERY_S))
