"""Labels as JSON: our own format, which says everything that the library knows of them.

    {"format": "fsamt-labels", "version": 1,
     "actions": [{"name", "description", "colour", "key"}],
     "takes": [{"id", "session", "number", "participant", "source_key", "n_frames",
                "segments": [{"action", "start", "end", "start_s", "end_s"}]}]}

`start` and `end` are depth frames, `end` not included; seconds count from the first depth frame.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fsamt_engine.labelling.files.outgoing import LabelledTake, Outgoing
from fsamt_engine.labelling.files.parsed import (
    Clock,
    ParsedAction,
    ParsedFile,
    ParsedLabel,
    not_a_label_file,
    read_text,
)

FORMAT, VERSION = "fsamt-labels", 1


def write(outgoing: Outgoing) -> str:
    """The text of the file."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "actions": [
            {"name": a.name, "description": a.description, "colour": a.colour, "key": a.key}
            for a in outgoing.actions
        ],
        "takes": [_take(one) for one in outgoing.takes],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> ParsedFile:
    """The labels of a file that `write` made.

    Raises:
        FsamtError: It is no such file, or of a newer version.
    """
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise not_a_label_file(path, "it is no JSON") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise not_a_label_file(path, f'it does not say "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise not_a_label_file(path, f"it is of version {content.get('version')}, not {VERSION}")
    try:
        actions = tuple(
            ParsedAction(
                str(one["name"]),
                str(one.get("description", "")),
                str(one.get("colour", "")),
                str(one.get("key", "")),
            )
            for one in content["actions"]
        )
        labels = tuple(label for one in content["takes"] for label in _labels(one))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise not_a_label_file(path, f"a part of it is missing or wrong ({error})") from error
    return ParsedFile(labels, actions)


def _take(one: LabelledTake) -> dict[str, Any]:
    take = one.take
    segments = []
    for segment in one.segments:
        start_s, end_s = one.times.seconds(segment.start, segment.end)
        segments.append(
            {
                "action": segment.action,
                "start": segment.start,
                "end": segment.end,
                "start_s": round(start_s, 3),
                "end_s": round(end_s, 3),
            }
        )
    return {
        "id": take.id,
        "session": take.session,
        "number": take.number,
        "participant": take.participant,
        "source_key": take.source_key,
        "n_frames": one.times.n_frames,
        "segments": segments,
    }


def _labels(take: Mapping[str, Any]) -> list[ParsedLabel]:
    names = (str(take["id"]), str(take.get("source_key", "")))
    return [
        ParsedLabel(
            names,
            str(segment["action"]),
            (int(segment["start"]), int(segment["end"])),
            None,
            Clock.TAKE,
            f"take {take['id']}",
        )
        for segment in take["segments"]
    ]
