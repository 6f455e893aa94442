"""How long a library of 100,000 takes needs for what the window asks of it.

    python benchmarks/library_size.py [--takes 100000] [--rounds 5] [--folder DIR]

Makes a library of rows only (one or two streams with frames, pairs, segments, tags and verdicts) in
a temporary folder, some 400 MB in half a minute, and prints median and 95th percentile of each
query in milliseconds, making the records included, and the median of the processor time, which
holds where other programs are busy too. A page is 200 rows; indexes, "first" and "last" pages are
asked for in all orders, up and down. Then come changes by a person, each synced to the disk, and
how long a library of version 1.1 takes to be brought up to date. Ends with 1 where a percentile of
a query or change is over 50 ms.
"""

import argparse
import json
import sqlite3
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

from fsamt_engine.library import (
    Calibration,
    Library,
    QualityLevel,
    StreamKind,
    TakeFilter,
    history,
    labels,
    schema,
    takes,
)
from fsamt_engine.library.migration import APPLICATION_ID
from fsamt_engine.library.names import short_id
from fsamt_engine.library.organising import set_tags, tags
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.takes import TakeOrder

N_SESSIONS, N_PARTICIPANTS, N_ACTIONS, N_FRAMES = 400, 106, 120, 90
LIMIT_MS = 50.0
PAGE = 200

PEOPLE = [f"P{i:03}" for i in range(N_PARTICIPANTS)]
SESSIONS = [f"2026-{1 + i % 12:02}-{1 + i % 28:02} lab {i:03}" for i in range(N_SESSIONS)]
ACTIONS = [*(f"action {i:03}" for i in range(N_ACTIONS - 1)), "background"]

TAGS = [f"tag {i:02}" for i in range(40)]
LEVELS = ["good", "good", "good", "caution", "bad"]
STARTED_US, STEP_US, SPAN_US = 1_760_000_000_000_000, 7_919_000, 10**12

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
    "labelled": TakeFilter(labelled=True),
    "unlabelled": TakeFilter(labelled=False),
    "bad": TakeFilter(levels=(QualityLevel.BAD,)),
    "good or caution": TakeFilter(levels=(QualityLevel.GOOD, QualityLevel.CAUTION)),
    "a rare tag": TakeFilter(tags=(TAGS[5],)),
    "every second tag": TakeFilter(tags=tuple(TAGS[::2])),
    "a day": TakeFilter(
        started_from_us=STARTED_US + 10**11, started_before_us=STARTED_US + 10**11 + 864 * 10**8
    ),
    "from a date on": TakeFilter(started_from_us=STARTED_US + SPAN_US // 3),
    "all filters, narrow": TakeFilter(
        tuple(SESSIONS[:20]),
        ("P001", "P050"),
        ("background", "action 001"),
        True,
        "lab",
        (QualityLevel.BAD,),
        True,
        (TAGS[0],),
        STARTED_US,
        STARTED_US + SPAN_US // 2,
    ),
    "all filters, wide": TakeFilter(
        tuple(SESSIONS[20:]),
        tuple(PEOPLE[6:]),
        tuple(ACTIONS[::2]),
        True,
        "b",
        (QualityLevel.GOOD, QualityLevel.CAUTION),
        True,
        tuple(TAGS),
        STARTED_US,
        2 * STARTED_US,
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
    labelled = draw.random(n_takes) < 0.7
    levels = [LEVELS[i] for i in draw.integers(len(LEVELS), size=n_takes)]
    tagged = draw.integers(3 * len(TAGS), size=(n_takes, 2))
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
                STARTED_US + i * STEP_US % SPAN_US,
                int(lengths[i]) * 33_333,
                "bench",
                f"bench/{i}",
                int(coloured[i]),
                int(lengths[i]) if coloured[i] else 0,
                f"{ids[i]}\nbench/{i}",
                "none",
                levels[i],
                "".join(chr(257 + tag) for tag in sorted({*tagged[i]}) if tag < len(TAGS)),
            )

    def stream_rows() -> Iterable[tuple[Any, ...]]:
        for i in range(n_takes):
            for kind in ("depth", "colour")[: 1 + coloured[i]]:
                path = f"takes/{ids[i]}/{kind}.mkv"
                n = int(lengths[i])
                yield ids[i], kind, path, 512, 424, n, 30.0, "ffv1", 10**6, "0" * 64, None, "device"

    def segment_rows() -> Iterable[tuple[str, int, int, int]]:
        for i in np.flatnonzero(labelled):
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
        insert("INSERT INTO tags (name) VALUES (?)", [(name,) for name in TAGS])
        insert(
            "INSERT INTO calibrations VALUES (?, ?)", [("none", json.dumps(asdict(Calibration())))]
        )
        insert(
            "INSERT INTO takes (id, session, participant, number, started_at_us, duration_us,"
            " source, source_key, has_colour, n_pairs, search, calibration_id,"
            " level, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
        sortings = [
            {"order": order, "descending": descending}
            for order in TakeOrder
            for descending in (False, True)
        ]
        yield (
            f"{name}: index",
            [partial(takes.take_index, library, filter, **sorting) for sorting in sortings],
        )
        for page, offset in ("first", 0), ("last", max(0, n_found - PAGE)):
            yield (
                f"{name}: {page} page",
                [
                    partial(takes.list_takes, library, filter, offset, PAGE, **sorting)
                    for sorting in sortings
                ],
            )
    keys = takes.take_index(library, order=TakeOrder.DURATION)
    draw = np.random.default_rng(1)
    yield (
        "a page at any place of an index",
        [
            partial(takes.takes_at, library, keys[start : start + PAGE])
            for start in draw.integers(max(1, len(keys) - PAGE), size=40)
        ],
    )
    found = takes.takes_at(library, keys[-1:])[0].id
    yield "where a take is in an index", [partial(takes.row_of, library, keys, found)]
    yield "labels by action and participant", [partial(labels.label_counts, library)]
    yield "tags with counts", [partial(tags, library)]
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


def changes(library: Library) -> Iterator[tuple[str, list[Callable[[], Any]]]]:
    """What a person does, by name; each variant finds something to change."""
    some = takes.takes_at(library, takes.take_index(library)[:: max(1, PAGE)][:100])
    ids = [row.id for row in some]

    def label(number: int) -> None:
        labels.label_interval(library, ids[number], ACTIONS[number % 7], 3, 20 + number % 5)

    yield "label an interval", [partial(label, number) for number in range(len(ids))]
    yield "undo it", [partial(history.undo, library)] * len(ids)
    yield (
        "label a whole take",
        [partial(labels.label_takes, library, [take_id], ACTIONS[8]) for take_id in ids],
    )
    yield "tag a take", [partial(set_tags, library, [take_id], ["new"]) for take_id in ids]
    yield "what can be undone", [partial(history.undoable, library)]
    yield "the last hundred steps", [partial(history.history, library)]


def seconds_of_migration(library: Library, folder: Path) -> float:
    """How long it takes to open the same takes in a library of version 1.1."""
    root = folder / "older"
    (root / "takes").mkdir(parents=True)
    older = sqlite3.connect(root / "library.db", isolation_level=None)
    schema.migrations.apply(Database(older), stop_before=["0003_desk"])
    older.executescript(
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA journal_mode = WAL;"
        "INSERT INTO about VALUES ('major', '1'), ('minor', '1');"
    )
    older.execute("ATTACH ? AS new", [str(library.root / "library.db")])
    older.execute("BEGIN")
    for table in ("sessions", "participants", "calibrations", "actions", "takes", "streams",
                  "frames", "pairs", "segments"):  # fmt: skip
        names = [row[1] for row in older.execute(f"PRAGMA main.table_info({table})")]
        columns = ", ".join(f'"{name}"' for name in names)
        # Zero, as the triggers count the segments that come last.
        values = columns.replace('"n_segments"', "0")
        older.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM new.{table}")
    older.execute("COMMIT")
    older.close()
    started_at = time.perf_counter()
    Library.open(root).close()
    return time.perf_counter() - started_at


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5, help="for counts, four times as many")
    parser.add_argument("--folder", type=Path, help="where to make it; by default a temporary one")
    chosen = parser.parse_args()
    console = Console()
    table = Table(
        "query", "median ms", "95 % ms", "processor ms", title=f"A library of {chosen.takes} takes"
    )
    slowest = 0.0

    def measure(name: str, calls: list[Callable[[], Any]]) -> None:
        nonlocal slowest
        times, busy = [], []
        for ask in calls:
            started_at, busy_before = time.perf_counter(), time.thread_time()
            ask()
            times.append((time.perf_counter() - started_at) * 1000)
            busy.append((time.thread_time() - busy_before) * 1000)
        median, high = statistics.median(times), float(np.percentile(times, 95))
        slowest = max(slowest, high)
        table.add_row(name, f"{median:.1f}", f"{high:.1f}", f"{statistics.median(busy):.1f}")

    with (
        tempfile.TemporaryDirectory(dir=chosen.folder) as folder,
        Library.create(Path(folder) / "library") as library,
    ):
        console.print(f"making {chosen.takes} takes ...")
        fill(library, chosen.takes)
        for name, variants in questions(library):
            measure(name, variants * chosen.rounds * (4 if len(variants) == 1 else 1))
        for name, variants in changes(library):
            measure(name, variants)
        migration_s = seconds_of_migration(library, Path(folder))
    console.print(table)
    console.print(f"brought up to date from version 1.1 in {migration_s:.1f} s, copy included")
    console.print(f"slowest: {slowest:.1f} ms (limit {LIMIT_MS:.0f} ms)")
    return int(slowest > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
