"""Squares cut out of depth and colour frames, and the way from one to the other."""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Calibration, Intrinsics, Region
from fsamt_engine.modalities.preparation import Crop, CropMode

_Pixel = TypeVar("_Pixel", np.uint8, np.uint16)

UNKNOWN_VIEW_DEGREES = 60.0
"""Horizontal field of view that is assumed of a camera without calibration."""

MIN_VALID_SHARE = 0.25
"""A prepared pixel has a value where at least this share of its area has a reading."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of a frame; it may reach beyond the frame."""

    x0: float
    y0: float
    x1: float
    y1: float

    def intersection(self, other: "Box") -> "Box":
        """The part that both cover (of no size where they are apart)."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))


@dataclass(frozen=True)
class View:
    """What is seen of one depth frame.

    Attributes:
        box: The square that becomes the prepared frame.
        limits: Nothing outside of it is seen, though the box may reach further.
        distance_m: Of the person, None while nobody was found.
    """

    box: Box
    limits: Box
    distance_m: float | None = None


def frame_box(width: int, height: int) -> Box:
    """The whole frame."""
    return Box(0, 0, width, height)


def letterbox(content: Box) -> Box:
    """The smallest square around `content`, with the same centre."""
    half = max(content.x1 - content.x0, content.y1 - content.y0) / 2
    x, y = (content.x0 + content.x1) / 2, (content.y0 + content.y1) / 2
    return Box(x - half, y - half, x + half, y + half)


def region_box(region: Region, width: int, height: int) -> Box:
    """A region in pixels of a frame."""
    x0, y0, x1, y1 = region
    return Box(x0 * width, y0 * height, x1 * width, y1 * height)


def still_view(crop: Crop, width: int, height: int, region: Region | None = None) -> View:
    """What is seen of every frame where nobody is followed: the region, the middle, or all of it.

    Args:
        crop: The settings; a region of theirs is for all takes.
        width: Of the frame.
        height: Of the frame.
        region: The take's own; of two regions, what both cover is seen.
    """
    content = frame_box(width, height)
    if crop.mode is CropMode.REGION and crop.region is not None:
        content = region_box(crop.region, width, height)
    elif crop.mode is CropMode.CENTRE:
        half = min(width, height) * crop.centre_share / 2
        content = Box(width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    if region is not None:
        content = content.intersection(region_box(region, width, height))
    return View(letterbox(content), content)


def assumed_intrinsics(width: int, height: int) -> Intrinsics:
    """Of a camera without calibration: 60 degrees wide, square pixels, centred."""
    focal = width / 2 / np.tan(np.radians(UNKNOWN_VIEW_DEGREES) / 2)
    return Intrinsics(width, height, float(focal), float(focal), width / 2, height / 2)


def carry_to_colour(
    box: Box,
    distance_m: float,
    calibration: Calibration,
    depth_size: tuple[int, int],
    colour_size: tuple[int, int],
) -> Box:
    """The rectangle of the colour frame that shows what `box` shows of the depth frame.

    With both intrinsics stored, the corners are placed at `distance_m`, moved into the colour
    camera and projected; lens distortion is left out, which moves a box by a few pixels at most.
    Without them both cameras are taken to see the same, and the box keeps its shares of the frame.

    Args:
        box: In depth pixels.
        distance_m: At which the box is carried; what is nearer or farther is shifted by parallax.
        calibration: Of the take.
        depth_size: (width, height) of the depth frames.
        colour_size: (width, height) of the colour frames.
    """
    depth, colour = calibration.depth, calibration.colour
    if depth is None or colour is None:
        x, y = colour_size[0] / depth_size[0], colour_size[1] / depth_size[1]
        return Box(box.x0 * x, box.y0 * y, box.x1 * x, box.y1 * y)
    corners = np.array([(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)])
    focal, centre = np.array([depth.fx, depth.fy]), np.array([depth.cx, depth.cy])
    points = np.empty((4, 3))
    points[:, :2] = (corners - centre) / focal * distance_m
    points[:, 2] = distance_m
    rotation = np.array(calibration.depth_to_colour_rotation, float).reshape(3, 3)
    moved = points @ rotation.T + np.array(calibration.depth_to_colour_translation, float)
    seen = moved[:, :2] / np.maximum(moved[:, 2:], 1e-3)
    pixels = seen * [colour.fx, colour.fy] + [colour.cx, colour.cy]
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def only_within(frame: npt.NDArray[np.uint16], limits: Box) -> npt.NDArray[np.uint16]:
    """A depth frame (H, W) without a reading, 0, outside of `limits`, in whole pixels."""
    seen = limits.intersection(frame_box(frame.shape[1], frame.shape[0]))
    x0, y0, x1, y1 = (round(v) for v in (seen.x0, seen.y0, seen.x1, seen.y1))
    kept = np.zeros_like(frame)
    kept[y0:y1, x0:x1] = frame[y0:y1, x0:x1]
    return kept


def cut(frame: npt.NDArray[_Pixel], box: Box, limits: Box) -> npt.NDArray[_Pixel]:
    """The pixels of `frame` (H, W[, C]) in `box`, in whole pixels; 0 outside of `limits`."""
    height, width = frame.shape[:2]
    x0, y0, x1, y1 = (round(v) for v in (box.x0, box.y0, box.x1, box.y1))
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    seen = Box(x0, y0, x1, y1).intersection(limits).intersection(frame_box(width, height))
    sx0, sy0, sx1, sy1 = (round(v) for v in (seen.x0, seen.y0, seen.x1, seen.y1))
    if (sx0, sy0, sx1, sy1) == (x0, y0, x1, y1):
        return frame[y0:y1, x0:x1]
    whole = np.zeros((y1 - y0, x1 - x0, *frame.shape[2:]), frame.dtype)
    whole[sy0 - y0 : sy1 - y0, sx0 - x0 : sx1 - x0] = frame[sy0:sy1, sx0:sx1]
    return whole


def shrink_colour(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """(H, W, C) uint8 to (size, size, C), area-weighted where it gets smaller."""
    smaller = pixels.shape[0] > size
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=how), np.uint8)


def shrink_valid(
    values: npt.NDArray[np.float32], valid: npt.NDArray[np.bool_], size: int
) -> npt.NDArray[np.float32]:
    """Shrinks `values` (H, W) to (size, size), averaging only pixels with a reading.

    Each result is the area-weighted mean over the valid pixels under it, so that an edge never
    mixes a surface with nothing; where less than a quarter of the area is valid, it is 0.
    """
    weight = valid.astype(np.float32)
    shape = (size, size)
    total = cv2.resize(values * weight, shape, interpolation=cv2.INTER_AREA)
    share = cv2.resize(weight, shape, interpolation=cv2.INTER_AREA)
    mean = total / np.maximum(share, 1e-6)
    return np.where(share >= MIN_VALID_SHARE, mean, 0).astype(np.float32)
