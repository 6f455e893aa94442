"""Skeleton files of NTU RGB+D.

Text: the number of frames; for each the number of bodies; for each body a line of ten fields, the
first of which tells it from others, the number of joints, and a line of twelve values a joint: x,
y, z in metres (y up), its places in depth and colour, four of orientation, how it is tracked.
Source: Matlab/read_skeleton_file.m of github.com/shahroudy/NTURGB-D.
"""

import math
from itertools import islice

import numpy as np
import numpy.typing as npt

from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place

N_JOINTS = 25
_MAX_BODIES_A_FRAME = 20  # A Kinect v2 follows six.
_MAX_BODIES = 100
_MAX_PLACES = 500_000  # Frames times bodies, 300 bytes each.
_BODY_FIELDS = 10
_JOINT_FIELDS = 12

Joints = npt.NDArray[np.float32]


class _TooManyBodiesError(Exception):
    """So many bodies are said to be in one frame."""


def read_ntu_skeleton(place: Place) -> Joints | None:
    """The bodies of a skeleton file, each in a place of its own by the sensor's number for it.

    Returns:
        (T, B, 25, 3) float32 metres with y down, B as many bodies as the sensor told apart (tables
        and seats among them), NaN where a body is not seen or a value is not a number; None where
        no body is seen at all.

    Raises:
        BrokenFileError: The file is missing, cut off or something else, or tells of more bodies
            than a sensor sees.
    """
    try:
        text = place.read().decode("ascii", "replace")
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    try:
        frames = _parsed(text)
    except _TooManyBodiesError as error:
        reason = f"It tells of {error} bodies in one frame, which no sensor saw."
        raise BrokenFileError(place.shown, reason) from error
    except (ValueError, StopIteration) as error:
        raise BrokenFileError(place.shown, "It is cut off or no skeleton file.") from error
    numbers = {
        body: place for place, body in enumerate(dict.fromkeys(b for f in frames for b in f))
    }
    if not numbers:
        return None
    if len(numbers) > _MAX_BODIES or len(frames) * len(numbers) > _MAX_PLACES:
        told = f"{len(numbers)} bodies in {len(frames)} frames"
        raise BrokenFileError(place.shown, f"It tells of {told}, which no sensor saw.")
    joints = np.full((len(frames), len(numbers), N_JOINTS, 3), np.nan, np.float32)
    for frame, bodies in enumerate(frames):
        for body, places in bodies.items():
            joints[frame, numbers[body]] = places
    joints[..., 1] *= -1
    return joints


def _parsed(text: str) -> list[dict[str, Joints]]:
    """Joints by body, a frame each."""
    words = iter(text.split())
    n_frames = int(next(words))
    if not 0 <= n_frames < 1_000_000:
        raise ValueError("no number of frames")
    frames = []
    for _ in range(n_frames):
        bodies: dict[str, Joints] = {}
        n_bodies = int(next(words))
        if n_bodies > _MAX_BODIES_A_FRAME:
            raise _TooManyBodiesError(n_bodies)
        for _ in range(n_bodies):
            fields = list(islice(words, _BODY_FIELDS))
            if int(next(words)) != N_JOINTS:
                raise ValueError("another number of joints")
            values = list(islice(words, N_JOINTS * _JOINT_FIELDS))
            if len(values) < N_JOINTS * _JOINT_FIELDS:
                raise ValueError("joints are missing")
            table = [values[start : start + 3] for start in range(0, len(values), _JOINT_FIELDS)]
            bodies[fields[0]] = np.array(
                [[_metres(word) for word in row] for row in table], np.float32
            )
        frames.append(bodies)
    return frames


def _metres(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        if "#" in word:  # As a program of Windows writes what is no number: -1.#IND.
            return math.nan
        raise
