import numpy as np
import pytest

from app.widgets.depth_colours import DepthRange, depth_indices, turbo_table


def test_near_is_warm_and_far_is_cold():
    table = turbo_table().astype(int)
    near, far = table[30], table[225]
    assert near[0] > near[2] + 100
    assert far[2] > far[0] + 100


def test_no_reading_is_transparent_and_everything_else_is_not():
    table = turbo_table()
    assert table[0, 3] == 0
    assert (table[1:, 3] == 255).all()


def test_indices_run_from_near_to_far_in_metres():
    frame = np.array([[0, 500, 1000, 2000, 3000, 9000]], np.uint16)
    indices = depth_indices(frame, 0.001, DepthRange(1.0, 3.0))
    assert indices.tolist() == [[0, 1, 1, 128, 255, 255]]


def test_unit_of_the_sensor_is_heeded():
    millimetres = depth_indices(np.array([[1500]], np.uint16), 0.001, DepthRange(1.0, 2.0))
    tenths = depth_indices(np.array([[15000]], np.uint16), 0.0001, DepthRange(1.0, 2.0))
    assert millimetres.tolist() == tenths.tolist()


def test_range_leaves_out_what_is_not_read_and_the_outermost_readings():
    frame = np.zeros((100, 100), np.uint16)
    frame[:90] = np.linspace(1200, 3400, 9000).reshape(90, 100).astype(np.uint16)
    frame[0, 0] = 60_000
    found = DepthRange.of(frame, 0.001)
    assert found.near_m == pytest.approx(1.2)
    assert found.far_m == pytest.approx(3.4)


def test_frame_without_any_reading_has_a_range_all_the_same():
    found = DepthRange.of(np.zeros((4, 4), np.uint16), 0.001)
    assert found.far_m > found.near_m
