"""Which takes can be seen as which modality."""

from fsamt_engine.library import StreamKind, Take
from fsamt_engine.modalities.preparation import Modality

_KINDS = {
    Modality.RGB: (StreamKind.COLOUR,),
    Modality.FLOW: (StreamKind.COLOUR,),
    Modality.DEPTH: (StreamKind.DEPTH,),
    Modality.INFRARED: (StreamKind.INFRARED,),
    Modality.SKELETON: (StreamKind.SKELETON,),
}


def kinds_of(modality: Modality) -> tuple[StreamKind, ...]:
    """The streams that a modality is made of."""
    return _KINDS[modality]


def has(take: Take, modality: Modality) -> bool:
    """Whether a take can be seen as this modality.

    Its streams are there; colour of a take with depth needs pairs as well, for nothing else says
    which colour frame goes with which depth frame. Without depth the times say it.
    """
    streams = [take.stream(kind) for kind in kinds_of(modality)]
    if any(stream is None or stream.n_frames == 0 for stream in streams):
        return False
    needs_pairs = StreamKind.COLOUR in kinds_of(modality) and take.stream(StreamKind.DEPTH)
    return not needs_pairs or take.n_pairs > 0
