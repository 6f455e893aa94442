"""Takes of recordings whose program died."""

from pathlib import Path

from fsamt_engine.capture.finishing import finish_recording
from fsamt_engine.capture.journal import read_events, read_header
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.recordings import claim_recordings
from fsamt_engine.library.records import Take


def recover_takes(library: Library) -> list[Take]:
    """Makes takes of what killed recordings left; for every start of a program that records.

    What was written is all there; only what waited for its encoder is not, a second at most. The
    takes are marked as recovered. Recordings of programs that run are left alone.

    Returns:
        The new takes.

    Raises:
        FsamtError: One makes no sense, and was put aside; or it cannot be added now (the disk is
            full, say), and stays for the next start. All others were recovered.
    """
    recovered = []
    failure: FsamtError | None = None
    for folder in claim_recordings(library):
        try:
            take = finish_recording(library, _sound(folder), read_events(folder))
        except FsamtError as error:
            failure = failure or error
            continue
        if take is not None:
            recovered.append(take)
    if failure is not None:
        raise failure
    return recovered


def _sound(folder: Path) -> Path:
    """The folder, if its header can be read; otherwise it is never tried again.

    Raises:
        FsamtError: Says where it was put.
    """
    try:
        read_header(folder)
    except FsamtError as error:
        aside = folder.with_name(f"unreadable-{folder.name.rpartition('-')[2]}")
        folder.rename(aside)
        raise FsamtError(error.message.replace(str(folder), str(aside)), error.hint) from error
    return folder
