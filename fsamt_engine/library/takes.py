"""Takes: one with all its numbers. Lists of many are in `listing`, how they come in `incoming`.

The names of both are repeated here, so that this is the one module to import.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.drafts import StreamDraft, TakeDraft
from fsamt_engine.library.incoming import add_take, staging_folder, sweep_orphans
from fsamt_engine.library.library import Library
from fsamt_engine.library.listing import (
    TakeOrder,
    count_takes,
    has_two_sides,
    list_takes,
    participant_counts,
    participants,
    row_of,
    session_counts,
    sessions,
    tag_names,
    take_ids_with,
    take_ids_with_pairs,
    take_index,
    takes_at,
)
from fsamt_engine.library.records import (
    Calibration,
    Recording,
    Stream,
    StreamKind,
    Take,
)

__all__ = [
    "StreamDraft",
    "TakeDraft",
    "TakeOrder",
    "add_take",
    "count_takes",
    "existing_source_keys",
    "frame_numbers",
    "has_source_key",
    "has_two_sides",
    "list_takes",
    "pairs",
    "participant_counts",
    "participants",
    "row_of",
    "session_counts",
    "sessions",
    "staging_folder",
    "sweep_orphans",
    "take",
    "take_ids_by_name",
    "take_ids_with",
    "take_ids_with_pairs",
    "take_index",
    "takes_at",
    "timestamps",
]


_TAKE_FIELDS = (
    "session",
    "participant",
    "number",
    "started_at_us",
    "duration_us",
    "source",
    "source_key",
    "n_pairs",
    "title",
)


def take(library: Library, take_id: str) -> Take:
    """One take with its streams and calibration.

    Raises:
        FsamtError: There is no take with this id.
    """
    found = library.rows(
        f"SELECT {', '.join(_TAKE_FIELDS)}, tags, region, calibrations.content,"
        " recordings.content FROM takes"
        " JOIN calibrations ON calibrations.id = calibration_id"
        " LEFT JOIN recordings ON take_id = takes.id WHERE takes.id = ?",
        [take_id],
    )
    if not found:
        raise _unknown(take_id)
    *fields, tags, region, calibration, recording = found[0]
    streams = library.rows(
        "SELECT kind, path, width, height, n_frames, rate_hz, codec, n_bytes, sha256, unit_m,"
        " timestamp_domain FROM streams WHERE take_id = ? ORDER BY kind",
        [take_id],
    )
    return Take(
        id=take_id,
        **dict(zip(_TAKE_FIELDS, fields, strict=True)),
        streams=tuple(Stream(StreamKind(kind), *rest) for kind, *rest in streams),
        calibration=Calibration.from_fields(json.loads(calibration)),
        recording=None if recording is None else _recording(json.loads(recording)),
        tags=tag_names(library, tags),
        region=None if region is None else tuple(json.loads(region)),
    )


def has_source_key(library: Library, source_key: str) -> bool:
    """Whether a take of this source key is in the library."""
    return bool(library.rows("SELECT 1 FROM takes WHERE source_key = ?", [source_key]))


def take_ids_by_name(library: Library) -> dict[str, str]:
    """Ids of all takes by everything that may name them in a file.

    Returns:
        By id, by source key, and by "session/number".
    """
    ids: dict[str, str] = {}
    rows = library.rows("SELECT id, source_key, session, number FROM takes")
    for take_id, source_key, session, number in rows:
        for name in (take_id, source_key, f"{session}/{number}"):
            ids.setdefault(name, take_id)
    return ids


def existing_source_keys(library: Library, source: str) -> set[str]:
    """Source keys of all takes from one source."""
    return {
        key for (key,) in library.rows("SELECT source_key FROM takes WHERE source = ?", [source])
    }


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
        raise _no_stream(take_id, kind)
    return np.frombuffer(found[0][0], "<i8").astype(np.int64)


def frame_numbers(library: Library, take_id: str, kind: StreamKind) -> NDArray[np.int64] | None:
    """How the device counted the frames of a stream.

    Returns:
        (n_frames,) int64, None where the device did not count.

    Raises:
        FsamtError: There is no such take or stream.
    """
    found = library.rows(
        "SELECT numbers FROM frames WHERE take_id = ? AND kind = ?", [take_id, str(kind)]
    )
    if not found:
        raise _no_stream(take_id, kind)
    (content,) = found[0]
    return None if content is None else np.frombuffer(content, "<i8").astype(np.int64)


def _recording(content: dict[str, Any]) -> Recording:
    marks = tuple((text, at_us) for text, at_us in content["marks"])
    return Recording(**(content | {"marks": marks}))


def _no_stream(take_id: str, kind: StreamKind) -> FsamtError:
    return FsamtError(f"Take {take_id} has no {kind} stream.", "Choose another take or stream.")


def _unknown(take_id: str) -> FsamtError:
    return FsamtError(
        f"There is no take {take_id} in this library.",
        "It may have been thrown away or removed meanwhile.",
    )
