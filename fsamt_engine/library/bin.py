"""Takes that were thrown away, and can be had back until the bin is emptied.

The rows of a take are moved out of all tables into one row of the bin, so no other query needs to
know of it. Its files follow, to bin/<take id>; until they are there they stay in takes/<take id>,
so wherever a killed process leaves them, they are found. What lies in the folder of the bin and has
no row is what emptying it left.
"""

import json
import shutil
from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.binning import BinnedTake, put_away
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import GONE, set_aside
from fsamt_engine.library.history import Change, Edit, edit, forget_takes
from fsamt_engine.library.incoming import awaits_bin
from fsamt_engine.library.library import Library

__all__ = [
    "BinnedTake",
    "bin_take",
    "bin_takes",
    "binned_files",
    "empty_bin",
    "list_bin",
    "moves_takes",
    "restore_take",
    "restore_takes",
]

_THROW_AWAY, _RESTORE = "throw away", "restore"


def bin_take(library: Library, take_id: str) -> BinnedTake:
    """Throws a take away, with its labels; see `bin_takes`."""
    return bin_takes(library, [take_id])[0]


def bin_takes(library: Library, take_ids: Sequence[str]) -> tuple[BinnedTake, ...]:
    """Throws takes away, with their labels, all or none, as one step that can be undone.

    `restore_takes` brings all of them back too. One of the same id that lies in the bin already is
    lost, and so is what was suggested for them.

    Raises:
        FsamtError: There is no take with such an id, or the library cannot be written to.
    """
    chosen = list(dict.fromkeys(take_ids))

    def change(step: Edit) -> tuple[BinnedTake, ...]:
        return tuple(step.throw_away(take_id) for take_id in chosen)

    return edit(library, f"{_THROW_AWAY} {_takes(chosen)}", change)


def restore_take(library: Library, take_id: str) -> None:
    """Brings a take back from the bin; see `restore_takes`."""
    restore_takes(library, [take_id])


def restore_takes(library: Library, take_ids: Sequence[str]) -> None:
    """Brings takes back from the bin, all or none, as one step that can be undone.

    A number is a new one if another take has the old one now. An action that was removed or merged
    meanwhile is there again, so that no label is lost.

    Raises:
        FsamtError: One is not in the bin, its files are gone, or it has been added anew meanwhile.
            The bin is as it was.
    """
    chosen = list(dict.fromkeys(take_ids))

    def change(step: Edit) -> None:
        for take_id in chosen:
            step.bring_back(take_id)

    with environment_errors(library.root):
        edit(library, f"{_RESTORE} {_takes(chosen)}", change)


def moves_takes(change: Change) -> bool:
    """Whether undoing or redoing a step throws takes away or restores them, with their files."""
    return change.words.startswith((_THROW_AWAY, _RESTORE))


def list_bin(library: Library) -> list[BinnedTake]:
    """What is in the bin, what was thrown away last first."""
    rows = library.rows(
        "SELECT take_id, session, participant, number, thrown_away_at_us FROM bin"
        " ORDER BY thrown_away_at_us DESC, take_id"
    )
    return [BinnedTake(*row) for row in rows]


def empty_bin(library: Library) -> int:
    """Deletes what is in the bin for good, and the pictures of it in the cache.

    What was done to these takes can no longer be undone.

    Returns:
        How many takes.

    Raises:
        FsamtError: Some files cannot be deleted; emptying the bin again goes on with them.
    """
    binned = [take.id for take in list_bin(library)]
    put_away(library, binned)

    def forget(db: Database) -> list[str]:
        kept = {take.id for take in list_bin(library)}
        gone = [t for t in binned if t in kept and not awaits_bin(library, t)]
        for take_id in gone:
            # A model that was trained on it has seen whoever it was assigned to since, too.
            db.conn.execute(
                "INSERT OR IGNORE INTO former_names"
                " SELECT 'take', take_id, participant FROM bin WHERE take_id = ?",
                [take_id],
            )
            db.conn.execute("DELETE FROM bin WHERE take_id = ?", [take_id])
        forget_takes(db, gone)
        return gone

    def mark(_: Database) -> None:
        # Within a transaction nobody throws anything away, so none of these has a row.
        kept = {take.id for take in list_bin(library)}
        for folder in library.bin_folder.iterdir():
            if not folder.name.startswith(GONE) and folder.name not in kept:
                set_aside(folder, library.bin_folder)

    with environment_errors(library.root):
        for take_id in binned:
            _drop_cached(library, take_id)
        gone = library.write(forget)
        library.write(mark)
        for folder in library.bin_folder.glob(f"{GONE}*"):
            shutil.rmtree(folder, ignore_errors=True)
    is_stuck = not {take.id for take in list_bin(library)}.isdisjoint(binned)
    if is_stuck or any(library.bin_folder.glob(f"{GONE}*")):
        raise FsamtError(
            f"Some files of takes in the bin of {library.root} cannot be deleted.",
            "Close the programs that show them, then empty the bin again.",
        )
    return len(gone)


def binned_files(library: Library) -> Iterator[tuple[str, str, int, str]]:
    """What the bin holds: id of the take, path from the library's root, bytes and SHA-256 (hex)."""
    for take_id, streams in library.rows(
        "SELECT take_id, json_extract(content, '$.streams') FROM bin ORDER BY take_id"
    ):
        for stream in json.loads(streams):
            name = stream["path"].rpartition("/")[2]
            folder = "takes" if awaits_bin(library, take_id) else "bin"
            yield take_id, f"{folder}/{take_id}/{name}", stream["n_bytes"], stream["sha256"]


def _takes(take_ids: Sequence[str]) -> str:
    return "a take" if len(take_ids) == 1 else f"{len(take_ids)} takes"


def _drop_cached(library: Library, take_id: str) -> None:
    """Every room that keeps something of one take in the cache names it after the take."""
    for path in library.cache_folder.glob(f"*/{take_id}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
