"""The pace of the takes that a model was trained on."""

from statistics import median

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import take

USUAL_RATE_HZ = 30.0
_HIGHEST_HZ = 1000.0


def training_rate_hz(library: Library, record: ModelRecord) -> float:
    """Main frames a second in the takes of a model's snapshot: the median over those still there.

    A clip's frames are a number of frames apart, not of seconds; so a model knows actions at the
    pace of these takes. Where none of them is there, an imported model says it in its model.json;
    one that does not is taken for 30, as most cameras give.
    """
    rates = [rate for take_id in _takes_of(library, record) if (rate := _rate(library, take_id))]
    return median(rates) if rates else _described(library, record) or USUAL_RATE_HZ


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
        return take(library, take_id).main.rate_hz
    except FsamtError:
        return None


def _described(library: Library, record: ModelRecord) -> float | None:
    """The rate that came along with an imported model; None for what is none."""
    try:
        rate_hz = read_description(library, record).get("rate_hz")
    except FsamtError:
        return None
    if isinstance(rate_hz, int | float) and 0 < rate_hz <= _HIGHEST_HZ:
        return float(rate_hz)
    return None
