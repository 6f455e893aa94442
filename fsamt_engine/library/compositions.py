"""What composed takes are joined of: pieces of other takes, shown frame by frame.

A piece names its take by id and by source key, and keeps its place there: so it is told what a
composed take shows also when the take itself is gone.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fsamt_engine.library.library import Library
from fsamt_engine.library.records import COMPOSED


@dataclass(frozen=True)
class Piece:
    """A part of a composed take that shows a part of another take.

    Attributes:
        start, end: Main frames of the composed take, end not included.
        action: What is done in it, by the name that the action had then.
        is_labelled: Whether the composed take has a segment of it; otherwise it is background that
            moves.
        take_id: The take that it shows; it may be gone.
        source_key: Of that take.
        source_start: Its first main frame there; it has as many as here.
    """

    start: int
    end: int
    action: str
    is_labelled: bool
    take_id: str
    source_key: str
    source_start: int

    @property
    def source_end(self) -> int:
        """The end there, not included."""
        return self.source_start + self.end - self.start


def composition_of(library: Library, take_id: str) -> tuple[Piece, ...]:
    """What a take is joined of, in order; () for one that was not composed."""
    found = library.rows("SELECT content FROM compositions WHERE take_id = ?", [take_id])
    return _pieces(found[0][0]) if found else ()


def compositions(library: Library, take_ids: Sequence[str]) -> dict[str, tuple[Piece, ...]]:
    """What takes are joined of, by id; those that were not composed are left out."""
    rows = library.rows(
        "SELECT take_id, content FROM compositions"
        " WHERE take_id IN (SELECT value FROM json_each(?)) ORDER BY take_id",
        [json.dumps(list(take_ids))],
    )
    return {take_id: _pieces(content) for take_id, content in rows}


def composed_take_ids(library: Library) -> frozenset[str]:
    """Ids of all composed takes. Reads no labels: it works while `Library.labels_hidden`."""
    rows = library.rows("SELECT id FROM takes WHERE source = ?", [COMPOSED])
    return frozenset(take_id for (take_id,) in rows)


def composition_text(pieces: Sequence[Piece]) -> str:
    """Pieces as the table holds them."""
    return json.dumps([asdict(piece) for piece in pieces], separators=(",", ":"))


def _pieces(content: str) -> tuple[Piece, ...]:
    return tuple(Piece(**fields) for fields in json.loads(content))
