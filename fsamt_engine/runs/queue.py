"""The runs of a library that wait, pause or go on: kept on disk, in order.

A run whose process died while it was running is paused: it goes on exactly where its last
checkpoint is.
"""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.processes import is_alive, this_process
from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import Request, from_json, to_json

_COLUMNS = "id, kind, content, status, position, added_at_us, message, result"


class QueueStatus(StrEnum):
    """Where a run of the queue is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self in (QueueStatus.FINISHED, QueueStatus.FAILED, QueueStatus.CANCELLED)


@dataclass(frozen=True)
class QueuedRun:
    """A request with its place in the queue.

    Attributes:
        position: Lower ones come first.
        message: Why it failed, or what became of it; "" where there is nothing to say.
        outcome: What it has made so far, None before its start.
        stage_run_id: The run in `library.runs` of the stage that it is in, or was in last: its
            curves are there.
    """

    id: int
    request: Request
    status: QueueStatus
    position: int
    added_at_us: int
    message: str = ""
    outcome: Outcome | None = None
    stage_run_id: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether something was done of it that would be lost."""
        return self.outcome is not None or self.stage_run_id is not None


def add(library: Library, request: Request) -> QueuedRun:
    """Puts a request at the end of the queue."""

    def change(db: Database) -> int:
        cursor = db.conn.execute(
            "INSERT INTO queue (kind, content, status, position, added_at_us) SELECT ?, ?, ?,"
            " COALESCE(MAX(position), 0) + 1, ? FROM queue",
            [request.kind, to_json(request), str(QueueStatus.WAITING), time.time_ns() // 1000],
        )
        return int(cursor.lastrowid or 0)

    return queued_run(library, library.write(change))


def queued(library: Library) -> list[QueuedRun]:
    """The runs that are not over, in their order."""
    return _read(library, "NOT IN", "ORDER BY position, id")


def ended(library: Library, limit: int = 20) -> list[QueuedRun]:
    """Runs that are over, the newest first."""
    return _read(library, "IN", f"ORDER BY id DESC LIMIT {limit:d}")


def queued_run(library: Library, run_id: int) -> QueuedRun:
    """One run, over or not.

    Raises:
        FsamtError: It is not there, or cannot be read.
    """
    rows = library.rows(f"SELECT {_COLUMNS} FROM queue WHERE id = ?", [run_id])
    if not rows:
        raise FsamtError("This run is no longer in the queue.", "Start it again.")
    return _run(rows[0])


def move(library: Library, run_id: int, place: int) -> None:
    """Gives a run another place among those that are not over; 0 is the first.

    Raises:
        FsamtError: It is over, or not there.
    """
    order = [run.id for run in queued(library)]
    if run_id not in order:
        raise FsamtError("This run no longer waits.", "Look at the queue again.")
    order.remove(run_id)
    order.insert(place, run_id)

    def change(db: Database) -> None:
        places = [(at, one) for at, one in enumerate(order, start=1)]
        db.conn.executemany("UPDATE queue SET position = ? WHERE id = ?", places)

    library.write(change)


def remove(library: Library, run_id: int) -> None:
    """Takes a run out of the queue; models that it has made stay.

    Raises:
        FsamtError: It is running.
    """
    if queued_run(library, run_id).status is QueueStatus.RUNNING:
        raise FsamtError("This run is under way.", "Pause or cancel it first.")

    def change(db: Database) -> None:
        db.conn.execute("DELETE FROM queue WHERE id = ?", [run_id])

    library.write(change)


def begin(library: Library, run_id: int) -> QueuedRun:
    """Claims a run for this process.

    Raises:
        FsamtError: It is running in another program, or has finished already.
    """

    def change(db: Database) -> None:
        query = f"SELECT {_COLUMNS} FROM queue WHERE id = ?"
        row = db.conn.execute(query, [run_id]).fetchone()
        if row is None:
            raise FsamtError("This run is no longer in the queue.", "Start it again.")
        found = _run(row)
        if found.status is QueueStatus.RUNNING and _content(row)["owner"] != this_process():
            raise FsamtError(
                "This run is under way in another program.", "Wait until it is done, or stop it."
            )
        if found.status is QueueStatus.FINISHED:
            raise FsamtError("This run has finished already.", "Ask for it anew.")
        _update(db, run_id, QueueStatus.RUNNING, "", {"owner": this_process()})

    library.write(change)
    return queued_run(library, run_id)


def mark(library: Library, run_id: int, status: QueueStatus, message: str = "") -> None:
    """Notes how a run stands."""
    library.write(lambda db: _update(db, run_id, status, message, {}))


def note_outcome(library: Library, run_id: int, outcome: Outcome) -> None:
    """Notes what a run has made so far."""
    library.write(lambda db: _update(db, run_id, None, None, {"outcome": outcome.to_dict()}))


def note_stage_run(library: Library, run_id: int, stage_run_id: int) -> None:
    """Notes where the curves of the present stage are."""
    library.write(lambda db: _update(db, run_id, None, None, {"stage_run_id": stage_run_id}))


def _update(
    db: Database,
    run_id: int,
    status: QueueStatus | None,
    message: str | None,
    content: Mapping[str, Any],
) -> None:
    row = db.conn.execute("SELECT result FROM queue WHERE id = ?", [run_id]).fetchone()
    if row is None:
        return
    known = json.loads(row[0]) if row[0] else {}
    db.conn.execute(
        "UPDATE queue SET status = COALESCE(?, status), message = COALESCE(?, message), result = ?"
        " WHERE id = ?",
        [status and str(status), message, json.dumps(known | dict(content)), run_id],
    )


def _read(library: Library, is_over: str, order: str) -> list[QueuedRun]:
    """Runs that are over ("IN"), or that are not ("NOT IN"): a request may name 100,000 takes."""
    over = [str(status) for status in QueueStatus if status.is_over]
    condition = f"status {is_over} ({', '.join('?' * len(over))})"
    runs = []
    for row in library.rows(f"SELECT {_COLUMNS} FROM queue WHERE {condition} {order}", over):
        # What a newer program put there waits for that program, and hides nothing else.
        with suppress(FsamtError):
            runs.append(_run(row))
    return runs


def _content(row: tuple[Any, ...]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(row[7]) if row[7] else {}
    return content


def _run(row: tuple[Any, ...]) -> QueuedRun:
    run_id, kind, text, status_text, position, added_at_us, message, _ = row
    content = _content(row)
    status = QueueStatus(status_text)
    if status is QueueStatus.RUNNING and not is_alive(content.get("owner", "")):
        status = QueueStatus.PAUSED
    outcome = content.get("outcome")
    return QueuedRun(
        id=run_id,
        request=from_json(kind, text),
        status=status,
        position=position,
        added_at_us=added_at_us,
        message=message,
        outcome=Outcome.from_dict(outcome) if outcome else None,
        stage_run_id=content.get("stage_run_id"),
    )
