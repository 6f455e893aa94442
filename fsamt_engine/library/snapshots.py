"""Frozen lists of what models are trained and tested on."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Snapshot, SnapshotItem

_PARTS = ("train", "validation", "test")
_N_CHARACTERS = 16


def make_snapshot(
    description: str,
    actions: Sequence[str],
    train: Sequence[SnapshotItem],
    validation: Sequence[SnapshotItem] = (),
    test: Sequence[SnapshotItem] = (),
    protocol: str = "",
) -> Snapshot:
    """A snapshot whose id is the hash of its lists; the description is not part of it."""
    unnamed = Snapshot(
        "", description, tuple(actions), tuple(train), tuple(validation), tuple(test), protocol
    )
    return replace(unnamed, id=content_id(_content(unnamed)))


def save_snapshot(library: Library, snapshot: Snapshot) -> None:
    """Keeps a snapshot; one that is there already stays as it is.

    Raises:
        FsamtError: Its id is not that of its content.
    """
    content = _content(snapshot)
    if content_id(content) != snapshot.id:
        raise FsamtError(
            f"The snapshot {snapshot.id} was changed after it was made.", "Make a new one."
        )

    def change(db: Database) -> None:
        db.conn.execute(
            "INSERT OR IGNORE INTO snapshots VALUES (?, ?, ?, ?)",
            [snapshot.id, snapshot.description, time.time_ns() // 1000, content],
        )

    library.write(change)


def snapshot(library: Library, snapshot_id: str) -> Snapshot:
    """A kept snapshot.

    Raises:
        FsamtError: There is none with this id.
    """
    found = library.rows("SELECT description, content FROM snapshots WHERE id = ?", [snapshot_id])
    if not found:
        raise FsamtError(
            f"There is no snapshot {snapshot_id} in this library.",
            "Choose a model or result of this library.",
        )
    description, text = found[0]
    content = json.loads(text)
    return Snapshot(snapshot_id, description, **_lists(content))


def snapshot_to_dict(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as JSON holds it, for files that leave the library."""
    lists: dict[str, Any] = json.loads(_content(snapshot))
    return {"description": snapshot.description} | lists


def snapshot_from_dict(content: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `snapshot_to_dict` wrote; its id is that of what it holds now.

    Raises:
        KeyError, TypeError: It is something else.
    """
    return make_snapshot(str(content["description"]), **_lists(content))


def content_id(content: str) -> str:
    """The id of a snapshot with this content, as it is stored."""
    return hashlib.sha256(content.encode()).hexdigest()[:_N_CHARACTERS]


def _lists(content: Mapping[str, Any]) -> dict[str, Any]:
    """What `_content` wrote, as the fields of a snapshot."""
    parts = {part: tuple(SnapshotItem(*item) for item in content[part]) for part in _PARTS}
    protocol = str(content.get("protocol", ""))
    return {"actions": tuple(content["actions"]), **parts, "protocol": protocol}


def _content(snapshot: Snapshot) -> str:
    parts = {part: [astuple(item) for item in getattr(snapshot, part)] for part in _PARTS}
    # Without a protocol, ids are what they were before there were any.
    protocol = {"protocol": snapshot.protocol} if snapshot.protocol else {}
    return json.dumps({"actions": snapshot.actions} | parts | protocol, separators=(",", ":"))
