"""How takes come into the library: whole or not at all, whatever happens on the way.

A take's files are made in a staging folder, hashed and synced there, moved to their place in one
rename, and entered in the database, in one transaction. The folder says whose it is until that is
done, so that what a killed process leaves can be told from what a living one is working on. Folders
are moved only within a transaction: then no two programs move the same one.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.completeness import StreamTimes, forward_us
from fsamt_engine.library.compositions import composition_text
from fsamt_engine.library.drafts import StreamDraft, TakeDraft, check_draft
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import move_over, sha256_of, sync_folder
from fsamt_engine.library.library import Library
from fsamt_engine.library.marks import give_marks
from fsamt_engine.library.names import short_id
from fsamt_engine.library.processes import is_alive, this_process
from fsamt_engine.library.quality import TakeQuality, assess
from fsamt_engine.library.records import Stream, StreamKind, Take

_STAGING = ".incoming-"
"""Prefix of a staging folder; the token of its process and a random part follow."""
RECORDING = ".recording-"
"""The same for a folder that a camera is recorded into: what it holds cannot be made again."""
RECORDING_FILE = "recording.json"
"""In the folder of a recording, from its first frame until the take is in the database."""
_ENTERED_LAST = 200
_OWNER_FILE = ".owner"
"""In a take's folder until it is in the database: the token of the process that brings it."""


@contextmanager
def staging_folder(library: Library) -> Iterator[Path]:
    """A folder for the files of a take to come; removed at the end unless `add_take` took it."""
    folder = _new_staging(library)
    with environment_errors(library.root):
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def add_take(library: Library, staging: Path, draft: TakeDraft) -> Take:
    """Adds a take whose files are complete in a staging folder.

    Args:
        library: The library.
        staging: Folder from `staging_folder` of this library; it becomes the take's folder.
        draft: What is in it.

    Raises:
        FsamtError: The draft contradicts itself, its source key is in the library already, or the
            disk is full. The library is as it was then, and the staging folder is in place.
    """
    check_draft(staging, draft)
    take_id = short_id(draft.source_key)
    if is_entered(library, take_id):
        raise _already_there(draft)
    folder = library.takes_folder / take_id
    with environment_errors(library.root):
        streams = [_stored(take_id, stream) for stream in draft.streams]
        owner = staging / _OWNER_FILE
        owner.write_text(this_process(), "ascii")
        sync_folder(staging)

        def change(db: Database) -> Take:
            _claim(library, staging, folder, draft)
            sync_folder(library.takes_folder)
            return _insert(db, take_id, draft, streams)

        try:
            take = library.write(change)
        except BaseException:
            if not staging.exists() and not is_entered(library, take_id):
                folder.rename(staging)
            raise
        release(folder)
    return take


def sweep_orphans(library: Library) -> list[str]:
    """Removes what killed imports left in the takes folder.

    Only folders whose process is known to be dead are touched, so another program may be importing
    at the same time. A folder that nobody marked is left alone: `verify` reports it. So is a
    recording, which `recordings` takes care of.

    Returns:
        Names of the removed folders.
    """

    def change(_: Database) -> dict[str, Path]:
        taken_away = {}
        for folder in _abandoned(library):
            # The owner is dead, so whether the take is entered cannot change any more.
            if is_entered(library, folder.name):
                release(folder)
            else:
                taken_away[folder.name] = folder.rename(_new_staging(library))
        return taken_away

    with environment_errors(library.root):
        removed = library.write(change) if _abandoned(library) else {}
        for folder in removed.values():
            shutil.rmtree(folder, ignore_errors=True)
    return list(removed)


def owner_of(folder: Path) -> str | None:
    """The token of the process that brings, or brought, the take in a folder of the takes folder.

    Returns:
        None for the folder of a take that is entered, and for one that does not come from here.
    """
    for prefix in (_STAGING, RECORDING):
        if folder.name.startswith(prefix):
            return folder.name.removeprefix(prefix).rpartition("-")[0]
    try:
        return (folder / _OWNER_FILE).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return None


def release(folder: Path) -> None:
    """Forgets who brought a take that is entered now."""
    (folder / _OWNER_FILE).unlink(missing_ok=True)


def is_recording(folder: Path) -> bool:
    """Whether a folder of the takes folder holds a recording that is not entered yet."""
    return folder.name.startswith(RECORDING) or (folder / RECORDING_FILE).exists()


def is_abandoned(folder: Path) -> bool:
    """Whether the process that brings, or brought, the take in a folder is dead."""
    owner = owner_of(folder)
    return owner is not None and not is_alive(owner)


def unsettled(library: Library) -> list[Path]:
    """The folders of the takes folder that a process may have left before it was done, sorted.

    They are all that belong to no take of the database, and those of the takes that were entered
    last: what a process leaves of one that is entered, it leaves right after that. So a library of
    100,000 takes is looked through without opening each of its folders.
    """
    rows = library.rows("SELECT id FROM takes ORDER BY rowid DESC")
    settled = {take_id for (take_id,) in rows[_ENTERED_LAST:]}
    names = set(os.listdir(library.takes_folder)) - settled
    return [library.takes_folder / name for name in sorted(names)]


def is_entered(library: Library, take_id: str) -> bool:
    """Whether a take is in the database."""
    return bool(library.rows("SELECT 1 FROM takes WHERE id = ?", [take_id]))


def awaits_bin(library: Library, take_id: str) -> bool:
    """Whether the files of a take in the bin are still in the takes folder."""
    folder = library.takes_folder / take_id
    return (
        bool(library.rows("SELECT 1 FROM bin WHERE take_id = ?", [take_id]))
        and folder.is_dir()
        and owner_of(folder) is None
        and not is_entered(library, take_id)
    )


def next_number(db: Database, session: str) -> int:
    """The number of the next take of a session. One in the bin keeps its number."""
    (number,) = db.conn.execute(
        "SELECT COALESCE(MAX(number), 0) + 1 FROM (SELECT number FROM takes WHERE session = :name"
        " UNION ALL SELECT number FROM bin WHERE session = :name)",
        {"name": session},
    ).fetchone()
    return int(number)


def next_key(db: Database) -> int:
    """A number for the row of a take that no take has or had.

    SQLite itself would give the highest one again once its take is thrown away, and a list that is
    on a screen (`listing.take_index`) would mean another take by it.
    """
    (key,) = db.conn.execute(
        "INSERT INTO about VALUES ('last_take_key',"
        " CAST((SELECT COALESCE(MAX(rowid), 0) + 1 FROM takes) AS TEXT))"
        " ON CONFLICT DO UPDATE SET value = CAST(1 + MAX(CAST(value AS INTEGER),"
        " (SELECT COALESCE(MAX(rowid), 0) FROM takes)) AS TEXT) RETURNING value"
    ).fetchone()
    return int(key)


def _new_staging(library: Library) -> Path:
    return library.takes_folder / f"{_STAGING}{this_process()}-{secrets.token_hex(4)}"


def _abandoned(library: Library) -> list[Path]:
    folders = unsettled(library)
    return [folder for folder in folders if is_abandoned(folder) and not is_recording(folder)]


def _already_there(draft: TakeDraft) -> FsamtError:
    return FsamtError(f"The take {draft.source_key} is in the library already.", "It was kept.")


def _stored(take_id: str, draft: StreamDraft) -> Stream:
    """The stream as it will be entered; its file is on the disk for good afterwards."""
    n_bytes, sha256 = sha256_of(draft.path, sync=True)
    return Stream(
        draft.kind,
        f"takes/{take_id}/{draft.path.name}",
        draft.width,
        draft.height,
        draft.n_frames,
        draft.rate_hz,
        draft.codec,
        n_bytes,
        sha256,
        draft.unit_m,
        draft.timestamp_domain,
    )


def _claim(library: Library, staging: Path, folder: Path, draft: TakeDraft) -> None:
    """Moves the staging folder to the take's place, over what a dead process left there."""
    if is_abandoned(folder) and not is_recording(folder) and not is_entered(library, folder.name):
        shutil.rmtree(folder.rename(_new_staging(library)))
    if awaits_bin(library, folder.name):
        move_over(folder, library.bin_folder / folder.name)
    try:
        staging.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        if is_entered(library, folder.name):
            raise _already_there(draft) from None
        if owner_of(folder) is not None:
            raise FsamtError(
                f"The take {draft.source_key} is being added by another program.",
                "Wait until it is done.",
            ) from None
        raise FsamtError(
            f"The take {draft.source_key} cannot be added: a folder takes/{folder.name} is in its"
            " place, which the library knows nothing of.",
            "Move that folder elsewhere.",
        ) from None


def _insert(db: Database, take_id: str, draft: TakeDraft, streams: list[Stream]) -> Take:
    execute = db.conn.execute
    if execute("SELECT 1 FROM takes WHERE source_key = ?", [draft.source_key]).fetchone():
        raise _already_there(draft)
    session, participant = draft.session, draft.participant
    execute("INSERT OR IGNORE INTO participants VALUES (?)", [participant])
    execute("INSERT OR IGNORE INTO sessions VALUES (?)", [session])
    execute("INSERT OR IGNORE INTO session_participants VALUES (?, ?)", [session, participant])
    calibration = json.dumps(asdict(draft.calibration), sort_keys=True)
    calibration_id = short_id(calibration)
    execute("INSERT OR IGNORE INTO calibrations VALUES (?, ?)", [calibration_id, calibration])
    number = next_number(db, session)
    reference = draft.reference
    take = Take(
        take_id,
        session,
        participant,
        number,
        draft.started_at_us,
        forward_us(reference.timestamps_us) + round(1e6 / reference.rate_hz),
        draft.source,
        draft.source_key,
        len(draft.pairs),
        tuple(sorted(streams, key=lambda stream: stream.kind)),
        draft.calibration,
        draft.recording,
        draft.title,
        tuple(sorted(draft.tags)),
        draft.region,
    )
    table = db.table("takes")
    table.insert(
        {
            "rowid": next_key(db),
            "id": take_id,
            "session": session,
            "participant": participant,
            "number": number,
            "started_at_us": take.started_at_us,
            "duration_us": take.duration_us,
            "source": take.source,
            "source_key": take.source_key,
            "has_colour": int(take.stream(StreamKind.COLOUR) is not None),
            "n_pairs": take.n_pairs,
            "search": "\n".join(filter(None, (take_id, draft.source_key, draft.title))).casefold(),
            "calibration_id": calibration_id,
            "level": str(_quality(draft).level),
            "title": draft.title,
            "tags": _tag_codes(db, draft.tags),
            "region": None if draft.region is None else json.dumps(draft.region),
        }
    )
    db.table("streams").insert_all({"take_id": take_id, **asdict(s)} for s in streams)
    db.table("frames").insert_all(
        {
            "take_id": take_id,
            "kind": s.kind,
            "timestamps_us": _blob(s.timestamps_us),
            "numbers": None if s.frame_numbers is None else _blob(s.frame_numbers),
        }
        for s in draft.streams
    )
    if len(draft.pairs):
        db.table("pairs").insert({"take_id": take_id, "content": _blob(draft.pairs)})
    if draft.recording is not None:
        content = json.dumps(asdict(draft.recording), sort_keys=True)
        db.table("recordings").insert({"take_id": take_id, "content": content})
    if draft.composition:
        content = composition_text(draft.composition)
        db.table("compositions").insert({"take_id": take_id, "content": content})
    for action, start, end in draft.segments:
        execute("INSERT OR IGNORE INTO actions (name) VALUES (?)", [action])
        execute(
            'INSERT INTO segments (take_id, action_id, "start", "end")'
            " VALUES (?, (SELECT id FROM actions WHERE name = ?), ?, ?)",
            [take_id, action, start, end],
        )
    if draft.segments:
        give_marks(db.conn)
    return take


def _tag_codes(db: Database, tags: Sequence[str]) -> str:
    """Tags as takes.tags holds them; those that are new become known."""
    codes = []
    for name in tags:
        db.conn.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", [name])
        (tag_id,) = db.conn.execute("SELECT id FROM tags WHERE name = ?", [name]).fetchone()
        codes.append(chr(256 + tag_id))
    return "".join(sorted(codes))


def _quality(draft: TakeDraft) -> TakeQuality:
    streams = [
        StreamTimes(s.kind, s.rate_hz, s.timestamp_domain, s.timestamps_us, s.frame_numbers)
        for s in draft.streams
    ]
    n_dropped = draft.recording.n_dropped if draft.recording is not None else {}
    return assess(streams, np.asarray(draft.pairs), n_dropped)


def _blob(numbers: NDArray[np.int64]) -> bytes:
    return np.ascontiguousarray(numbers, "<i8").tobytes()
