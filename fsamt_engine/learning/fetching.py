"""A file from an address: with progress, checked, and going on where it was interrupted."""

import errno
import hashlib
import os
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop, Stopwatch

_BLOCK = 1 << 18
_TIMEOUT_S = 30.0
_PARTIAL, _BEYOND_THE_END = 206, 416


def fetch(
    url: str,
    target: Path,
    sha256: str,
    *,
    what: str,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> None:
    """Fetch a file, unless it is there: the file is whole and as published, or not there.

    Args:
        target: Where it goes. While it is on its way it lies beside, with `.part` to its name, and
            stays there when it is interrupted.
        sha256: The hash in hex, or its beginning.

    Raises:
        Cancelled: Asked to stop.
        FsamtError: No connection, no room, or what came is not what was published.
    """
    if target.is_file() and _hash(target).startswith(sha256):
        return
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _append(url, part, what, on_progress, should_stop)
        if not _hash(part).startswith(sha256):
            part.unlink()
            raise FsamtError(
                f"What came from {url} is not what was published: its SHA-256 does not begin with "
                f"{sha256}. It was thrown away.",
                "Try again; if it happens again, something between here and there changes files.",
            )
        os.replace(part, target)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise FsamtError(
            f"{url} cannot be reached ({_reason(error)}).",
            "What has come stays: the same command goes on. Without a connection, fetch that file "
            f"elsewhere (its SHA-256 begins with {sha256}) and run: "
            f"fsamt models import {target.name} --library LIBRARY",
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise FsamtError(
            f"{target.name} could not be written to {target.parent}: "
            f"{'the disk is full' if full else error.strerror}.",
            "Make room, or set TORCH_HOME to a folder on another disk.",
        ) from error


def _append(
    url: str,
    part: Path,
    what: str,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    """Fetch what is missing of a part; from the beginning where the server cannot go on."""
    there = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == _BEYOND_THE_END:
            return  # It is all there; the hash tells whether it is right.
        raise
    with answer:
        goes_on = answer.status == _PARTIAL
        there = there if goes_on else 0
        total = there + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if goes_on else "wb") as file:
            _copy(answer, file, there, total, what, on_progress, should_stop)


def _copy(
    answer: IO[bytes],
    file: IO[bytes],
    there: int,
    total: int,
    what: str,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    watch, done = Stopwatch(max(1, total - there)), there
    while block := answer.read(_BLOCK):
        asked = should_stop() if should_stop else None
        if asked:
            raise Cancelled(resumable=asked is not Stop.CANCEL)
        file.write(block)
        done += len(block)
        if on_progress:
            left = watch.seconds_left(done - there) if total else None
            on_progress(Progress(what, done, max(total, done), seconds_left=left))
    if done < total:
        raise ConnectionError("the connection broke off")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code}"
    if isinstance(error, urllib.error.URLError):
        return str(getattr(error.reason, "strerror", None) or error.reason)
    return str(error) or type(error).__name__
