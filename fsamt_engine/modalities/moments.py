"""A few moments of a take, looked at for a picture without preparing the whole take."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fsamt_engine.errors import Cancelled
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library import takes as library_takes
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.modalities.boxes import View
from fsamt_engine.modalities.building import SeenOf
from fsamt_engine.modalities.flow import FlowPreparer, decode_flow
from fsamt_engine.modalities.kept import KeptTake
from fsamt_engine.modalities.matching import frames_for
from fsamt_engine.modalities.preparation import FlowMethod, Preparation
from fsamt_engine.modalities.rgb import prepare_rgb
from fsamt_engine.progress import ShouldStop, Stop


@dataclass(frozen=True)
class Moment:
    """One main frame as teachers see it, nearly.

    Attributes:
        frame: Its number in the take.
        flow: (S, S, 2) float32, pixels of the square since the colour frame before.
        rgb: (S, S, 3) uint8.
    """

    frame: int
    flow: npt.NDArray[np.float32]
    rgb: npt.NDArray[np.uint8]

    @property
    def motion(self) -> float:
        """How much moves in the square's middle, pixels; along the borders flow is a guess."""
        middle = slice(len(self.flow) // 4, -(len(self.flow) // 4))
        return float(np.abs(self.flow[middle, middle]).mean())


def moments(
    library: Library,
    take_id: str,
    preparation: Preparation,
    n_moments: int,
    views: Sequence[View] | None = None,
    should_stop: ShouldStop | None = None,
) -> list[Moment]:
    """Moments that are spread evenly over a take with colour; nothing goes into the cache.

    Flow is computed with DIS, whatever the preparation says: for a picture it is as good, and TV-L1
    takes minutes a take on a processor.

    Args:
        library: Where the take is.
        take_id: Of a take with colour.
        preparation: Size, crop and bound of the flow.
        n_moments: At most so many.
        views: What is seen of each depth frame, as `cache.views` gives it; without them, the whole
            frame (or the take's region), for which no depth is needed.
        should_stop: Asked before each moment.

    Raises:
        Cancelled: `should_stop` said so.
        FsamtError: The take has no colour, or it cannot be read.
    """
    quick = replace(preparation, flow=replace(preparation.flow, method=FlowMethod.DIS))
    kept = KeptTake(library, library_takes.take(library, take_id), quick)
    stream, seen = kept.stream(StreamKind.COLOUR), SeenOf(kept, StreamKind.COLOUR)
    partners = frames_for(library, kept.take, StreamKind.COLOUR)
    places = np.flatnonzero(partners > 0)
    if not len(places):
        return []
    places = places[np.unique(np.linspace(0, len(places) - 1, n_moments).astype(int))]
    preparer = FlowPreparer(quick)
    found = []
    path = library.absolute(stream.path)
    with closing(ColourReader(path, stream.n_frames)) as reader:
        for place in places:
            asked = should_stop() if should_stop else None
            if asked:
                raise Cancelled(resumable=asked is not Stop.CANCEL)
            later = int(partners[place])
            frames = reader[later - 1], reader[later]
            view = seen.where(None if views is None else views[place])
            flow = decode_flow(preparer.between(*frames, view), quick.bound_px)
            found.append(Moment(int(place), flow, prepare_rgb(frames[1], view, quick.size)))
    return found
