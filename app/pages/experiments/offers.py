"""Which tables can be filled in on the open library, and with which settings at first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.tasks import Work
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.published import PublishedTable, published
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import label_counts
from fsamt_engine.library.models import list_models
from fsamt_engine.progress import OnProgress, ShouldStop

Settings = Mapping[str, Any]
"""Of an experiment, as JSON has them."""


@dataclass(frozen=True)
class Offer:
    """A table, and what fits this library.

    Attributes:
        kind: As the engine names it.
        settings: Sensible ones; None where the table cannot be filled in here.
        reason: Why not, and what to do, in words.
    """

    kind: str
    settings: Settings | None
    reason: str = ""
    paper: PublishedTable | None = None


@dataclass(frozen=True)
class Offers:
    """All that the steps to a new table offer.

    Attributes:
        tables: One for each kind.
        counts: Labels by action, then by participant.
        teachers: Of the library, the newest first.
        seen: What students could be given here: "depth", "infrared", "skeleton".
    """

    tables: tuple[Offer, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    teachers: tuple[ModelRecord, ...] = ()
    seen: tuple[str, ...] = ("depth",)


def looking(library: Library, kinds: tuple[str, ...]) -> Work:
    """The looking as a task's work; its result is `Offers`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Offers:
        from fsamt_engine.library.takes import take_ids_with
        from fsamt_engine.modalities.available import kinds_of
        from fsamt_engine.modalities.preparation import Modality

        asked = (Modality.DEPTH, Modality.INFRARED, Modality.SKELETON)
        return Offers(
            tables=tuple(_offer(library, kind) for kind in kinds),
            counts=label_counts(library),
            teachers=tuple(list_models(library, ModelKind.TEACHER)),
            seen=tuple(str(one) for one in asked if take_ids_with(library, kinds_of(one))),
        )

    return work


def _offer(library: Library, kind: str) -> Offer:
    from fsamt_engine.experiments.defaults import experiment_defaults

    paper = published(kind)
    try:
        settings = experiment_defaults(library, kind).to_dict()
    except FsamtError as error:
        return Offer(kind, None, f"{error.message} {error.hint}".strip(), paper)
    return Offer(kind, settings, "", paper)
