"""Before a recording: is everything fit for it? In words, with what to do about it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from fsamt_engine.capture.camera import CameraSettings
from fsamt_engine.capture.checks import (
    Check,
    check_brightness,
    check_disk_space,
    check_disk_speed,
    check_encoders,
    check_exposure,
    check_holes,
    check_rates,
    check_usb,
)
from fsamt_engine.capture.disk import expected_bytes_per_s
from fsamt_engine.capture.feed import CameraFeed, OpenedCamera
from fsamt_engine.capture.measuring import (
    EncoderSpeed,
    Sample,
    brightness,
    measure_encoders,
    measure_write_speed,
    sample_camera,
    share_of_holes,
)
from fsamt_engine.capture.recorder import RecorderLimits
from fsamt_engine.library.records import QualityLevel, StreamKind
from fsamt_engine.progress import ShouldStop

__all__ = ["Check", "preflight"]

_WATCH_S, _ENCODE_S, _WRITE_S = 1.5, 0.6, 0.5


def preflight(
    library_root: Path, feed: CameraFeed, *, should_stop: ShouldStop | None = None
) -> list[Check]:
    """Looks at camera, disk and encoders; takes about 3 s while the camera runs on.

    A camera that is not live (a recording, frame by frame) waits for its reader: only the disk
    is looked at then, and no frame is lost.

    Args:
        library_root: Folder of the library.
        feed: The camera, with the settings it is to record with.
        should_stop: Asked ten times a second.

    Raises:
        Cancelled: It was asked to stop.
        FsamtError: The camera cannot be opened.
    """
    opened = feed.wait_until_open()
    settings = opened.settings
    if not opened.is_live:
        return _of_disk(library_root, _needed_bytes_per_s(settings, {}))
    sample = sample_camera(feed, opened, _WATCH_S, should_stop)
    encoders = measure_encoders(settings.streams, sample.pixels, _ENCODE_S)
    checks = _of_camera(opened, sample)
    if encoders:
        speeds = {kind: speed.rate_hz for kind, speed in encoders.items()}
        checks.append(check_encoders(speeds, settings))
    return checks + _of_disk(library_root, _needed_bytes_per_s(settings, encoders))


def _of_camera(opened: OpenedCamera, sample: Sample) -> list[Check]:
    settings, checks = opened.settings, list[Check]()
    if opened.info.usb_type:
        checks.append(check_usb(opened.info.usb_type, settings))
    checks.append(check_rates(sample.rates_hz, settings))
    exposure = check_exposure(settings)
    if exposure is not None:
        checks.append(exposure)
    if colour := sample.pixels.get(StreamKind.COLOUR):
        checks.append(check_brightness(*brightness(colour)))
    if depth := sample.pixels.get(StreamKind.DEPTH):
        checks.append(check_holes(share_of_holes(depth)))
    return checks


def _of_disk(root: Path, needed_bytes_per_s: float) -> list[Check]:
    try:
        free_bytes = shutil.disk_usage(root).free - RecorderLimits().disk_reserve_bytes
        speed = measure_write_speed(root, _WRITE_S)
    except OSError as error:
        reason = error.strerror or str(error)
        return [
            Check(
                "Disk space",
                QualityLevel.BAD,
                f"Nothing can be written to {root} ({reason}).",
                "Free some space, or check that the folder is there and may be written to.",
            )
        ]
    return [
        check_disk_space(free_bytes, needed_bytes_per_s),
        check_disk_speed(speed, needed_bytes_per_s),
    ]


def _needed_bytes_per_s(
    settings: CameraSettings, encoders: Mapping[StreamKind, EncoderSpeed]
) -> float:
    """As measured with the camera's own pictures, or else as expected of the size."""
    unmeasured = [mode for mode in settings.streams if mode.kind not in encoders]
    return expected_bytes_per_s(unmeasured) + sum(
        mode.rate_hz * encoders[mode.kind].bytes_per_frame
        for mode in settings.streams
        if mode.kind in encoders
    )
