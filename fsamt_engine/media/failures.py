"""What the operating system and FFmpeg refuse, as sentences."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.error import FFmpegError

from fsamt_engine.errors import FsamtError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns a failure to write `path` into an FsamtError; a full disk is named as such."""
    try:
        yield
    except (FFmpegError, OSError) as error:
        if error.errno in _NO_SPACE:
            raise FsamtError(
                f"The disk is full: {path.name} could not be written to its end.",
                "Free some space on the disk of the library, then do the same again.",
            ) from error
        raise FsamtError(
            f"{path} could not be written: {error.strerror}.",
            "Check that the folder exists and that you may write there.",
        ) from error


def is_disk_full(error: BaseException) -> bool:
    """Whether this is what `storing` raises, or the system says, on a full disk."""
    return getattr(error.__cause__ or error, "errno", None) in _NO_SPACE


def unreadable(path: Path, why: str) -> FsamtError:
    """The error for a file that cannot be opened; `why` completes "NAME cannot be read: ..."."""
    return FsamtError(
        f"{path} cannot be read: {why}.",
        "Check the path, or restore the file from a copy.",
    )


def damaged(path: Path, frame: int) -> FsamtError:
    """The error for a frame whose stored bytes are not what was written."""
    return FsamtError(
        f"Frame {frame} of {path} is damaged.",
        "Restore the file from a copy, or leave the take out.",
    )
