"""What an exported model says of itself: model.json without names, labels, graph metadata."""

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from fsamt_engine import __version__
from fsamt_engine.errors import FsamtError
from fsamt_engine.export.settings import DetectionParity, ExportSettings, Parity
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.actions import actions
from fsamt_engine.library.lineage import parent_of, seen_before
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.library.snapshots import make_snapshot, snapshot, snapshot_to_dict


@dataclass(frozen=True)
class Before:
    """A model that the recogniser was made from; its weights stay in the library.

    Attributes:
        about: Kind, method, network and modality, as model.json lists them.
        seen: What it was trained on.
    """

    about: Mapping[str, str]
    seen: Snapshot


def models_before(library: Library, record: ModelRecord) -> tuple[Before, ...]:
    """What a recogniser was made from, the nearest first.

    Raises:
        FsamtError: One of them was removed, so that it is not known whom it has seen.
    """
    found: list[Before] = []
    current = record
    while parent_id := parent_of(library, current):
        try:
            parent = find_model(library, parent_id)
        except FsamtError:
            if not (brought := _brought(library, current)):
                raise FsamtError(
                    f"{current.id} was made from {parent_id}, which is no longer in the library, so"
                    " nobody could be told whom the exported file has seen.",
                    "Train it again, or import the removed model from a copy.",
                ) from None
            return (*found, *brought)
        if parent.snapshot_id is None:
            raise FsamtError(f"It is not known on whom {parent.id} was trained.", "Train it again.")
        about = {
            "id": parent.id,
            "kind": str(parent.kind),
            "method": parent.method,
            "network": parent.network,
            "modality": parent.modality,
        }
        found.append(Before(about, snapshot(library, parent.snapshot_id)))
        current = parent
    return tuple(found)


def model_json(
    library: Library,
    record: ModelRecord,
    settings: ExportSettings,
    rate_hz: float,
    parity: Parity | DetectionParity | None = None,
) -> dict[str, Any]:
    """The model.json that leaves the house; `models import` reads it.

    Without names, every participant is a number of this model, the same one throughout. Takes keep
    their ids: a library that holds them still knows who was seen.
    """
    if record.snapshot_id is None:
        raise FsamtError(
            f"It is not known on whom {record.id} was trained.", "Train it again in this library."
        )
    own = snapshot(library, record.snapshot_id)
    before = models_before(library, record)
    if not settings.names_included:
        numbers = _numbers(record, (own, *(one.seen for one in before)))
        own = _without_names(own, numbers)
        before = tuple(replace(one, seen=_without_names(one.seen, numbers)) for one in before)
    kept = snapshot_to_dict(own)
    content = read_description(library, record) | asdict(record)
    content |= {
        "metrics": {
            name: None if math.isnan(value) else value for name, value in record.metrics.items()
        },
        "snapshot": kept,
        "snapshot_id": own.id,
        "parent_id": parent_of(library, record) or None,
        "made_from": [dict(one.about) | {"snapshot": snapshot_to_dict(one.seen)} for one in before],
        "rate_hz": rate_hz,
        "exported": {
            "at_us": time.time_ns() // 1000,
            "fsamt_studio": __version__,
            "licence": settings.licence,
            "note": settings.note,
            "parity": None if parity is None else asdict(parity),
        },
    }
    return content


def labels_json(library: Library, record: ModelRecord) -> dict[str, Any]:
    """The actions in the order of the answers, with what a person wrote of each."""
    known = {action.name: action for action in actions(library)}
    return {
        "model": record.id,
        "actions": [
            {
                "number": number,
                "name": name,
                "description": known[name].description if name in known else "",
                "is_background": name == BACKGROUND,
            }
            for number, name in enumerate(record.actions)
        ],
    }


def graph_metadata(
    record: ModelRecord, settings: ExportSettings, parity: Parity | None = None, card: str = ""
) -> dict[str, str]:
    """What is written into an ONNX file beside what the graph itself needs."""
    said = {
        "model_name": record.name,
        "licence": settings.licence,
        "note": settings.note,
        "program": f"FSAMT Studio {__version__}",
        "streams": "depth",
        "parity": "" if parity is None else json.dumps(asdict(parity)),
        "model_card": card,
    }
    return {name: text for name, text in said.items() if text}


def participants_of(*snapshots: Snapshot) -> frozenset[str]:
    """Everybody in lists of what models were trained and tested on."""
    return frozenset(item.participant for one in snapshots for item in _items(one))


def _brought(library: Library, record: ModelRecord) -> tuple[Before, ...]:
    """What an imported model says of those before it."""
    said = read_description(library, record).get("made_from", ())
    return tuple(
        Before({name: str(text) for name, text in one.items() if name != "snapshot"}, seen)
        for one, seen in zip(said, seen_before(library, record), strict=True)
    )


def _numbers(record: ModelRecord, snapshots: Iterable[Snapshot]) -> Mapping[str, str]:
    """Another name for everybody, in the order in which they come.

    The model's id is part of it: a "1" would be taken for somebody of the library that it comes to.
    """
    people = dict.fromkeys(item.participant for one in snapshots for item in _items(one))
    return {who: f"person {n} of {record.id}" for n, who in enumerate(people, start=1)}


def _without_names(kept: Snapshot, numbers: Mapping[str, str]) -> Snapshot:
    def renamed(items: tuple[SnapshotItem, ...]) -> list[SnapshotItem]:
        return [replace(item, participant=numbers[item.participant]) for item in items]

    return make_snapshot(
        "names left out",
        kept.actions,
        renamed(kept.train),
        renamed(kept.validation),
        renamed(kept.test),
    )


def _items(kept: Snapshot) -> tuple[SnapshotItem, ...]:
    return (*kept.train, *kept.validation, *kept.test)
