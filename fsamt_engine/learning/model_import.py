"""Models of other libraries come in: their weights, and the list of what they were trained on.

Only folders and bundles that this program wrote are read here; `published_import` reads the weights
of published networks.
"""

import json
import math
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.bundles import unpack_bundle
from fsamt_engine.learning.store import FORMAT, network_of
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.library import DATABASE
from fsamt_engine.library.models import NEEDED_FILES, add_model, find_model, list_models, model
from fsamt_engine.library.names import is_name
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
    "Choose the folder of a model, with model.json and weights.safetensors, the library that it is"
    " in, a bundle (.zip), or the weights of a published network (.pth)."
)
_ID = re.compile(r"(teacher|student|recogniser|detector)-[0-9a-f]{8}")
_MOST_CHANNELS, _MOST_FRAMES, _LARGEST_SIZE, _LONGEST_NAME = 3, 1024, 1024, 200
_MOST_PIXELS = 1 << 27
"""Of the frames that a clip spans; live, they are kept in memory."""

_LATEST_US = 4_102_444_800_000_000
"""The year 2100; later moments, and some before 1970, cannot be shown as a date."""


@dataclass(frozen=True)
class _Found:
    """A model on its way in.

    Attributes:
        record: As it will be entered.
        seen: What it was trained on.
        folder: Where its files are now.
        before: What those saw that it was made from, where they do not come along; the nearest
            first.
    """

    record: ModelRecord
    seen: Snapshot
    folder: Path
    before: tuple[Snapshot, ...] = ()


def import_model(
    library: Library, source: Path, name: str | None = None
) -> tuple[ModelRecord, ...]:
    """Bring a model of another library in, with all that it was made from.

    Its snapshot comes along, so a test on somebody whom it has seen is refused here as well; from
    a library, with every name that they had there. Participants go by their names: somebody else of
    the same name is refused too. What was exported comes without the models that it was made from,
    but with the list of whom they have seen.

    Args:
        library: Where it goes.
        source: A model's folder, a library, or a bundle.
        name: Id or name of the model; by default, of a library, all its teachers.

    Returns:
        The models asked for, as they are in the library now; one that was there already stays.

    Raises:
        FsamtError: There is no model, it is broken or newer than the program, or what it was made
            from is missing; nothing was brought in.
    """
    with _unpacked(library, source) as place:
        lines = [_line(folder) for folder in _folders(place, name)]
        for line in lines:
            for found in line:
                _check(found)
                _refuse_other(library, found)
        return tuple([_enter(library, found) for found in reversed(line)][-1] for line in lines)


@contextmanager
def _unpacked(library: Library, source: Path) -> Iterator[Path]:
    """The source itself, or where the model of a bundle lies for the time being."""
    if source.suffix.lower() != ".zip" or source.is_dir():
        yield source
        return
    with environment_errors(library.root):
        library.cache_folder.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="bundle-", dir=library.cache_folder))
    folder = place / source.name  # What is wrong with it is said of this name.
    try:
        with environment_errors(library.root):
            folder.mkdir()
        unpack_bundle(source, folder)
        yield folder
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _folders(source: Path, name: str | None) -> list[Path]:
    if (source / DATABASE).is_file():
        with Library.open(source) as other:
            found = [model(other, name)] if name else list_models(other, ModelKind.TEACHER)
            folders = [other.absolute(record.path) for record in found]
        if not folders:
            raise FsamtError(f"The library {source} has no teachers.", "Choose another one.")
        return folders
    folder = source.parent if source.name in NEEDED_FILES else source
    if not source.exists():
        raise FsamtError(f"There is nothing at {source}.", EXPECTED)
    if not (folder / "model.json").is_file():
        raise FsamtError(f"{source} is no model of this program.", EXPECTED)
    return [folder]


def _line(folder: Path) -> list[_Found]:
    """The model in a folder, and what it was made from, which lies beside it."""
    line = [_read(folder)]
    while (parent := line[-1].record.parent_id) and not line[-1].before:
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
        before = tuple(snapshot_from_dict(one["snapshot"]) for one in content.get("made_from", ()))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise _damaged(folder) from error
    return _Found(record, seen, folder, before)


def _record(content: dict[str, Any]) -> ModelRecord:
    parent_id = content["parent_id"]
    return ModelRecord(
        id=content["id"],
        key=str(content["key"]),
        kind=ModelKind(content["kind"]),
        name=_name(content["name"]),
        network=str(content["network"]),
        modality=str(content["modality"]),
        embedding_dim=int(content["embedding_dim"]),
        actions=tuple(_name(action) for action in content["actions"]),
        path=f"models/{content['id']}",
        method=_name(content["method"]),
        created_at_us=_moment(content["created_at_us"]),
        settings=dict(content["settings"]),
        metrics={
            str(name): math.nan if value is None else _finite(value)
            for name, value in content["metrics"].items()
        },
        snapshot_id=str(content["snapshot_id"]),
        parent_id=None if parent_id is None else str(parent_id),
    )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no measurement")
    return number


def _moment(at_us: Any) -> int:
    if not 0 <= at_us < _LATEST_US:
        raise ValueError("a moment is none")
    return int(at_us)


def _name(text: Any) -> str:
    if not isinstance(text, str) or not is_name(text) or len(text) > _LONGEST_NAME:
        raise ValueError("a name is none")
    return text


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
        if not 1 <= content["in_channels"] <= _MOST_CHANNELS:
            raise ValueError("so many channels has no clip")
        network = network_of(content, build)
        shape = ClipShape(**content["shape"])
        if not (
            1 <= shape.n_frames <= _MOST_FRAMES
            and 1 <= shape.step <= _MOST_FRAMES
            and 8 <= shape.size <= _LARGEST_SIZE
            and shape.span * shape.size**2 <= _MOST_PIXELS
        ):
            raise ValueError("so large is no clip")
        Modality(content["modality"])
        if Preparation.from_dict(content["preparation"]).depth.size != shape.size:
            raise ValueError("what is prepared does not fit the clip")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(found.folder) from error
    weights = load_weights(found.folder / "weights.safetensors")
    if found.record.kind is ModelKind.DETECTOR:
        # Its head is checked when it is loaded: heads are of a floor above this one.
        restore(network, _backbone(weights))
        if network.embedding_dim != found.record.embedding_dim or not found.record.actions:
            raise _damaged(found.folder)
        return
    restore(network, weights)
    n_answers = network.classifier.out_features if network.classifier else 0
    wanted = (len(found.record.actions), found.record.embedding_dim)
    if (n_answers, network.embedding_dim) != wanted:
        raise _damaged(found.folder)


def _backbone(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of a detector's weights those of its network."""
    of_network = "backbone."
    return {
        name.removeprefix(of_network): value
        for name, value in weights.items()
        if name.startswith(of_network)
    }


def _refuse_other(library: Library, found: _Found) -> None:
    """Refuse a model that would take the place of another one of the same id."""
    if find_model(library, found.record.key) is None and any(
        one.id == found.record.id for one in list_models(library)
    ):
        raise FsamtError(
            f"This library has another model of the id {found.record.id}.",
            "Import it into another library.",
        )


def _damaged(folder: Path) -> FsamtError:
    return FsamtError(f"The model.json in {folder} is damaged, or of another program.", EXPECTED)


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
    for seen in (found.seen, *found.before):
        save_snapshot(library, seen)
    _carry_names(library, found)
    record = found.record
    if found.before and all(one.id != record.parent_id for one in list_models(library)):
        record = replace(record, parent_id=None)
    return add_model(library, record)


def _carry_names(library: Library, found: _Found) -> None:
    root = found.folder.parent.parent
    if (root / DATABASE).is_file():
        seen = (*found.seen.train, *found.seen.validation)
        people, takes = {item.participant for item in seen}, {item.take_id for item in seen}
        with Library.open(root) as other:
            carry_names(other, library, people, takes)
