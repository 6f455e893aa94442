"""Labels for BORIS, as a project (.boris): one observation a take, one state behaviour an action.

BORIS (Friard and Gamba, Methods in Ecology and Evolution 7, 2016), project format 7.0: JSON with
`behaviors_conf` and `observations`; an event is [seconds, subject, code, modifiers, comment] and a
state's events are its beginnings and ends in turn. Seconds are those of the video file.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
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

_STATE = "State event"


def write(path: Path, outgoing: Outgoing) -> str:
    """The text of the project."""
    participants = sorted({one.take.participant for one in outgoing.takes})
    content = {
        "time_format": "hh:mm:ss",
        "project_date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "project_name": path.stem,
        "project_description": "Labels of FSAMT Studio",
        "project_format_version": "7.0",
        "subjects_conf": {
            str(number): {"key": "", "name": name, "description": ""}
            for number, name in enumerate(participants)
        },
        "behaviors_conf": {
            str(number): {
                "type": _STATE,
                "key": action.key,
                "code": action.name,
                "description": action.description,
                "color": action.colour,
                "category": "",
                "modifiers": "",
                "excluded": "",
                "coding map": "",
            }
            for number, action in enumerate(outgoing.actions)
        },
        "observations": {_name(one): _observation(one) for one in outgoing.takes},
        "behavioral_categories": [],
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> ParsedFile:
    """The state events of a project's observations; point events have no length, and stay out.

    Raises:
        FsamtError: It is no BORIS project.
    """
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise not_a_label_file(path, "it is no BORIS project") from error
    if not isinstance(content, dict) or not {"observations", "behaviors_conf"} <= content.keys():
        raise not_a_label_file(path, "it is no BORIS project")
    labels: list[ParsedLabel] = []
    problems: list[str] = []
    try:
        behaviours = list(content["behaviors_conf"].values())
        states = {str(one["code"]) for one in behaviours if "state" in str(one["type"]).casefold()}
        actions = tuple(
            ParsedAction(
                str(one["code"]),
                str(one.get("description", "")),
                str(one.get("color", "") or ""),
                str(one.get("key", "")),
            )
            for one in behaviours
            if str(one["code"]) in states
        )
        for name, observation in content["observations"].items():
            _read_observation(str(name), observation, states, labels, problems)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise not_a_label_file(path, f"a part of it is missing or wrong ({error})") from error
    return ParsedFile(tuple(labels), actions, tuple(problems))


def _name(one: LabelledTake) -> str:
    return f"{one.take.session}/{one.take.number}"


def _observation(one: LabelledTake) -> dict[str, Any]:
    media = str(one.times.media) if one.times.media is not None else ""
    events: list[list[Any]] = []
    for segment in one.segments:
        for at_s in one.times.media_seconds(segment.start, segment.end):
            events.append([round(at_s, 3), one.take.participant, segment.action, "", ""])
    length_s = round(float(one.times.media_s[-1]), 3)
    rate_hz = round(one.times.n_frames / length_s, 3) if length_s > 0 else 30.0
    started = datetime.fromtimestamp(one.take.started_at_us / 1e6, UTC)
    return {
        "file": {"1": [media] if media else [], "2": []},
        "type": "MEDIA",
        "date": started.strftime("%Y-%m-%dT%H:%M:%S"),
        "description": f"take {one.take.id}",
        "time offset": 0.0,
        "events": sorted(events, key=lambda event: event[0]),
        "independent_variables": {},
        "visualize_spectrogram": False,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {media: length_s} if media else {},
            "fps": {media: rate_hz} if media else {},
            "hasVideo": {media: True} if media else {},
            "hasAudio": {media: False} if media else {},
            "offset": {"1": 0.0},
        },
    }


def _read_observation(
    name: str,
    observation: Mapping[str, Any],
    states: set[str],
    labels: list[ParsedLabel],
    problems: list[str],
) -> None:
    names = [str(observation.get("description", "")).removeprefix("take "), name]
    files = observation.get("file") or {}
    if isinstance(files, dict):
        names += [str(file) for player in files.values() for file in player]
    begun: dict[tuple[str, str], list[float]] = defaultdict(list)
    n_points = 0
    for event in sorted(observation["events"], key=lambda event: float(event[0])):
        at_s, subject, code = float(event[0]), str(event[1]), str(event[2])
        if code not in states:
            n_points += 1
            continue
        begun[subject, code].append(at_s)
    for (_, code), edges_s in begun.items():
        for start_s, end_s in zip(edges_s[::2], edges_s[1::2], strict=False):
            labels.append(
                ParsedLabel(
                    tuple(names), code, None, (start_s, end_s), Clock.MEDIA, f"observation {name}"
                )
            )
        if len(edges_s) % 2:
            problems.append(f'"{code}" begins in observation {name}, and does not end.')
    if n_points:
        problems.append(f"{n_points} point events of observation {name} have no length.")
