"""One moment as the networks receive it: flow and colour for a teacher, the rest for students."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.depth_colours import turbo_table
from app.widgets.pictures import image_of
from app.widgets.sensor_pictures import SkeletonFigures
from app.widgets.take_frames import load_codecs
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.modalities.moments import Moment

_OF_STUDENTS = ("depth", "infrared", "skeleton")
_N_GLANCES, _N_LOOKS = 6, 12
"""Moments that are looked at in every take, and then in the one that shows most."""


def sights(
    library: Library,
    teacher: ModelRecord,
    take_ids: Sequence[str],
    should_stop: ShouldStop | None = None,
) -> Mapping[str, QImage]:
    """A moment of some takes in which much moves, as the teacher's model says.

    For a background thread: PyTorch comes in. No take's flow is prepared: of a few moments it is
    computed with DIS (`moments.py`), also where the teacher's is TV-L1, which would take minutes;
    only what students see is prepared, of the one take that is shown.

    Args:
        library: Where the takes are.
        teacher: Whose preparation is used.
        take_ids: Takes with pairs, one at least; the one that shows most is chosen.
        should_stop: Asked several times a second.

    Returns:
        A picture of flow and rgb, and of what the take has for students: as large as the networks'
        input but for skeletons.

    Raises:
        Cancelled: `should_stop` said so.
        FsamtError: The take or the model cannot be read.
    """
    load_codecs()
    from app.widgets.playing.flow_pictures import coloured
    from fsamt_engine.learning.store import read_description
    from fsamt_engine.library.takes import take
    from fsamt_engine.modalities.available import has
    from fsamt_engine.modalities.cache import prepare_takes, prepared_take, views
    from fsamt_engine.modalities.moments import moments
    from fsamt_engine.modalities.preparation import Modality, Preparation

    preparation = Preparation.from_dict(read_description(library, teacher)["preparation"])

    def most_motion(take_id: str) -> float:
        found = moments(library, take_id, preparation, _N_GLANCES, should_stop=should_stop)
        return max((one.motion for one in found), default=0.0)

    shown = max(take_ids, key=most_motion)
    wanted = [Modality(name) for name in _OF_STUDENTS if has(take(library, shown), Modality(name))]
    prepare_takes(library, [shown], wanted, preparation, should_stop=should_stop)
    own = {one: prepared_take(library, shown, one, preparation) for one in wanted}
    by_depth = views(library, shown, preparation) if Modality.DEPTH in own else None
    found = moments(library, shown, preparation, _N_LOOKS, by_depth, should_stop)
    if not found:
        raise FsamtError("No moment of these takes has colour before it to compute flow from.")

    def shows(moment: "Moment") -> float:
        if Modality.DEPTH not in own:
            return moment.motion
        # A picture with wide empty borders follows nobody.
        return (
            moment.motion * float((np.asarray(own[Modality.DEPTH][moment.frame]) > 0).mean()) ** 2
        )

    best = max(found, key=shows)
    # As strong in colour as it can be: what counts here is where, not how fast.
    fastest = max(float(np.hypot(best.flow[..., 0], best.flow[..., 1]).max()), 1e-3)
    return {
        "flow": coloured(best.flow, 2 * fastest),
        "rgb": image_of(best.rgb, QImage.Format.Format_RGB888),
    } | {str(one): _OF_STUDENT[one](prepared, best.frame) for one, prepared in own.items()}


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
