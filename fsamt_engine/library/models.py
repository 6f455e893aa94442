"""Trained networks of a library, and what made them."""

import json
import math
import shutil
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import ModelKind, ModelRecord

NEEDED_FILES = ("weights.safetensors", "model.json")
"""What a model's folder must hold."""

_COLUMNS = (
    "id, key, kind, name, network, modality, embedding_dim, actions, path, method, created_at_us,"
    " settings, metrics, snapshot_id, parent_id"
)


def add_model(library: Library, record: ModelRecord) -> ModelRecord:
    """Enters a model whose folder is complete; its files must not change afterwards.

    Returns:
        The entered record; where a model of the same key is there already, that one.

    Raises:
        FsamtError: A needed file is missing, or the disk is full.
    """
    folder = library.absolute(record.path)
    files = []
    with environment_errors(library.root):
        for name in NEEDED_FILES:
            if not (folder / name).is_file():
                raise FsamtError(
                    f"The model {record.name} cannot be added: {record.path}/{name} is missing.",
                    "Train it again.",
                )
            n_bytes, sha256 = sha256_of(folder / name, sync=True)
            files.append({"path": name, "n_bytes": n_bytes, "sha256": sha256})

    def change(db: Database) -> ModelRecord:
        present = _by_key(db.conn.execute(*_key_query(record.key)).fetchall())
        if present is not None:
            return present
        db.table("models").insert(
            {
                "id": record.id,
                "key": record.key,
                "kind": str(record.kind),
                "name": record.name,
                "network": record.network,
                "modality": record.modality,
                "embedding_dim": record.embedding_dim,
                "actions": json.dumps(record.actions),
                "path": record.path,
                "method": record.method,
                "created_at_us": record.created_at_us,
                "settings": json.dumps(dict(record.settings)),
                "metrics": _metrics_to_json(record.metrics),
                "snapshot_id": record.snapshot_id,
                "parent_id": record.parent_id,
            }
        )
        db.table("model_files").insert_all({"model_id": record.id, **file} for file in files)
        return record

    return library.write(change)


def find_model(library: Library, key: str) -> ModelRecord | None:
    """The model that these settings, data and seed made before, if any."""
    return _by_key(library.rows(*_key_query(key)))


def model(library: Library, name: str) -> ModelRecord:
    """A model by its id, by its name, or by the beginning of its id.

    Raises:
        FsamtError: None, or more than one, is meant.
    """
    for condition in ("id = :name", "name = :name", "substr(id, 1, length(:name)) = :name"):
        sql = f"SELECT {_COLUMNS} FROM models WHERE {condition}"
        found = library.rows(sql, {"name": name}) if name else []
        if len(found) == 1:
            return _record(found[0])
        if found:
            break
    models = [_record(row) for row in found] or list_models(library)
    listed = ", ".join(f"{m.id} ({m.name})" for m in models[:8])
    more = f" and {len(models) - 8} more" if len(models) > 8 else ""
    raise FsamtError(
        f"More than one model is called {name}." if found else f"There is no model {name}.",
        f"Choose one of: {listed}{more}." if models else "This library has no models yet.",
    )


def list_models(library: Library, kind: ModelKind | None = None) -> list[ModelRecord]:
    """All models (of one kind), the newest first."""
    rows = library.rows(
        f"SELECT {_COLUMNS} FROM models WHERE :kind IS NULL OR kind = :kind"
        " ORDER BY created_at_us DESC, id",
        {"kind": kind and str(kind)},
    )
    return [_record(row) for row in rows]


def set_metrics(library: Library, model_id: str, metrics: Mapping[str, float]) -> None:
    """Adds results to a model, over older ones of the same name.

    Raises:
        FsamtError: There is no such model.
    """

    def change(db: Database) -> None:
        found = db.conn.execute("SELECT metrics FROM models WHERE id = ?", [model_id]).fetchone()
        if found is None:
            raise FsamtError(
                f"There is no model {model_id}.", "It may have been removed meanwhile."
            )
        merged = _metrics_from_json(found[0]) | dict(metrics)
        db.conn.execute(
            "UPDATE models SET metrics = ? WHERE id = ?", [_metrics_to_json(merged), model_id]
        )

    library.write(change)


def set_model_name(library: Library, model_id: str, name: str) -> None:
    """Gives a model another name; its id, its files and what was made from it stay as they are.

    Raises:
        FsamtError: There is no such model, or the name is empty.
    """
    clean = " ".join(name.split())
    if not clean:
        raise FsamtError("A model needs a name.", "Type one.")

    def change(db: Database) -> None:
        cursor = db.conn.execute("UPDATE models SET name = ? WHERE id = ?", [clean, model_id])
        if cursor.rowcount == 0:
            raise FsamtError(
                f"There is no model {model_id}.", "It may have been removed meanwhile."
            )

    library.write(change)


def remove_model(library: Library, model_id: str) -> None:
    """Removes a model and its files. Models made from it stay.

    Raises:
        FsamtError: There is no such model, or its folder may not be written to.
    """
    folder = library.absolute(model(library, model_id).path)

    def change(db: Database) -> None:
        db.conn.execute("DELETE FROM models WHERE id = ?", [model_id])

    library.write(change)
    with environment_errors(folder):
        if folder.is_dir():
            shutil.rmtree(folder)


def _key_query(key: str) -> tuple[str, list[str]]:
    return f"SELECT {_COLUMNS} FROM models WHERE key = ?", [key]


def _by_key(rows: list[tuple[Any, ...]]) -> ModelRecord | None:
    return _record(rows[0]) if rows else None


def _record(row: tuple[Any, ...]) -> ModelRecord:
    fields = dict(zip(_COLUMNS.split(", "), row, strict=True))
    fields |= {
        "kind": ModelKind(fields["kind"]),
        "actions": tuple(json.loads(fields["actions"])),
        "settings": json.loads(fields["settings"]),
        "metrics": _metrics_from_json(fields["metrics"]),
    }
    return ModelRecord(**fields)


def _metrics_to_json(metrics: Mapping[str, float]) -> str:
    # "Not a number" is no JSON; it is stored as null.
    return json.dumps({n: None if math.isnan(v) else float(v) for n, v in metrics.items()})


def _metrics_from_json(text: str) -> dict[str, float]:
    return {n: math.nan if v is None else v for n, v in json.loads(text).items()}
