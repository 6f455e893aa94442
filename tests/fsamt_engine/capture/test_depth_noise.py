import numpy as np
import pytest

from fsamt_engine.capture.depth_noise import StereoSensor
from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene

SHAPE, FOCAL_PX, UNIT_M = (120, 160), 108.0, 0.001
NO_LOSS = np.zeros(SHAPE, np.float32)


@pytest.fixture
def sensor():
    return StereoSensor(SHAPE, FOCAL_PX, UNIT_M, seed=5)


def wall(metres):
    return np.full(SHAPE, metres, np.float32)


def reads(sensor, depth, loss=NO_LOSS, n_frames=20):
    rng = np.random.default_rng(0)
    disparity = sensor.disparity(depth)
    return np.stack([sensor.read(disparity, loss, rng) for _ in range(n_frames)])


def inner(frames):
    return frames[:, 5:-5, 12:-5].astype(float)


def test_noise_grows_with_the_square_of_the_depth(sensor):
    spread = {z: inner(reads(sensor, wall(z))).std(axis=0).mean() for z in (1.5, 3.0)}
    assert 3.0 < spread[3.0] / spread[1.5] < 5.0
    assert 5 < spread[3.0] < 40


def test_depth_is_right_on_average(sensor):
    for metres in (1.0, 2.5, 4.0):
        assert inner(reads(sensor, wall(metres))).mean() == pytest.approx(metres * 1000, rel=0.005)


def test_depth_comes_in_steps_of_disparity(sensor):
    levels = np.unique(inner(reads(sensor, wall(3.0))))
    step_mm = 3.0**2 / (FOCAL_PX * 4 * 0.05) / 32 * 1000
    assert np.diff(levels).min() == pytest.approx(step_mm, rel=0.15)


def test_something_near_hides_a_band_on_its_left(sensor):
    depth = wall(4.0)
    depth[30:90, 60:100] = 1.2
    holes = (reads(sensor, depth) == 0).mean(axis=0)[40:80]
    band_px = FOCAL_PX * 0.05 * (1 / 1.2 - 1 / 4.0)
    assert band_px > 3
    assert holes[:, 57:59].min() == 1.0
    assert holes[:, 102:110].max() < 0.5
    assert holes[:, 70:90].max() < 0.2


def test_edge_pixels_fly_between_the_surfaces(sensor):
    depth = wall(4.0)
    depth[30:90, 60:100] = 1.2
    around = reads(sensor, depth)[:, 25:95, 95:105]
    between = (around > 1500) & (around < 3500)
    assert 0.005 < between.mean() < 0.2


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_surfaces_that_reflect_badly_have_holes_that_flicker(sensor, share):
    holes = reads(sensor, wall(2.0), NO_LOSS + np.float32(share))[:, :, 12:] == 0
    assert holes.mean() == pytest.approx(share, rel=0.3)
    changed = (holes[1:] != holes[:-1]).mean()
    assert 0 < changed < holes.mean()


def test_out_of_range_is_no_reading(sensor):
    assert (reads(sensor, wall(0.2), n_frames=1)[0] == 0).all()
    assert (reads(sensor, wall(40.0), n_frames=1)[0] == 0).all()


def test_a_scene_has_holes_but_not_too_many():
    shares = []
    for participant in range(5):
        scene = SimulatedScene(
            SceneSettings(seed=2, participant=participant, width=212, height=160)
        )
        shares += [(pair.depth == 0).mean() for pair in scene.frames("wave", seconds=0.1)]
    assert min(shares) > 0.01
    assert max(shares) < 0.2
