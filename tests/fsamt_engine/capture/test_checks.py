"""What measured values mean for a recording."""

import pytest

from fsamt_engine.capture import checks
from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.capture.checks import BAD, CAUTION, GOOD, Check
from fsamt_engine.library.records import QualityLevel, StreamKind

DEPTH, COLOUR = StreamKind.DEPTH, StreamKind.COLOUR
USUAL = CameraSettings()
SMALL = CameraSettings((StreamMode(DEPTH, 480, 270, 30.0),))


@pytest.mark.parametrize(
    ("usb_type", "settings", "level"),
    [("3.2", USUAL, GOOD), ("2.1", USUAL, BAD), ("2.1", SMALL, CAUTION), ("3.2", SMALL, GOOD)],
)
def test_usb_2_is_named(usb_type: str, settings: CameraSettings, level: QualityLevel) -> None:
    check = checks.check_usb(usb_type, settings)
    assert check.level == level
    assert f"USB {usb_type}" in check.words
    assert ("USB 3 cable" in check.hint) == (level != GOOD)


def test_raw_depth_and_colour_of_the_usual_size_are_told() -> None:
    assert "48.8 MB a second" in checks.check_usb("3.2", USUAL).words


@pytest.mark.parametrize(
    ("free_bytes", "level", "words"),
    [
        (100e9, GOOD, "Room for 5 h 33 min of recording, at 300.0 MB a minute."),
        (10e9, CAUTION, "33 min 20 s"),
        (1e9, BAD, "3 min 20 s"),
        (-5e9, BAD, "Room for 0 s"),
    ],
)
def test_disk_space_is_told_as_time(free_bytes: float, level: QualityLevel, words: str) -> None:
    check = checks.check_disk_space(free_bytes, 5e6)
    assert check.level == level
    assert words in check.words


@pytest.mark.parametrize(("speed", "level"), [(100e6, GOOD), (8e6, CAUTION), (4e6, BAD)])
def test_a_disk_needs_a_reserve_of_speed(speed: float, level: QualityLevel) -> None:
    assert checks.check_disk_speed(speed, 5e6).level == level


@pytest.mark.parametrize(
    ("depth_hz", "colour_hz", "level"),
    [(69, 225, GOOD), (33, 225, CAUTION), (69, 33, CAUTION), (24, 225, BAD)],
)
def test_the_slowest_encoder_counts(depth_hz: float, colour_hz: float, level: QualityLevel) -> None:
    check = checks.check_encoders({DEPTH: depth_hz, COLOUR: colour_hz}, USUAL)
    assert check.level == level
    assert f"depth at {depth_hz} and colour at {colour_hz} frames a second" in check.words


def test_exposure_priority_is_told() -> None:
    check = checks.check_exposure(CameraSettings(exposure_priority=True))
    assert check is not None
    assert check.level == CAUTION
    assert "exposure priority off" in check.hint


def test_an_exposure_longer_than_a_frame_is_bad() -> None:
    levels = {}
    for exposure_us in (10_000.0, 50_000.0):
        check = checks.check_exposure(CameraSettings(exposure_us=exposure_us))
        assert check is not None
        levels[exposure_us] = check.level
    assert levels == {10_000.0: GOOD, 50_000.0: BAD}


def test_depth_alone_has_no_exposure_of_colour() -> None:
    assert checks.check_exposure(SMALL) is None


@pytest.mark.parametrize(
    ("depth_hz", "colour_hz", "level"),
    [(30.0, 29.9, GOOD), (30.0, 28.0, CAUTION), (30.0, 15.0, BAD), (15.0, 30.0, BAD)],
)
def test_a_stream_that_is_too_slow_is_noticed(
    depth_hz: float, colour_hz: float, level: QualityLevel
) -> None:
    check = checks.check_rates({DEPTH: depth_hz, COLOUR: colour_hz}, USUAL)
    assert check.level == level
    assert f"colour {colour_hz} of 30 frames a second" in check.words


def test_slow_colour_is_blamed_on_exposure_priority_where_it_is_on() -> None:
    dim = CameraSettings(exposure_priority=True)
    rates = {DEPTH: 30.0, COLOUR: 15.0}
    assert "exposure priority" in checks.check_rates(rates, dim).hint
    assert "exposure priority" not in checks.check_rates(rates, USUAL).hint


def test_a_stream_that_gives_nothing_is_named() -> None:
    check = checks.check_rates({DEPTH: 30.0}, USUAL)
    assert check.level == BAD
    assert "nothing comes from colour" in check.hint


@pytest.mark.parametrize(
    ("mean", "white", "level", "hint"),
    [
        (120.0, 0.02, GOOD, ""),
        (40.0, 0.0, CAUTION, "more light"),
        (8.0, 0.0, BAD, "more light"),
        (200.0, 0.4, CAUTION, "windows"),
    ],
)
def test_a_dark_or_glaring_picture_is_noticed(
    mean: float, white: float, level: QualityLevel, hint: str
) -> None:
    check = checks.check_brightness(mean, white)
    assert check.level == level
    assert hint in check.hint
    assert bool(hint) == bool(check.hint)


@pytest.mark.parametrize(("holes", "level"), [(0.1, GOOD), (0.3, CAUTION), (1.0, BAD)])
def test_depth_with_many_holes_is_noticed(holes: float, level: QualityLevel) -> None:
    check = checks.check_holes(holes)
    assert check.level == level
    assert f"{holes * 100:.1f} %" in check.words


def test_what_is_not_good_says_what_to_do_and_what_is_good_does_not() -> None:
    judged: list[Check] = [checks.check_disk_space(free, 5e6) for free in (1e8, 1e12)] + [
        checks.check_disk_speed(speed, 5e6) for speed in (1e6, 1e12)
    ]
    assert [bool(check.hint) for check in judged] == [check.level != GOOD for check in judged]
