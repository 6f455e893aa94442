"""The crop on its way to colour, and flow."""

import cv2
import numpy as np
import pytest

from fsamt_engine.library import Calibration, Intrinsics
from fsamt_engine.modalities.boxes import Box, View, carry_to_colour, frame_box
from fsamt_engine.modalities.flow import FlowPreparer, code_flow, decode_flow
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.rgb import colour_view, prepare_rgb
from fsamt_engine.modalities.tensors import flip

DEPTH = Intrinsics(424, 240, 213.0, 213.0, 212.0, 120.0)
COLOUR = Intrinsics(640, 360, 460.0, 460.0, 322.0, 177.0)
SIZES = (424, 240), (640, 360)


def texture(height=240, width=320, seed=0):
    noise = np.random.default_rng(seed).integers(0, 256, (height // 4, width // 4, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def moved(image, dx, dy):
    """What the camera sees after everything moved by (dx, dy) pixels."""
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


def test_a_box_is_carried_to_colour_through_the_extrinsics():
    shift_m, distance_m = (0.05, -0.01, 0.003), 2.0
    calibration = Calibration(DEPTH, COLOUR, depth_to_colour_translation=shift_m)
    box = Box(150, 60, 250, 160)
    carried = carry_to_colour(box, distance_m, calibration, *SIZES)
    for x, y, u, v in [
        (box.x0, box.y0, carried.x0, carried.y0),
        (250, 160, carried.x1, carried.y1),
    ]:
        point = np.array([(x - 212) / 213 * 2, (y - 120) / 213 * 2, 2.0]) + shift_m
        assert u == pytest.approx(460 * point[0] / point[2] + 322)
        assert v == pytest.approx(460 * point[1] / point[2] + 177)


def test_a_turned_colour_camera_is_allowed_for():
    """A camera turned to the right by 0.1 rad sees everything farther left."""
    c, s = np.cos(0.1), np.sin(0.1)
    turned = Calibration(DEPTH, COLOUR, depth_to_colour_rotation=(c, 0, -s, 0, 1, 0, s, 0, c))
    straight = Calibration(DEPTH, COLOUR)
    box = Box(200, 100, 224, 140)
    a, b = (carry_to_colour(box, 2.0, calibration, *SIZES) for calibration in (turned, straight))
    assert (a.x0 + a.x1) / 2 == pytest.approx((b.x0 + b.x1) / 2 - 460 * np.tan(0.1), abs=1.5)


def test_without_calibration_a_box_keeps_its_shares():
    carried = carry_to_colour(Box(42.4, 24, 212, 120), 2.0, Calibration(), *SIZES)
    assert [carried.x0, carried.y0, carried.x1, carried.y1] == pytest.approx([64, 36, 320, 180])


def test_the_same_thing_is_in_the_middle_of_both_crops():
    distance_m, shift_m = 2.4, 0.2
    calibration = Calibration(DEPTH, COLOUR, depth_to_colour_translation=(shift_m, 0, 0))
    point = np.array([0.3, -0.1, distance_m])
    u, v = 213 * point[0] / point[2] + 212, 213 * point[1] / point[2] + 120
    view = View(Box(u - 50, v - 50, u + 50, v + 50), frame_box(424, 240), distance_m)
    in_colour = point + np.array([shift_m, 0, 0])
    x = round(460 * in_colour[0] / in_colour[2] + 322)
    y = round(460 * in_colour[1] / in_colour[2] + 177)
    frame = np.zeros((360, 640, 3), np.uint8)
    frame[y - 6 : y + 6, x - 6 : x + 6] = 255
    seen = prepare_rgb(frame, colour_view(view, calibration, *SIZES), 64)
    rows, columns = np.nonzero(seen[..., 0] > 127)
    assert (rows.mean(), columns.mean()) == pytest.approx((31.5, 31.5), abs=1)


WHOLE = View(Box(40, 0, 280, 240), frame_box(320, 240))


@pytest.mark.parametrize(("dx", "dy"), [(6, 0), (-6, 0), (0, 4), (3, -5)])
def test_flow_has_the_sign_and_the_size_of_the_motion(dx, dy):
    preparation = Preparation()
    earlier = texture()
    coded = FlowPreparer(preparation).between(earlier, moved(earlier, dx, dy), WHOLE)
    assert (coded.shape, coded.dtype) == ((64, 64, 2), np.uint8)
    inner = decode_flow(coded, preparation.bound_px)[8:-8, 8:-8]
    wanted = np.array([dx, dy]) * 64 / 240
    assert np.median(inner, axis=(0, 1)) == pytest.approx(wanted, abs=0.06)


def test_flow_between_equal_frames_is_coded_still():
    image = texture()
    coded = FlowPreparer(Preparation()).between(image, image, WHOLE)
    assert np.abs(coded.astype(int) - 128).max() <= 1


def test_motion_beyond_the_bound_is_clipped():
    vectors = np.array([[[9.0, -9.0], [4.0, 0.0]]], np.float32)
    assert code_flow(vectors, 4.0).tolist() == [[[255, 0], [255, 128]]]
    assert np.abs(decode_flow(code_flow(vectors / 3, 4.0), 4.0) - vectors / 3).max() <= 4 / 255


def test_a_box_that_follows_is_no_motion():
    """Both frames are cut by the later frame's box, so only the person's own motion counts."""
    earlier = texture()
    later = moved(earlier, 8, 0)
    followed = View(Box(48, 0, 288, 240), frame_box(320, 240))
    preparation = Preparation()
    coded = FlowPreparer(preparation).between(earlier, later, followed)
    inner = decode_flow(coded, preparation.bound_px)[8:-8, 8:-8]
    assert np.median(inner[..., 0]) == pytest.approx(8 * 64 / 240, abs=0.06)


def test_flow_of_flipped_colour_is_flipped_flow():
    earlier = texture()
    later = moved(earlier, 5, 2)
    flow = FlowPreparer(Preparation())
    plain = flow.between(earlier, later, WHOLE)
    mirrored = flow.between(earlier[:, ::-1].copy(), later[:, ::-1].copy(), WHOLE)
    difference = np.abs(flip(plain, Modality.FLOW).astype(int) - mirrored.astype(int))
    assert np.median(difference) <= 1
    assert np.percentile(difference, 90) <= 4
