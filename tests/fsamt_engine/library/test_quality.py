from collections.abc import Callable

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, QualityLevel, Recording, StreamKind, Take, takes
from fsamt_engine.library.completeness import StreamTimes
from fsamt_engine.library.quality import TakeQuality, assess, take_quality

MakeTake = Callable[..., Take]
FRAME_US = 33_333


def assessed(
    n: int = 1800,
    *,
    without_depth: tuple[int, ...] = (),
    without_colour: tuple[int, ...] = (),
    skew_us: int = 4100,
    domain: str = "device",
    colour_step: int = 1,
    n_dropped: dict[str, int] | None = None,
) -> TakeQuality:
    """A take of `n` moments at 30 fps in which frames are missing."""
    depth_at = np.setdiff1d(np.arange(n), without_depth)
    colour_at = np.setdiff1d(np.arange(0, n, colour_step), without_colour)
    common = np.intersect1d(depth_at, colour_at)
    pairs = np.stack(
        [
            np.searchsorted(depth_at, common),
            np.searchsorted(colour_at, common),
            np.where(common % 2, skew_us, -skew_us),
        ],
        axis=1,
    )
    streams = [
        StreamTimes(StreamKind.DEPTH, 30.0, domain, depth_at * FRAME_US, depth_at),
        StreamTimes(StreamKind.COLOUR, 30.0, domain, colour_at * FRAME_US, colour_at),
    ]
    return assess(streams, pairs, n_dropped)


def depth_only(n: int = 1800, **change: object) -> TakeQuality:
    stream = {"rate_hz": 30.0, "domain": "device", "at_us": np.arange(n) * FRAME_US} | change
    return assess([StreamTimes(StreamKind.DEPTH, **stream)], np.empty((0, 3), np.int64))


def test_verdict_of_a_good_take_is_one_sentence() -> None:
    found = assessed(without_depth=(700,), without_colour=(800,))
    assert found.verdict == (
        "2 of 1,800 pairs dropped, skew 4.1 ms at the 95th percentile: good for transfer"
    )
    assert (found.level, found.hints) == (QualityLevel.GOOD, ())
    assert (found.n_pairs, found.n_lost, found.n_expected) == (1798, 2, 1800)
    assert (found.skew_median_us, found.skew_95_us, found.skew_max_us) == (4100, 4100, 4100)
    colour = found.stream(StreamKind.COLOUR)
    assert colour is not None
    assert (colour.n_alone, colour.n_missing) == (1, 1)


def test_take_without_a_flaw_says_none() -> None:
    assert assessed().verdict.startswith("1,800 pairs, none dropped, skew 4.1 ms")


def test_recording_may_begin_and_end_between_the_frames_of_a_moment() -> None:
    found = assessed(100, without_colour=(0, 99))
    assert found.n_lost == 0
    assert assessed(100, without_colour=(0, 1, 98, 99)).n_lost == 2


@pytest.mark.parametrize(
    ("n_lost", "level"),
    [(1, QualityLevel.GOOD), (3, QualityLevel.CAUTION), (30, QualityLevel.BAD)],
)
def test_more_lost_pairs_are_a_worse_verdict(n_lost: int, level: QualityLevel) -> None:
    lost = tuple(range(50, 50 + 2 * n_lost, 2))
    found = assessed(200, without_colour=lost)
    assert found.level == level
    assert found.n_lost == n_lost
    assert bool(found.hints) == (level != QualityLevel.GOOD)


def test_one_lost_pair_is_excused_in_a_short_take() -> None:
    assert assessed(20, without_colour=(9,)).level == QualityLevel.GOOD
    assert assessed(20, without_colour=(9, 11)).level == QualityLevel.CAUTION


def test_hint_names_the_cause_of_the_loss() -> None:
    lost = tuple(range(50, 90, 2))
    assert "never came from the camera" in assessed(200, without_depth=lost).hints[0]
    slow = assessed(200, without_depth=lost, n_dropped={"depth": 20})
    assert "could not keep up with 20 frames" in slow.hints[0]
    assert slow.n_lost == 20


def test_colour_at_half_the_rate_is_named() -> None:
    found = assessed(300, colour_step=2)
    assert found.level == QualityLevel.BAD
    assert any("15.0 instead of 30 frames a second. Turn exposure" in hint for hint in found.hints)
    assert any("150 of 300 depth frames have no colour frame" in hint for hint in found.hints)


def test_large_skew_is_no_good_verdict() -> None:
    found = assessed(skew_us=12_000)
    assert found.level == QualityLevel.CAUTION
    assert found.verdict.endswith(
        "skew 12.0 ms at the 95th percentile: usable for transfer, with care"
    )
    assert "same rate" in found.hints[0]


def test_times_of_the_computer_are_said_to_be_that() -> None:
    found = assessed(domain="host")
    assert (found.clock, found.level) == ("host", QualityLevel.CAUTION)
    assert "skew by arrival 4.1 ms" in found.verdict
    assert "arrival at this computer" in found.hints[0]


@pytest.mark.parametrize("domains", [("device", "host"), ("device", "nominal")])
def test_streams_of_different_clocks_count_as_times_of_the_computer(
    domains: tuple[str, str],
) -> None:
    streams = [
        StreamTimes(StreamKind.DEPTH, 30.0, domains[0], np.arange(9) * FRAME_US),
        StreamTimes(StreamKind.COLOUR, 30.0, domains[1], np.arange(9) * FRAME_US),
        StreamTimes(StreamKind.SKELETON, 30.0, "nominal", np.arange(9) * FRAME_US),
    ]
    index = np.arange(9)
    assert assess(streams, np.stack([index, index, index], axis=1)).clock == "host"


def test_skew_of_nominal_times_is_not_known() -> None:
    found = assessed(domain="nominal")
    assert "skew not known: usable for transfer, with care" in found.verdict
    assert (found.skew_median_us, found.skew_95_us, found.skew_max_us) == (None, None, None)


def test_take_without_pairs_cannot_serve_transfer() -> None:
    index = np.arange(90)
    streams = [
        StreamTimes(StreamKind.DEPTH, 30.0, "device", index * FRAME_US, index),
        StreamTimes(StreamKind.COLOUR, 30.0, "device", 10**9 + index * FRAME_US, index),
    ]
    found = assess(streams, np.empty((0, 3), np.int64))
    assert found.level == QualityLevel.BAD
    assert found.verdict == "no pairs: not good enough for transfer"
    assert "90 of 90 depth frames" in found.hints[0]


def test_depth_only_take_is_judged_by_its_frames() -> None:
    assert depth_only().verdict == "1,800 depth frames, none dropped: good for recognition"
    assert not depth_only().serves_transfer
    numbers = np.arange(1800) + 400 * (np.arange(1800) > 900)
    holed = depth_only(numbers=numbers, at_us=numbers * FRAME_US)
    assert holed.verdict.startswith("400 of 2,200 depth frames dropped: not good enough")
    assert any("stood still for 13.4 s" in hint for hint in holed.hints)


def test_take_without_depth_is_judged_by_its_main_frames() -> None:
    nine = np.arange(9) * FRAME_US

    def of(*kinds: StreamKind, at_us: np.ndarray = nine) -> TakeQuality:
        streams = [StreamTimes(kind, 30.0, "device", at_us) for kind in kinds]
        return assess(streams, np.empty((0, 3), np.int64))

    colour = of(StreamKind.COLOUR)
    assert (colour.level, colour.main) == (QualityLevel.GOOD, colour.stream(StreamKind.COLOUR))
    assert colour.verdict == "9 colour frames, none dropped: good for teachers"
    holed = of(StreamKind.COLOUR, at_us=np.delete(np.arange(30), range(10, 20)) * FRAME_US)
    assert holed.verdict == "10 of 30 colour frames dropped: not good enough for teachers"
    infrared = of(StreamKind.COLOUR, StreamKind.INFRARED)
    assert infrared.verdict == "9 infrared frames, none dropped: good for recognition from infrared"
    skeleton = of(StreamKind.SKELETON)
    assert skeleton.verdict == "skeleton alone: good for recognition from skeletons"


@pytest.mark.parametrize(
    ("at_us", "words"),
    [
        (np.repeat(np.arange(90), 2) * FRAME_US, "came twice (90)"),
        (np.tile(np.arange(90), 2) * FRAME_US, "went backwards (1 ×)"),
        (np.arange(90) * 50_000, "20.0 instead of 30 frames a second"),
    ],
)
def test_what_clocks_and_drivers_do_is_named(at_us: np.ndarray, words: str) -> None:
    found = depth_only(at_us=at_us)
    assert found.level == QualityLevel.CAUTION
    assert any(words in hint for hint in found.hints)


def test_quality_is_read_from_the_library_as_it_was_assessed(
    library: Library, make_take: MakeTake
) -> None:
    take = make_take(recording=Recording("simulated", n_dropped={"depth": 3}))
    found = take_quality(library, take.id)
    depth = found.stream(StreamKind.DEPTH)
    assert depth is not None
    assert (found.n_pairs, depth.n_dropped, depth.n_frames, depth.nominal_hz) == (10, 3, 10, 30.0)
    with pytest.raises(FsamtError, match="no take xyz"):
        take_quality(library, "xyz")


def test_list_shows_the_level_of_each_take(library: Library, make_take: MakeTake) -> None:
    lossy = make_take("1", recording=Recording("simulated", n_dropped={"depth": 30}))
    plain, depth = make_take("2"), make_take("3", colour=False)
    assert {row.id: row.level for row in takes.list_takes(library)} == {
        lossy.id: QualityLevel.BAD,
        plain.id: QualityLevel.CAUTION,
        depth.id: QualityLevel.GOOD,
    }
    for take in (lossy, plain, depth):
        (row,) = (row for row in takes.list_takes(library, limit=3) if row.id == take.id)
        assert row.level == take_quality(library, take.id).level
