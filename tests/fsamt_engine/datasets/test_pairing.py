import numpy as np

from fsamt_engine.datasets.pairing import nominal_timestamps, pair_by_time


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
