from dataclasses import replace

import cv2
import numpy as np
import pytest

from fsamt_engine.library.records import Calibration, Intrinsics
from fsamt_engine.modalities.projection import colour_shares, depth_shares, is_calibrated

LENS = Intrinsics(640, 480, 600.0, 610.0, 318.0, 243.0)
POINTS = np.array([[0.0, 0.0, 2.0], [0.5, -0.4, 2.5], [-0.8, 0.6, 3.0]], np.float32)


def test_point_on_the_axis_is_at_the_principal_point():
    shares = depth_shares(POINTS, Calibration(depth=LENS))
    assert shares is not None
    assert shares[0] == pytest.approx([318 / 640, 243 / 480])
    assert shares[1] == pytest.approx([(318 + 600 * 0.2) / 640, (243 - 610 * 0.16) / 480])


def test_distortion_is_that_of_brown_and_conrady():
    coefficients = (0.12, -0.25, 0.002, -0.001, 0.08)
    lens = replace(LENS, distortion_model="brown_conrady", distortion=coefficients)
    matrix = np.array([[lens.fx, 0, lens.cx], [0, lens.fy, lens.cy], [0, 0, 1]])
    still = np.zeros(3)
    expected, _ = cv2.projectPoints(
        POINTS.astype(float), still, still, matrix, np.array(coefficients)
    )
    shares = depth_shares(POINTS, Calibration(depth=lens))
    assert shares is not None
    np.testing.assert_allclose(shares * (640, 480), expected.reshape(-1, 2), atol=0.01)


def test_joint_that_is_not_tracked_or_behind_the_camera_is_nowhere():
    points = np.array([[[np.nan] * 3, [0, 0, -1], [0, 0, 0]]], np.float32)
    shares = depth_shares(points, Calibration(depth=LENS))
    assert shares is not None
    assert shares.shape == (1, 3, 2)
    assert np.isnan(shares).all()


def test_colour_camera_beside_depth_sees_a_point_moved():
    calibration = Calibration(LENS, LENS, depth_to_colour_translation=(0.1, 0, 0))
    shares = colour_shares(POINTS, calibration)
    assert shares is not None
    assert shares[0] == pytest.approx([(318 + 600 * 0.05) / 640, 243 / 480])


def test_colour_of_another_size_without_a_place_is_not_calibrated():
    larger = Intrinsics(1280, 960, 1200.0, 1220.0, 636.0, 486.0)
    assert is_calibrated(Calibration(LENS, LENS)), "aligned to the pixel"
    assert not is_calibrated(Calibration(LENS, larger))
    assert colour_shares(POINTS, Calibration(LENS, larger)) is None
    assert colour_shares(POINTS, Calibration(LENS, None)) is None
    assert depth_shares(POINTS, Calibration()) is None
