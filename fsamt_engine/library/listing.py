"""Lists, filters and counts of takes, quick for any number of them.

Every order has an index that holds all that a filter asks (see `schema`), and is walked whole; only
the takes that are shown are then read. So the time does not hang on which filter, order and page
are asked for. The indexes are named, since SQLite would guess others.
"""

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.library.library import Library
from fsamt_engine.library.records import COMPOSED, QualityLevel, StreamKind, TakeFilter, TakeRow


class TakeOrder(StrEnum):
    """What a list of takes is sorted by; takes that are equal in it go by session and number."""

    SESSION = "session"
    PARTICIPANT = "participant"
    STARTED = "started"
    DURATION = "duration"
    PAIRS = "pairs"
    LEVEL = "level"
    """The worst first; takes that were never assessed before all."""


_ORDER = {
    TakeOrder.SESSION: "session {0}, number {0}",
    TakeOrder.PARTICIPANT: "participant {0}, session {0}, number {0}",
    TakeOrder.STARTED: "started_at_us {0}, session {0}, number {0}",
    TakeOrder.DURATION: "duration_us {0}, session {0}, number {0}",
    TakeOrder.PAIRS: "n_pairs {0}, session {0}, number {0}",
    TakeOrder.LEVEL: "level {0}, session {0}, number {0}",
}

_ROW = (
    "takes.id, session, participant, number, started_at_us, duration_us, has_colour, n_pairs,"
    f" actions, level, title, tags, source = '{COMPOSED}'"
)
_ALL = TakeFilter()


def list_takes(
    library: Library,
    filter: TakeFilter = _ALL,
    offset: int = 0,
    limit: int | None = None,
    *,
    order: TakeOrder = TakeOrder.SESSION,
    descending: bool = False,
) -> list[TakeRow]:
    """The takes that pass a filter, in a stable order, `limit` of them from number `offset` on."""
    condition, parameters = _condition(library, filter)
    by = _ORDER[order].format("DESC" if descending else "ASC")
    walk = (
        f"FROM takes INDEXED BY takes_by_{order} WHERE {condition} ORDER BY {by} LIMIT ? OFFSET ?"
    )
    # The index has all that a page before this one needs to be counted; the takes themselves are
    # read for this page only. All takes at once are quicker to read on the way.
    source = (
        walk if limit is None else f"FROM takes WHERE rowid IN (SELECT rowid {walk}) ORDER BY {by}"
    )
    rows = library.rows(
        f"SELECT {_ROW} {source}", [*parameters, -1 if limit is None else limit, offset]
    )
    return _take_rows(library, rows)


def take_index(
    library: Library,
    filter: TakeFilter = _ALL,
    *,
    order: TakeOrder = TakeOrder.SESSION,
    descending: bool = False,
) -> NDArray[np.int64]:
    """What stands for the takes that pass a filter, in a stable order, so that `takes_at` is quick.

    Returns:
        (n,) int64, unique; good until takes are added or thrown away.
    """
    condition, parameters = _condition(library, filter)
    by = _ORDER[order].format("DESC" if descending else "ASC")
    # One text of all is three times as quick as a row each.
    ((text,),) = library.rows(
        "SELECT group_concat(rowid) FROM (SELECT rowid FROM takes"
        f" INDEXED BY takes_by_{order} WHERE {condition} ORDER BY {by})",
        parameters,
    )
    return np.fromstring(text or "", np.int64, sep=",")


def takes_at(library: Library, keys: NDArray[np.int64]) -> list[TakeRow]:
    """The takes that some of the numbers of `take_index` stand for, in the order of these.

    Takes that were thrown away meanwhile are left out.
    """
    rows = library.rows(
        f"SELECT {_ROW} FROM json_each(?) CROSS JOIN takes ON takes.rowid = value"
        " ORDER BY json_each.key",
        [json.dumps(keys.tolist())],
    )
    return _take_rows(library, rows)


def row_of(library: Library, keys: NDArray[np.int64], take_id: str) -> int | None:
    """Where a take is in what `take_index` gave; None where it is not."""
    found = library.rows("SELECT rowid FROM takes WHERE id = ?", [take_id])
    places = np.flatnonzero(np.isin(keys, [key for (key,) in found]))
    return int(places[0]) if len(places) else None


def count_takes(library: Library, filter: TakeFilter = _ALL) -> int:
    """How many takes pass a filter."""
    condition, parameters = _condition(library, filter)
    index = "participant" if filter.participants and not filter.sessions else "session"
    sql = f"SELECT COUNT(*) FROM takes INDEXED BY takes_by_{index} WHERE {condition}"
    return int(library.rows(sql, parameters)[0][0])


def tag_names(library: Library, codes: str) -> tuple[str, ...]:
    """The tags that the characters of takes.tags stand for, sorted."""
    if not codes:
        return ()
    names = _names(library, "tags")
    return tuple(sorted(names[code] for code in codes))


def participants(library: Library) -> list[str]:
    """Names of all participants that have a take, sorted."""
    return list(participant_counts(library))


def sessions(library: Library) -> list[str]:
    """Names of all sessions that have a take, sorted."""
    return list(session_counts(library))


def participant_counts(library: Library) -> dict[str, int]:
    """Number of takes by participant, sorted by name."""
    return _counts(library, "participant")


def session_counts(library: Library) -> dict[str, int]:
    """Number of takes by session, sorted by name."""
    return _counts(library, "session")


def take_ids_with_pairs(library: Library, participants: Sequence[str] | None = None) -> list[str]:
    """Ids of the takes that can serve a transfer, sorted by id.

    Reads no labels: it works while `Library.labels_hidden`.

    Args:
        library: The library.
        participants: Only takes of these; None for all.
    """
    # One text of all is three times as quick as a row each; an id holds no comma.
    ((text,),) = library.rows(
        "SELECT group_concat(id) FROM (SELECT id FROM takes INDEXED BY takes_with_pairs"
        " WHERE n_pairs > 0 AND (:names IS NULL OR participant IN"
        " (SELECT value FROM json_each(:names))) ORDER BY id)",
        {"names": None if participants is None else json.dumps(list(participants))},
    )
    return text.split(",") if text else []


def has_two_sides(library: Library) -> bool:
    """Whether any take can serve a transfer: colour, and something else that a student sees."""
    return bool(
        library.rows(
            "SELECT 1 FROM takes INDEXED BY takes_with_pairs WHERE n_pairs > 0"
            " UNION ALL SELECT 1 FROM streams AS colour JOIN streams AS other USING (take_id)"
            " WHERE colour.kind = 'colour' AND other.kind IN ('infrared', 'skeleton')"
            " AND NOT EXISTS (SELECT 1 FROM streams AS depth"
            " WHERE depth.take_id = other.take_id AND depth.kind = 'depth') LIMIT 1"
        )
    )


def take_ids_with(
    library: Library, kinds: Sequence[StreamKind], participants: Sequence[str] | None = None
) -> list[str]:
    """Ids of the takes that have all of these streams, sorted by id.

    Where colour is asked for, a take that has depth too counts only with pairs: without them
    nothing says which frames are of one moment. Reads no labels: it works while
    `Library.labels_hidden`.

    Args:
        library: The library.
        kinds: The streams; the same one twice counts once.
        participants: Only takes of these; None for all.
    """
    wanted = set(kinds)
    if wanted == {StreamKind.DEPTH, StreamKind.COLOUR}:
        return take_ids_with_pairs(library, participants)
    ((text,),) = library.rows(
        "SELECT group_concat(id) FROM (SELECT id FROM takes"
        " WHERE (:names IS NULL OR participant IN (SELECT value FROM json_each(:names)))"
        " AND (:with_colour = 0 OR n_pairs > 0 OR NOT EXISTS"
        " (SELECT 1 FROM streams WHERE take_id = id AND kind = 'depth'))"
        " AND (SELECT COUNT(*) FROM streams WHERE take_id = id"
        " AND kind IN (SELECT value FROM json_each(:kinds))) = :n_kinds ORDER BY id)",
        {
            "names": None if participants is None else json.dumps(list(participants)),
            "kinds": json.dumps(sorted(wanted)),
            "n_kinds": len(wanted),
            "with_colour": int(StreamKind.COLOUR in wanted),
        },
    )
    return text.split(",") if text else []


def _counts(library: Library, column: str) -> dict[str, int]:
    return dict(
        library.rows(
            f"SELECT {column}, COUNT(*) FROM takes INDEXED BY takes_by_{column}"
            f" GROUP BY {column} ORDER BY {column}"
        )
    )


def _take_rows(library: Library, rows: list[tuple[Any, ...]]) -> list[TakeRow]:
    """Records of what was read as `_ROW`."""
    action_names, tag_names = _names(library, "actions"), _names(library, "tags")
    actions = {row[8]: tuple(sorted(action_names[code] for code in row[8])) for row in rows}
    tags = {row[11]: tuple(sorted(tag_names[code] for code in row[11])) for row in rows}
    levels = {row[9]: row[9] and QualityLevel(row[9]) for row in rows}
    return [
        TakeRow(
            *[*row[:6], bool(row[6]), row[7], actions[row[8]], levels[row[9]]],
            *[row[10], tags[row[11]], bool(row[12])],
        )
        for row in rows
    ]


def _names(library: Library, table: str) -> dict[str, str]:
    """Names by the character that stands for the action or tag in takes.actions or takes.tags."""
    return {
        chr(256 + row_id): name
        for row_id, name in library.rows(f"SELECT id, name FROM {table} ORDER BY id")
    }


def _condition(library: Library, filter: TakeFilter) -> tuple[str, list[Any]]:
    """The filter as SQL over columns that every index of an order holds."""
    parts, parameters = ["TRUE"], list[Any]()
    text = filter.text.strip().casefold()
    action_names = _names(library, "actions") if filter.actions or text else {}
    tag_names = _names(library, "tags") if filter.tags else {}

    def one_of(column: str, wanted: Callable[[str], bool]) -> str:
        names = [name for (name,) in library.rows(f"SELECT name FROM {column}s")]
        inside = [name for name in names if wanted(name)]
        outside = [name for name in names if not wanted(name)]
        if not inside or not outside:
            return "TRUE" if inside else "FALSE"
        # The shorter list is the quicker.
        shorter, negated = min((inside, ""), (outside, "NOT "), key=lambda pair: len(pair[0]))
        parameters.append(json.dumps(shorter))
        return f"{column} {negated}IN (SELECT value FROM json_each(?))"

    def has_any(column: str, known: dict[str, str], wanted: Callable[[str], bool]) -> str:
        inside = [code for code, name in known.items() if wanted(name)]
        outside = [code for code, name in known.items() if not wanted(name)]
        if not inside or not outside:
            return f"{column} <> ''" if inside else "FALSE"
        parameters.append(_any_of(inside, outside))
        return f"{column} GLOB ?"

    # The quick conditions go first, so that fewer takes reach the slow ones.
    if filter.has_colour is not None:
        parts.append("has_colour = ?")
        parameters.append(filter.has_colour)
    if filter.labelled is not None:
        parts.append("actions <> ''" if filter.labelled else "actions = ''")
    if filter.levels:
        parts.append(f"level IN ({', '.join('?' * len(filter.levels))})")
        parameters.extend(map(str, filter.levels))
    for comparison, at_us in (
        (">=", filter.started_from_us),
        ("<", filter.started_before_us),
    ):
        if at_us is not None:
            parts.append(f"started_at_us {comparison} ?")
            parameters.append(at_us)
    if filter.participants:
        parts.append(one_of("participant", set(filter.participants).__contains__))
    if filter.sessions:
        parts.append(one_of("session", set(filter.sessions).__contains__))
    if filter.actions:
        parts.append(has_any("actions", action_names, set(filter.actions).__contains__))
    if filter.tags:
        parts.append(has_any("tags", tag_names, set(filter.tags).__contains__))
    if text:

        def matches(name: str) -> bool:
            return text in name.casefold()

        parameters.append(text)
        either = ["instr(search, ?)", has_any("actions", action_names, matches)]
        either += [one_of(column, matches) for column in ("participant", "session")]
        parts.append(f"({' OR '.join(either)})")
    if filter.has_depth:
        # Takes and streams are walked side by side by id: much quicker than to look each take up.
        parts.append(
            "takes.rowid NOT IN (SELECT one.rowid FROM takes AS one WHERE NOT EXISTS"
            " (SELECT 1 FROM streams WHERE take_id = one.id AND kind = 'depth'))"
        )
    return " AND ".join(parts), parameters


def _any_of(inside: list[str], outside: list[str]) -> str:
    """A pattern for SQLite's GLOB: a text with a character of `inside`, or not of `outside`."""
    if len(inside) <= len(outside):
        return f"*[{_ranges(inside)}]*"
    return f"*[^{_ranges(outside)}]*"


def _ranges(codes: list[str]) -> str:
    """Ascending characters as the inside of a character class, runs written as a-z."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and ord(code) == ord(runs[-1][-1]) + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return "".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else "".join(run) for run in runs)
