import numpy as np
import pytest

from fsamt_engine.capture.pairing import (
    FrameTimes,
    nominal_timestamps,
    pair_by_time,
    pair_frames,
)


def test_equal_clocks_pair_frame_by_frame():
    times = nominal_timestamps(5, 30)
    pairs = pair_by_time(times, times, 16_667)
    np.testing.assert_array_equal(pairs, [[i, i, 0] for i in range(5)])


def test_surplus_frames_stay_alone():
    pairs = pair_by_time(nominal_timestamps(7, 30), nominal_timestamps(5, 30), 16_667)
    assert pairs[:, 0].tolist() == [0, 1, 2, 3, 4]
    pairs = pair_by_time(nominal_timestamps(5, 30), nominal_timestamps(7, 30), 16_667)
    assert pairs[:, 1].tolist() == [0, 1, 2, 3, 4]


def test_skew_is_depth_minus_colour():
    pairs = pair_by_time(np.array([0, 100]), np.array([-4, 109]), 16)
    assert pairs.tolist() == [[0, 0, 4], [1, 1, -9]]


def test_too_far_is_no_pair():
    assert pair_by_time(np.array([0, 100]), np.array([40, 300]), 16).shape == (0, 3)
    assert pair_by_time(np.array([0, 100]), np.empty(0, np.int64), 16).shape == (0, 3)


def test_one_colour_frame_serves_one_depth_frame_the_nearest():
    pairs = pair_by_time(np.array([0, 10, 20]), np.array([12]), 50)
    assert pairs.tolist() == [[1, 0, -2]]


def test_half_the_rate_gives_half_the_pairs():
    pairs = pair_by_time(nominal_timestamps(10, 30), nominal_timestamps(5, 15), 16_667)
    assert pairs[:, 0].tolist() == [0, 2, 4, 6, 8]
    assert pairs[:, 1].tolist() == [0, 1, 2, 3, 4]


def test_agrees_with_brute_force_on_irregular_times():
    random = np.random.default_rng(0)
    for _ in range(50):
        depth = np.cumsum(random.integers(20, 50, 12))
        colour = np.cumsum(random.integers(20, 50, random.integers(1, 15)))
        for i, j, skew in pair_by_time(depth, colour, 15):
            assert skew == depth[i] - colour[j]
            assert abs(skew) == np.abs(depth[i] - colour).min() <= 15
        paired = set(pair_by_time(depth, colour, 15)[:, 0])
        near = {i for i in range(12) if np.abs(depth[i] - colour).min() <= 15}
        assert paired <= near
        assert len(near - paired) <= len(near) // 2


HOST_US = 1_760_000_000_000_000


def times(at_us: object, domain: str = "device", arrived_at_us: object = None) -> FrameTimes:
    arrived = None if arrived_at_us is None else np.array(arrived_at_us, np.int64)
    return FrameTimes(np.array(at_us, np.int64), domain, arrived)


def recorded(n: int = 300, *, latency_us: int = 20_000, seed: int = 0) -> FrameTimes:
    """A stream at 30 fps by the device's clock, with the arrivals of a busy computer."""
    draw = np.random.default_rng(seed)
    at_us = nominal_timestamps(n, 30) + draw.integers(-500, 500, n)
    return times(at_us, "device", HOST_US + at_us + latency_us + draw.integers(0, 30_000, n))


def jumped(stream: FrameTimes, frame: int, by_us: int) -> FrameTimes:
    at_us = stream.at_us.copy()
    at_us[frame:] += by_us
    return FrameTimes(at_us, stream.domain, stream.arrived_at_us)


def test_device_clock_decides_and_not_the_arrival():
    depth, colour = recorded(seed=1), recorded(latency_us=90_000, seed=2)
    found = pair_frames(depth, colour, 30)
    assert found.pairs[:, :2].tolist() == [[i, i] for i in range(300)]
    assert found.pairs[:, 2].tolist() == (depth.at_us - colour.at_us).tolist()
    assert found.clock == "device"
    assert len(found.depth_alone) == len(found.colour_alone) == 0


def test_frames_without_a_partner_are_named():
    depth, colour = recorded(10), recorded(10)
    keep = np.array([0, 1, 2, 5, 6, 7, 8, 9])
    assert colour.arrived_at_us is not None
    colour = times(colour.at_us[keep], "device", colour.arrived_at_us[keep])
    found = pair_frames(depth, colour, 30)
    assert found.depth_alone.tolist() == [3, 4]
    assert found.colour_alone.tolist() == []
    assert found.pairs[:, 0].tolist() == keep.tolist()
    swapped = pair_frames(colour, depth, 30)
    assert swapped.depth_alone.tolist() == []
    assert swapped.colour_alone.tolist() == [3, 4]


def test_half_a_frame_time_is_the_limit():
    found = pair_frames(times([0, 100_000]), times([16_667, 116_666]), 30)
    assert found.pairs.tolist() == [[1, 1, -16_666]]
    assert found.depth_alone.tolist() == [0]


def test_colour_at_half_the_rate_leaves_every_second_depth_frame_alone():
    found = pair_frames(times(nominal_timestamps(60, 30)), times(nominal_timestamps(30, 15)), 30)
    assert found.pairs[:, 0].tolist() == list(range(0, 60, 2))
    assert found.depth_alone.tolist() == list(range(1, 60, 2))


@pytest.mark.parametrize("by_us", [-5_000_000, -300_000, -40_000, 300_000, 3_000_000])
@pytest.mark.parametrize("with_arrivals", [True, False])
def test_clock_that_jumps_for_both_streams_costs_no_wrong_pair(by_us: int, with_arrivals: bool):
    depth, colour = jumped(recorded(seed=1), 150, by_us), jumped(recorded(seed=2), 150, by_us)
    if not with_arrivals:
        depth, colour = times(depth.at_us), times(colour.at_us)
    found = pair_frames(depth, colour, 30)
    assert found.pairs[:, :2].tolist() == [[i, i] for i in range(300)]


@pytest.mark.parametrize("by_us", [-5_000_000, 3_000_000])
def test_clock_that_jumps_for_one_stream_gives_frames_alone_and_no_wrong_pair(by_us: int):
    found = pair_frames(recorded(seed=1), jumped(recorded(seed=2), 150, by_us), 30)
    assert found.pairs[:, :2].tolist() == [[i, i] for i in range(150)]
    assert found.depth_alone.tolist() == found.colour_alone.tolist() == list(range(150, 300))


def test_jump_between_the_two_frames_of_a_moment_leaves_these_alone():
    depth, colour = jumped(recorded(seed=1), 150, -5_000_000), recorded(seed=2)
    colour = jumped(colour, 151, -5_000_000)
    found = pair_frames(depth, colour, 30)
    assert found.depth_alone.tolist() == found.colour_alone.tolist() == [150]


def test_of_a_frame_that_was_given_twice_the_first_is_paired():
    depth, colour = [0, 33_333, 33_333, 66_667], [100, 33_400, 33_400, 66_700]
    found = pair_frames(times(depth), times(colour), 30)
    assert found.pairs[:, :2].tolist() == [[0, 0], [1, 1], [3, 3]]
    assert found.depth_alone.tolist() == found.colour_alone.tolist() == [2]


def test_streams_of_different_clocks_are_paired_by_arrival_and_it_says_so():
    arrived = HOST_US + nominal_timestamps(30, 30)
    depth = times(nominal_timestamps(30, 30), "device", arrived)
    colour = times(arrived - 7, "host", arrived + 2_000)
    found = pair_frames(depth, colour, 30)
    assert found.clock == "host"
    assert found.pairs.tolist() == [[i, i, -2_000] for i in range(30)]


def test_streams_of_different_clocks_without_arrivals_are_refused():
    with pytest.raises(ValueError, match="no common clock: device and host"):
        pair_frames(times([0]), times([0], "host"), 30)


def test_clock_that_goes_backwards_all_the_time_is_not_trusted():
    arrived = HOST_US + nominal_timestamps(200, 30)
    nonsense = np.random.default_rng(0).integers(0, 10**9, 200)
    found = pair_frames(times(nonsense, "device", arrived), times(nonsense, "device", arrived), 30)
    assert found.clock == "host"
    assert found.pairs.tolist() == [[i, i, 0] for i in range(200)]


def test_stream_that_changed_its_clock_is_timed_by_arrival():
    at_us, arrived = np.array([0, 33_333]), np.array([HOST_US, HOST_US + 33_000])
    changed = FrameTimes.by_one_clock(at_us, ["device", "host"], arrived)
    assert (changed.domain, changed.at_us.tolist()) == ("host", arrived.tolist())
    steady = FrameTimes.by_one_clock(at_us, ["device", "device"], arrived)
    assert (steady.domain, steady.at_us.tolist()) == ("device", at_us.tolist())


def test_no_frame_is_in_two_pairs_whatever_the_clock_does():
    draw = np.random.default_rng(3)
    for _ in range(50):
        steps = [draw.choice([33_333, 33_333, 0, -200_000, 400_000], 80) for _ in range(2)]
        depth, colour = (times(np.cumsum(s)) for s in steps)
        found = pair_frames(depth, colour, 30)
        for column, alone in ((0, found.depth_alone), (1, found.colour_alone)):
            assert sorted([*found.pairs[:, column], *alone]) == list(range(80))
        skew = depth.at_us[found.pairs[:, 0]] - colour.at_us[found.pairs[:, 1]]
        assert found.pairs[:, 2].tolist() == skew.tolist()
        assert (np.abs(skew) <= 16_667).all()


def test_streams_without_frames_have_no_pairs():
    found = pair_frames(times([]), times([0, 5]), 30)
    assert found.pairs.shape == (0, 3)
    assert found.colour_alone.tolist() == [0, 1]
