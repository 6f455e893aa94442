"""From the folder of a recording to a take of the library."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from fsamt_engine.capture.journal import (
    Events,
    RecordingHeader,
    StreamHeader,
    StreamJournal,
    read_header,
    read_stream_journal,
)
from fsamt_engine.capture.pairing import FrameTimes, pair_frames
from fsamt_engine.capture.take_writer import PIXEL_WRITERS, pixel_path
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.drafts import StreamDraft, TakeDraft
from fsamt_engine.library.incoming import add_take
from fsamt_engine.library.library import Library
from fsamt_engine.library.recordings import drop_recording_files
from fsamt_engine.library.records import Recording, StreamKind, Take
from fsamt_engine.media.colour import COLOUR_CODEC, ColourReader
from fsamt_engine.media.depth import DEPTH_CODEC, DepthReader
from fsamt_engine.media.infrared import INFRARED_CODEC, InfraredReader
from fsamt_engine.media.mending import mend_file
from fsamt_engine.media.reading import FrameReader, StoredReader

_FORMATS: dict[StreamKind, tuple[str, type[StoredReader]]] = {
    StreamKind.DEPTH: (DEPTH_CODEC, DepthReader),
    StreamKind.COLOUR: (COLOUR_CODEC, ColourReader),
    StreamKind.INFRARED: (INFRARED_CODEC, InfraredReader),
}


def finish_recording(library: Library, folder: Path, events: Events) -> Take | None:
    """Makes a take of what was recorded into a folder, however that ended.

    Args:
        library: Where the folder lies.
        folder: From `new_recording_folder` or `claim_recordings`; nobody writes into it any more.
        events: What happened.

    Returns:
        None when there is not one whole frame; the folder is gone then.

    Raises:
        FsamtError: The folder is damaged, or the disk full. It stays as it is.
    """
    header = read_header(folder)
    streams: dict[StreamKind, tuple[StreamDraft, FrameTimes]] = {}
    n_dropped: dict[str, int] = {}
    first_arrival_us: dict[StreamKind, int] = {}
    for stream in header.streams:
        kind = stream.mode.kind
        journal = read_stream_journal(folder, kind)
        n_frames = _count(folder, stream, journal, events)
        n_dropped[str(kind)] = events.n_dropped.get(kind, journal.n_dropped)
        if n_frames:
            journal = journal.first(n_frames)
            times = FrameTimes.by_one_clock(journal.at_us, journal.domains, journal.arrived_at_us)
            streams[kind] = (_stream_draft(folder, stream, journal, times), times)
            first_arrival_us[kind] = int(journal.arrived_at_us[0])
        else:
            pixel_path(folder, kind).unlink(missing_ok=True)
    if not streams:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    take = add_take(
        library, folder, _draft(header, events, streams, n_dropped, min(first_arrival_us.values()))
    )
    drop_recording_files(library.takes_folder / take.id)
    return take


def _count(folder: Path, stream: StreamHeader, journal: StreamJournal, events: Events) -> int:
    """Whole frames that are in the journal and in the file."""
    kind = stream.mode.kind
    if kind in events.closed:
        return min(events.closed[kind], len(journal))
    path = pixel_path(folder, kind)
    try:
        with _FORMATS[kind][1](path) as reader:
            n_frames = min(reader.n_frames, len(journal))
            while n_frames and not _is_whole(reader, n_frames - 1):
                n_frames -= 1
    except FsamtError:
        return 0
    if n_frames:
        _mend(path, stream, n_frames)
    return n_frames


def _mend(path: Path, stream: StreamHeader, n_frames: int) -> None:
    """Makes the file as good as one that was closed, where there is room for that."""
    mode = stream.mode
    size = (mode.width, mode.height, mode.rate_hz)
    with suppress(FsamtError):
        mend_file(path, lambda copy: PIXEL_WRITERS[mode.kind](copy, *size), n_frames)


def _is_whole(reader: FrameReader, number: int) -> bool:
    try:
        reader[number]
    except FsamtError:
        return False
    return True


def _stream_draft(
    folder: Path, stream: StreamHeader, journal: StreamJournal, times: FrameTimes
) -> StreamDraft:
    mode = stream.mode
    return StreamDraft(
        mode.kind,
        pixel_path(folder, mode.kind),
        mode.width,
        mode.height,
        len(journal),
        mode.rate_hz,
        _FORMATS[mode.kind][0],
        times.at_us,
        stream.unit_m,
        journal.numbers,
        times.domain,
    )


def _draft(
    header: RecordingHeader,
    events: Events,
    streams: dict[StreamKind, tuple[StreamDraft, FrameTimes]],
    n_dropped: dict[str, int],
    started_at_us: int,
) -> TakeDraft:
    pairs = np.empty((0, 3), np.int64)
    if StreamKind.DEPTH in streams and StreamKind.COLOUR in streams:
        (depth, depth_times), (colour, colour_times) = (
            streams[StreamKind.DEPTH],
            streams[StreamKind.COLOUR],
        )
        rate_hz = max(depth.rate_hz, colour.rate_hz)
        pairs = pair_frames(depth_times, colour_times, rate_hz).pairs
    draft = TakeDraft(
        header.session,
        header.participant,
        header.source,
        header.source_key,
        started_at_us,
        [stream for stream, _ in streams.values()],
        pairs,
        calibration=header.calibration,
        recording=Recording(
            header.camera,
            header.device,
            header.serial,
            header.firmware,
            header.usb_type,
            header.settings,
            n_dropped,
            events.ended or "killed",
            header.group,
            header.part,
            tuple(events.marks),
        ),
    )
    if header.action is None:
        return draft
    return replace(draft, segments=[(header.action, 0, draft.reference.n_frames)])
