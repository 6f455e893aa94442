"""Runs: what was started with which settings, how far it is, and its curves."""

import json
import math
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.processes import is_alive, this_process
from fsamt_engine.library.records import Run, RunStatus

_COLUMNS = (
    "id, key, kind, status, settings, done, total, started_at_us, finished_at_us, message,"
    " model_id, owner"
)


def start_run(
    library: Library, kind: str, key: str, settings: Mapping[str, Any], total: int
) -> Run:
    """Starts a run, or goes on with the one of the same key where it stopped.

    Args:
        library: The library.
        kind: "transfer", "finetune", "import", ...
        key: The same work has the same key.
        settings: What JSON can hold.
        total: Units of work in all.

    Raises:
        FsamtError: Another program is at this very run.
    """

    def change(db: Database) -> Run:
        query = f"SELECT {_COLUMNS} FROM runs WHERE key = ?"
        row = db.conn.execute(query, [key]).fetchone()
        me = this_process()
        if row and row[3] == RunStatus.RUNNING and row[-1] != me and is_alive(row[-1]):
            raise FsamtError(
                f"This {kind} is running in another program.", "Wait until it is done, or stop it."
            )
        db.conn.execute(
            "INSERT INTO runs (key, kind, status, settings, done, total, started_at_us, message,"
            " owner) VALUES (?, ?, ?, ?, 0, ?, ?, '', ?) ON CONFLICT (key) DO UPDATE SET"
            " status = excluded.status, settings = excluded.settings, total = excluded.total,"
            " finished_at_us = NULL, message = '', owner = excluded.owner",
            [key, kind, str(RunStatus.RUNNING), json.dumps(dict(settings)), total, _now_us(), me],
        )
        return _run(db.conn.execute(query, [key]).fetchone())

    return library.write(change)


def update_run(library: Library, run_id: int, done: int, total: int, message: str = "") -> None:
    """Notes how far a run is."""

    def change(db: Database) -> None:
        db.conn.execute(
            "UPDATE runs SET done = ?, total = ?, message = ? WHERE id = ?",
            [done, total, message, run_id],
        )

    library.write(change)


def finish_run(
    library: Library,
    run_id: int,
    status: RunStatus,
    message: str = "",
    model_id: str | None = None,
) -> None:
    """Notes how a run ended, or that it pauses."""

    def change(db: Database) -> None:
        db.conn.execute(
            "UPDATE runs SET status = ?, message = ?, finished_at_us = ?,"
            " model_id = COALESCE(?, model_id) WHERE id = ?",
            [
                str(status),
                message,
                None if status in (RunStatus.RUNNING, RunStatus.PAUSED) else _now_us(),
                model_id,
                run_id,
            ],
        )

    library.write(change)


def record_metrics(library: Library, run_id: int, step: int, values: Mapping[str, float]) -> None:
    """Notes numbers of one step, over those of the same step and name from before a pause."""

    def change(db: Database) -> None:
        db.conn.executemany(
            "INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?)",
            [(run_id, name, step, float(value)) for name, value in values.items()],
        )

    library.write(change)


def metrics(library: Library, run_id: int) -> dict[str, list[tuple[int, float]]]:
    """The curves of a run: by name, (step, value) with ascending steps."""
    curves = defaultdict[str, list[tuple[int, float]]](list)
    for name, step, value in library.rows(
        "SELECT name, step, value FROM metrics WHERE run_id = ? ORDER BY name, step", [run_id]
    ):
        curves[name].append((step, math.nan if value is None else value))
    return dict(curves)


def list_runs(library: Library, status: RunStatus | None = None) -> list[Run]:
    """All runs (of one status), the newest first.

    A run whose process died while it was running is paused: the same command goes on with it.
    """
    runs = [_run(row) for row in library.rows(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC")]
    return [run for run in runs if status is None or run.status == status]


def find_run(library: Library, run_id: int) -> Run | None:
    """One run; None where it is no more."""
    rows = library.rows(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", [run_id])
    return next((_run(row) for row in rows), None)


def _run(row: tuple[Any, ...]) -> Run:
    *fields, owner = row
    named = dict(zip(_COLUMNS.split(", ")[:-1], fields, strict=True))
    status = RunStatus(named["status"])
    if status == RunStatus.RUNNING and not is_alive(owner):
        status = RunStatus.PAUSED
    return Run(**(named | {"status": status, "settings": json.loads(named["settings"])}))


def _now_us() -> int:
    return time.time_ns() // 1000
