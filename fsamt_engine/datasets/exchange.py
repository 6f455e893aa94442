"""Takes from one library to another: to hand some of them on, and to bring them together again.

What leaves a library is a library itself, so nothing of a take is lost on the way (times, pairs,
calibration, labels, tags, consent), and whoever gets it needs nothing but this program to open it:
frames that lie outside the library are copied into the new one.
Colours and keys of actions are a person's own, and stay.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fsamt_engine.datasets.importing import ImportResult, Skipped
from fsamt_engine.datasets.reader import BrokenFileError, FrameSource
from fsamt_engine.datasets.staging import CheckStop, stage_frames
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.compositions import composition_of
from fsamt_engine.library.consent import Consent, consent, note_consent
from fsamt_engine.library.drafts import StreamDraft, TakeDraft
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.incoming import add_take, staging_folder, sweep_orphans
from fsamt_engine.library.labels import actions, enter_action, segments
from fsamt_engine.library.library import DATABASE, Library
from fsamt_engine.library.organising import carry_names
from fsamt_engine.library.records import Stream, StreamKind, Take, main_of
from fsamt_engine.library.takes import frame_numbers, has_source_key, pairs, take, timestamps
from fsamt_engine.media import ColourReader, DepthReader, InfraredReader
from fsamt_engine.media.reading import FrameReader
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

_BLOCK = 1 << 20
_READERS: Mapping[StreamKind, Callable[[Path, int], FrameReader]] = {
    StreamKind.DEPTH: DepthReader,
    StreamKind.INFRARED: InfraredReader,
    StreamKind.COLOUR: ColourReader,
}


@dataclass(frozen=True)
class ExchangeChoice:
    """What of a take goes along; titles, tags and regions always do.

    Attributes:
        with_colour: Without it, takes go as depth-only ones: no colour, no pairs.
        with_labels: Segments, and descriptions of their actions.
    """

    with_colour: bool = True
    with_labels: bool = True


@dataclass(frozen=True)
class ExchangeResult(ImportResult):
    """What came over.

    Attributes:
        without_colour: Takes (ids) whose colour stayed behind because its consent does not, or no
            longer, allow it.
    """

    without_colour: tuple[str, ...] = field(default=())


def export_takes(
    library: Library,
    take_ids: Sequence[str],
    folder: Path,
    choice: ExchangeChoice = ExchangeChoice(),
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ExchangeResult:
    """Copies takes into the library in `folder`, which is made where there is none.

    Raises:
        Cancelled: Asked to stop; the takes that were copied whole stay.
        FsamtError: The folder holds other files, or cannot be written to; a take is not there.
    """
    if folder.expanduser().absolute() == library.root:
        raise FsamtError("A library cannot be exported into itself.", "Choose another folder.")
    there = (folder / DATABASE).is_file()
    with Library.open(folder) if there else Library.create(folder) as target:
        return copy_takes(
            library, take_ids, target, choice, on_progress=on_progress, should_stop=should_stop
        )


def copy_takes(
    source: Library,
    take_ids: Sequence[str],
    target: Library,
    choice: ExchangeChoice = ExchangeChoice(),
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ExchangeResult:
    """Copies takes from one open library into another, each whole or not at all.

    A take that `target` has already stays as it is there, and so do the descriptions of its
    actions. Files are compared with their checksums on the way: a damaged one leaves its take
    behind, and is named. Where both libraries know what a participant allowed, the stricter holds.

    Args:
        take_ids: Of `source`.
        on_progress: Gets "Copying takes", bytes done of bytes to do; metrics: "skipped".
        should_stop: Asked about once a megabyte; any answer but None stops.

    Raises:
        Cancelled: Asked to stop; the takes that were copied whole stay.
        FsamtError: `target` cannot be written to, or a take is not in `source`.
    """
    sweep_orphans(target)
    takes = [take(source, take_id) for take_id in dict.fromkeys(take_ids)]
    to_do = [one for one in takes if not has_source_key(target, one.source_key)]
    known = {action.name for action in actions(target) if action.description}
    described = {
        action.name: action
        for action in actions(source)
        if choice.with_labels and action.name not in known
    }
    total = sum(stream.n_bytes for one in to_do for stream in one.streams)
    watch = Stopwatch(total)
    skipped: list[Skipped] = []
    without_colour: list[str] = []
    n_before = n_added = 0

    def tell(n_of_take: int) -> None:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled(resumable=True)
        if on_progress is not None:
            done = min(total, n_before + n_of_take)
            metrics = {"skipped": float(len(skipped))}
            on_progress(Progress("Copying takes", done, total, metrics, watch.seconds_left(done)))

    tell(0)
    for one in to_do:
        names = one.session, one.participant
        allowed = consent(source, *names).and_also(consent(target, *names))
        streams = list(one.streams)
        if one.stream(StreamKind.COLOUR) and not (choice.with_colour and allowed.allows_colour):
            streams = [stream for stream in streams if stream.kind is not StreamKind.COLOUR]
            if choice.with_colour:
                without_colour.append(one.id)
        try:
            if not streams:
                raise BrokenFileError(
                    source.takes_folder / one.id, "It has nothing but colour, which stays behind."
                )
            with staging_folder(target) as staging:
                draft = _draft(source, one, streams, staging, choice, tell)
                for action in {name for name, _, _ in draft.segments}:
                    if action in described:
                        new = described.pop(action)
                        enter_action(target, new.name, new.description)
                # Before the take: killed in between, it is not there without them for good.
                carry_names(source, target, [one.participant])
                if allowed != Consent():
                    note_consent(target, *names, allowed)
                add_take(target, staging, draft)
        except BrokenFileError as error:
            skipped.append(Skipped(error.file, error.reason))
        else:
            n_added += 1
        n_before += sum(stream.n_bytes for stream in one.streams)
        tell(0)
    return ExchangeResult(
        n_added, len(takes) - len(to_do), tuple(skipped), without_colour=tuple(without_colour)
    )


def _draft(
    source: Library,
    one: Take,
    streams: Sequence[Stream],
    staging: Path,
    choice: ExchangeChoice,
    tell: Callable[[int], None],
) -> TakeDraft:
    drafts, n_bytes = [], 0
    for stream in streams:
        if stream.is_elsewhere:
            drafts.append(_bring_home(source, one, stream, staging, partial(tell, n_bytes)))
            continue
        path = staging / Path(stream.path).name
        _copy(source.absolute(stream.path), path, stream, n_bytes, tell)
        n_bytes += stream.n_bytes
        drafts.append(
            StreamDraft(
                stream.kind,
                path,
                stream.width,
                stream.height,
                stream.n_frames,
                stream.rate_hz,
                stream.codec,
                timestamps(source, one.id, stream.kind),
                stream.unit_m,
                frame_numbers(source, one.id, stream.kind),
                stream.timestamp_domain,
            )
        )
    has_colour = any(stream.kind is StreamKind.COLOUR for stream in streams)
    labels = _labels(source, one, streams) if choice.with_labels else []
    return TakeDraft(
        one.session,
        one.participant,
        one.source,
        one.source_key,
        one.started_at_us,
        drafts,
        pairs(source, one.id) if has_colour else np.empty((0, 3), np.int64),
        labels,
        one.calibration,
        one.recording,
        one.title,
        one.tags,
        one.region,
        composition_of(source, one.id) if choice.with_labels else (),
    )


def _labels(source: Library, one: Take, kept: Sequence[Stream]) -> list[tuple[str, int, int]]:
    """Action, first frame and end of a take's segments, in frames of what numbers the copy.

    Where colour numbered them and stays behind, they go to the frames of another stream by time.
    """
    labels = [
        (label.action, label.start, label.end) for label in segments(source, take_ids=[one.id])
    ]
    main, was = main_of(kept), one.main
    if main.kind is was.kind or not labels:
        return labels
    was_us, now_us = (timestamps(source, one.id, stream.kind) for stream in (was, main))
    if was.timestamp_domain != main.timestamp_domain:  # Both are taken to begin at once.
        was_us, now_us = was_us - was_us[0], now_us - now_us[0]
    edges_us = np.append(was_us, was_us[-1] + 1e6 / was.rate_hz) - 0.5e6 / main.rate_hz
    edges = np.searchsorted(now_us, edges_us).tolist()
    moved = [(action, edges[start], edges[end]) for action, start, end in labels]
    return [label for label in moved if label[1] < label[2]]


def _bring_home(
    source: Library, one: Take, stream: Stream, staging: Path, check_stop: CheckStop
) -> StreamDraft:
    """Copies frames that lie outside the library.

    Raises:
        BrokenFileError: They are not there, or cannot be read.
        FsamtError: The target cannot be written to.
    """
    path = source.absolute(stream.path)
    try:
        reader = _READERS[stream.kind](path, stream.n_frames)
    except FsamtError as error:
        raise BrokenFileError(path, error.message) from error
    with reader:
        frames = FrameSource(
            path,
            reader,
            stream.width,
            stream.height,
            timestamps(source, one.id, stream.kind),
            stream.rate_hz,
            stream.unit_m,
            stream.timestamp_domain,
        )
        return stage_frames(frames, stream.kind, staging / f"{stream.kind}.mkv", check_stop)


def _copy(
    source: Path, target: Path, stream: Stream, n_before: int, tell: Callable[[int], None]
) -> None:
    """Copies one file; `tell` gets its bytes on top of the `n_before` of the take.

    Raises:
        BrokenFileError: The file cannot be read, or is not what the library knows.
        FsamtError: The target cannot be written to.
    """
    try:
        file = source.open("rb")
    except OSError as error:
        raise BrokenFileError(source, f"It cannot be read ({error.strerror}).") from error
    with file, environment_errors(target):
        with target.open("wb") as copy:
            while block := _read(file, source):
                copy.write(block)
                tell(n_before + copy.tell())
        shutil.copymode(source, target)
    n_bytes, sha256 = sha256_of(target)
    if (n_bytes, sha256) != (stream.n_bytes, stream.sha256):
        raise BrokenFileError(source, "It is cut short or damaged: its checksum does not fit.")


def _read(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(_BLOCK)
    except OSError as error:
        raise BrokenFileError(path, f"It cannot be read ({error.strerror}).") from error
