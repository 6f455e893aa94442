"""Which pieces come into which composed take, in which order, and how long it rests.

No frame is read for it. The plan follows from the seed, the settings and the library's labels
alone: orders by SHA-256, and lengths by Python's own generator, which gives the same everywhere.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice

from fsamt_engine.datasets.composing_sources import Kind, Source, Sources, find_sources
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import short_id
from fsamt_engine.library.records import BACKGROUND, COMPOSED

_MOST_PIECES, _LONGEST_MINUTES, _LONGEST_REST_S = 100, 600, 60
_FEWEST_PIECES = 2
_VERSION = 1
"""Goes up when the same plan would give other frames."""


@dataclass(frozen=True)
class CompositionSettings:
    """What is joined, and how.

    Attributes:
        actions: Their segments become the labelled pieces.
        participants: Of whom takes are made; () for everybody with such segments.
        pieces: Labelled ones in a take, about: no take is left with much fewer.
        rest_s: The shortest and the longest rest before, between and after pieces, in seconds.
        minutes: One take of at least this length of each participant and session instead, in which
            pieces come again and again; 0 for takes of `pieces`.
        distractors: Actions that are joined in without a label: one for every two labelled pieces.
        with_colour: Also colour, where it may be kept. Only of pieces that have it.
        seed: Of the order and of the lengths of rests.
    """

    actions: tuple[str, ...]
    participants: tuple[str, ...] = ()
    pieces: int = 8
    rest_s: tuple[float, float] = (0.5, 3.0)
    minutes: float = 0.0
    distractors: tuple[str, ...] = ()
    with_colour: bool = False
    seed: int = 0


@dataclass(frozen=True)
class PlannedTake:
    """A composed take to be made.

    Attributes:
        kind: What its pieces have in common.
        pieces: Each with whether it is labelled.
        rests: Main frames of rest before each piece, and after the last one.
    """

    kind: Kind
    pieces: tuple[tuple[Source, bool], ...]
    rests: tuple[int, ...]
    seed: str

    @property
    def n_frames(self) -> int:
        """Main frames of the take."""
        return sum(self.rests) + sum(piece.n_frames for piece, _ in self.pieces)

    @property
    def seconds(self) -> float:
        """Length of the take."""
        return self.n_frames / self.kind.rate_hz

    @property
    def source_key(self) -> str:
        """The same for the same frames and labels, in every library."""
        pieces = [
            [one.source_key, one.start, one.end, one.action, is_labelled]
            for one, is_labelled in self.pieces
        ]
        parts = [_VERSION, pieces, self.rests, self.kind.colour_size is not None]
        parts.append(self.seed)
        return f"{COMPOSED}/{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}"

    @property
    def take_id(self) -> str:
        """The id that it has or will have."""
        return short_id(self.source_key)


@dataclass(frozen=True)
class CompositionPlan:
    """What `compose` will make.

    Attributes:
        takes: In the order in which they are made.
        remarks: What is left out, in sentences.
    """

    takes: tuple[PlannedTake, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """Length of all takes together."""
        return sum(one.seconds for one in self.takes)


def plan_composition(library: Library, settings: CompositionSettings) -> CompositionPlan:
    """Which takes `compose` will make.

    Raises:
        FsamtError: The settings make no sense, or there is nothing to join.
    """
    _check(settings)
    sources = find_sources(
        library,
        (*settings.actions, *settings.distractors),
        settings.participants,
        with_colour=settings.with_colour,
    )
    remarks, takes = list(sources.remarks), list[PlannedTake]()
    for kind, pieces in sources.by_kind.items():
        labelled = [one for one in pieces if one.action in settings.actions]
        others = [one for one in pieces if one.action in settings.distractors]
        if len(labelled) < _FEWEST_PIECES:
            if labelled:
                remarks.append(
                    f"{kind.participant} has a single piece in {kind.session}: nothing to join"
                    " it with."
                )
            continue
        made = _long_take if settings.minutes else _short_takes
        takes += made(settings, kind, labelled, others)
    if not takes:
        raise FsamtError(*_nothing(settings, sources))
    return CompositionPlan(tuple(takes), tuple(dict.fromkeys(remarks)))


def _check(settings: CompositionSettings) -> None:
    names = (*settings.actions, *settings.distractors)
    shortest, longest = settings.rest_s
    if not settings.actions:
        raise FsamtError("There is no action to join takes of.", "Name at least one.")
    if BACKGROUND in settings.actions:
        raise FsamtError(
            f"{BACKGROUND} is what lies between pieces, not an action to label.",
            "Leave it out, or give it as a distractor.",
        )
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise FsamtError(
            f'The action "{doubled[0]}" is named twice.',
            "An action is either labelled or a distractor; name it once.",
        )
    if not _FEWEST_PIECES <= settings.pieces <= _MOST_PIECES:
        raise FsamtError(
            f"A take cannot be joined of {settings.pieces} pieces.",
            f"Choose {_FEWEST_PIECES} to {_MOST_PIECES}.",
        )
    if not 0 <= shortest <= longest <= _LONGEST_REST_S:
        raise FsamtError(
            f"Rests cannot last from {shortest:g} to {longest:g} seconds.",
            f"Give the shortest first, from 0 to {_LONGEST_REST_S}.",
        )
    if not 0 <= settings.minutes <= _LONGEST_MINUTES:
        raise FsamtError(
            f"A take cannot last {settings.minutes:g} minutes.",
            f"Choose up to {_LONGEST_MINUTES}.",
        )


def _nothing(settings: CompositionSettings, sources: Sources) -> tuple[str, str]:
    people = f" of {', '.join(settings.participants)}" if settings.participants else ""
    why = f" {' '.join(sources.remarks)}" if sources.remarks else ""
    return (
        f"There are no two labelled pieces of one participant and session{people} to join.{why}",
        "Label or import more takes of these actions, or choose other actions or participants.",
    )


def _short_takes(
    settings: CompositionSettings, kind: Kind, labelled: list[Source], others: list[Source]
) -> Iterator[PlannedTake]:
    """Every labelled piece once, spread evenly over takes."""
    order = _shuffled(labelled, settings.seed, 0)
    n_takes = max(1, round(len(order) / settings.pieces))
    moving = _again_and_again(others, settings.seed)
    for number in range(n_takes):
        first, end = (len(order) * edge // n_takes for edge in (number, number + 1))
        own = [(piece, True) for piece in order[first:end]]
        own += [(piece, False) for piece in islice(moving, len(own) // 2)]
        own = _shuffled_marks(own, settings.seed, number)
        yield _planned(settings, kind, own, number)


def _long_take(
    settings: CompositionSettings, kind: Kind, labelled: list[Source], others: list[Source]
) -> Iterator[PlannedTake]:
    """One take in which pieces come until it is long enough."""
    wanted = settings.minutes * 60 * kind.rate_hz
    rest = sum(settings.rest_s) / 2 * kind.rate_hz
    moving = _again_and_again(others, settings.seed)
    own, n_frames = list[tuple[Source, bool]](), rest
    for number, piece in enumerate(_again_and_again(labelled, settings.seed), 1):
        added = [(piece, True)]
        if number % 2 == 0:
            added += [(other, False) for other in islice(moving, 1)]
        own += added
        n_frames += sum(one.n_frames + rest for one, _ in added)
        if n_frames >= wanted and len(own) >= _FEWEST_PIECES:
            break
    yield _planned(settings, kind, own, 0)


def _planned(
    settings: CompositionSettings, kind: Kind, own: Sequence[tuple[Source, bool]], number: int
) -> PlannedTake:
    seed = _hash(settings.seed, kind.participant, kind.session, number)
    numbers = random.Random(seed)
    shortest, longest = settings.rest_s
    rests = [
        round((shortest + (longest - shortest) * numbers.random()) * kind.rate_hz)
        for _ in range(len(own) + 1)
    ]
    missing = round(settings.minutes * 60 * kind.rate_hz)
    missing -= sum(rests) + sum(piece.n_frames for piece, _ in own)
    if missing > 0:  # Drawn rests may be shorter than their mean: spread what lacks over them.
        rests = [
            rest + missing * (place + 1) // len(rests) - missing * place // len(rests)
            for place, rest in enumerate(rests)
        ]
    return PlannedTake(kind, tuple(own), tuple(rests), seed)


def _again_and_again(pieces: list[Source], seed: int) -> Iterator[Source]:
    """All of them in a new order each time; nothing where there are none."""
    if not pieces:
        return iter(())
    return chain.from_iterable(_shuffled(pieces, seed, turn) for turn in count())


def _shuffled(pieces: Sequence[Source], seed: int, turn: int) -> list[Source]:
    return sorted(
        pieces, key=lambda one: _hash(seed, turn, one.source_key, one.start, one.end, one.action)
    )


def _shuffled_marks(
    own: Sequence[tuple[Source, bool]], seed: int, number: int
) -> list[tuple[Source, bool]]:
    """Distractors among the others; a piece may come twice, so its place counts too."""
    places = range(len(own))
    order = sorted(places, key=lambda place: _hash(seed, number, place, own[place][0].source_key))
    return [own[place] for place in order]


def _hash(*parts: int | str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
