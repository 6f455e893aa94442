"""Recordings of the RealSense SDK (`.db3`, `.bag`), whole, as takes of the library.

Unlike a data set, whose files say who does what, a recording is told by whoever imports it. It is
played once, through the SDK, every frame.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fsamt_engine.capture.camera import CameraSettings, Frame, StreamMode
from fsamt_engine.capture.pairing import FrameTimes, pair_frames
from fsamt_engine.capture.playback import PlaybackCamera
from fsamt_engine.capture.realsense_contents import stored_frames
from fsamt_engine.capture.realsense_sdk import sdk
from fsamt_engine.capture.take_writer import PIXEL_WRITERS, pixel_path
from fsamt_engine.datasets.importing import ImportResult, Skipped
from fsamt_engine.datasets.reader import BrokenFileError
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.drafts import StreamDraft, TakeDraft
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.incoming import add_take, staging_folder, sweep_orphans
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import is_name
from fsamt_engine.library.records import Recording, StreamKind, Take
from fsamt_engine.library.takes import has_source_key
from fsamt_engine.media.colour import COLOUR_CODEC, ColourWriter
from fsamt_engine.media.depth import DEPTH_CODEC, DepthWriter
from fsamt_engine.media.infrared import INFRARED_CODEC, InfraredWriter
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

SOURCE = "realsense"
_CODECS = {
    StreamKind.DEPTH: DEPTH_CODEC,
    StreamKind.COLOUR: COLOUR_CODEC,
    StreamKind.INFRARED: INFRARED_CODEC,
}
_READ_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class RecordingNames:
    """What a recording does not say of itself.

    Attributes:
        action: What is done in the whole recording; None for a take without labels.
    """

    session: str
    participant: str
    action: str | None = None


def import_realsense(
    library: Library,
    files: Sequence[Path],
    names: RecordingNames,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ImportResult:
    """Adds recordings that the library does not have yet, each as a take.

    A recording is known by its content, wherever it lies. One that cannot be played to its end,
    frame by frame, is left out as a whole and named; the others come.

    Args:
        library: Where the takes go.
        files: Recordings of the RealSense SDK.
        names: Who does what in all of them.
        on_progress: Gets "Importing", frames done of frames to do; metrics: "skipped".
        should_stop: Asked with every frame; any answer but None stops.

    Raises:
        Cancelled: `should_stop` said so. Takes that were added stay.
        FsamtError: The SDK is missing, or the library cannot be written to.
    """
    sdk()
    given = [names.session, names.participant, names.action or names.session]
    if not all(map(is_name, given)):
        raise FsamtError("A name is empty or holds control characters.", "Give another name.")
    sweep_orphans(library)
    skipped: list[Skipped] = []
    n_frames: dict[Path, int] = {}
    for file in dict.fromkeys(files):
        try:
            n_frames[file] = sum(stored_frames(file).values())
        except FsamtError as error:
            skipped.append(Skipped(file, error.message))
    total = sum(n_frames.values())
    watch = Stopwatch(total)
    n_added = n_there = n_before = 0

    def tell(n_of_file: int) -> None:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled(resumable=True)
        if on_progress is not None:
            done = min(n_before + n_of_file, total)
            metrics = {"skipped": float(len(skipped))}
            on_progress(Progress("Importing", done, total, metrics, watch.seconds_left(done)))

    tell(0)
    for file, n_of_file in n_frames.items():
        try:
            added = _import_file(library, file, names, tell)
        except BrokenFileError as error:
            skipped.append(Skipped(file, error.reason))
        else:
            n_added += added is not None
            n_there += added is None
        n_before += n_of_file
        tell(0)
    return ImportResult(n_added, n_there, tuple(skipped))


@dataclass
class _Written:
    """What is known of a stream while its frames are written.

    Attributes:
        at_us, domains, numbers, arrived_at_us: Of each frame.
    """

    mode: StreamMode
    path: Path
    at_us: list[int] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    arrived_at_us: list[int] = field(default_factory=list)

    def note(self, frame: Frame) -> None:
        self.at_us.append(frame.at_us)
        self.domains.append(frame.domain)
        self.numbers.append(-1 if frame.number is None else frame.number)
        self.arrived_at_us.append(frame.arrived_at_us)

    @property
    def times(self) -> FrameTimes:
        return FrameTimes.by_one_clock(
            np.array(self.at_us, np.int64), self.domains, np.array(self.arrived_at_us, np.int64)
        )


def _import_file(
    library: Library, file: Path, names: RecordingNames, tell: Callable[[int], None]
) -> Take | None:
    """Adds a recording; None if it is there already.

    Raises:
        BrokenFileError: It cannot be played to its end. Nothing of it was kept.
    """
    source_key = f"{SOURCE}/{sha256_of(file, after_block=lambda _: tell(0))[1][:32]}"
    if has_source_key(library, source_key):
        return None
    with ExitStack() as stack:
        try:
            camera = stack.enter_context(closing(PlaybackCamera(file, real_time=False)))
            first_of_kind = {mode.kind: mode for mode in reversed(camera.capabilities.modes)}
            camera.start(CameraSettings(tuple(first_of_kind.values())))
        except FsamtError as error:
            raise BrokenFileError(file, error.message) from error
        folder = stack.enter_context(staging_folder(library))
        streams = _write_streams(camera, file, folder, tell)
        draft = _draft(camera, file, streams, names, source_key)
        return add_take(library, folder, draft)


def _write_streams(
    camera: PlaybackCamera, file: Path, folder: Path, tell: Callable[[int], None]
) -> dict[StreamKind, _Written]:
    """Writes every frame of a recording into a folder."""
    streams: dict[StreamKind, _Written] = {}
    n_frames = 0
    with ExitStack() as stack:
        writers: dict[StreamKind, DepthWriter | ColourWriter | InfraredWriter] = {}
        for open_stream in camera.streams:
            mode = open_stream.mode
            path = pixel_path(folder, mode.kind)
            streams[mode.kind] = _Written(mode, path)
            size = (mode.width, mode.height, mode.rate_hz)
            writers[mode.kind] = PIXEL_WRITERS[mode.kind](path, *size)
            stack.enter_context(writers[mode.kind])
        while (frame := _next_frame(camera, file)) is not None:
            writers[frame.kind].write(frame.pixels)
            streams[frame.kind].note(frame)
            n_frames += 1
            tell(n_frames)
    n_lost = sum(camera.lost.by_kind.values())
    if n_lost:
        raise BrokenFileError(
            file, f"It is damaged: {n_lost} of its {n_frames + n_lost} frames cannot be read."
        )
    if not streams.get(StreamKind.DEPTH) or not streams[StreamKind.DEPTH].at_us:
        raise BrokenFileError(file, "There is no depth in it.")
    for kind in [kind for kind, stream in streams.items() if not stream.at_us]:
        streams.pop(kind).path.unlink()
    return streams


def _next_frame(camera: PlaybackCamera, file: Path) -> Frame | None:
    try:
        frame = camera.read(_READ_TIMEOUT_S)
    except FsamtError as error:
        raise BrokenFileError(file, error.message) from error
    if frame is None and not camera.has_ended:
        raise BrokenFileError(file, "The RealSense SDK does not go on reading it.")
    return frame


def _draft(
    camera: PlaybackCamera,
    file: Path,
    streams: dict[StreamKind, _Written],
    names: RecordingNames,
    source_key: str,
) -> TakeDraft:
    depth, colour = streams[StreamKind.DEPTH], streams.get(StreamKind.COLOUR)
    pairs = np.empty((0, 3), np.int64)
    if colour is not None:
        rate_hz = max(depth.mode.rate_hz, colour.mode.rate_hz)
        pairs = pair_frames(depth.times, colour.times, rate_hz).pairs
    units = {stream.mode.kind: stream.unit_m for stream in camera.streams}
    n_depth = len(depth.at_us)
    info = camera.info
    return TakeDraft(
        names.session,
        names.participant,
        SOURCE,
        source_key,
        camera.recorded_at_us,
        [_stream_draft(stream, units[kind]) for kind, stream in streams.items()],
        pairs,
        [(names.action, 0, n_depth)] if names.action is not None else [],
        camera.calibration,
        Recording(
            f"file:{file.name}",
            info.name,
            info.serial,
            info.firmware,
            info.usb_type,
            ended="file ended",
        ),
    )


def _stream_draft(stream: _Written, unit_m: float | None) -> StreamDraft:
    mode, times = stream.mode, stream.times
    return StreamDraft(
        mode.kind,
        stream.path,
        mode.width,
        mode.height,
        len(stream.at_us),
        mode.rate_hz,
        _CODECS[mode.kind],
        times.at_us,
        unit_m,
        np.array(stream.numbers, np.int64),
        times.domain,
    )
