"""Where a model comes from: every model before it, what each saw, and what was made from it.

Read from the library's rows and from model.json, without PyTorch. A model that was removed takes
its row along, but the models made from it still name it in their model.json: that it is missing is
said, and made again (the same settings and data give the same id) it is found again.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.library.records import MAIN_ORDER, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.snapshots import snapshot, snapshot_from_dict


@dataclass(frozen=True)
class Gathered:
    """Intervals of takes, summed up.

    Attributes:
        n_items: Intervals; one of a pair or of a label.
        n_takes: Takes that they are of.
        n_missing: Of these takes, how many are no longer in the library.
        seconds: How long they are together, as far as their takes are there.
        by_participant: Intervals of each, by name.
        by_action: Labelled intervals of each.
    """

    n_items: int
    n_takes: int
    n_missing: int
    seconds: float
    by_participant: Mapping[str, int]
    by_action: Mapping[str, int]


@dataclass(frozen=True)
class PastEpoch:
    """One epoch of a training that is over; `validation` is the loss of what was held out."""

    step: int
    loss: float
    validation: float | None


@dataclass(frozen=True)
class PastTraining:
    """How a training went.

    Attributes:
        ended: "finished", "kept best", … as the training said.
        best_epoch: From 1; its weights were kept.
        device: What it was computed on, with its precision.
        versions: Of the programs it was made with.
    """

    ended: str
    best_epoch: int
    seconds: float
    device: str
    precision: str
    epochs: tuple[PastEpoch, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Ancestor:
    """One model of a lineage, with what it was trained and tested on.

    Attributes:
        snapshot: None where it is not known.
        trained_on: Of the snapshot's lists, what was held out for validation included.
        tested_on: What the snapshot set aside for a test.
        training: None where model.json is missing or damaged.
        missing: What is no longer there, in sentences.
    """

    model: ModelRecord
    snapshot: Snapshot | None
    trained_on: Gathered
    tested_on: Gathered
    training: PastTraining | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Lineage:
    """A model with everything before it and after it.

    Attributes:
        line: What came first is first; the model itself is last.
        removed_id: Id of the model that the first one was made from, where that was removed.
        descendants: What was made from the model, children before grandchildren.
    """

    line: tuple[Ancestor, ...]
    removed_id: str
    descendants: tuple[ModelRecord, ...]

    @property
    def model(self) -> ModelRecord:
        """The model whose lineage this is."""
        return self.line[-1].model

    @property
    def missing(self) -> tuple[str, ...]:
        """What is no longer there, in sentences."""
        said = [sentence for one in self.line for sentence in one.missing]
        if self.removed_id:
            first = self.line[0].model
            said.insert(
                0,
                f"{first.id} was made from {self.removed_id}, which was removed: it is no longer "
                "known whom that had seen, so no test of what was made from it can be fair.",
            )
        return tuple(said)


def lineage(library: Library, model_id: str) -> Lineage:
    """Everything that led to a model, and everything that was made from it.

    Args:
        model_id: Its id, its name, or the beginning of its id.

    Raises:
        FsamtError: None, or more than one, is meant.
    """
    model = find_model(library, model_id)
    known = {one.id: one for one in list_models(library)}
    line, removed_id = [model], ""
    while parent_id := parent_of(library, line[-1]):
        if parent_id not in known or parent_id in {one.id for one in line}:
            removed_id = "" if seen_before(library, line[-1]) else parent_id
            break
        line.append(known[parent_id])
    ancestors = tuple(_ancestor(library, one) for one in reversed(line))
    return Lineage(ancestors, removed_id, descendants(library, model.id))


def parent_of(library: Library, model: ModelRecord) -> str:
    """Id of what a model was made from, also where that was removed; "" for a first one."""
    if model.parent_id is not None:
        return model.parent_id
    path = library.absolute(model.path) / "model.json"
    try:
        return _parent_said(str(path), path.stat().st_mtime_ns)
    except OSError:
        return ""


def seen_before(library: Library, model: ModelRecord) -> tuple[Snapshot, ...]:
    """What those saw that a model was made from, as an exported one says it; the nearest first.

    A model of a bundle comes without them, but its model.json lists whom they have seen.
    """
    path = library.absolute(model.path) / "model.json"
    try:
        return _seen_before(str(path), path.stat().st_mtime_ns)
    except OSError:
        return ()


def descendants(library: Library, model_id: str) -> tuple[ModelRecord, ...]:
    """The models that were made from one, children before grandchildren, the oldest first."""
    others = sorted(list_models(library), key=lambda one: (one.created_at_us, one.id))
    parents = {one.id: parent_of(library, one) for one in others}
    found: list[ModelRecord] = []
    before = {model_id}
    while before:
        children = [one for one in others if parents[one.id] in before and one not in found]
        found += children
        before = {one.id for one in children}
    return tuple(found)


def _ancestor(library: Library, model: ModelRecord) -> Ancestor:
    missing = []
    seen: Snapshot | None = None
    if model.snapshot_id is not None:
        try:
            seen = snapshot(library, model.snapshot_id)
        except FsamtError:
            missing.append(f"What {model.id} was trained on is not in this library.")
    trained_on = _gathered(library, (*seen.train, *seen.validation) if seen else ())
    tested_on = _gathered(library, seen.test if seen else ())
    n_gone = trained_on.n_missing + tested_on.n_missing
    if n_gone:
        takes = "1 take" if n_gone == 1 else f"{n_gone:,} takes"
        verb = "is" if n_gone == 1 else "are"
        missing.append(
            f"{takes} that {model.id} was trained or tested on {verb} not in this library."
        )
    if before := seen_before(library, model):
        people = sorted({i.participant for one in before for i in (*one.train, *one.validation)})
        missing.append(
            f"{model.id} came without the models that it was made from; they had seen "
            f"{', '.join(people) or 'nobody'}."
        )
    training = _training(_content(library.absolute(model.path) / "model.json"))
    if training is None and model.method != PUBLISHED_WEIGHTS:
        missing.append(f"How the training of {model.id} went is not written down.")
    return Ancestor(model, seen, trained_on, tested_on, training, tuple(missing))


def _gathered(library: Library, items: Sequence[SnapshotItem]) -> Gathered:
    takes = {item.take_id for item in items}
    rates = {
        take_id: rate_hz
        for take_id, rate_hz, _ in library.rows(
            f"SELECT take_id, rate_hz, MIN({MAIN_ORDER}) FROM streams"
            " WHERE take_id IN (SELECT value FROM json_each(?)) GROUP BY take_id",
            [json.dumps(sorted(takes))],
        )
    }
    return Gathered(
        n_items=len(items),
        n_takes=len(takes),
        n_missing=len(takes - rates.keys()),
        seconds=sum((i.end - i.start) / rates[i.take_id] for i in items if i.take_id in rates),
        by_participant=dict(sorted(Counter(item.participant for item in items).items())),
        by_action=dict(sorted(Counter(i.action for i in items if i.action is not None).items())),
    )


@lru_cache(maxsize=4096)
def _parent_said(path: str, changed_at_ns: int) -> str:
    """What a model.json says, which holds whole snapshots: read once while it stays the same."""
    return str(_content(Path(path)).get("parent_id") or "")


@lru_cache(maxsize=256)
def _seen_before(path: str, changed_at_ns: int) -> tuple[Snapshot, ...]:
    try:
        said = _content(Path(path)).get("made_from", ())
        return tuple(snapshot_from_dict(one["snapshot"]) for one in said)
    except (KeyError, TypeError):
        return ()


def _content(path: Path) -> dict[str, Any]:
    """What a model.json says; empty where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _training(description: Mapping[str, Any]) -> PastTraining | None:
    try:
        said = description["training"]
        epochs = tuple(
            PastEpoch(int(one["step"]), float(one["loss"]), one["metrics"].get("loss"))
            for one in said["history"]
        )
        return PastTraining(
            ended=str(said["ended"]),
            best_epoch=int(said["best_epoch"]),
            seconds=float(said["seconds"]),
            device=str(said["device"]),
            precision=str(said["precision"]),
            epochs=epochs,
            versions={str(k): str(v) for k, v in description.get("versions", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
