"""Folders that cameras are recorded into, and what killed programs left in them.

A recording cannot be made again. So nobody removes its folder: until its take is in the database,
whatever is left by a process that died is claimed by the next one, which makes the take of it.
"""

import secrets
import shutil
from pathlib import Path

from sqlite_utils import Database

from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.incoming import (
    RECORDING,
    RECORDING_FILE,
    is_abandoned,
    is_entered,
    is_recording,
    release,
    unsettled,
)
from fsamt_engine.library.library import Library
from fsamt_engine.library.processes import this_process


def new_recording_folder(library: Library) -> Path:
    """A new folder for a recording of this process.

    Raises:
        FsamtError: The disk is full, or the library may not be written to.
    """
    folder = _new_folder(library)
    with environment_errors(library.root):
        folder.mkdir()
    return folder


def claim_recordings(library: Library) -> list[Path]:
    """Takes over the recordings of dead processes; those of living ones are left alone.

    Returns:
        Their folders, which are this process' own now.

    Raises:
        FsamtError: The library cannot be written to.
    """

    def change(_: Database) -> list[Path]:
        claimed = []
        # Looked at again: another program may have claimed them meanwhile.
        for folder in _abandoned(library):
            if is_entered(library, folder.name):
                drop_recording_files(folder)
                release(folder)
            elif not (folder / RECORDING_FILE).exists():
                shutil.rmtree(folder, ignore_errors=True)  # It had not begun.
            else:
                claimed.append(folder.rename(_new_folder(library)))
        return claimed

    with environment_errors(library.root):
        return library.write(change) if _abandoned(library) else []


def drop_recording_files(folder: Path) -> None:
    """Removes what a recording needed until its take was in the database."""
    for path in (*folder.glob("*.journal"), folder / RECORDING_FILE):
        path.unlink(missing_ok=True)


def _abandoned(library: Library) -> list[Path]:
    return [
        folder for folder in unsettled(library) if is_abandoned(folder) and is_recording(folder)
    ]


def _new_folder(library: Library) -> Path:
    return library.takes_folder / f"{RECORDING}{this_process()}-{secrets.token_hex(4)}"
