"""Files that nobody closed, since the program was killed or the disk full."""

from collections.abc import Callable
from pathlib import Path

from fsamt_engine.media.failures import unreadable
from fsamt_engine.media.index import open_video
from fsamt_engine.media.places import Place
from fsamt_engine.media.writing import FrameWriter


def mend_file(path: Path, open_copy: Callable[[Path], FrameWriter], n_frames: int) -> None:
    """Gives a file of ours that was never closed its index, and cuts it after its whole frames.

    Without an index it can be read, but only after a walk through all of it. Frames are copied as
    they are encoded; the file is replaced when its copy is complete.

    Args:
        path: The file.
        open_copy: Opens a file like it.
        n_frames: Whole frames at its beginning, at least one.

    Raises:
        FsamtError: It is not such a file, or the disk is full. It is as it was.
    """
    mended = path.with_name(f"{path.name}.mended")
    container, stream = open_video(Place(path))
    try:
        with container, open_copy(mended) as copy:
            if (stream.codec_context.extradata or b"") != copy.header:
                raise unreadable(path, "another encoder wrote it")
            for packet in container.demux(stream):
                if packet.size and copy.n_frames < n_frames:
                    copy.copy(packet)
        mended.replace(path)
    finally:
        mended.unlink(missing_ok=True)
