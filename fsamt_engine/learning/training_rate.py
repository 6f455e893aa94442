"""The pace of the takes that a model was trained on."""

from statistics import median

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord, StreamKind
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import take

USUAL_RATE_HZ = 30.0


def training_rate_hz(library: Library, record: ModelRecord) -> float:
    """Depth frames a second in the takes of a model's snapshot: the median over those still there.

    A clip's frames are a number of frames apart, not of seconds; so a model knows actions at the
    pace of these takes. 30 where none of them is there (an imported model), as most cameras give.
    """
    rates = [rate for take_id in _takes_of(library, record) if (rate := _rate(library, take_id))]
    return median(rates) if rates else USUAL_RATE_HZ


def _takes_of(library: Library, record: ModelRecord) -> list[str]:
    if record.snapshot_id is None:
        return []
    try:
        trained_on = snapshot(library, record.snapshot_id).train
    except FsamtError:
        return []
    return sorted({item.take_id for item in trained_on})


def _rate(library: Library, take_id: str) -> float | None:
    try:
        depth = take(library, take_id).stream(StreamKind.DEPTH)
    except FsamtError:
        return None
    return depth.rate_hz if depth else None
