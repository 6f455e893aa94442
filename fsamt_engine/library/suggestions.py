"""Intervals that are proposed for labelling; none is a label until a person accepts it."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.labels import label_interval
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Segment


@dataclass(frozen=True)
class Suggestion:
    """An interval of a take that would be worth a label, in depth frames, `end` not included.

    Attributes:
        id: 0 until it is saved.
        action: What a recogniser guesses; None where nothing does.
        score: How much a label of it is worth, in 0..1.
        reason: One sentence.
        cluster: Suggestions of one cluster look alike; None for one that a person put there.
        model_id: What it was made with.
    """

    id: int
    take_id: str
    participant: str
    start: int
    end: int
    action: str | None
    score: float
    reason: str
    cluster: int | None
    model_id: str


_FOUND = (
    'SELECT suggestions.id, take_id, participant, "start", "end", action, score, reason, cluster,'
    " model_id FROM suggestions JOIN takes ON takes.id = take_id"
)

_OPEN = (
    "NOT EXISTS (SELECT 1 FROM segments WHERE segments.take_id = suggestions.take_id"
    ' AND segments."start" <= (suggestions."start" + suggestions."end") / 2'
    ' AND segments."end" > (suggestions."start" + suggestions."end") / 2)'
)


def save_suggestions(library: Library, suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Puts suggestions in the place of all that there were; those of removed takes are left out.

    Not a step that can be undone: suggestions are made by a model, and made again by it.

    Returns:
        They as they are in the library now, in the order given.
    """
    made_at_us = time.time_ns() // 1000

    def change(db: Database) -> tuple[Suggestion, ...]:
        db.conn.execute("DELETE FROM suggestions")
        for one in suggestions:
            _insert(db, one, made_at_us)
        return _read(db.conn.execute(f"{_FOUND} ORDER BY suggestions.id").fetchall())

    return library.write(change)


def add_suggestion(library: Library, suggestion: Suggestion) -> Suggestion:
    """Puts a suggestion behind those that there are.

    Not a step that can be undone: it can be dismissed.

    Returns:
        It as it is in the library now.

    Raises:
        FsamtError: Its take is not there.
    """
    made_at_us = time.time_ns() // 1000

    def change(db: Database) -> tuple[Suggestion, ...]:
        suggestion_id = _insert(db, suggestion, made_at_us)
        found = db.conn.execute(f"{_FOUND} WHERE suggestions.id = ?", [suggestion_id])
        return _read(found.fetchall() if suggestion_id else ())

    added = library.write(change)
    if not added:
        raise FsamtError(
            f"There is no take {suggestion.take_id}.", "It may have been removed meanwhile."
        )
    return added[0]


def list_suggestions(library: Library, take_id: str | None = None) -> tuple[Suggestion, ...]:
    """Open suggestions (of a take), in the order in which they are best looked at.

    One whose middle has got a label meanwhile is not open, and is again once that is undone.
    """
    return _read(
        library.rows(
            f"{_FOUND} WHERE (:take IS NULL OR take_id = :take) AND {_OPEN}"
            " ORDER BY suggestions.id",
            {"take": take_id},
        )
    )


def accept(
    library: Library, suggestion_ids: Sequence[int], action: str | None = None
) -> tuple[Segment, ...]:
    """Makes labels of suggestions, as one step.

    Each interval is labelled as by `label_interval`; the suggestion is gone afterwards.

    Args:
        library: The library.
        suggestion_ids: Which ones.
        action: What they are; by default, what each was guessed to be.

    Raises:
        FsamtError: A suggestion or its action is not there, or it has no guess and no action is
            given; nothing was labelled.
    """

    def change(step: Edit) -> tuple[Segment, ...]:
        chosen = _chosen(step.db, suggestion_ids)
        segments = []
        for one in chosen:
            name = action or one.action
            if name is None:
                raise FsamtError(
                    "Nothing is guessed for this suggestion, so it needs an action.",
                    "Press the key of an action instead.",
                )
            step.delete("suggestions", one.id)
            segments.append(label_interval(library, one.take_id, name, one.start, one.end))
        return tuple(segments)

    n = len(set(suggestion_ids))
    named = f"label {action} on" if action else "accept"
    return edit(library, f"{named} {'a suggestion' if n == 1 else f'{n} suggestions'}", change)


def dismiss(library: Library, suggestion_ids: Sequence[int]) -> None:
    """Takes suggestions away, as one step.

    Raises:
        FsamtError: One of them is not there; none was taken away.
    """

    def change(step: Edit) -> None:
        for one in _chosen(step.db, suggestion_ids):
            step.delete("suggestions", one.id)

    n = len(set(suggestion_ids))
    edit(library, f"dismiss {'a suggestion' if n == 1 else f'{n} suggestions'}", change)


def _insert(db: Database, one: Suggestion, made_at_us: int) -> int | None:
    """Its id; None where its take is not there."""
    entered = db.conn.execute(
        'INSERT INTO suggestions (take_id, "start", "end", action, score, reason, cluster,'
        " model_id, made_at_us) SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM takes WHERE id = ?",
        [
            one.start,
            one.end,
            one.action,
            one.score,
            one.reason,
            one.cluster,
            one.model_id,
            made_at_us,
            one.take_id,
        ],
    )
    return entered.lastrowid if entered.rowcount else None


def _chosen(db: Database, suggestion_ids: Sequence[int]) -> tuple[Suggestion, ...]:
    wanted = set(suggestion_ids)
    found = _read(
        db.conn.execute(
            f"{_FOUND} WHERE suggestions.id IN (SELECT value FROM json_each(?))"
            " ORDER BY suggestions.id",
            [json.dumps(sorted(wanted))],
        ).fetchall()
    )
    if len(found) < len(wanted):
        raise FsamtError(
            "A suggestion is not there any more.", "Newer ones may have taken its place."
        )
    return found


def _read(rows: Iterable[tuple[Any, ...]]) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(*row) for row in rows)
