"""What is known of a recording while it goes on, beside the files of its frames.

Three kinds of file, readable up to wherever a killed program left them:

- recording.json: what is recorded, by which camera, for which take; written once, at the start.
- KIND.journal: one line a frame of the file KIND.mkv, in its order, written before the frame:
  [at_us, domain, number or null, arrived_at_us, frames of the stream that were dropped so far].
- events.journal: ["mark", text, at_us], ["closed", kind, n_frames], ["dropped", kind, n_frames],
  ["ended", how].
"""

import json
import os
import sys
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.camera import Frame, StreamMode
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.files import sync_folder
from fsamt_engine.library.records import Calibration, RecordingEnd, StreamKind

HEADER_FILE = "recording.json"
EVENTS_FILE = "events.journal"
_VERSION = 1


@dataclass(frozen=True)
class StreamHeader:
    """A stream that is recorded."""

    mode: StreamMode
    unit_m: float | None = None


@dataclass(frozen=True)
class RecordingHeader:
    """What is known of a recording at its start.

    Attributes:
        action: What is performed, if it is known.
        source: Of the take ("realsense", "file", "simulated").
        source_key: Of the take.
        group: Shared by the parts, and by the cameras that record together.
        settings: What the camera was asked for, as JSON holds it.
    """

    session: str
    participant: str
    action: str | None
    source: str
    source_key: str
    group: str
    part: int
    camera: str
    device: str
    serial: str
    firmware: str
    usb_type: str
    settings: dict[str, Any]
    streams: tuple[StreamHeader, ...]
    calibration: Calibration


@dataclass(frozen=True)
class StreamJournal:
    """Frames of one stream, in the order of its file.

    Attributes:
        at_us, arrived_at_us: (n,) int64.
        domains: One a frame.
        numbers: (n,) int64, None where the camera did not count every frame.
        n_dropped: Up to the last of them.
    """

    at_us: NDArray[np.int64]
    domains: tuple[str, ...]
    numbers: NDArray[np.int64] | None
    arrived_at_us: NDArray[np.int64]
    n_dropped: int

    def __len__(self) -> int:
        return len(self.at_us)

    def first(self, n_frames: int) -> "StreamJournal":
        """The same of the first frames alone."""
        return StreamJournal(
            self.at_us[:n_frames],
            self.domains[:n_frames],
            None if self.numbers is None else self.numbers[:n_frames],
            self.arrived_at_us[:n_frames],
            self.n_dropped,
        )


@dataclass
class Events:
    """What happened.

    Attributes:
        closed: Frames in the files that were closed properly.
        n_dropped: Of each stream in the end.
        ended: Why; None when the program did not live to say so.
    """

    marks: list[tuple[str, int]] = field(default_factory=list)
    closed: dict[StreamKind, int] = field(default_factory=dict)
    n_dropped: dict[StreamKind, int] = field(default_factory=dict)
    ended: RecordingEnd | None = None


class JournalWriter:
    """Appends lines to a journal; each is out of this process when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, *content: Any) -> None:
        """Appends a line."""
        line = json.dumps(content, separators=(",", ":")).encode() + b"\n"
        if self._file.write(line) != len(line):
            raise OSError(28, os.strerror(28))

    def write_frame(self, frame: Frame, n_dropped: int) -> None:
        """Appends the line of a frame."""
        self.write(frame.at_us, frame.domain, frame.number, frame.arrived_at_us, n_dropped)

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def journal_path(folder: Path, kind: StreamKind) -> Path:
    """The journal of a stream."""
    return folder / f"{kind}.journal"


def write_header(folder: Path, header: RecordingHeader) -> None:
    """Writes recording.json, whole or not at all."""
    unfinished = folder / f"{HEADER_FILE}.new"
    content = json.dumps({"version": _VERSION, **asdict(header)}, indent=1)
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / HEADER_FILE)
    sync_folder(folder)


def read_header(folder: Path) -> RecordingHeader:
    """What recording.json says.

    Raises:
        FsamtError: It is not there, or makes no sense.
    """
    try:
        content = json.loads((folder / HEADER_FILE).read_text("utf-8"))
        if content.pop("version") != _VERSION:
            raise ValueError("another version")
        content["streams"] = tuple(
            StreamHeader(
                StreamMode(**s["mode"] | {"kind": StreamKind(s["mode"]["kind"])}), s["unit_m"]
            )
            for s in content["streams"]
        )
        content["calibration"] = Calibration.from_fields(content["calibration"])
        return RecordingHeader(**content)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise FsamtError(
            f"The recording in {folder} cannot be taken over: its {HEADER_FILE} is not what it was"
            f" ({error}).",
            "Its frames are in the .mkv files there; move the folder elsewhere to keep them.",
        ) from error


def read_stream_journal(folder: Path, kind: StreamKind) -> StreamJournal:
    """Frames of a stream, up to the first line that is not whole."""
    times, domains, numbers, arrivals, n_dropped = array("q"), [], array("q"), array("q"), 0
    for row in _lines(journal_path(folder, kind)):
        match row:
            case [int(at_us), str(domain), int() | None as number, int(arrived_at_us), int(n)]:
                times.append(at_us)
                domains.append(sys.intern(domain))
                if number is not None:
                    numbers.append(number)
                arrivals.append(arrived_at_us)
                n_dropped = n
            case _:
                break
    return StreamJournal(
        np.array(times, np.int64),
        tuple(domains),
        np.array(numbers, np.int64) if len(numbers) == len(times) else None,
        np.array(arrivals, np.int64),
        n_dropped,
    )


def read_events(folder: Path) -> Events:
    """What happened, up to the first line that is not whole."""
    events = Events()
    for row in _lines(folder / EVENTS_FILE):
        match row:
            case ["mark", str(text), int(at_us)]:
                events.marks.append((text, at_us))
            case ["closed", str(kind), int(n_frames)]:
                events.closed[StreamKind(kind)] = n_frames
            case ["dropped", str(kind), int(n_frames)]:
                events.n_dropped[StreamKind(kind)] = n_frames
            case ["ended", str(how)]:
                events.ended = cast(RecordingEnd, how)
    return events


def _lines(path: Path) -> Iterator[list[Any]]:
    """Lines of a journal, up to the first that is not whole."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                return
            if not line.endswith(b"\n") or not isinstance(row, list):
                return
            yield row
