"""How long a library of 100,000 takes needs for what the window asks of it.

    python benchmarks/library_size.py [--takes 100000] [--rounds 5]

Makes a library of rows only (one or two streams with frames, pairs, two or three segments a take)
in a temporary folder, some 400 MB in half a minute, and prints median and 95th percentile of each
query in milliseconds, making the records included, and the median of the processor time, which
holds where other programs are busy too. A page is 200 rows; "first" and "last" pages are asked for
in all five orders, up and down. Ends with 1 where a percentile is over 50 ms.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlite_utils import Database

from fsamt_engine.library import Calibration, Library, StreamKind, TakeFilter, labels, takes
from fsamt_engine.library.names import short_id
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.takes import TakeOrder

N_SESSIONS, N_PARTICIPANTS, N_ACTIONS, N_FRAMES = 400, 106, 120, 90
LIMIT_MS = 50.0
PAGE = 200

PEOPLE = [f"P{i:03}" for i in range(N_PARTICIPANTS)]
SESSIONS = [f"2026-{1 + i % 12:02}-{1 + i % 28:02} lab {i:03}" for i in range(N_SESSIONS)]
ACTIONS = [*(f"action {i:03}" for i in range(N_ACTIONS - 1)), "background"]

FILTERS = {
    "everything": TakeFilter(),
    "with colour": TakeFilter(has_colour=True),
    "one session": TakeFilter(sessions=(SESSIONS[7],)),
    "half of the participants": TakeFilter(participants=tuple(PEOPLE[::2])),
    "a rare action": TakeFilter(actions=(ACTIONS[3],)),
    "a common action": TakeFilter(actions=("background",)),
    "every second action": TakeFilter(actions=tuple(ACTIONS[::2])),
    "all actions but one": TakeFilter(actions=tuple(ACTIONS[1:])),
    "text in a session": TakeFilter(text="LAB 01"),
    "text in an action": TakeFilter(text="ckgr"),
    "text of one letter": TakeFilter(text="9"),
    "text in no name": TakeFilter(text="zzzz"),
    "all filters, narrow": TakeFilter(
        tuple(SESSIONS[:20]), ("P001", "P050"), ("background", "action 001"), True, "lab"
    ),
    "all filters, wide": TakeFilter(
        tuple(SESSIONS[20:]), tuple(PEOPLE[6:]), tuple(ACTIONS[::2]), True, "b"
    ),
}


def fill(library: Library, n_takes: int) -> None:
    """Enter takes as `add_take` does, but without files and in one transaction."""
    draw = np.random.default_rng(0)
    session_of = np.sort(draw.integers(N_SESSIONS, size=n_takes))
    person_of = draw.integers(N_PARTICIPANTS, size=n_takes)
    numbers = np.arange(n_takes) - np.searchsorted(session_of, session_of) + 1
    lengths = draw.integers(30, N_FRAMES, n_takes)
    coloured = draw.random(n_takes) < 0.8
    drawn = draw.integers(N_ACTIONS - 1, size=(n_takes, 2))
    ids = [short_id(f"bench/{i}") for i in range(n_takes)]
    time_bytes = (np.arange(N_FRAMES, dtype="<i8") * 33_333).tobytes()
    pair_bytes = np.zeros((N_FRAMES, 3), "<i8").tobytes()

    def take_rows() -> Iterable[tuple[Any, ...]]:
        for i in range(n_takes):
            session, person = SESSIONS[session_of[i]], PEOPLE[person_of[i]]
            yield (
                ids[i],
                session,
                person,
                int(numbers[i]),
                1_760_000_000_000_000 + i * 7_919_000 % 10**12,
                int(lengths[i]) * 33_333,
                "bench",
                f"bench/{i}",
                int(coloured[i]),
                int(lengths[i]) if coloured[i] else 0,
                f"{ids[i]}\nbench/{i}",
                "none",
            )

    def stream_rows() -> Iterable[tuple[Any, ...]]:
        for i in range(n_takes):
            for kind in ("depth", "colour")[: 1 + coloured[i]]:
                path = f"takes/{ids[i]}/{kind}.mkv"
                n = int(lengths[i])
                yield ids[i], kind, path, 512, 424, n, 30.0, "ffv1", 10**6, "0" * 64, None, "device"

    def segment_rows() -> Iterable[tuple[str, int, int, int]]:
        for i in range(n_takes):
            middle, end = int(lengths[i]) // 2, int(lengths[i])
            yield ids[i], 1 + int(drawn[i, 0]), 0, middle
            yield ids[i], 1 + int(drawn[i, 1]), middle, end - 1
            if i % 2:
                yield ids[i], N_ACTIONS, end - 1, end

    def change(db: Database) -> None:
        insert = db.conn.executemany
        insert("INSERT INTO sessions VALUES (?)", [(name,) for name in SESSIONS])
        insert("INSERT INTO participants VALUES (?)", [(name,) for name in PEOPLE])
        insert("INSERT INTO actions (name) VALUES (?)", [(name,) for name in ACTIONS])
        insert(
            "INSERT INTO calibrations VALUES (?, ?)", [("none", json.dumps(asdict(Calibration())))]
        )
        insert(
            "INSERT INTO takes (id, session, participant, number, started_at_us, duration_us,"
            " source, source_key, has_colour, n_pairs, search, calibration_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            take_rows(),
        )
        insert("INSERT INTO streams VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", stream_rows())
        insert(
            "INSERT INTO frames VALUES (?, ?, ?, NULL)",
            ((row[0], row[1], time_bytes[: 8 * row[5]]) for row in stream_rows()),
        )
        insert(
            "INSERT INTO pairs VALUES (?, ?)",
            ((ids[i], pair_bytes[: 24 * int(lengths[i])]) for i in np.flatnonzero(coloured)),
        )
        insert(
            'INSERT INTO segments (take_id, action_id, "start", "end") VALUES (?, ?, ?, ?)',
            segment_rows(),
        )

    library.write(change)


def questions(library: Library) -> Iterator[tuple[str, list[Callable[[], Any]]]]:
    """What the window asks, by name, with the variants that are timed together."""
    for name, filter in FILTERS.items():
        n_found = takes.count_takes(library, filter)
        yield f"{name}: count ({n_found})", [partial(takes.count_takes, library, filter)]
        for page, offset in ("first", 0), ("last", max(0, n_found - PAGE)):
            yield (
                f"{name}: {page} page",
                [
                    partial(
                        takes.list_takes,
                        library,
                        filter,
                        offset,
                        PAGE,
                        order=order,
                        descending=descending,
                    )
                    for order in TakeOrder
                    for descending in (False, True)
                ],
            )
    yield "participants with counts", [partial(takes.participant_counts, library)]
    yield "sessions with counts", [lambda: takes.session_counts(library)]
    yield "actions with counts", [lambda: labels.actions(library)]
    yield "ids of all takes with pairs", [lambda: takes.take_ids_with_pairs(library)]
    chosen = takes.list_takes(library, FILTERS["with colour"], 500, 1)[0].id
    yield "one take", [lambda: takes.take(library, chosen)]
    yield "its pairs", [lambda: takes.pairs(library, chosen)]
    yield "its timestamps", [lambda: takes.timestamps(library, chosen, StreamKind.DEPTH)]
    yield "its quality", [lambda: take_quality(library, chosen)]
    yield "its segments", [lambda: labels.segments(library, take_ids=[chosen])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5, help="for counts, four times as many")
    chosen = parser.parse_args()
    console = Console()
    table = Table(
        "query", "median ms", "95 % ms", "processor ms", title=f"A library of {chosen.takes} takes"
    )
    slowest = 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        Library.create(Path(folder) / "library") as library,
    ):
        console.print(f"making {chosen.takes} takes ...")
        fill(library, chosen.takes)
        for name, variants in questions(library):
            times, busy = [], []
            for ask in variants * chosen.rounds * (4 if len(variants) == 1 else 1):
                started_at, busy_before = time.perf_counter(), time.thread_time()
                ask()
                times.append((time.perf_counter() - started_at) * 1000)
                busy.append((time.thread_time() - busy_before) * 1000)
            median, high = statistics.median(times), float(np.percentile(times, 95))
            slowest = max(slowest, high)
            table.add_row(name, f"{median:.1f}", f"{high:.1f}", f"{statistics.median(busy):.1f}")
    console.print(table)
    console.print(f"slowest: {slowest:.1f} ms (limit {LIMIT_MS:.0f} ms)")
    return int(slowest > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
