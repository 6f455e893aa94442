"""What is fit for recording and what is not, judged from measured values. See `preflight`."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.library.records import QualityLevel, StreamKind
from fsamt_engine.units import format_bytes, format_duration, format_percent

GOOD, CAUTION, BAD = QualityLevel.GOOD, QualityLevel.CAUTION, QualityLevel.BAD

USB_2_BYTES_PER_S = 20e6
"""What RealSense cameras offer over USB 2 stays below this (their profiles, not the bus)."""
_RAW_BYTES_PER_PIXEL = {StreamKind.DEPTH: 2, StreamKind.COLOUR: 2, StreamKind.INFRARED: 1}
_LITTLE_TIME_S, _NO_TIME_S = 3600.0, 600.0
_DISK_RESERVE_FACTOR = 4.0
"""Disks pause now and then for seconds, and a lab's computer does other things, too."""
_ENCODER_RESERVE_FACTOR = 1.3
_FULL_RATE, _FAIR_RATE = 0.97, 0.8
_DIM, _DARK, _OVEREXPOSED = 60.0, 25.0, 0.25
_SOME_HOLES, _MANY_HOLES = 0.25, 0.5


@dataclass(frozen=True)
class Check:
    """One thing that decides whether a recording becomes good.

    Attributes:
        name: Short, for a list ("Disk speed").
        words: What was found, one sentence.
        hint: What to do about it; empty where all is well.
    """

    name: str
    level: QualityLevel
    words: str
    hint: str = ""


def check_usb(usb_type: str, settings: CameraSettings) -> Check:
    """Whether the cable carries the streams.

    Args:
        usb_type: As the SDK says it ("3.2").
        settings: What the camera is asked for.
    """
    wanted = sum(
        mode.width * mode.height * mode.rate_hz * _RAW_BYTES_PER_PIXEL.get(mode.kind, 0)
        for mode in settings.streams
    )
    words = f"USB {usb_type}; the streams need {format_bytes(wanted)} a second."
    cable = "Use the USB 3 cable that came with the camera, in a USB 3 port and without a hub"
    if not usb_type.startswith(("1", "2")):
        return Check("USB", GOOD, words)
    if wanted > USB_2_BYTES_PER_S:
        return Check("USB", BAD, words, f"{cable}, or choose a smaller size or a lower rate.")
    return Check("USB", CAUTION, words, f"{cable}: USB 2 loses frames when it is busy.")


def check_disk_space(free_bytes: float, needed_bytes_per_s: float) -> Check:
    """Whether there is room for a visit.

    Args:
        free_bytes: What a recording may fill.
        needed_bytes_per_s: What this recording writes.
    """
    seconds = max(0.0, free_bytes) / max(1.0, needed_bytes_per_s)
    words = (
        f"Room for {format_duration(seconds)} of recording, "
        f"at {format_bytes(60 * needed_bytes_per_s)} a minute."
    )
    hint = "Free some space, or keep the library on a larger disk."
    if seconds < _LITTLE_TIME_S:
        return Check("Disk space", BAD if seconds < _NO_TIME_S else CAUTION, words, hint)
    return Check("Disk space", GOOD, words)


def check_disk_speed(bytes_per_s: float, needed_bytes_per_s: float) -> Check:
    """Whether the disk is fast enough, with a reserve.

    Args:
        bytes_per_s: What it wrote, measured.
        needed_bytes_per_s: What this recording writes.
    """
    words = (
        f"Writes {format_bytes(bytes_per_s)} a second; "
        f"recording needs {format_bytes(needed_bytes_per_s)}."
    )
    if bytes_per_s >= _DISK_RESERVE_FACTOR * needed_bytes_per_s:
        return Check("Disk speed", GOOD, words)
    level = CAUTION if bytes_per_s > needed_bytes_per_s else BAD
    return Check("Disk speed", level, words, "Keep the library on a disk within this computer.")


def check_encoders(encoded_hz: Mapping[StreamKind, float], settings: CameraSettings) -> Check:
    """Whether this computer encodes as fast as frames come.

    Args:
        encoded_hz: Frames a second of each stream, measured with all of them at work.
        settings: What the camera is asked for.
    """
    modes = [mode for mode in settings.streams if mode.kind in encoded_hz]
    speeds = " and ".join(f"{mode.kind} at {encoded_hz[mode.kind]:.0f}" for mode in modes)
    needed = " and ".join(f"{rate:g}" for rate in sorted({mode.rate_hz for mode in modes}))
    words = f"Encodes {speeds} frames a second; {needed} are needed."
    least = min(encoded_hz[mode.kind] / mode.rate_hz for mode in modes)
    if least >= _ENCODER_RESERVE_FACTOR:
        return Check("Encoders", GOOD, words)
    level = CAUTION if least >= 1.0 else BAD
    hint = "Close other programs, or choose a smaller size or a lower rate."
    return Check("Encoders", level, words, hint)


def check_exposure(settings: CameraSettings) -> Check | None:
    """Whether colour's exposure leaves its rate alone; None without colour.

    Args:
        settings: What the camera is asked for.
    """
    colour = mode_of(settings, StreamKind.COLOUR)
    if colour is None:
        return None
    if settings.exposure_us is not None:
        longest_us = 1e6 / colour.rate_hz
        words = f"Fixed at {settings.exposure_us / 1000:.1f} ms, of {longest_us / 1000:.1f} ms."
        if settings.exposure_us <= longest_us:
            return Check("Exposure", GOOD, words)
        return Check("Exposure", BAD, words, "Expose for less than the time of a frame.")
    if settings.exposure_priority:
        return Check(
            "Exposure",
            CAUTION,
            "Automatic exposure may lower colour's rate in a dim room.",
            "Turn exposure priority off, and turn on more light.",
        )
    return Check("Exposure", GOOD, "Automatic exposure may not lower colour's rate.")


def check_rates(measured_hz: Mapping[StreamKind, float], settings: CameraSettings) -> Check:
    """Whether as many frames come as were asked for.

    Args:
        measured_hz: Frames a second of each stream; a stream that is missing gave none.
        settings: What the camera is asked for.
    """
    shares = {m.kind: measured_hz.get(m.kind, 0.0) / m.rate_hz for m in settings.streams}
    words = ", ".join(
        f"{mode.kind} {measured_hz.get(mode.kind, 0.0):.1f} of {mode.rate_hz:g} frames a second"
        for mode in settings.streams
    )
    words = words[:1].upper() + words[1:] + "."
    slowest = min(shares, key=lambda kind: shares[kind])
    if shares[slowest] >= _FULL_RATE:
        return Check("Frame rate", GOOD, words)
    level = CAUTION if shares[slowest] >= _FAIR_RATE else BAD
    return Check("Frame rate", level, words, _why_slow(shares, slowest, settings))


def _why_slow(
    shares: Mapping[StreamKind, float], slowest: StreamKind, settings: CameraSettings
) -> str:
    if shares[slowest] == 0.0:
        return f"Plug the camera in again: nothing comes from {slowest}."
    colour_alone = slowest == StreamKind.COLOUR and shares.get(StreamKind.DEPTH, 0) >= _FULL_RATE
    if colour_alone and settings.exposure_priority:
        return "Turn exposure priority off: in a dim room it halves colour's rate."
    return "Check cable and USB port, close other programs, or choose a smaller size."


def check_brightness(mean: float, overexposed: float) -> Check:
    """Whether colour shows something.

    Args:
        mean: Of the picture, 0..255.
        overexposed: Share of white pixels.
    """
    words = f"Mean brightness {mean:.0f} of 255, {format_percent(overexposed)} of it white."
    if mean < _DIM:
        level = BAD if mean < _DARK else CAUTION
        return Check("Brightness", level, words, "Turn on more light; the picture is dark.")
    if overexposed > _OVEREXPOSED:
        hint = "Turn the camera away from windows and lamps, or expose for less long."
        return Check("Brightness", CAUTION, words, hint)
    return Check("Brightness", GOOD, words)


def check_holes(holes: float) -> Check:
    """Whether depth reads most of what is seen.

    Args:
        holes: Share of pixels without reading.
    """
    words = f"{format_percent(holes)} of depth has no reading."
    if holes < _SOME_HOLES:
        return Check("Depth", GOOD, words)
    hint = (
        "Turn the emitter on, keep sunlight off, clean the lenses, and leave 0.5 to 4 m between "
        "camera and people."
    )
    return Check("Depth", BAD if holes > _MANY_HOLES else CAUTION, words, hint)


def mode_of(settings: CameraSettings, kind: StreamKind) -> StreamMode | None:
    """The stream of this kind, as it is asked for."""
    return next((mode for mode in settings.streams if mode.kind == kind), None)
