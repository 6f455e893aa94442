"""Labels as a table (.csv): one line a segment, in frames and in seconds.

Also read: tables of other programs, by the names of their columns; BORIS' "aggregated events" and
plain "file, label, start, end" lists among them.
"""

import csv
import io
from pathlib import Path

from fsamt_engine.labelling.files.outgoing import Outgoing
from fsamt_engine.labelling.files.parsed import (
    Clock,
    ParsedFile,
    ParsedLabel,
    not_a_label_file,
    read_text,
)

COLUMNS = (
    "take",
    "session",
    "number",
    "participant",
    "action",
    "start_frame",
    "end_frame",
    "start_s",
    "end_s",
)
"""As they are written. Frames are depth frames, `end_frame` is the first that is not in it any
more; seconds count from the first depth frame."""

_ALIASES = {
    "take": (
        "take",
        "take_id",
        "take id",
        "media file name",
        "media file",
        "observation id",
        "video",
        "file",
        "filename",
        "clip",
    ),
    "session": ("session",),
    "number": ("number", "take number"),
    "action": ("action", "label", "behavior", "behaviour", "class", "value"),
    "start_frame": ("start_frame", "start frame", "first_frame"),
    "end_frame": ("end_frame", "end frame"),
    "start_s": ("start_s", "start (s)", "start [s]", "start_time", "start", "begin"),
    "end_s": ("end_s", "end (s)", "stop (s)", "end [s]", "end_time", "end", "stop"),
}


def write(outgoing: Outgoing) -> str:
    """The text of the file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in outgoing.takes:
        take = one.take
        for segment in one.segments:
            start_s, end_s = one.times.seconds(segment.start, segment.end)
            times = f"{start_s:.3f}", f"{end_s:.3f}"
            names = (take.id, take.session, take.number, take.participant, segment.action)
            writer.writerow([*names, segment.start, segment.end, *times])
    return text.getvalue()


def read(path: Path) -> ParsedFile:
    """The labels of a table; commas, semicolons or tabs between the cells.

    Raises:
        FsamtError: It is no table, or lacks a column that is needed.
    """
    text = read_text(path)
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise not_a_label_file(path, f"it is no table ({error})") from error
    if not rows:
        raise not_a_label_file(path, "it is empty")
    heads = [cell.strip().casefold() for cell in rows[0]]
    places = {
        name: next((heads.index(alias) for alias in aliases if alias in heads), None)
        for name, aliases in _ALIASES.items()
    }
    has_frames = None not in (places["start_frame"], places["end_frame"])
    has_seconds = None not in (places["start_s"], places["end_s"])
    missing = [name for name in ("take", "action") if places[name] is None]
    if not (has_frames or has_seconds):
        missing.append("start_s and end_s (or start_frame and end_frame)")
    if missing:
        raise not_a_label_file(path, f"it has no column {', '.join(missing)}")
    labels, problems = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue

        def cell(name: str, row: list[str] = row) -> str:
            place = places[name]
            return row[place].strip() if place is not None and place < len(row) else ""

        try:
            frames = (int(cell("start_frame")), int(cell("end_frame"))) if has_frames else None
            seconds = (
                None
                if frames or not has_seconds
                else (float(cell("start_s")), float(cell("end_s")))
            )
        except ValueError:
            problems.append(f"Line {number} has no start and end that are numbers.")
            continue
        if not cell("action"):
            problems.append(f"Line {number} names no action.")
            continue
        names = [cell("take")]
        if cell("session") and cell("number"):
            names.append(f"{cell('session')}/{cell('number')}")
        labels.append(
            ParsedLabel(tuple(names), cell("action"), frames, seconds, Clock.TAKE, f"line {number}")
        )
    return ParsedFile(tuple(labels), problems=tuple(problems))
