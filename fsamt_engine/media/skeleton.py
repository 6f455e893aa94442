"""Skeleton files: joints of every body in every frame, as one array."""

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fsamt_engine.media.failures import storing, unreadable

SKELETON_CODEC = "npy"


def write_skeleton(path: Path, joints: npt.NDArray[np.float32]) -> None:
    """Writes joints as a .npy file (NumPy's format, version 1.0), whole or not at all.

    Args:
        path: File to write.
        joints: (T, B, J, 3) float32, metres in the depth camera's frame; NaN = not tracked.

    Raises:
        FsamtError: The disk is full; no file is left.
        ValueError: Wrong shape or type.
    """
    if joints.ndim != 4 or joints.shape[3] != 3 or joints.dtype != np.float32:
        raise ValueError(f"(T, B, J, 3) float32 was expected, not {joints.shape} {joints.dtype}")
    content = io.BytesIO()
    np.save(content, joints.astype("<f4", copy=False), allow_pickle=False)
    unfinished = path.with_name(path.name + ".part")
    with storing(path):
        try:
            with unfinished.open("wb") as file:
                file.write(content.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


def read_skeleton(path: Path) -> npt.NDArray[np.float32]:
    """Reads joints: (T, B, J, 3) float32 metres, NaN = not tracked.

    Raises:
        FsamtError: The file is missing, cut off or not a skeleton. Nothing in it is ever executed.
    """
    try:
        with Path(path).open("rb") as file:
            joints = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError as error:
        raise unreadable(Path(path), "there is no such file") from error
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise unreadable(Path(path), "it is not a skeleton file, or it is cut off") from error
    if joints.ndim != 4 or joints.shape[3] != 3 or joints.dtype.newbyteorder("=") != np.float32:
        raise unreadable(Path(path), "it holds something else than a skeleton")
    return joints.astype(np.float32)
