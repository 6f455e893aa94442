"""From a take of a data set to the files of a take of the library."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.reader import BrokenFileError, DataSetReader, FrameSource, SourceTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.incoming import staging_folder
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft
from fsamt_engine.media import ColourWriter, DepthWriter, write_skeleton
from fsamt_engine.media.colour import COLOUR_CODEC
from fsamt_engine.media.depth import DEPTH_CODEC
from fsamt_engine.media.ffv1 import Ffv1Writer
from fsamt_engine.media.infrared import INFRARED_CODEC, InfraredWriter
from fsamt_engine.media.skeleton import SKELETON_CODEC

_WRITERS: Mapping[StreamKind, tuple[type[Ffv1Writer | ColourWriter], str]] = {
    StreamKind.DEPTH: (DepthWriter, DEPTH_CODEC),
    StreamKind.INFRARED: (InfraredWriter, INFRARED_CODEC),
    StreamKind.COLOUR: (ColourWriter, COLOUR_CODEC),
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
    library: Library, reader: DataSetReader, take: SourceTake, check_stop: Callable[[], None]
) -> StagedTake:
    """Reads a take of a data set and writes its files into a staging folder.

    Args:
        library: Where it will go.
        reader: Of the data set.
        take: Which take.
        check_stop: Called before every frame; what it raises ends the work.

    Raises:
        BrokenFileError: A file of the data set is broken. Nothing is left.
        FsamtError: The library cannot be written to. Nothing is left.
    """
    loaded = reader.load(take)
    with ExitStack() as stack:
        folder = stack.enter_context(staging_folder(library))
        streams = [
            _stage_frames(frames, kind, folder / f"{kind}.mkv", check_stop)
            for kind, frames in (
                (StreamKind.DEPTH, loaded.depth),
                (StreamKind.INFRARED, loaded.infrared),
                (StreamKind.COLOUR, loaded.colour),
            )
            if frames is not None
        ]
        if loaded.skeleton is not None and len(loaded.skeleton):
            path = folder / "skeleton.npy"
            streams.append(_stage_skeleton(loaded.skeleton, path, loaded.skeleton_rate_hz))
        draft = TakeDraft(
            session=loaded.session,
            participant=loaded.participant,
            source=reader.name,
            source_key=source_key(reader, take),
            started_at_us=loaded.started_at_us,
            streams=streams,
            pairs=loaded.pairs,
            segments=loaded.segments,
            calibration=loaded.calibration,
        )
        return StagedTake(stack.pop_all(), folder, draft)


def _stage_frames(
    source: FrameSource, kind: StreamKind, path: Path, check_stop: Callable[[], None]
) -> StreamDraft:
    writer_type, codec = _WRITERS[kind]
    with writer_type(path, source.width, source.height, source.rate_hz) as writer:
        for frame in _sound_frames(source):
            check_stop()
            writer.write(frame)
    return StreamDraft(
        kind,
        path,
        source.width,
        source.height,
        writer.n_frames,
        source.rate_hz,
        codec,
        source.timestamps_us,
        source.unit_m,
        timestamp_domain=source.timestamp_domain,
    )


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


def _stage_skeleton(joints: npt.NDArray[np.float32], path: Path, rate_hz: float) -> StreamDraft:
    write_skeleton(path, joints)
    n_frames, n_bodies, n_joints, _ = joints.shape
    return StreamDraft(
        StreamKind.SKELETON,
        path,
        n_joints,
        n_bodies,
        n_frames,
        rate_hz,
        SKELETON_CODEC,
        nominal_timestamps(n_frames, rate_hz),
    )
