"""The clips of a student: which frames it sees of the windows that its teacher sees."""

from dataclasses import replace

from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.networks import spec


def student_shape(teacher: LoadedModel, network: str, given: ClipShape | None) -> ClipShape:
    """The clip shape of a student that learns from this teacher.

    Teacher and student see the same seconds: their clips begin at the same frame of the take. A
    teacher that was trained here has clips that suit the takes, and a student has the same. One
    with published weights has the frames, pace and size (112 to 256 pixels) that it was published
    with: its student gets what its own network was designed for, over the same span.

    Args:
        teacher: Who supervises.
        network: The student's.
        given: Where it was asked for, it is that.

    Raises:
        FsamtError: There is no such network.
    """
    if given is not None:
        return given
    shape = teacher.shape
    if spec(network).takes == "skeleton" or teacher.record.method != PUBLISHED_WEIGHTS:
        return shape_for(network, shape)
    designed = spec(network)
    n_frames = min(designed.n_frames, shape.span)
    step = 1 if n_frames == 1 else max(1, (shape.span - 1) // (n_frames - 1))
    return ClipShape(n_frames, step, designed.size)


def usual_shape(network: str) -> ClipShape:
    """The clips of a network that begins from nothing, where nobody has asked for others.

    Raises:
        FsamtError: There is no network of this name.
    """
    designed = spec(network)
    if designed.takes == "skeleton":
        return shape_for(network, ClipShape())
    return ClipShape(n_frames=designed.n_frames, size=designed.size)


def shape_for(network: str, shape: ClipShape) -> ClipShape:
    """The same window as a network takes it: of skeletons every frame, of pictures as it is.

    Joints are cheap, and graph networks were published for every frame (Yan et al., AAAI 2018).

    Raises:
        FsamtError: There is no such network.
    """
    if spec(network).takes == "skeleton":
        return replace(shape, n_frames=shape.span, step=1)
    return shape
