"""Labels from files: what of a file fits the library is found out first, then it is taken over."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path, PurePosixPath

from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.files import boris, document, elan, table
from fsamt_engine.labelling.files.leaving import LabelFormat
from fsamt_engine.labelling.files.outgoing import TakeTimes
from fsamt_engine.labelling.files.parsed import (
    Clock,
    ParsedAction,
    ParsedFile,
    ParsedLabel,
    not_a_label_file,
)
from fsamt_engine.library import Library
from fsamt_engine.library.actions import actions, add_action
from fsamt_engine.library.history import edit
from fsamt_engine.library.labels import add_segment, remove_segment, segments
from fsamt_engine.library.marks import is_colour
from fsamt_engine.library.names import is_name
from fsamt_engine.library.takes import take, take_ids_by_name

_READERS: Mapping[LabelFormat, Callable[[Path], ParsedFile]] = {
    LabelFormat.CSV: table.read,
    LabelFormat.JSON: document.read,
    LabelFormat.ELAN: elan.read,
    LabelFormat.BORIS: boris.read,
}


@dataclass(frozen=True)
class NewLabel:
    """A label of a file that the library can take over, in depth frames, `end` not included."""

    take_id: str
    action: str
    start: int
    end: int


@dataclass(frozen=True)
class LabelImport:
    """What reading label files found. Nothing is changed yet.

    Attributes:
        labels: New to the library.
        n_there: Labels that the library has already.
        n_overlapping: Of `labels`, those that overlap another label of the library.
        new_actions: Actions that the library does not have yet.
        unknown_takes: What the file calls takes that are not in the library.
        problems: What was left out for other reasons, a sentence each.
        take_ids: Takes of the library that the files speak of.
    """

    labels: tuple[NewLabel, ...]
    n_there: int
    n_overlapping: int
    new_actions: tuple[ParsedAction, ...]
    unknown_takes: tuple[str, ...]
    problems: tuple[str, ...]
    take_ids: tuple[str, ...]
    there: tuple[NewLabel, ...] = ()


def read_labels(library: Library, paths: Sequence[Path]) -> LabelImport:
    """Reads label files and compares them with the library.

    A take is known by its id, by the name of its data set's file, by "session/number", or by a path
    that leads through its folder.

    Raises:
        FsamtError: A file is no label file, or nothing in the files belongs to this library.
    """
    parsed = [_parse(path) for path in paths]
    places = _Places(library)
    known = {action.name for action in actions(library)}
    present: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
    for segment in segments(library):
        present[segment.take_id].add((segment.action, segment.start, segment.end))
    labels: dict[NewLabel, None] = {}
    there: dict[NewLabel, None] = {}
    unknown: dict[str, None] = {}
    problems = [problem for one in parsed for problem in one.problems]
    for label in (label for one in parsed for label in one.labels):
        take_id = places.take_of(label)
        if take_id is None:
            unknown[next(filter(None, label.names), "?")] = None
            continue
        try:
            found = places.frames_of(take_id, label)
        except FsamtError as error:
            problems.append(error.message)
            continue
        same = (found.action, found.start, found.end) in present[take_id]
        (there if same else labels)[found] = None
    take_ids = sorted({one.take_id for one in (*labels, *there)})
    if not take_ids and unknown:
        raise FsamtError(
            f"No take of these labels is in this library (the first is called {next(iter(unknown))}"
            ").",
            "Open the library that the labels were made for, or bring its takes in first.",
        )
    described = {action.name: action for one in parsed for action in one.actions}
    wanted = dict.fromkeys(one.action for one in labels)
    return LabelImport(
        tuple(labels),
        len(there),
        sum(_overlaps(one, present[one.take_id]) for one in labels),
        tuple(described.get(name, ParsedAction(name)) for name in wanted if name not in known),
        tuple(unknown),
        tuple(problems),
        tuple(take_ids),
        tuple(there),
    )


def apply_labels(library: Library, found: LabelImport, *, replace: bool = False) -> int:
    """Takes labels over, as one step that can be undone.

    Args:
        replace: The labels of the takes that the files speak of become exactly those of the files.
            Otherwise labels are added; one that overlaps a label of the library is left out, so
            that nothing that was labelled here is lost.

    Returns:
        Labels that were added.

    Raises:
        FsamtError: A take has gone meanwhile, or the library cannot be written to. Nothing was
            changed.
    """

    def change(_: object) -> int:
        for action in found.new_actions:
            colour = action.colour if is_colour(action.colour) else ""
            add_action(library, action.name, action.description, colour)
        present: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
        kept = {(one.take_id, one.action, one.start, one.end) for one in found.there}
        for segment in segments(library, take_ids=found.take_ids):
            place = (segment.action, segment.start, segment.end)
            if replace and (segment.take_id, *place) not in kept:
                remove_segment(library, segment.id)
            else:
                present[segment.take_id].add(place)
        n_added = 0
        for one in found.labels:
            place = (one.action, one.start, one.end)
            if place in present[one.take_id] or (
                not replace and _overlaps(one, present[one.take_id])
            ):
                continue
            add_segment(library, one.take_id, one.action, one.start, one.end)
            n_added += 1
        return n_added

    n = len(found.labels)
    words = f"import {n} label{'' if n == 1 else 's'}"
    return edit(library, words, change, found.take_ids)


def _parse(path: Path) -> ParsedFile:
    try:
        form = LabelFormat(path.suffix.lower().removeprefix("."))
    except ValueError:
        endings = ", ".join(f".{one}" for one in LabelFormat)
        raise not_a_label_file(path, f"its name ends with none of {endings}") from None
    return _READERS[form](path)


class _Places:
    """Which take a label means, and where in it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._times: dict[str, TakeTimes] = {}
        self._ids = take_ids_by_name(library)

    def take_of(self, label: ParsedLabel) -> str | None:
        for name in label.names:
            if name in self._ids:
                return self._ids[name]
            path = PurePosixPath(name.replace("\\", "/"))
            for part in (path.stem, *reversed(path.parts)):
                if part in self._ids:
                    return self._ids[part]
        return None

    def frames_of(self, take_id: str, label: ParsedLabel) -> NewLabel:
        if not is_name(label.action):
            raise FsamtError(f"An action has no name that can be read ({label.where}).")
        if take_id not in self._times:
            self._times[take_id] = TakeTimes.of(self._library, take(self._library, take_id))
        times = self._times[take_id]
        if label.frames is not None:
            start, end = label.frames
        else:
            assert label.seconds is not None
            from_s, to_s = label.seconds
            edges = times.media_s if label.clock is Clock.MEDIA else times.take_s
            # NaN and infinity are numbers for JSON and CSV alike.
            if not (isfinite(to_s - from_s) and from_s < to_s and from_s < edges[-1] and to_s > 0):
                raise _outside(label, take_id)
            start, end = times.frames(from_s, to_s, in_media=label.clock is Clock.MEDIA)
        if not 0 <= start < end <= times.n_frames:
            raise _outside(label, take_id)
        return NewLabel(take_id, label.action, start, end)


def _outside(label: ParsedLabel, take_id: str) -> FsamtError:
    return FsamtError(f'"{label.action}" ({label.where}) does not lie within take {take_id}.')


def _overlaps(label: NewLabel, present: set[tuple[str, int, int]]) -> bool:
    return any(start < label.end and label.start < end for _, start, end in present)
