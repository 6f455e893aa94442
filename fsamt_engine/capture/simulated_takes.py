"""One simulated take as files: what a helper process does, so nothing heavy is imported here."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.library.records import Calibration
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.media.skeleton import write_skeleton

DEPTH_FILE, COLOUR_FILE, SKELETON_FILE = "depth.mkv", "colour.mkv", "skeleton.npy"


@dataclass(frozen=True)
class TakeOrder:
    """A take to be made.

    Attributes:
        scene: Who is seen, where, and by which camera.
        action: What they do.
        number: Counts the participant's performances of this action.
        seconds: Limits of its length.
    """

    scene: SceneSettings
    action: str
    number: int
    seconds: tuple[float, float]


@dataclass(frozen=True)
class WrittenTake:
    """What the database has to know of the files of a take.

    Attributes:
        depth_us, colour_us: (T,) int64 device times of the frames.
        frame_numbers: (T,) int64 as the camera counted.
        calibration: Of the camera.
    """

    depth_us: NDArray[np.int64]
    colour_us: NDArray[np.int64]
    frame_numbers: NDArray[np.int64]
    calibration: Calibration


def write_take(order: TakeOrder, folder: Path) -> WrittenTake:
    """Makes a take and writes its depth, colour and skeleton into a folder.

    Raises:
        FsamtError: The action is unknown, or the disk is full.
    """
    scene = _scene(order.scene)
    settings = order.scene
    size = (settings.width, settings.height, settings.rate_hz)
    times, numbers, joints = [], [], []
    with (
        DepthWriter(folder / DEPTH_FILE, *size) as depth_file,
        ColourWriter(folder / COLOUR_FILE, *size) as colour_file,
    ):
        for pair in scene.frames(order.action, take=order.number, seconds=order.seconds):
            depth_file.write(pair.depth)
            colour_file.write(pair.colour)
            times.append((pair.device_at_us, pair.device_at_us - pair.skew_us))
            numbers.append(pair.frame_number)
            joints.append(pair.joints)
    write_skeleton(folder / SKELETON_FILE, np.stack(joints)[:, None])
    depth_us, colour_us = np.asarray(times, np.int64).T
    return WrittenTake(depth_us, colour_us, np.asarray(numbers, np.int64), scene.calibration)


@lru_cache(maxsize=1)
def _scene(settings: SceneSettings) -> SimulatedScene:
    """The scene of the last take, since the room of the next is mostly the same."""
    return SimulatedScene(settings)
