"""Labels for ELAN (.eaf), one file a take.

ELAN Annotation Format 3.0 (The Language Archive, MPI Nijmegen), read and written by pympi. Times
are whole milliseconds of the video file that ELAN plays. Annotations of one tier cannot overlap
there, so segments that do are spread over further tiers.
"""

import tempfile
import warnings
from pathlib import Path

import pympi

from fsamt_engine.labelling.files.outgoing import LabelledTake
from fsamt_engine.labelling.files.parsed import (
    Clock,
    ParsedFile,
    ParsedLabel,
    not_a_label_file,
    read_text,
)
from fsamt_engine.library import Segment

TIER = "actions"
TAKE_PROPERTY = "fsamt:take"
"""Names the take in the header, wherever the file and the video are moved."""


def write(path: Path, one: LabelledTake) -> str:
    """The text of the file that is to lie at `path`."""
    eaf = pympi.Eaf(author="FSAMT Studio")
    eaf.remove_tier("default")
    eaf.add_property(TAKE_PROPERTY, one.take.id)
    media = one.times.media
    if media is not None:
        eaf.add_linked_file(media.as_uri(), relpath=_relative(media, path), mimetype="video/*")
    for number, segments in enumerate(_without_overlap(one.segments), start=1):
        tier = TIER if number == 1 else f"{TIER} {number}"
        eaf.add_tier(tier, part=one.take.participant)
        for segment in segments:
            start_s, end_s = one.times.media_seconds(segment.start, segment.end)
            start_ms = round(1000 * start_s)
            eaf.add_annotation(
                tier, start_ms, max(start_ms + 1, round(1000 * end_s)), segment.action
            )
    if not one.segments:
        eaf.add_tier(TIER, part=one.take.participant)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "labels.eaf"
        eaf.to_file(str(made))
        return made.read_text(encoding="utf-8")


def read(path: Path) -> ParsedFile:
    """The annotations of all tiers that have times of their own.

    A label's action is the annotation's value; where that is empty, the tier's name.

    Raises:
        FsamtError: It is no ELAN file.
    """
    # An ELAN file has no document type; one that has may be a trap of nested entities.
    if "<!DOCTYPE" in read_text(path):
        raise not_a_label_file(path, "it has a document type, which no ELAN file has")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eaf = pympi.Eaf(str(path))
        names = [str(text) for name, text in eaf.get_properties() if name == TAKE_PROPERTY]
        for media in eaf.get_linked_files():
            names += [media.get("RELATIVE_MEDIA_URL") or "", media.get("MEDIA_URL") or ""]
        tiers = {tier: eaf.tiers[tier][0].values() for tier in eaf.get_tier_names()}
        slots = eaf.timeslots
    except Exception as error:  # pympi raises bare exceptions of any kind
        raise not_a_label_file(path, "it is no ELAN file") from error
    labels, problems = [], []
    for tier, annotations in tiers.items():
        for start_slot, end_slot, value, _ in annotations:
            start_ms, end_ms = slots.get(start_slot), slots.get(end_slot)
            action = value.strip() or tier
            if start_ms is None or end_ms is None:
                problems.append(f'"{action}" in tier {tier} has no time of its own.')
                continue
            labels.append(
                ParsedLabel(
                    (*names, path.stem),
                    action,
                    None,
                    (start_ms / 1000, end_ms / 1000),
                    Clock.MEDIA,
                    f"tier {tier}",
                )
            )
    return ParsedFile(tuple(labels), problems=tuple(problems))


def _without_overlap(segments: tuple[Segment, ...]) -> list[list[Segment]]:
    """Segments in as few rows as they need."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda one: (one.start, one.end)):
        free = next((row for row in rows if row[-1].end <= segment.start), None)
        if free is None:
            rows.append([segment])
        else:
            free.append(segment)
    return rows


def _relative(media: Path, eaf: Path) -> str:
    try:
        return f"./{media.relative_to(eaf.parent).as_posix()}"
    except ValueError:
        return media.as_posix()
