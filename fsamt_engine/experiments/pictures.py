"""Frames as pictures for a page: depth in turbo, flow by direction, and images as data URIs."""

import base64

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

# A JPEG is smaller only for photographs; below this a PNG is kept, which shows every pixel.
_MAX_PNG_BYTES = 60_000
_JPEG_QUALITY = 90
_GREY = (58, 66, 76)
_HATCH = (86, 96, 109)


def depth_picture(
    depth: npt.NDArray[np.uint16], unit_m: float, near_m: float, far_m: float
) -> Image:
    """Depth in turbo, from near (warm) to far (cold); no reading is grey with a fine hatch.

    Args:
        depth: (H, W) uint16, sensor units, 0 = no reading.
        unit_m: Metres per step.
        near_m: Distance of the warm end, metres.
        far_m: Distance of the cold end, metres.

    Returns:
        (H, W, 3) uint8, RGB.
    """
    share = np.clip((depth * unit_m - near_m) / (far_m - near_m), 0, 1)
    warmth = np.rint((1 - share) * 255).astype(np.uint8)
    picture = np.asarray(cv2.applyColorMap(warmth, cv2.COLORMAP_TURBO)[..., ::-1], np.uint8).copy()
    rows, columns = np.indices(depth.shape)
    missing = depth == 0
    picture[missing] = _GREY
    picture[missing & ((rows + columns) % 6 == 0)] = _HATCH
    return picture


def flow_picture(flow: npt.NDArray[np.float32], bound_px: float) -> Image:
    """Optical flow as direction (hue) and speed (strength), grey where nothing moves.

    The colour wheel of Baker et al. (IJCV 2011), around grey instead of their glaring white. The
    strength grows fast at first, since most motion is much slower than `bound_px`.

    Args:
        flow: (H, W, 2) float, x and y, pixels a frame.
        bound_px: Speed of full saturation, pixels a frame.

    Returns:
        (H, W, 3) uint8, RGB.
    """
    angle = np.arctan2(flow[..., 1], flow[..., 0])
    speed = np.hypot(flow[..., 0], flow[..., 1])
    hsv = np.empty((*flow.shape[:2], 3), np.uint8)
    hsv[..., 0] = np.rint((angle + np.pi) / (2 * np.pi) * 179)
    hsv[..., 1:] = 255
    strength = (np.clip(speed / bound_px, 0, 1) ** 0.7)[..., None]
    mixed = strength * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) + (1 - strength) * np.array(_GREY)
    return np.asarray(np.rint(mixed), np.uint8)


def data_uri(image: Image) -> str:
    """An image (H, W, 3) uint8 RGB as a `data:` address: PNG, or JPEG where that saves much."""
    bgr = np.ascontiguousarray(image[..., ::-1])
    kind, encoded = "png", cv2.imencode(".png", bgr)[1]
    if encoded.size > _MAX_PNG_BYTES:
        quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        kind, encoded = "jpeg", cv2.imencode(".jpg", bgr, quality)[1]
    return f"data:image/{kind};base64,{base64.b64encode(encoded.tobytes()).decode('ascii')}"
