"""The one preparation of depth: frame by frame, the same in training, evaluation and live."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Intrinsics, Region
from fsamt_engine.modalities.boxes import (
    Box,
    View,
    assumed_intrinsics,
    cut,
    frame_box,
    only_within,
    region_box,
    shrink_valid,
    still_view,
)
from fsamt_engine.modalities.person import Person, PersonFinder
from fsamt_engine.modalities.preparation import CropMode, DepthPreparation

DEAD_ZONE_M = np.array([0.25, 0.25, 0.15])
SETTLED_M = 0.05
FOLLOW = 0.15

RAISED_M = 0.06
"""The square's middle above the body's: stretched arms reach farther up than feet do down."""


class DepthPreparer:
    """Turns depth frames of one camera into what a network sees.

    The value of a pixel is 1 near and 0 far. With `relative`, it is
    `0.5 + (person's distance - distance) / range_m`, so that a person looks the same at any
    distance from the camera; otherwise (and until a person was found) it is
    `(far_m - distance) / (far_m - near_m)`. Both are clipped to 0..1.

    A pixel without a reading becomes 0, the same as "at `far_m` or beyond". A hole is no evidence
    of a surface, stereo cameras leave holes mostly around and behind people, and recordings whose
    background was removed hold 0 there: so a room that is far away, a removed background and a hole
    look alike, and what was learned on one kind of recording holds on another. Only pixels with a
    reading are averaged when the frame is shrunk, so an edge never mixes a person with nothing.

    With the person crop the square stays where it is while the person's middle keeps within a dead
    zone (0.25 m sideways and up or down, 0.15 m in distance), so that it does not tremble within a
    clip. Beyond it the square follows, by 15 % of the way a frame, until it is centred within 5 cm.
    It follows at the same pace a frame, not a second: cameras of 15 and of 30 frames a second
    differ slightly. Where the person is lost, it stays where they were last seen; before anybody
    was found, or where nobody stirs in the whole take, it is the whole frame.

    Args:
        preparation: The settings.
        unit_m: Metres per step of depth.
        intrinsics: Of the depth frames, None where unknown: 60 degrees horizontally are assumed,
            and the square is larger or smaller than the stated metres by as much as that is wrong.
        region: Where the participant is, as a person drew it: what lies outside counts as no
            reading, for finding the person as in what is prepared.
    """

    def __init__(
        self,
        preparation: DepthPreparation,
        unit_m: float,
        intrinsics: Intrinsics | None,
        region: Region | None = None,
    ) -> None:
        if not unit_m > 0:
            raise FsamtError(
                "The unit of this depth stream is not known.",
                "Depth needs the metres per step; import or record the take again.",
            )
        self._preparation = preparation
        self._unit_m = unit_m
        self._region = region
        self._given_intrinsics = intrinsics
        self._intrinsics: Intrinsics | None = None
        self._finder: PersonFinder | None = None
        self._centre_m: npt.NDArray[np.float64] | None = None
        self._following = False
        self._view: View | None = None

    @property
    def view(self) -> View:
        """What was seen of the last frame.

        Raises:
            RuntimeError: Nothing was pushed yet.
        """
        if self._view is None:
            raise RuntimeError("no frame was pushed yet")
        return self._view

    @property
    def box(self) -> Box:
        """The square of the last frame, in its pixels."""
        return self.view.box

    @property
    def sees_person(self) -> bool:
        """Whether somebody stood out in the last frame; True where nobody is looked for."""
        return self._finder is None or self._finder.sees

    def warm_up(self, frames: Iterable[npt.NDArray[np.uint16]]) -> None:
        """Learns the still background, and where the person is, before the first `push`.

        Training passes frames spread over the take; live, frames of the first seconds serve.
        Without it the object learns while it is pushed.

        Args:
            frames: (H, W) uint16 each, in order of time.
        """
        if self._preparation.crop.mode is not CropMode.PERSON:
            return
        sample = [self._within_region(frame) for frame in frames]
        if not sample:
            return
        found = self._person_finder(sample[0]).warm_up(sample)
        if found:
            self._centre_m = np.median([person.centre_m for person in found[:5]], axis=0)

    def push(self, frame: npt.NDArray[np.uint16]) -> npt.NDArray[np.float16]:
        """Prepares the next frame.

        Args:
            frame: (H, W) uint16, sensor units, 0 = no reading.

        Returns:
            (size, size) float16 in 0..1.
        """
        frame = self._within_region(frame)
        if self._preparation.crop.mode is CropMode.PERSON:
            person = self._person_finder(frame).push(frame)
            if person is not None:
                self._follow(person)
        self._view = self._look(frame.shape[1], frame.shape[0])
        return self._encode(frame, self._view)

    def _within_region(self, frame: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
        if self._region is None:
            return frame
        height, width = frame.shape
        return only_within(frame, region_box(self._region, width, height))

    def _person_finder(self, frame: npt.NDArray[np.uint16]) -> PersonFinder:
        if self._finder is None:
            height, width = frame.shape
            camera = self._given_intrinsics or assumed_intrinsics(width, height)
            if (camera.width, camera.height) != (width, height):
                raise FsamtError(
                    f"The depth frames have {width}x{height} pixels, but their calibration is for"
                    f" {camera.width}x{camera.height}.",
                    "Store the calibration of the resolution that was recorded.",
                )
            self._intrinsics = camera
            x0, y0, x1, y1 = self._region or (0.0, 0.0, 1.0, 1.0)
            share = (x1 - x0) * (y1 - y0)
            self._finder = PersonFinder(self._intrinsics, self._unit_m, share)
        return self._finder

    def _follow(self, person: Person) -> None:
        target = np.array(person.centre_m)
        if self._centre_m is None:
            self._centre_m = target
        offset = target - self._centre_m
        if (np.abs(offset) > DEAD_ZONE_M).any():
            self._following = True
        elif (np.abs(offset) < SETTLED_M).all():
            self._following = False
        if self._following:
            self._centre_m = self._centre_m + FOLLOW * offset

    def _look(self, width: int, height: int) -> View:
        crop = self._preparation.crop
        camera = self._intrinsics
        if self._centre_m is None or camera is None:
            return still_view(crop, width, height, self._region)
        x, y, z = (float(v) for v in self._centre_m)
        middle_x, middle_y = (
            camera.fx * x / z + camera.cx,
            camera.fy * (y - RAISED_M) / z + camera.cy,
        )
        half_x, half_y = (focal * crop.side_m / z / 2 for focal in (camera.fx, camera.fy))
        box = Box(middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y)
        limits = frame_box(width, height)
        if self._region is not None:
            limits = region_box(self._region, width, height)
        return View(box, limits, z)

    def _encode(self, frame: npt.NDArray[np.uint16], view: View) -> npt.NDArray[np.float16]:
        settings = self._preparation
        pixels = cut(frame, view.box, view.limits)
        metres = pixels * np.float32(self._unit_m)
        if settings.relative and view.distance_m is not None:
            far_m, range_m = view.distance_m + settings.range_m / 2, settings.range_m
        else:
            far_m, range_m = settings.far_m, settings.far_m - settings.near_m
        values = np.clip((np.float32(far_m) - metres) / np.float32(range_m), 0, 1)
        return shrink_valid(values, pixels > 0, settings.size).astype(np.float16)


def prepare_depth(
    frames: npt.NDArray[np.uint16],
    preparation: DepthPreparation,
    unit_m: float,
    intrinsics: Intrinsics | None = None,
) -> npt.NDArray[np.float16]:
    """Prepares a whole take that is in memory.

    Args:
        frames: (T, H, W) uint16, sensor units, 0 = no reading.
        preparation: The settings.
        unit_m: Metres per step of depth.
        intrinsics: Of the frames, None where unknown.

    Returns:
        (T, size, size) float16 in 0..1.
    """
    preparer = DepthPreparer(preparation, unit_m, intrinsics)
    preparer.warm_up(frames[warm_up_indices(len(frames))])
    size = preparation.size
    prepared = [preparer.push(frame) for frame in frames]
    return np.stack(prepared) if prepared else np.zeros((0, size, size), np.float16)


def warm_up_indices(n_frames: int) -> npt.NDArray[np.intp]:
    """Frames of a take that its preparer is warmed up with: at most 24, spread over it."""
    return np.unique(np.linspace(0, max(0, n_frames - 1), min(n_frames, 24)).astype(np.intp))
