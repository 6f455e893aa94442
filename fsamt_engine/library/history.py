"""What people change, step by step: each is on the disk at once, and can be undone and redone.

A step is one transaction and one row of the table `history`, which remembers every row that it
changed, as it was before and after. Undoing puts back what was before, but only where everything is
as the step left it; so a library that was changed in other ways (an import, another program, an
emptied bin) is never made a mixture of two states. The history is the library's: it survives a
restart of the program, and every program that opens the library undoes the same steps.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.binning import put_away
from fsamt_engine.library.library import Library
from fsamt_engine.library.steps import BIN, RESTORE, Edit, Entry, NoLongerFitsError, turn

__all__ = [
    "Change",
    "Edit",
    "edit",
    "forget_takes",
    "history",
    "redo",
    "redoable",
    "undo",
    "undoable",
]

T = TypeVar("T")

N_KEPT = 1000
"""Older steps are forgotten."""

_STEPS = "SELECT id, words, at_us, is_undone, take_ids FROM history WHERE {}"


@dataclass(frozen=True)
class Change:
    """A step of the history.

    Attributes:
        words: What was done, to follow "Undo: ", as in "label wave on 3 takes".
        at_us: When, in microseconds since 1970 UTC.
        take_ids: The takes that it touches, sorted.
    """

    id: int
    words: str
    at_us: int
    is_undone: bool
    take_ids: tuple[str, ...]


_present = threading.local()
"""`edit` in a writing thread: the step that is on its way there."""


def edit(
    library: Library, words: str, change: Callable[[Edit], T], take_ids: Sequence[str] = ()
) -> T:
    """Makes a change as one step that can be undone. What could be redone is forgotten.

    Called from within a `change`, it becomes part of that step.

    Args:
        library: The library.
        words: What is done, to follow "Undo: ", as in "label wave on 3 takes".
        change: Called in the writing thread, within a transaction; when it raises, nothing was
            changed. Where it changes nothing, there is no step.
        take_ids: Takes that it touches besides those whose rows it changes.

    Raises:
        FsamtError: The library cannot be written to.
        Exception: Whatever `change` raises.
    """

    def step(db: Database) -> tuple[T, list[Entry]]:
        outer: Edit | None = getattr(_present, "edit", None)
        if outer is not None:
            outer.take_ids.update(take_ids)
            return change(outer), []
        present = _present.edit = Edit(library, db)
        try:
            result = change(present)
        finally:
            _present.edit = None
        if present.entries:
            _enter(db, words, present.entries, {*take_ids, *present.take_ids})
        return result, present.entries

    result, entries = library.write(step)
    _put_away(library, entries, BIN)
    return result


def undo(library: Library) -> Change | None:
    """Takes back the last step that is not undone.

    Returns:
        The step; None where there is none.

    Raises:
        FsamtError: What it changed is not as it left it. Nothing was changed but that the step is
            off the history.
    """
    return _turn(library, back=True)


def redo(library: Library) -> Change | None:
    """Does again the step that was undone last.

    Returns:
        The step; None where there is none.

    Raises:
        FsamtError: As `undo`; the steps that were to be redone after it are off the history too.
    """
    return _turn(library, back=False)


def undoable(library: Library) -> Change | None:
    """The step that `undo` would take back."""
    return _first(library.rows(_STEPS.format("NOT is_undone ORDER BY id DESC LIMIT 1")))


def redoable(library: Library) -> Change | None:
    """The step that `redo` would do again."""
    return _first(library.rows(_STEPS.format("is_undone ORDER BY id LIMIT 1")))


def history(library: Library, limit: int = 100) -> list[Change]:
    """The last steps, the newest first, those that were undone among them."""
    rows = library.rows(_STEPS.format("TRUE ORDER BY id DESC LIMIT ?"), [limit])
    return [_change(row) for row in rows]


def forget_takes(db: Database, take_ids: Sequence[str]) -> None:
    """Forgets, within a transaction, the steps that touch takes which are gone for good."""
    db.conn.execute(
        "DELETE FROM history WHERE EXISTS (SELECT 1 FROM json_each(take_ids)"
        " WHERE value IN (SELECT value FROM json_each(?)))",
        [json.dumps(list(take_ids))],
    )


def _enter(db: Database, words: str, entries: list[Entry], take_ids: set[str]) -> None:
    db.conn.execute("DELETE FROM history WHERE is_undone")
    cursor = db.conn.execute(
        "INSERT INTO history (words, at_us, content, take_ids) VALUES (?, ?, ?, ?)",
        [words, time.time_ns() // 1000, json.dumps(entries), json.dumps(sorted(take_ids))],
    )
    db.conn.execute("DELETE FROM history WHERE id <= ?", [int(cursor.lastrowid or 0) - N_KEPT])


def _turn(library: Library, *, back: bool) -> Change | None:
    def step(db: Database) -> tuple[Change, list[Entry], NoLongerFitsError | None] | None:
        change = undoable(library) if back else redoable(library)
        if change is None:
            return None
        (content,) = db.conn.execute(
            "SELECT content FROM history WHERE id = ?", [change.id]
        ).fetchone()
        entries = json.loads(content)
        db.conn.execute("SAVEPOINT turn")
        try:
            turn(library, db, entries, back=back)
        except NoLongerFitsError as error:
            db.conn.execute("ROLLBACK TO turn")
            later = "=" if back else ">="
            db.conn.execute(f"DELETE FROM history WHERE id {later} ?", [change.id])
            return change, [], error
        db.conn.execute("UPDATE history SET is_undone = ? WHERE id = ?", [back, change.id])
        return replace(change, is_undone=back), entries, None

    turned = library.write(step)
    if turned is None:
        return None
    change, entries, misfit = turned
    if misfit is not None:
        reason = str(misfit) or "What it changed is not as it left it."
        raise FsamtError(
            f'"{change.words}" can no longer be {"undone" if back else "done again"}. {reason}',
            "Nothing was changed. The step was taken off the list; the one before it is next.",
        ) from misfit
    _put_away(library, entries, RESTORE if back else BIN)
    return change


def _put_away(library: Library, entries: list[Entry], kind: str) -> None:
    thrown_away = [entry[1] for entry in entries if entry[0] == kind]
    if thrown_away:
        put_away(library, thrown_away)


def _first(rows: list[tuple[Any, ...]]) -> Change | None:
    return _change(rows[0]) if rows else None


def _change(row: tuple[Any, ...]) -> Change:
    step_id, words, at_us, is_undone, take_ids = row
    return Change(step_id, words, at_us, bool(is_undone), tuple(json.loads(take_ids)))
