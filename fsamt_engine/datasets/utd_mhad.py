"""UTD-MHAD: 27 actions of 8 participants before a Kinect v1.

Chen, Jafari, Kehtarnavaz: UTD-MHAD, a multimodal dataset for human action recognition utilizing a
depth camera and a wearable inertial sensor, ICIP 2015. Files `a<action>_s<participant>_t<trial>_`
followed by `depth.mat`, `skeleton.mat`, `inertial.mat` (not imported) and `color.avi`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps, pair_by_time
from fsamt_engine.datasets.matlab import read_variable
from fsamt_engine.datasets.reader import (
    N_EXAMPLES,
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, Intrinsics
from fsamt_engine.media import ColourReader
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
_MAX_FOLDERS_DOWN = 3
_RATE_HZ = 30.0
_UNIT_M = 0.001
_WIDTH = 320
_FOCAL_LENGTH = 285.6
_CENTRE = (160.0, 120.0)


class UtdMhad:
    """Reads UTD-MHAD in its official folders, nested deeper, or with all files in one folder.

    Times are nominal (30 Hz): none were recorded. A take without colour is a depth-only take. The
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

    def find(self, source: Path) -> list[SourceTake]:
        """The takes in a folder, by participant, action and trial.

        Raises:
            FsamtError: There is no such folder, or no depth file of UTD-MHAD in it.
        """
        if not source.is_dir():
            raise FsamtError(
                f"There is no folder {source}.",
                "Give the folder that holds Depth, RGB and Skeleton of UTD-MHAD.",
            )
        takes: dict[tuple[int, int, int], dict[str, Place]] = {}
        for path in _files(source):
            match = _NAME.fullmatch(path.name.lower())
            if match:
                action, participant, trial = (int(match[group]) for group in (2, 3, 4))
                files = takes.setdefault((participant, action, trial), {})
                files.setdefault(_KINDS[match[5]], Place(path))
        if not any("depth" in files for files in takes.values()):
            raise FsamtError(
                f"There are no depth files of UTD-MHAD in {source}.",
                "They are called like a1_s1_t1_depth.mat; unpack the data set's archives first.",
            )
        return [
            SourceTake(
                f"a{action}_s{participant}_t{trial}",
                takes[participant, action, trial],
                str(participant),
                ACTIONS[action - 1 : action],
            )
            for participant, action, trial in sorted(takes)
        ]

    def missing(self, source: Path) -> list[Missing]:
        """Takes that lack one of the three files."""
        found = self.find(source)
        whole = {"depth": "no depth", "colour": "no colour", "skeleton": "no skeleton"}
        lacking = {
            words: [take.key for take in found if kind not in take.files]
            for kind, words in whole.items()
        }
        return [
            Missing(words, len(keys), tuple(keys[:N_EXAMPLES]))
            for words, keys in lacking.items()
            if keys
        ]

    def load(self, take: SourceTake) -> LoadedTake:
        """Reads depth and skeleton, and opens colour.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing.
        """
        action, participant = (int(part[1:]) for part in take.key.split("_")[:2])
        files = {kind: place.path for kind, place in take.files.items()}
        if "depth" not in files:
            raise BrokenFileError(next(iter(files.values())), "There is no depth file to it.")
        depth_file = files["depth"]
        if not 1 <= action <= len(ACTIONS):
            raise BrokenFileError(depth_file, f"UTD-MHAD has no action {action}.")
        depth = _load_depth(depth_file)
        colour = _open_colour(files["colour"], len(depth)) if "colour" in files else None
        depth_us = nominal_timestamps(len(depth), _RATE_HZ)
        colour_us = np.empty(0, np.int64) if colour is None else colour.timestamps_us
        height, width = depth.shape[1:]
        return LoadedTake(
            session=f"UTD-MHAD s{participant}",
            participant=str(participant),
            depth=FrameSource(depth_file, depth, width, height, depth_us, _RATE_HZ, _UNIT_M),
            colour=colour,
            skeleton=_load_skeleton(files["skeleton"]) if "skeleton" in files else None,
            skeleton_rate_hz=_RATE_HZ,
            pairs=pair_by_time(depth_us, colour_us, 0.5e6 / _RATE_HZ),
            segments=((ACTIONS[action - 1], 0, len(depth)),),
            calibration=Calibration(
                _intrinsics(width, height),
                None if colour is None else _intrinsics(colour.width, colour.height),
            ),
        )


def _files(source: Path) -> Iterator[Path]:
    """All files down to a depth, in the order of their paths. Links to folders are followed."""
    for folder, folders, names in os.walk(source, followlinks=True):
        if len(Path(folder).relative_to(source).parts) >= _MAX_FOLDERS_DOWN:
            folders.clear()
        folders.sort()
        for name in sorted(names):
            yield Path(folder, name)


def _load_depth(path: Path) -> npt.NDArray[np.uint16]:
    """`d_depth` (H, W, T) in mm as (T, H, W) uint16, 0 = background or no reading."""
    values = read_variable(path, "d_depth")
    if values.ndim == 2:  # MATLAB drops a last dimension of 1.
        values = values[..., None]
    if values.ndim != 3 or min(values.shape[:2]) < 2 or values.shape[2] < 1:
        raise BrokenFileError(path, f"d_depth has the shape {values.shape}, which is no video.")
    # MATLAB stores numbers in the smallest type that holds them, whatever their class.
    with np.errstate(invalid="ignore"):
        depth = values.astype(np.uint16)
    if (depth != values).any():
        raise BrokenFileError(path, "d_depth holds values that are no depth in millimetres.")
    return np.moveaxis(depth, 2, 0)


def _load_skeleton(path: Path) -> npt.NDArray[np.float32]:
    """`d_skel` (20, 3, T) in metres, y up, as (T, 1, 20, 3) float32 with y down."""
    values = read_variable(path, "d_skel")
    if values.ndim != 3 or values.shape[1] != 3:
        raise BrokenFileError(path, f"d_skel has the shape {values.shape}, which is no skeleton.")
    joints = values.transpose(2, 0, 1)[:, None].astype(np.float32)
    joints[..., 1] *= -1
    return joints


def _open_colour(path: Path, n_depth_frames: int) -> FrameSource:
    """Colour of which nothing is missing; its rate is 30 Hz unless the file's own fits better."""
    try:
        with ColourReader(path) as reader:
            n_frames, n_missing = reader.n_frames, reader.n_missing
            width, height, file_rate_hz = reader.width, reader.height, reader.rate_hz
    except FsamtError as error:
        raise BrokenFileError(path, error.message) from error
    if n_missing:
        raise BrokenFileError(path, f"It is cut off: {n_missing} of its frames are missing.")
    seconds = n_depth_frames / _RATE_HZ
    rate_hz = min(
        (_RATE_HZ, file_rate_hz or _RATE_HZ), key=lambda rate: abs(n_frames / rate - seconds)
    )
    times_us = nominal_timestamps(n_frames, rate_hz)
    return FrameSource(path, _frames(path), width, height, times_us, rate_hz, place=Place(path))


def _frames(path: Path) -> Iterator[npt.NDArray[Any]]:
    with ColourReader(path) as reader:
        yield from reader


def _intrinsics(width: int, height: int) -> Intrinsics:
    scale = width / _WIDTH
    focal_length = _FOCAL_LENGTH * scale
    return Intrinsics(
        width, height, focal_length, focal_length, _CENTRE[0] * scale, _CENTRE[1] * scale
    )
