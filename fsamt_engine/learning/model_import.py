"""Models of other libraries come in: their weights, and the list of what they were trained on.

Only folders that this program wrote are read. A checkpoint of another program (.pth, .pt, .tar,
.ckpt) can hold code that would be executed, and says neither how its input was prepared nor whom it
has seen.
"""

import json
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.store import FORMAT
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.library import DATABASE
from fsamt_engine.library.models import NEEDED_FILES, add_model, find_model, list_models, model
from fsamt_engine.library.organising import carry_names
from fsamt_engine.library.snapshots import (
    save_snapshot,
    snapshot,
    snapshot_from_dict,
)
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.networks import build, load_weights, restore

EXPECTED = (
    "Choose the folder of a model, with model.json and weights.safetensors, or the library that it"
    " is in. Checkpoints of other programs are not read: they do not say how their input was made."
)
_ID = re.compile(r"(teacher|student|recogniser)-[0-9a-f]{8}")


@dataclass(frozen=True)
class _Found:
    """A model on its way in.

    Attributes:
        record: As it will be entered.
        seen: What it was trained on.
        folder: Where its files are now.
    """

    record: ModelRecord
    seen: Snapshot
    folder: Path


def import_model(
    library: Library, source: Path, name: str | None = None
) -> tuple[ModelRecord, ...]:
    """Bring a model of another library in, with all that it was made from.

    Its snapshot comes along, so a test on somebody whom it has seen is refused here as well; from
    a library, with every name that they had there. Participants go by their names: somebody else of
    the same name is refused too.

    Args:
        library: Where it goes.
        source: A model's folder, or a library.
        name: Id or name of the model; by default, of a library, all its teachers.

    Returns:
        The models asked for, as they are in the library now; one that was there already stays.

    Raises:
        FsamtError: There is no model, it is broken or newer than the program, or what it was made
            from is missing; nothing was brought in.
    """
    folders = _folders(source, name)
    lines = [_line(folder) for folder in folders]
    for line in lines:
        for found in line:
            _check(found)
    return tuple([_enter(library, found) for found in reversed(line)][-1] for line in lines)


def _folders(source: Path, name: str | None) -> list[Path]:
    if (source / DATABASE).is_file():
        with Library.open(source) as other:
            found = [model(other, name)] if name else list_models(other, ModelKind.TEACHER)
            folders = [other.absolute(record.path) for record in found]
        if not folders:
            raise FsamtError(f"The library {source} has no teachers.", "Choose another one.")
        return folders
    folder = source.parent if source.name in NEEDED_FILES else source
    if not (folder / "model.json").is_file():
        raise FsamtError(f"{source} is no model of this program.", EXPECTED)
    return [folder]


def _line(folder: Path) -> list[_Found]:
    """The model in a folder, and what it was made from, which lies beside it."""
    line = [_read(folder)]
    while parent := line[-1].record.parent_id:
        if any(one.record.id == parent for one in line):
            raise FsamtError(f"The model.json in {folder} names itself as its origin.", EXPECTED)
        beside = folder.parent / parent
        if not _ID.fullmatch(parent) or not (beside / "model.json").is_file():
            raise FsamtError(
                f"{line[-1].record.id} was made from {parent}, which is not beside it, so it is not"
                " known whom that has seen.",
                "Choose the library that both are in, or copy both folders.",
            )
        line.append(_read(beside))
    return line


def _read(folder: Path) -> _Found:
    try:
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if content["format"] > FORMAT:
            raise FsamtError(
                f"The model in {folder} was made by a newer version of the program.",
                "Update FSAMT Studio.",
            )
        if not _ID.fullmatch(content["id"]):
            raise ValueError(f"no id: {content['id']}")
        record = _record(content)
        seen = _seen(folder, content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FsamtError(
            f"The model.json in {folder} is damaged, or of another program.", EXPECTED
        ) from error
    return _Found(record, seen, folder)


def _record(content: dict[str, Any]) -> ModelRecord:
    fields = {name: content[name] for name in ModelRecord.__dataclass_fields__}
    fields |= {
        "kind": ModelKind(content["kind"]),
        "actions": tuple(content["actions"]),
        "path": f"models/{content['id']}",
    }
    return ModelRecord(**fields)


def _seen(folder: Path, content: dict[str, Any]) -> Snapshot:
    """What a model was trained on: from its own file, or from the library that it is in."""
    known = str(content["snapshot_id"])
    if "snapshot" in content:
        seen = snapshot_from_dict(content["snapshot"])
        if seen.id != known:
            raise ValueError("the snapshot was altered")
        return seen
    root = folder.parent.parent
    if not (root / DATABASE).is_file():
        raise FsamtError(
            f"The model in {folder} does not say whom it was trained on, so no test of it would be"
            " fair.",
            "Choose the library that it is in.",
        )
    with Library.open(root) as other:
        return snapshot(other, known)


def _check(found: _Found) -> None:
    """Refuse what could not be used: weights of another network, another preparation."""
    content = json.loads((found.folder / "model.json").read_text(encoding="utf-8"))
    try:
        network = build(content["network"], content["in_channels"])
        ClipShape(**content["shape"])
        Modality(content["modality"])
        Preparation.from_dict(content["preparation"])
    except (KeyError, TypeError, ValueError) as error:
        raise FsamtError(
            f"The model.json in {found.folder} is damaged, or of another program.", EXPECTED
        ) from error
    restore(network, load_weights(found.folder / "weights.safetensors"))


def _enter(library: Library, found: _Found) -> ModelRecord:
    """Copy a model's files, then enter it."""
    if known := find_model(library, found.record.key):
        return known
    target = library.absolute(found.record.path)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with environment_errors(library.root):
        try:
            beside.mkdir()
            for name in NEEDED_FILES:
                shutil.copyfile(found.folder / name, beside / name)
            shutil.rmtree(target, ignore_errors=True)
            beside.rename(target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    save_snapshot(library, found.seen)
    _carry_names(library, found)
    return add_model(library, found.record)


def _carry_names(library: Library, found: _Found) -> None:
    root = found.folder.parent.parent
    if (root / DATABASE).is_file():
        seen = (*found.seen.train, *found.seen.validation)
        people, takes = {item.participant for item in seen}, {item.take_id for item in seen}
        with Library.open(root) as other:
            carry_names(other, library, people, takes)
