"""From a take of a data set to the files of a take of the library."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.in_place import Folder, can_stay, refer_to
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    DataSetReader,
    FrameSource,
    LoadedTake,
    SourceTake,
)
from fsamt_engine.datasets.shrinking import default_short_side, shrunk
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.incoming import staging_folder
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Calibration, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft
from fsamt_engine.media import ColourWriter, DepthWriter, write_skeleton
from fsamt_engine.media.colour import COLOUR_CODEC
from fsamt_engine.media.depth import DEPTH_CODEC
from fsamt_engine.media.ffv1 import Ffv1Writer
from fsamt_engine.media.infrared import INFRARED_CODEC, DeepInfraredWriter, InfraredWriter
from fsamt_engine.media.skeleton import SKELETON_CODEC

CheckStop = Callable[[], None]
"""Called before every frame; what it raises ends the work."""

_CODECS = {
    StreamKind.DEPTH: DEPTH_CODEC,
    StreamKind.INFRARED: INFRARED_CODEC,
    StreamKind.COLOUR: COLOUR_CODEC,
}


@dataclass(frozen=True)
class StagedTake:
    """Files of a take that only has to be entered. Whoever gets it closes `folder_holder`."""

    folder_holder: ExitStack
    folder: Path
    draft: TakeDraft


def source_key(reader: DataSetReader, take: SourceTake) -> str:
    """What marks a take as imported, in every library and wherever its files lay."""
    return f"{reader.name}/{take.key}"


def stage_take(
    library: Library,
    reader: DataSetReader,
    take: SourceTake,
    check_stop: CheckStop,
    *,
    stays_in: Folder | None = None,
    short_side: int | None = None,
) -> StagedTake:
    """Reads a take of a data set and writes its files into a staging folder.

    Args:
        library: Where it will go.
        reader: Of the data set.
        take: Which take.
        check_stop: Called before every frame; what it raises ends the work.
        stays_in: The data set's folder, where videos and pictures are to stay in it; what cannot be
            read where it lies (skeletons, depth in MATLAB files) is copied nevertheless. None
            copies everything.
        short_side: Pixels to which larger colour is reduced where it is copied; 0 keeps it, None
            reduces what is larger than 640x480, to 256.

    Raises:
        BrokenFileError: A file of the data set is broken. Nothing is left.
        FsamtError: The library cannot be written to. Nothing is left.
    """
    loaded = _load(reader, take)
    if stays_in is None:
        limit = default_short_side(loaded) if short_side is None else short_side
        loaded = shrunk(loaded, limit) if limit else loaded
    calibration = loaded.calibration
    with ExitStack() as stack:
        folder = stack.enter_context(staging_folder(library))
        streams = []
        for kind, frames in _frames_of(loaded):
            check_stop()
            if stays_in is not None and can_stay(frames):
                stream = refer_to(frames, kind, folder, stays_in)
                calibration = _for_size(calibration, stream)
            else:
                stream = stage_frames(frames, kind, folder / f"{kind}.mkv", check_stop)
            streams.append(stream)
        if loaded.skeleton is not None and len(loaded.skeleton):
            streams.append(_stage_skeleton(loaded, loaded.skeleton, folder / "skeleton.npy"))
        draft = TakeDraft(
            session=loaded.session,
            participant=loaded.participant,
            source=reader.name,
            source_key=source_key(reader, take),
            started_at_us=loaded.started_at_us,
            streams=streams,
            pairs=loaded.pairs,
            segments=loaded.segments,
            calibration=calibration,
        )
        return StagedTake(stack.pop_all(), folder, draft)


def stage_frames(
    source: FrameSource, kind: StreamKind, path: Path, check_stop: CheckStop
) -> StreamDraft:
    """Writes the frames of a stream into a file of ours.

    Raises:
        BrokenFileError: They cannot be read.
        FsamtError: The file cannot be written.
    """
    frames = _sound_frames(source)
    first = next(frames, None)
    if first is None:
        raise BrokenFileError(source.file, "There is not one frame in it.")
    writer_type = _writer_type(kind, first)
    with writer_type(path, source.width, source.height, source.rate_hz) as writer:
        writer.write(first)
        for frame in frames:
            check_stop()
            writer.write(frame)
    return StreamDraft(
        kind,
        path,
        source.width,
        source.height,
        writer.n_frames,
        source.rate_hz,
        _CODECS[kind],
        source.timestamps_us,
        source.unit_m,
        timestamp_domain=source.timestamp_domain,
    )


def _load(reader: DataSetReader, take: SourceTake) -> LoadedTake:
    """A take of which a file cannot be read, in whatever way that shows, is left out alone."""
    file = next((place.shown for place in take.files.values()), Path(take.key))
    try:
        return reader.load(take)
    except (BrokenFileError, Cancelled, MemoryError):
        raise
    except FsamtError as error:
        raise BrokenFileError(file, error.message) from error
    except Exception as error:  # One odd file of 100,000 does not end a night's work.
        reason = f"It cannot be understood ({type(error).__name__}: {error})."
        raise BrokenFileError(file, reason) from error


def _frames_of(loaded: LoadedTake) -> Iterator[tuple[StreamKind, FrameSource]]:
    for kind, frames in (
        (StreamKind.DEPTH, loaded.depth),
        (StreamKind.INFRARED, loaded.infrared),
        (StreamKind.COLOUR, loaded.colour),
    ):
        if frames is not None:
            yield kind, frames


def _writer_type(
    kind: StreamKind, frame: npt.NDArray[Any]
) -> type[Ffv1Writer] | type[ColourWriter]:
    if kind is StreamKind.COLOUR:
        return ColourWriter
    if kind is StreamKind.DEPTH:
        return DepthWriter
    return InfraredWriter if frame.dtype == np.uint8 else DeepInfraredWriter


def _for_size(calibration: Calibration, stream: StreamDraft) -> Calibration:
    """The calibration where colour stays as large as it lies there."""
    colour = calibration.colour
    if stream.kind is not StreamKind.COLOUR or colour is None:
        return calibration
    return replace(calibration, colour=colour.scaled(stream.width, stream.height))


def _sound_frames(source: FrameSource) -> Iterator[npt.NDArray[Any]]:
    """The frames, with a failure to read them told apart from a failure to write them."""
    n_frames = 0
    try:
        for frame in source.frames:
            yield frame
            n_frames += 1
    except FsamtError as error:
        raise BrokenFileError(source.file, error.message) from error
    if n_frames != len(source.timestamps_us):
        n_expected = len(source.timestamps_us)
        raise BrokenFileError(source.file, f"It gave {n_frames} frames instead of {n_expected}.")


def _stage_skeleton(loaded: LoadedTake, joints: npt.NDArray[np.float32], path: Path) -> StreamDraft:
    write_skeleton(path, joints)
    n_frames, n_bodies, n_joints, _ = joints.shape
    times_us, rate_hz = loaded.skeleton_us, loaded.skeleton_rate_hz
    return StreamDraft(
        StreamKind.SKELETON,
        path,
        n_joints,
        n_bodies,
        n_frames,
        rate_hz,
        SKELETON_CODEC,
        nominal_timestamps(n_frames, rate_hz) if times_us is None else times_us,
        timestamp_domain="nominal" if times_us is None else "host",
    )
