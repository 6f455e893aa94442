"""What an interrupted run had made, or frozen, already."""

from collections.abc import Callable
from dataclasses import replace

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord, Snapshot
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.snapshots import save_snapshot, snapshot
from fsamt_engine.runs.outcome import Outcome


def still_there(library: Library, model_id: str | None) -> ModelRecord | None:
    """The model that was made before a pause, unless it was removed meanwhile."""
    if model_id is None:
        return None
    try:
        return find_model(library, model_id)
    except FsamtError:
        return None


def frozen(
    library: Library,
    begun: Outcome,
    choose: Callable[[], Snapshot],
    on_outcome: Callable[[Outcome], None],
) -> tuple[Snapshot, Outcome]:
    """The labels of a run: those of its beginning, or at its beginning what `choose` finds.

    Args:
        begun: What the run has told of itself.
        choose: Reads the labels as they are now.
        on_outcome: Told what was frozen.

    Returns:
        The labels, and the outcome that names them.

    Raises:
        FsamtError: Whatever `choose` refuses.
    """
    if begun.snapshot_id is not None:
        return snapshot(library, begun.snapshot_id), begun
    chosen = choose()
    save_snapshot(library, chosen)
    outcome = replace(begun, snapshot_id=chosen.id)
    on_outcome(outcome)
    return chosen, outcome
