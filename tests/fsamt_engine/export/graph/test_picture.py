"""What the graph makes of a square of a frame, against `cut` and `shrink_valid`."""

import numpy as np
import pytest

from fsamt_engine.export.graph.picture import Side, pictured
from fsamt_engine.modalities.boxes import Box, cut, shrink_valid
from tests.fsamt_engine.export.graph.running import computed

SIZE = 24


def expected(frame, box, limits, far_m, range_m):
    pixels = cut(frame, box, limits)
    metres = pixels * np.float32(0.001)
    values = np.clip((np.float32(far_m) - metres) / np.float32(range_m), 0, 1)
    return shrink_valid(values, pixels > 0, SIZE).astype(np.float16)


def given(frame, box, limits, far_m, range_m):
    def part(frame, corners, seen, unit_m, far, span):
        x0, y0, x1, y1 = (corners.at(place) for place in range(4))
        left, top, right, bottom = (seen.at(place) for place in range(4))
        sides = Side(y0, y1, top, bottom), Side(x0, x1, left, right)
        return pictured(frame, sides, unit_m, far, span, SIZE)

    return computed(
        part,
        frame,
        np.array([box.x0, box.y0, box.x1, box.y1], float),
        np.array([limits.x0, limits.y0, limits.x1, limits.y1], float),
        *(np.array(v, np.float32) for v in (0.001, far_m, range_m)),
    )


def frame_of(seed, holes):
    rng = np.random.default_rng(seed)
    frame = rng.integers(500, 5000, (70, 90)).astype(np.uint16)
    frame[rng.random(frame.shape) < holes] = 0
    return frame


BOXES = {
    "inside": Box(10.2, 5.7, 61.4, 56.9),
    "to the pixel": Box(8, 8, 32, 32),
    "twice": Box(8, 8, 56, 56),
    "six times": Box(-30, -40, 114, 104),
    "half as large": Box(40, 30, 52, 42),
    "one pixel": Box(40.1, 30.2, 40.2, 30.3),
    "wider than high": Box(20, 20, 50, 40),
    "smaller one way, larger the other": Box(20, 20, 43.6, 44.6),
    "over the corner": Box(-20.5, -9.5, 31.5, 42.5),
    "far larger than the frame": Box(-700, -800, 900, 800),
    "left of the frame": Box(-80, 10, -20, 70),
    "below the frame": Box(10, 71, 50, 111),
    "far away": Box(900, -900, 960, -840),
}
LIMITS = {"frame": Box(0, 0, 90, 70), "part": Box(13.5, 20.25, 44.5, 50.5)}


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("box", BOXES)
def test_any_square_is_shrunk_as_the_program_shrinks_it(box, limits):
    for seed, holes in enumerate((0.0, 0.2, 0.75, 1.0)):
        frame = frame_of(seed, holes)
        question = frame, BOXES[box], LIMITS[limits], 4.5, 3.5
        np.testing.assert_allclose(given(*question), expected(*question), atol=0.0005)


def test_random_squares_too():
    rng = np.random.default_rng(7)
    for seed in range(60):
        x, y = rng.uniform(-30, 100, 2)
        side_x, side_y = rng.uniform(1, 160) * rng.uniform(0.9, 1.1, 2)
        box = Box(x, y, x + side_x, y + side_y)
        question = frame_of(seed, 0.4), box, LIMITS["frame"], 4.5, 3.5
        np.testing.assert_allclose(
            given(*question), expected(*question), atol=0.0005, err_msg=str(box)
        )
