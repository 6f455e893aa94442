"""Takes of recordings whose program died."""

from fsamt_engine.capture.finishing import finish_recording
from fsamt_engine.capture.journal import read_events
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
        FsamtError: One cannot be added (the disk is full, say). It stays for the next time.
    """
    recovered = []
    for folder in claim_recordings(library):
        take = finish_recording(library, folder, read_events(folder))
        if take is not None:
            recovered.append(take)
    return recovered
