"""UTD-MHAD: 27 actions of 8 participants before a Kinect v1.

Chen, Jafari, Kehtarnavaz: UTD-MHAD, a multimodal dataset for human action recognition utilizing a
depth camera and a wearable inertial sensor, ICIP 2015. Files `a<action>_s<participant>_t<trial>_`
followed by `depth.mat`, `skeleton.mat`, `inertial.mat` (not imported) and `color.avi`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.found import FoundTakes, lacking, places_in, require_folder
from fsamt_engine.datasets.frames import colour_video, pairs_of
from fsamt_engine.datasets.kinect import kinect_v1
from fsamt_engine.datasets.matlab import read_variable
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place

ACTIONS = (
    "swipe left",
    "swipe right",
    "wave",
    "clap",
    "throw",
    "arm cross",
    "basketball shoot",
    "draw x",
    "draw circle clockwise",
    "draw circle counter-clockwise",
    "draw triangle",
    "bowling",
    "boxing",
    "baseball swing",
    "tennis swing",
    "arm curl",
    "tennis serve",
    "push",
    "knock",
    "catch",
    "pick up and throw",
    "jog",
    "walk",
    "sit to stand",
    "stand to sit",
    "lunge",
    "squat",
)
"""The actions in the official order: number 1 is ACTIONS[0]."""

_NAME = re.compile(r"(a(\d+)_s(\d+)_t(\d+))_(depth\.mat|skeleton\.mat|color\.avi)")
_KINDS = {"depth.mat": "depth", "skeleton.mat": "skeleton", "color.avi": "colour"}
_RATE_HZ = 30.0
_UNIT_M = 0.001


class UtdMhad:
    """Reads UTD-MHAD in its official folders or zips, nested deeper, or all files in one folder.

    Times are nominal (30 Hz): none were recorded. Any of depth, colour and skeleton is a take. The
    calibration is the Kinect v1's nominal one. Colour of depth's own size (the rendered stand-in)
    is aligned with depth to the pixel; for the official 640x480 colour, depth's intrinsics are
    doubled and the 2.5 cm between the two cameras are neglected: good for a crop, not for a point.
    """

    @property
    def name(self) -> str:
        """As the library and the command line call it."""
        return "utd-mhad"

    @property
    def actions(self) -> Mapping[str, str]:
        """The official number of every action, as "UTD-MHAD a1"."""
        return {action: f"UTD-MHAD a{number}" for number, action in enumerate(ACTIONS, 1)}

    def find(self, source: Path) -> FoundTakes:
        """The takes in a folder or zip, by participant, action and trial.

        Raises:
            FsamtError: There is no such folder, or no file of UTD-MHAD in it.
        """
        hint = "Give the folder that holds Depth, RGB and Skeleton of UTD-MHAD."
        require_folder(source, hint)
        found = FoundTakes(_describe, order=_order)
        for place in places_in(source, lambda name: False, found.broken_zips):
            match = _NAME.fullmatch(place.name.lower())
            if match:
                action, participant, trial = (int(match[group]) for group in (2, 3, 4))
                found.add(f"a{action}_s{participant}_t{trial}", _KINDS[match[5]], place)
        if not len(found):
            raise FsamtError(
                f"There are no files of UTD-MHAD in {source}.",
                f"They are called like a1_s1_t1_depth.mat. {hint}",
            )
        return found

    def missing(self, source: Path) -> list[Missing]:
        """Takes that lack one of the three files that others have, and zips that are damaged."""
        return lacking(self.find(source), {kind: f"no {kind}" for kind in _KINDS.values()})

    def load(self, take: SourceTake) -> LoadedTake:
        """Reads depth and skeleton, and opens colour.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing.
        """
        action, participant, _ = _numbers(take.key)
        files = take.files
        if not 1 <= action <= len(ACTIONS):
            raise BrokenFileError(
                next(iter(files.values())).shown, f"UTD-MHAD has no action {action}."
            )
        depth = _open_depth(files["depth"]) if "depth" in files else None
        skeleton = _load_skeleton(files["skeleton"]) if "skeleton" in files else None
        n_frames = len(depth.timestamps_us) if depth else 0 if skeleton is None else len(skeleton)
        colour = _open_colour(files["colour"], n_frames) if "colour" in files else None
        if depth is None and colour is not None:
            n_frames = len(colour.timestamps_us)
        return LoadedTake(
            session=f"UTD-MHAD s{participant}",
            participant=str(participant),
            depth=depth,
            colour=colour,
            skeleton=skeleton,
            skeleton_rate_hz=_RATE_HZ,
            pairs=pairs_of(depth, colour, _RATE_HZ),
            segments=((ACTIONS[action - 1], 0, n_frames),),
            calibration=kinect_v1(depth, colour),
        )


def _numbers(key: str) -> tuple[int, int, int]:
    """Action, participant and trial of a take's key."""
    action, participant, trial = (int(part[1:]) for part in key.split("_"))
    return action, participant, trial


def _order(key: str) -> tuple[int, int, int]:
    action, participant, trial = _numbers(key)
    return participant, action, trial


def _describe(key: str) -> tuple[str, tuple[str, ...]]:
    action, participant, _ = _numbers(key)
    return str(participant), ACTIONS[action - 1 : action]


def _open_depth(place: Place) -> FrameSource:
    depth = _load_depth(place)
    times_us = nominal_timestamps(len(depth), _RATE_HZ)
    height, width = depth.shape[1:]
    return FrameSource(place.shown, depth, width, height, times_us, _RATE_HZ, _UNIT_M)


def _load_depth(place: Place) -> npt.NDArray[np.uint16]:
    """`d_depth` (H, W, T) in mm as (T, H, W) uint16, 0 = background or no reading."""
    values = read_variable(place, "d_depth")
    if values.ndim == 2:  # MATLAB drops a last dimension of 1.
        values = values[..., None]
    if values.ndim != 3 or min(values.shape[:2]) < 2 or values.shape[2] < 1:
        reason = f"d_depth has the shape {values.shape}, which is no video."
        raise BrokenFileError(place.shown, reason)
    # MATLAB stores numbers in the smallest type that holds them, whatever their class.
    with np.errstate(invalid="ignore"):
        depth = values.astype(np.uint16)
    if (depth != values).any():
        reason = "d_depth holds values that are no depth in millimetres."
        raise BrokenFileError(place.shown, reason)
    return np.moveaxis(depth, 2, 0)


def _load_skeleton(place: Place) -> npt.NDArray[np.float32]:
    """`d_skel` (20, 3, T) in metres, y up, as (T, 1, 20, 3) float32 with y down."""
    values = read_variable(place, "d_skel")
    if values.ndim != 3 or values.shape[1] != 3:
        reason = f"d_skel has the shape {values.shape}, which is no skeleton."
        raise BrokenFileError(place.shown, reason)
    joints = values.transpose(2, 0, 1)[:, None].astype(np.float32)
    joints[..., 1] *= -1
    return joints


def _open_colour(place: Place, n_other_frames: int) -> FrameSource:
    """Colour of which nothing is missing; its rate is 30 Hz unless the file's own fits better."""
    own = colour_video(place)
    n_frames = len(own.timestamps_us)
    seconds = (n_other_frames or n_frames) / _RATE_HZ
    rate_hz = min((_RATE_HZ, own.rate_hz), key=lambda rate: abs(n_frames / rate - seconds))
    return replace(own, rate_hz=rate_hz, timestamps_us=nominal_timestamps(n_frames, rate_hz))
