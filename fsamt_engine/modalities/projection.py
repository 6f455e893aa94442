"""Where points in front of the cameras lie in their pictures: for drawing a skeleton on them."""

import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Calibration, Intrinsics

_FORWARD_DISTORTION = ("brown_conrady", "modified_brown_conrady")
_NEAREST_M = 0.05
_NO_MOVE = ((1, 0, 0, 0, 1, 0, 0, 0, 1), (0, 0, 0))

_Floats = npt.NDArray[np.float32]


def depth_shares(points: _Floats, calibration: Calibration) -> _Floats | None:
    """Points in the depth pictures.

    Args:
        points: (..., 3) float32, metres in the depth camera's frame; NaN = not known.
        calibration: Of the take.

    Returns:
        (..., 2) float32, shares of the picture's width and height; NaN where not known or behind
        the camera. None where depth has no intrinsics.
    """
    return None if calibration.depth is None else _project(points, calibration.depth)


def colour_shares(points: _Floats, calibration: Calibration) -> _Floats | None:
    """Points in the colour pictures, as `depth_shares`; None where it is not known where they lie.

    It is known where colour was calibrated to depth (the cameras stand apart by something), and
    where the pictures are aligned to the pixel (the same intrinsics in the same size). Intrinsics
    without a place of the colour camera, as data sets come with, are good for a box, not for a
    point.
    """
    if not is_calibrated(calibration) or calibration.colour is None:
        return None
    rotation = np.array(calibration.depth_to_colour_rotation, np.float32).reshape(3, 3)
    moved = points @ rotation.T + np.array(calibration.depth_to_colour_translation, np.float32)
    return _project(moved, calibration.colour)


def is_calibrated(calibration: Calibration) -> bool:
    """Whether it is known, point by point, where colour shows what depth shows."""
    depth, colour = calibration.depth, calibration.colour
    if depth is None or colour is None:
        return False
    rotation = tuple(calibration.depth_to_colour_rotation)
    is_moved = (rotation, tuple(calibration.depth_to_colour_translation)) != _NO_MOVE
    return is_moved or depth == colour


def _project(points: _Floats, lens: Intrinsics) -> _Floats:
    """Pinhole, and the lens' distortion where it is one that leads from points to pixels.

    Brown-Conrady as librealsense has it (`rsutil.h`), coefficients k1, k2, p1, p2, k3. The inverse
    model of depth cameras leads from pixels to points; it moves a point by a few pixels at most,
    and is left out.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(points[..., 2] > _NEAREST_M, points[..., 2], np.nan)
        x, y = points[..., 0] / distance, points[..., 1] / distance
    if lens.distortion_model in _FORWARD_DISTORTION and any(lens.distortion):
        k1, k2, p1, p2, k3 = (*lens.distortion, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        x, y = (
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y),
        )
    shares = (
        (x * lens.fx + lens.cx) / lens.width,
        (y * lens.fy + lens.cy) / lens.height,
    )
    return np.stack(shares, axis=-1).astype(np.float32)
