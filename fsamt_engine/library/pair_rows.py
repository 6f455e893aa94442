"""What a transfer has to know of every take to choose its pairs; no label is read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fsamt_engine.library.library import Library
from fsamt_engine.library.records import QualityLevel


@dataclass(frozen=True)
class PairRow:
    """A take, as far as it matters for a transfer.

    Attributes:
        n_frames: Of the stream that numbers the take's frames, depth where there is any.
        level: Of its quality; None where it was never assessed.
        may_use_colour: False where the participant refused colour, or its last day is past.
    """

    id: str
    participant: str
    duration_us: int
    has_colour: bool
    n_pairs: int
    n_frames: int
    has_depth: bool
    level: QualityLevel | None
    may_use_colour: bool


def pair_rows(
    library: Library, participants: Sequence[str] | None = None, today: date | None = None
) -> list[PairRow]:
    """All takes (of these participants), by participant, session and number.

    Args:
        library: The library.
        participants: None for all.
        today: The day that the last days of consents are compared with.
    """
    rows = library.rows(
        "SELECT id, takes.participant, duration_us, has_colour, n_pairs, "
        " COALESCE(n_frames, (SELECT n_frames FROM streams AS others WHERE others.take_id = id"
        " ORDER BY instr('infrared colour skeleton', others.kind) LIMIT 1), 0),"
        " kind IS NOT NULL, level,"
        " COALESCE(colour_may_be_kept, 1) <> 0 AND COALESCE(until >= :today, 1)"
        " FROM takes INDEXED BY takes_by_participant"
        " LEFT JOIN streams ON take_id = id AND kind = 'depth'"
        " LEFT JOIN consents ON consents.session = takes.session"
        " AND consents.participant = takes.participant"
        " WHERE :names IS NULL OR takes.participant IN (SELECT value FROM json_each(:names))"
        " ORDER BY takes.participant, takes.session, number",
        {
            "names": None if participants is None else json.dumps(list(participants)),
            "today": (today or date.today()).isoformat(),
        },
    )
    return [
        PairRow(
            take_id,
            participant,
            duration_us,
            bool(has_colour),
            n_pairs,
            n_frames,
            bool(has_depth),
            level and QualityLevel(level),
            bool(may_use),
        )
        for (
            take_id,
            participant,
            duration_us,
            has_colour,
            n_pairs,
            n_frames,
            has_depth,
            level,
            may_use,
        ) in rows
    ]


def joints_of_takes(library: Library) -> Mapping[str, int]:
    """How many joints a body has in each take with a skeleton, by the take's id."""
    return dict(library.rows("SELECT take_id, width FROM streams WHERE kind = 'skeleton'"))
