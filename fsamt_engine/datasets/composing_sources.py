"""What takes can be composed of: labelled segments of real takes, by what fits together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.consent import consent
from fsamt_engine.library.labels import segments
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import (
    BACKGROUND,
    Calibration,
    Segment,
    StreamKind,
    Take,
)
from fsamt_engine.library.takes import take

_FEWEST_FRAMES = 2


@dataclass(frozen=True)
class Kind:
    """What takes have in common whose pieces fit into one: who, when, and how it was seen.

    Attributes:
        colour_size: Width and height of colour where it is joined too, otherwise None.
    """

    participant: str
    session: str
    main: StreamKind
    width: int
    height: int
    rate_hz: float
    unit_m: float | None
    calibration: Calibration
    colour_size: tuple[int, int] | None


@dataclass(frozen=True)
class Source:
    """A labelled segment of a real take, as a piece to come.

    Attributes:
        start, end: Main frames of its take, end not included.
        first, last: How far the frames around it may be shown as rest: from `first` to `last`, not
            included, no other label lies over them.
    """

    take_id: str
    source_key: str
    action: str
    start: int
    end: int
    first: int
    last: int

    @property
    def n_frames(self) -> int:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True)
class Sources:
    """The pieces there are.

    Attributes:
        by_kind: By what fits together, in the order of participant and session.
        remarks: What was left out and why, in sentences.
    """

    by_kind: Mapping[Kind, Sequence[Source]]
    remarks: tuple[str, ...]


def find_sources(
    library: Library,
    actions: Sequence[str],
    participants: Sequence[str] = (),
    *,
    with_colour: bool = False,
) -> Sources:
    """Labelled segments of takes that were not composed themselves.

    Segments over which another action's lies are left out: nobody could say what is seen there.

    Args:
        library: Where the takes are.
        actions: Of the segments.
        participants: () for all.
        with_colour: Only of takes with colour that may be kept.

    Raises:
        FsamtError: An action has no such segment, or a participant none of any of them.
    """
    every = segments(library, composed=False)
    wanted = [one for one in every if one.action in actions]
    _refuse_unknown('The action "{}" has no segment here to join.', actions, every, "action")
    _refuse_unknown("{} has no segment of these actions.", participants, wanted, "participant")
    found = [one for one in every if not participants or one.participant in participants]
    by_kind: dict[Kind, list[Source]] = {}
    n_overlapped = n_without_colour = n_without_depth = 0
    for take_id, own in groupby(found, key=lambda one: one.take_id):
        labelled = list(own)
        chosen = {(s.start, s.end, s.action): s for s in labelled if s.action in actions}
        if not chosen:
            continue
        source = take(library, take_id)
        if not with_colour and source.main.kind is StreamKind.COLOUR:
            n_without_depth += 1
            continue
        if with_colour and not _has_colour(library, source):
            n_without_colour += 1
            continue
        for segment in chosen.values():
            if _is_overlapped(segment, labelled) or segment.end - segment.start < _FEWEST_FRAMES:
                n_overlapped += 1
                continue
            by_kind.setdefault(_kind(source, with_colour), []).append(
                _source(source, segment, labelled)
            )
    remarks = []
    if n_overlapped:
        remarks.append(
            f"{_count(n_overlapped, 'segment')} left out: another action's lies over it, or it has"
            " one frame."
        )
    if n_without_colour:
        remarks.append(f"{_count(n_without_colour, 'take')} left out: no colour that may be kept.")
    if n_without_depth:
        remarks.append(f"{_count(n_without_depth, 'take')} left out: nothing but colour in it.")
    order = sorted(by_kind, key=lambda kind: (kind.participant, kind.session, repr(kind)))
    return Sources({kind: tuple(by_kind[kind]) for kind in order}, tuple(remarks))


def _refuse_unknown(
    sentence: str, names: Sequence[str], found: Sequence[Segment], field: str
) -> None:
    known = {getattr(one, field) for one in found}
    for name in names:
        if name not in known:
            there = ", ".join(sorted(known))
            raise FsamtError(
                sentence.format(name),
                f"There are: {there}." if there else "Label or import some takes first.",
            )


def _has_colour(library: Library, source: Take) -> bool:
    """Whether colour may be copied: it is there, belongs to moments, and may be kept."""
    if source.stream(StreamKind.COLOUR) is None:
        return False
    paired = source.n_pairs > 0 or source.main.kind is not StreamKind.DEPTH
    return paired and consent(library, source.session, source.participant).allows_colour


def _is_overlapped(segment: Segment, labelled: Sequence[Segment]) -> bool:
    return any(
        other.start < segment.end
        and other.end > segment.start
        and (other.action, other.start, other.end) != (segment.action, segment.start, segment.end)
        and BACKGROUND not in (other.action, segment.action)
        for other in labelled
    )


def _source(source: Take, segment: Segment, labelled: Sequence[Segment]) -> Source:
    others = [one for one in labelled if one.action != BACKGROUND]
    return Source(
        source.id,
        source.source_key,
        segment.action,
        segment.start,
        segment.end,
        first=max((o.end for o in others if o.end <= segment.start), default=0),
        last=min((o.start for o in others if o.start >= segment.end), default=source.main.n_frames),
    )


def _kind(source: Take, with_colour: bool) -> Kind:
    main, colour = source.main, source.stream(StreamKind.COLOUR)
    return Kind(
        source.participant,
        source.session,
        main.kind,
        main.width,
        main.height,
        main.rate_hz,
        main.unit_m,
        source.calibration,
        (colour.width, colour.height) if with_colour and colour is not None else None,
    )


def _count(n: int, thing: str) -> str:
    return f"1 {thing} is" if n == 1 else f"{n:,} {thing}s are"
