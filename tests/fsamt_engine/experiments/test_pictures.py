"""Pictures of frames: near is warm, no reading is hatched grey, and addresses hold the image."""

import base64

import cv2
import numpy as np

from fsamt_engine.experiments.pictures import data_uri, depth_picture, flow_picture


def test_near_is_warm_and_far_is_cold() -> None:
    depth = np.array([[1000, 4000]], np.uint16)
    near, far = depth_picture(depth, 0.001, 1.0, 4.0)[0].astype(int)
    assert near[0] > near[2]
    assert far[2] > far[0]


def test_no_reading_is_grey_with_a_hatch_never_black() -> None:
    picture = depth_picture(np.zeros((12, 12), np.uint16), 0.001, 1.0, 4.0)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 2
    assert picture.min() > 40


def test_still_flow_is_grey_and_opposite_motions_differ() -> None:
    flow = np.zeros((1, 3, 2), np.float32)
    flow[0, 1] = (20, 0)
    flow[0, 2] = (-20, 0)
    still, right, left = flow_picture(flow, 20)[0].astype(int)
    assert np.ptp(still) < 30
    assert np.abs(right - left).max() > 100


def decoded(address: str) -> np.ndarray:
    data = base64.b64decode(address.split(",", 1)[1])
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_small_images_come_back_exactly() -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 20, 3)).astype(np.uint8)
    address = data_uri(image)
    assert address.startswith("data:image/png;base64,")
    np.testing.assert_array_equal(decoded(address), image)


def test_photographs_become_jpeg() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    address = data_uri(cv2.GaussianBlur(noise, (9, 9), 0))
    assert address.startswith("data:image/jpeg;base64,")
    assert decoded(address).shape == (200, 300, 3)
