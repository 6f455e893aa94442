"""Models that an interrupted run had made already."""

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import model as find_model


def still_there(library: Library, model_id: str | None) -> ModelRecord | None:
    """The model that was made before a pause, unless it was removed meanwhile."""
    if model_id is None:
        return None
    try:
        return find_model(library, model_id)
    except FsamtError:
        return None
