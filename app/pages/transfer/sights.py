"""One moment as the networks receive it: flow and colour for a teacher, the rest for students."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.depth_colours import turbo_table
from app.widgets.pictures import image_of
from app.widgets.sensor_pictures import SkeletonFigures
from app.widgets.take_frames import load_codecs
from fsamt_engine.library import Library, ModelRecord

_OF_TEACHERS = ("flow", "rgb")
_OF_STUDENTS = ("depth", "infrared", "skeleton")


def sights(library: Library, teacher: ModelRecord, take_ids: Sequence[str]) -> Mapping[str, QImage]:
    """A moment of some takes in which much moves, prepared as the teacher's model says.

    For a background thread: what is not in the cache is prepared, and PyTorch comes in.

    Args:
        library: Where the takes are.
        teacher: Whose preparation is used.
        take_ids: Takes with pairs, one at least; the one that shows most is chosen.

    Returns:
        A picture of flow and rgb, and of what the take has for students: as large as the networks'
        input but for skeletons.

    Raises:
        FsamtError: The take or the model cannot be read.
    """
    load_codecs()
    from app.widgets.playing.flow_pictures import coloured
    from fsamt_engine.learning.store import read_description
    from fsamt_engine.library.takes import take
    from fsamt_engine.modalities.available import has
    from fsamt_engine.modalities.cache import prepared_take
    from fsamt_engine.modalities.flow import decode_flow
    from fsamt_engine.modalities.preparation import Modality, Preparation

    preparation = Preparation.from_dict(read_description(library, teacher)["preparation"])
    found = []
    for take_id in take_ids:
        flow, rgb = (
            prepared_take(library, take_id, Modality(name), preparation) for name in _OF_TEACHERS
        )
        own = {
            name: prepared_take(library, take_id, Modality(name), preparation)
            for name in _OF_STUDENTS
            if has(take(library, take_id), Modality(name))
        }
        # In the middle is the person; along the borders flow is a guess.
        middle = slice(preparation.size // 4, -(preparation.size // 4))
        vectors = decode_flow(np.asarray(flow)[:, middle, middle], preparation.bound_px)
        motion = np.abs(vectors).mean(axis=(1, 2, 3))
        moment = int(motion.argmax())
        score = float(motion[moment])
        if "depth" in own:
            # A picture with wide empty borders follows nobody.
            score *= float((np.asarray(own["depth"][moment]) > 0).mean()) ** 2
        found.append((score, flow[moment], np.asarray(rgb[moment]), own, moment))
    _, flow, rgb, own, moment = max(found, key=lambda one: one[0])
    vectors = decode_flow(np.asarray(flow), preparation.bound_px)
    # As strong in colour as it can be: what counts here is where, not how fast.
    fastest = max(float(np.hypot(vectors[..., 0], vectors[..., 1]).max()), 1e-3)
    return {
        "flow": coloured(vectors, 2 * fastest),
        "rgb": image_of(rgb, QImage.Format.Format_RGB888),
    } | {name: _OF_STUDENT[name](prepared, moment) for name, prepared in own.items()}


def _depth_image(prepared: NDArray[Any], moment: int) -> QImage:
    """Near is warm; what is beyond the range, or was not measured, stays empty."""
    values = np.asarray(prepared[moment], np.float32)
    indices = np.where(values > 0, np.round(1 + 254 * (1 - values)), 0).astype(np.uint8)
    return image_of(turbo_table()[indices], QImage.Format.Format_RGBA8888)


def _infrared_image(prepared: NDArray[Any], moment: int) -> QImage:
    return image_of(np.asarray(prepared[moment]), QImage.Format.Format_Grayscale8)


def _skeleton_image(prepared: NDArray[Any], moment: int) -> QImage:
    """The bodies seen from the camera; a second one that is not there is 0 throughout."""
    joints = np.array(prepared, np.float32)
    joints[:, ~joints.any(axis=(0, 2, 3))] = np.nan
    return SkeletonFigures(joints).picture(moment)


_OF_STUDENT: Mapping[str, Callable[[NDArray[Any], int], QImage]] = {
    "depth": _depth_image,
    "infrared": _infrared_image,
    "skeleton": _skeleton_image,
}
