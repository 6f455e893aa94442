"""Takes as they are read: one, lists of many, and the numbers of their frames and pairs.

How takes come into the library is in `incoming`; its names are repeated here.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.incoming import (
    StreamDraft,
    TakeDraft,
    add_take,
    staging_folder,
    sweep_orphans,
)
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import (
    Calibration,
    Intrinsics,
    Stream,
    StreamKind,
    Take,
    TakeFilter,
    TakeRow,
)

__all__ = [
    "StreamDraft",
    "TakeDraft",
    "TakeOrder",
    "add_take",
    "count_takes",
    "existing_source_keys",
    "has_source_key",
    "list_takes",
    "pairs",
    "participant_counts",
    "participants",
    "session_counts",
    "sessions",
    "staging_folder",
    "sweep_orphans",
    "take",
    "take_ids_with_pairs",
    "timestamps",
]


class TakeOrder(StrEnum):
    """What a list of takes is sorted by; takes that are equal in it go by session and number."""

    SESSION = "session"
    PARTICIPANT = "participant"
    STARTED = "started"
    DURATION = "duration"
    PAIRS = "pairs"


_ORDER = {
    TakeOrder.SESSION: "session {0}, number {0}",
    TakeOrder.PARTICIPANT: "participant {0}, session {0}, number {0}",
    TakeOrder.STARTED: "started_at_us {0}, session {0}, number {0}",
    TakeOrder.DURATION: "duration_us {0}, session {0}, number {0}",
    TakeOrder.PAIRS: "n_pairs {0}, session {0}, number {0}",
}

_TAKE_FIELDS = (
    "session",
    "participant",
    "number",
    "started_at_us",
    "duration_us",
    "source",
    "source_key",
    "n_pairs",
)


def take(library: Library, take_id: str) -> Take:
    """One take with its streams and calibration.

    Raises:
        FsamtError: There is no take with this id.
    """
    found = library.rows(
        f"SELECT {', '.join(_TAKE_FIELDS)}, content FROM takes"
        " JOIN calibrations ON calibrations.id = calibration_id WHERE takes.id = ?",
        [take_id],
    )
    if not found:
        raise _unknown(take_id)
    *fields, calibration = found[0]
    streams = library.rows(
        "SELECT kind, path, width, height, n_frames, rate_hz, codec, n_bytes, sha256, unit_m,"
        " timestamp_domain FROM streams WHERE take_id = ? ORDER BY kind",
        [take_id],
    )
    return Take(
        id=take_id,
        **dict(zip(_TAKE_FIELDS, fields, strict=True)),
        streams=tuple(Stream(StreamKind(kind), *rest) for kind, *rest in streams),
        calibration=_calibration(json.loads(calibration)),
    )


def list_takes(
    library: Library,
    filter: TakeFilter = TakeFilter(),  # noqa: B008 - frozen
    offset: int = 0,
    limit: int | None = None,
    *,
    order: TakeOrder = TakeOrder.SESSION,
    descending: bool = False,
) -> list[TakeRow]:
    """The takes that pass a filter, in a stable order, `limit` of them from number `offset` on."""
    condition, parameters = _condition(filter)
    by = _ORDER[order].format("DESC" if descending else "ASC")
    rows = library.rows(
        "SELECT id, session, participant, number, started_at_us, duration_us, has_colour,"
        f" n_pairs, actions FROM takes WHERE {condition} ORDER BY {by} LIMIT ? OFFSET ?",
        [*parameters, -1 if limit is None else limit, offset],
    )
    return [
        TakeRow(
            take_id,
            session,
            participant,
            number,
            started_at_us,
            duration_us,
            bool(has_colour),
            n_pairs,
            tuple(actions.split("\n")[1:-1]),
        )
        for (
            take_id,
            session,
            participant,
            number,
            started_at_us,
            duration_us,
            has_colour,
            n_pairs,
            actions,
        ) in rows
    ]


def count_takes(library: Library, filter: TakeFilter = TakeFilter()) -> int:  # noqa: B008 - frozen
    """How many takes pass a filter."""
    condition, parameters = _condition(filter)
    return int(library.rows(f"SELECT COUNT(*) FROM takes WHERE {condition}", parameters)[0][0])


def participants(library: Library) -> list[str]:
    """Names of all participants that have a take, sorted."""
    return list(participant_counts(library))


def sessions(library: Library) -> list[str]:
    """Names of all sessions that have a take, sorted."""
    return list(session_counts(library))


def participant_counts(library: Library) -> dict[str, int]:
    """Number of takes by participant, sorted by name."""
    return dict(
        library.rows(
            "SELECT participant, COUNT(*) FROM takes GROUP BY participant ORDER BY participant"
        )
    )


def session_counts(library: Library) -> dict[str, int]:
    """Number of takes by session, sorted by name."""
    return dict(
        library.rows("SELECT session, COUNT(*) FROM takes GROUP BY session ORDER BY session")
    )


def has_source_key(library: Library, source_key: str) -> bool:
    """Whether a take of this source key is in the library."""
    return bool(library.rows("SELECT 1 FROM takes WHERE source_key = ?", [source_key]))


def existing_source_keys(library: Library, source: str) -> set[str]:
    """Source keys of all takes from one source."""
    return {
        key for (key,) in library.rows("SELECT source_key FROM takes WHERE source = ?", [source])
    }


def take_ids_with_pairs(library: Library, participants: Sequence[str] | None = None) -> list[str]:
    """Ids of the takes that can serve a transfer, sorted by id.

    Reads no labels: a query of this works while `Library.labels_hidden`.

    Args:
        library: The library.
        participants: Only takes of these; None for all.
    """
    condition, parameters = _condition(TakeFilter(participants=tuple(participants or ())))
    if participants is not None and not participants:
        return []
    rows = library.rows(
        f"SELECT id FROM takes WHERE n_pairs > 0 AND {condition} ORDER BY id", parameters
    )
    return [take_id for (take_id,) in rows]


def pairs(library: Library, take_id: str) -> NDArray[np.int64]:
    """Depth and colour of the same moment.

    Returns:
        (n, 3) int64: depth frame, colour frame, skew in microseconds (depth minus colour).

    Raises:
        FsamtError: There is no take with this id.
    """
    found = library.rows(
        "SELECT content FROM takes LEFT JOIN pairs ON take_id = id WHERE id = ?", [take_id]
    )
    if not found:
        raise _unknown(take_id)
    return np.frombuffer(found[0][0] or b"", "<i8").astype(np.int64).reshape(-1, 3)


def timestamps(library: Library, take_id: str, kind: StreamKind) -> NDArray[np.int64]:
    """When each frame of a stream was captured.

    Returns:
        (n_frames,) int64, microseconds in the stream's timestamp domain.

    Raises:
        FsamtError: There is no such take or stream.
    """
    found = library.rows(
        "SELECT timestamps_us FROM frames WHERE take_id = ? AND kind = ?", [take_id, str(kind)]
    )
    if not found:
        raise FsamtError(f"Take {take_id} has no {kind} stream.", "Choose another take or stream.")
    return np.frombuffer(found[0][0], "<i8").astype(np.int64)


def _condition(filter: TakeFilter) -> tuple[str, list[Any]]:
    """The filter as SQL over the table takes."""
    parts, parameters = ["TRUE"], list[Any]()
    for column, names in (("session", filter.sessions), ("participant", filter.participants)):
        if names:
            parts.append(f"{column} IN (SELECT value FROM json_each(?))")
            parameters.append(json.dumps(names))
    if filter.actions:
        parts.append(f"({' OR '.join(['instr(actions, ?)'] * len(filter.actions))})")
        parameters.extend(f"\n{action}\n" for action in filter.actions)
    if filter.has_colour is not None:
        parts.append("has_colour = ?")
        parameters.append(filter.has_colour)
    if filter.text.strip():
        text = filter.text.strip()
        parts.append("(instr(search, ?) OR instr(lower(actions), ?))")
        parameters.extend([text.casefold(), text.casefold()])
    return " AND ".join(parts), parameters


def _calibration(content: dict[str, Any]) -> Calibration:
    def intrinsics(fields: dict[str, Any] | None) -> Intrinsics | None:
        if fields is None:
            return None
        return Intrinsics(**(fields | {"distortion": tuple(fields["distortion"])}))

    return Calibration(
        intrinsics(content["depth"]),
        intrinsics(content["colour"]),
        tuple(content["depth_to_colour_rotation"]),
        tuple(content["depth_to_colour_translation"]),
    )


def _unknown(take_id: str) -> FsamtError:
    return FsamtError(
        f"There is no take {take_id} in this library.",
        "See `fsamt library list` for what there is.",
    )
