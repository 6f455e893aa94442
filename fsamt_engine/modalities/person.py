"""Finds the person in depth frames, from depth alone: what moves before the still background."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from fsamt_engine.library.records import Intrinsics
from fsamt_engine.modalities.background import Background

WORKING_FOCAL_PX = 130
"""Frames are thinned out to about this focal length: 2 cm a pixel at 2.6 m, and cheap."""

NEARER_M, NEARER_PER_M2 = 0.10, 0.01
"""Nearer than the background by this much is foreground; stereo noise grows with the square."""

MIN_SEED_M2 = 0.006
MIN_PERSON_M2 = 0.12
WHOLE_PERSON_M2, WHOLE_PERSON_HEIGHT_M = 0.35, 1.2
REACH_M = (0.9, 1.6, 0.8)
"""How far a body reaches from the middle of a part that moves: sideways, up or down, in depth."""

FLOOR_SLOPE = 1.0
"""A still surface that recedes upwards faster than this (metres a metre) is floor, not body."""

REMOVED_BACKGROUND = 0.4
"""Where less of the background than this has readings, it was removed from the recording."""

_Floats = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Person:
    """Where the person is: the middle of the visible body, in metres of the depth camera.

    Attributes:
        centre_m: (x, y, z); x to the right, y down. The medians over the body, so that a raised arm
            hardly moves it.
        area_m2: Visible area of the body.
    """

    centre_m: tuple[float, float, float]
    area_m2: float


class PersonFinder:
    """Finds the person frame by frame; the same object works in training and live.

    A body part that moves stands out before the background (`Background`). If it is not a whole
    body already, the body is grown from it: over neighbouring pixels without a jump in depth that
    are no floor, as far as a body reaches. Recordings whose background was removed (0 everywhere)
    are covered by the same rule: a reading where the background has none is foreground. If nothing
    moves there at all, the largest thing that was left is the person.

    Args:
        intrinsics: Of the depth frames that will be pushed.
        unit_m: Metres per step of depth.
        seen_share: Share of each frame that has readings at all: less than 1 where what lies
            outside of a region is left out.
    """

    def __init__(self, intrinsics: Intrinsics, unit_m: float, seen_share: float = 1.0) -> None:
        self._every = max(1, round(intrinsics.fx / WORKING_FOCAL_PX))
        self._unit_m = unit_m
        self._removed_below = REMOVED_BACKGROUND * seen_share
        self._background = Background()
        self._last: Person | None = None
        self._sees = False
        rows = np.arange(self._every // 2, intrinsics.height, self._every, dtype=np.float32)
        columns = np.arange(self._every // 2, intrinsics.width, self._every, dtype=np.float32)
        self._x_slope: _Floats = (columns[None] - intrinsics.cx) / intrinsics.fx
        self._y_slope: _Floats = (rows[:, None] - intrinsics.cy) / intrinsics.fy
        self._pixel = self._every / intrinsics.fx, self._every / intrinsics.fy

    def warm_up(self, frames: list[npt.NDArray[np.uint16]]) -> list[Person]:
        """Learns the background from frames (H, W) of the same scene, and finds people in them."""
        small = [self._thin(frame) for frame in frames]
        self._background.warm_up(small)
        found = (self._find(frame) for frame in small)
        return [person for person in found if person is not None]

    @property
    def sees(self) -> bool:
        """Whether somebody stood out before the background of the last frame.

        Whoever keeps still for as long as the background remembers (some 12 s) does not any more.
        """
        return self._sees

    def push(self, frame: npt.NDArray[np.uint16]) -> Person | None:
        """The person in the next frame (H, W), or where they were seen last; None before that."""
        small = self._thin(frame)
        self._background.push(small)
        found = self._find(small)
        self._sees = found is not None
        self._last = found or self._last
        return self._last

    def _thin(self, frame: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
        first = self._every // 2
        return np.ascontiguousarray(frame[first :: self._every, first :: self._every])

    def _find(self, frame: npt.NDArray[np.uint16]) -> Person | None:
        if self._background.far is None:
            return None
        depth = frame * np.float32(self._unit_m)
        far = self._background.far * np.float32(self._unit_m)
        valid = frame > 0
        nearer = far - depth > NEARER_M + NEARER_PER_M2 * depth * depth
        moving = valid & (nearer | (far == 0))
        seed = self._largest(moving, depth)
        if seed is None and self._last is None and np.mean(far > 0) < self._removed_below:
            moving = valid
            seed = self._largest(moving, depth)
        if seed is None:
            return None
        body = self._around(seed, depth) & moving
        if not self._is_whole(body, depth):
            body = self._grow(seed, moving, depth, valid)
        area = self._area_m2(body, depth)
        if area < MIN_PERSON_M2:
            return None
        return Person(self._middle(body, depth), area)

    def _largest(self, moving: _Mask, depth: _Floats) -> _Mask | None:
        """The largest moving part by area in metres; one near the last person counts double."""
        kernel = np.ones((3, 3), np.uint8)
        opened = cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_OPEN, kernel)
        n_labels, labels = cv2.connectedComponents(opened, connectivity=8)
        if n_labels < 2:
            return None
        weights = (depth * depth).ravel()
        areas = np.bincount(labels.ravel(), weights, n_labels) * self._pixel[0] * self._pixel[1]
        areas[0] = 0
        best, best_score = None, 0.0
        for label in np.argsort(areas)[::-1][:4]:
            if areas[label] < MIN_SEED_M2:
                break
            part = labels == label
            score = areas[label] * (2 if self._is_near_last(part, depth) else 1)
            if score > best_score:
                best, best_score = part, score
        return best

    def _is_near_last(self, part: _Mask, depth: _Floats) -> bool:
        if self._last is None:
            return False
        offsets = np.subtract(self._middle(part, depth), self._last.centre_m)
        return bool((np.abs(offsets) < REACH_M).all())

    def _around(self, seed: _Mask, depth: _Floats) -> _Mask:
        """Pixels within the reach of a body from the middle of `seed`."""
        x, y, z = self._middle(seed, depth)
        near: _Mask = np.abs(depth - z) < REACH_M[2]
        near &= np.abs(self._x_slope * depth - x) < REACH_M[0]
        near &= np.abs(self._y_slope * depth - y) < REACH_M[1]
        return near

    def _grow(self, seed: _Mask, moving: _Mask, depth: _Floats, valid: _Mask) -> _Mask:
        share = cv2.blur(valid.astype(np.float32), (5, 5))
        smooth = cv2.blur(depth * valid, (5, 5)) / np.maximum(share, 1e-6)
        limit = NEARER_M + NEARER_PER_M2 * smooth * smooth
        front = depth - smooth < limit / 2
        slope = np.zeros_like(smooth)
        slope[2:-2] = (smooth[:-4] - smooth[4:]) / np.maximum(
            4 * self._pixel[1] * depth[2:-2], 0.01
        )
        body = valid & self._around(seed, depth) & (moving | (front & (slope < FLOOR_SLOPE)))
        _, labels = cv2.connectedComponents(body.astype(np.uint8), connectivity=4)
        counts = np.bincount(labels[seed & body])
        counts[:1] = 0
        return np.asarray(labels == counts.argmax()) if counts.any() else seed

    def _area_m2(self, part: _Mask, depth: _Floats) -> float:
        return float(np.square(depth[part]).sum()) * self._pixel[0] * self._pixel[1]

    def _is_whole(self, body: _Mask, depth: _Floats) -> bool:
        """Whether it is as large and high as somebody who stands, but for 4 % of the pixels."""
        if self._area_m2(body, depth) < WHOLE_PERSON_M2:
            return False
        y = (self._y_slope * depth)[body]
        return _ranked(y, 0.98) - _ranked(y, 0.02) >= WHOLE_PERSON_HEIGHT_M

    def _middle(self, part: _Mask, depth: _Floats) -> tuple[float, float, float]:
        """The median over the pixels, metres."""
        x = (self._x_slope * depth)[part]
        y = (self._y_slope * depth)[part]
        return _ranked(x, 0.5), _ranked(y, 0.5), _ranked(depth[part], 0.5)


def _ranked(values: _Floats, share: float) -> float:
    """The value that `share` of the values (at least one) stay below; np.quantile is slower."""
    place = int(share * (len(values) - 1))
    return float(np.partition(values, place)[place])
