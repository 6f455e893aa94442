"""The background in the graph, against the one of the program."""

import numpy as np
import pytest

from fsamt_engine.export.graph import background
from fsamt_engine.modalities.background import N_SAMPLES, Background
from tests.fsamt_engine.export.graph.running import computed


def readings(n: int, holes: float) -> np.ndarray:
    rng = np.random.default_rng(n)
    frames = rng.integers(400, 65536, (n, 6, 9)).astype(np.uint16)
    frames[rng.random(frames.shape) < holes] = 0
    return frames


@pytest.mark.parametrize("holes", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("n", [2, 5, 6, 7, 23, 24])
def test_the_far_end_of_any_number_of_samples_is_the_same(n, holes):
    frames = readings(n, holes)
    expected = Background()
    expected.warm_up(list(frames))
    planes = computed(background.warmed, frames)
    assert planes.shape == (background.N_PLANES, 6, 9)
    assert planes.dtype == np.uint16
    assert np.array_equal(planes[0], expected.far)


def test_the_oldest_sample_is_forgotten_and_frames_between_are_no_samples():
    expected = Background()
    planes = np.zeros((background.N_PLANES, 6, 9), np.uint16)
    n_taken = 0
    frames = readings(15 * (N_SAMPLES + 4), 0.3)
    for n_pushed, frame in enumerate(frames):
        expected.push(frame)
        if n_pushed % 15 in (0, 1):
            counts = np.array(n_pushed), np.array(n_taken)
            planes = computed(background.pushed, planes, frame, *counts)
        n_taken += n_pushed % 15 == 0
        if n_pushed % 15 == 1:
            assert np.array_equal(planes[0], expected.far), n_pushed
