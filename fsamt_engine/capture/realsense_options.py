"""Options of a RealSense camera: which it has, and setting them."""

from collections.abc import Sequence
from typing import Any

from fsamt_engine.capture.camera import CameraSettings
from fsamt_engine.capture.realsense_frames import OfferedStream
from fsamt_engine.capture.realsense_sdk import sdk
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind

_RGB_EXPOSURE_STEP_US = 100.0
"""A colour sensor of its own counts exposure in UVC's 100 microseconds, a stereo module in 1."""


def option_capabilities(device: Any) -> dict[str, Any]:
    """What `Capabilities` says of options."""
    option = sdk().option
    depth, colour = _sensors_of(device)
    return {
        "can_set_emitter": _can_set(depth, option.emitter_enabled),
        "can_set_exposure": _can_set(colour, option.exposure),
        "can_set_exposure_priority": _can_set(colour, option.auto_exposure_priority),
        "visual_presets": tuple(_presets(depth)),
    }


def apply_settings(device: Any, chosen: Sequence[OfferedStream], settings: CameraSettings) -> None:
    """Set options as asked for, before the streams are opened.

    The preset comes first, since it sets others. Times are asked for by the device's own clock:
    the SDK's "global time" mixes two clocks while it settles.

    Raises:
        FsamtError: The camera does not have what was asked for.
        RuntimeError: The SDK says no.
    """
    option = sdk().option
    depth, colour = _sensors_of(device)
    for stream in chosen:
        if _can_set(stream.sensor, option.global_time_enabled):
            stream.sensor.set_option(option.global_time_enabled, 0.0)
    if settings.visual_preset is not None:
        presets = _presets(depth)
        if settings.visual_preset not in presets:
            raise FsamtError(
                f'This camera has no preset "{settings.visual_preset}".',
                f"It has: {', '.join(presets) or 'none'}.",
            )
        depth.set_option(option.visual_preset, presets[settings.visual_preset])
    if settings.emitter is not None:
        _set(depth, option.emitter_enabled, float(settings.emitter), "infrared projector")
    if StreamKind.COLOUR not in settings.kinds:
        return
    if _can_set(colour, option.auto_exposure_priority):
        colour.set_option(option.auto_exposure_priority, float(settings.exposure_priority))
    if settings.exposure_us is not None:
        step_us = _RGB_EXPOSURE_STEP_US if colour is not depth else 1.0
        _set(colour, option.exposure, settings.exposure_us / step_us, "exposure of colour")
    elif _can_set(colour, option.enable_auto_exposure):
        colour.set_option(option.enable_auto_exposure, 1.0)


def _set(sensor: Any, option: Any, value: float, name: str) -> None:
    """Set an option, to the nearest value that it takes. Exposure ends automatic exposure."""
    if not _can_set(sensor, option):
        raise FsamtError(f"The {name} of this camera cannot be set.", "Leave it as it is.")
    automatic = sdk().option.enable_auto_exposure
    if option == sdk().option.exposure and _can_set(sensor, automatic):
        sensor.set_option(automatic, 0.0)
    limits = sensor.get_option_range(option)
    steps = round((value - limits.min) / limits.step) if limits.step else 0
    nearest = limits.min + steps * limits.step if limits.step else value
    sensor.set_option(option, min(max(nearest, limits.min), limits.max))


def _can_set(sensor: Any, option: Any) -> bool:
    return sensor is not None and sensor.supports(option) and not sensor.is_option_read_only(option)


def _presets(sensor: Any) -> dict[str, float]:
    """Values of the presets by their names."""
    option = sdk().option.visual_preset
    if not _can_set(sensor, option):
        return {}
    limits = sensor.get_option_range(option)
    named = {}
    for value in range(round(limits.min), round(limits.max) + 1):
        name = sensor.get_option_value_description(option, float(value))
        if name:
            named[name] = float(value)
    return named


def _sensors_of(device: Any) -> tuple[Any, Any]:
    """The sensors that give depth and colour, perhaps the same one; None where there is none."""
    by_stream = {
        profile.stream_type().name: sensor
        for sensor in device.query_sensors()
        for profile in sensor.get_stream_profiles()
    }
    return by_stream.get("depth"), by_stream.get("color")
