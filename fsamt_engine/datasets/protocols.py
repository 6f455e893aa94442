"""Official splits of data sets by name, on the takes that a library holds.

A take's key in its data set tells on which side it is, so that a part of a data set has the part of
a split, and nothing about splits is stored.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from fsamt_engine.datasets import nw_ucla, pku_mmd, utd_mhad
from fsamt_engine.datasets.ntu_actions import ACTIONS as NTU_ACTIONS
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library

TRAIN, TEST = "train", "test"
_NTU = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R\d{3}A(\d{3})")
_UTD = re.compile(r"a(\d+)_s(\d+)_t\d+")
_NTU60_SETUPS, _NTU60_ACTIONS = 17, 60
_NTU60_PEOPLE = frozenset(
    {1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38}
)
"""Who trains in NTU RGB+D's cross-subject protocol (Shahroudy and others, CVPR 2016, 3.2.1)."""
_NTU120_PEOPLE = _NTU60_PEOPLE | frozenset(
    {45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83, 84, 85, 86}
    | {89, 91, 92, 93, 94, 95, 97, 98, 100, 103}
)
"""Likewise of NTU RGB+D 120 (Liu and others, TPAMI 2020, 3.2.1)."""

Side = Callable[[str, str], str | None]
"""From a take's key and participant to "train", "test", or None for a take of neither."""


@dataclass(frozen=True)
class Protocol:
    """A split that everybody uses.

    Attributes:
        name: "ntu60-cross-subject", ...
        source: Name of the data set's reader.
        words: What it trains and tests on, in a sentence.
        actions: In the official order; () where the library's labels tell.
        side: Tells the side of a take.
        shares_people: Whether people of the test also train, seen by another camera or in another
            place: then it does not tell how strangers are recognised.
        target: Of a source set for teachers: the protocol by which its students are usually tested,
            and whose test people should therefore not train the teacher.
    """

    name: str
    source: str
    words: str
    actions: tuple[str, ...]
    side: Side
    shares_people: bool = False
    target: str = ""

    def side_of(self, source_key: str, participant: str = "") -> str | None:
        """The side of a take of a library; None where the protocol leaves it out.

        Args:
            source_key: As the library has it ("ntu/S001C001P001R001A001").
            participant: As the library has it.
        """
        source, _, key = source_key.partition("/")
        return self.side(key, participant) if source == self.source else None


@dataclass(frozen=True)
class Split:
    """The takes of a library on both sides of a protocol.

    Attributes:
        protocol: Its name.
        train, test: Ids of takes, sorted; no take is on both sides. A source set has no test.
        actions: That the library's labels of these takes have, in the official order.
        shares_people: Whether people of the test also train.
        words: What it is and how much of it is here, in sentences.
    """

    protocol: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    actions: tuple[str, ...]
    shares_people: bool
    words: str


def protocol(name: str) -> Protocol:
    """The protocol of this name.

    Raises:
        FsamtError: There is none.
    """
    if name not in PROTOCOLS:
        raise FsamtError(
            f"There is no protocol {name}.", f"There are: {', '.join(sorted(PROTOCOLS))}."
        )
    return PROTOCOLS[name]


def protocols_of(library: Library) -> list[Protocol]:
    """The protocols of which a library has takes, in the order in which they are known."""
    sources = {name for (name,) in library.rows("SELECT DISTINCT source FROM takes")}
    return [one for one in PROTOCOLS.values() if one.source in sources]


def split(library: Library, name: str, *, without_participants: Collection[str] = ()) -> Split:
    """Divides the takes of a library as a protocol says.

    Args:
        library: Where the takes are; takes of other data sets are left out.
        name: Of the protocol.
        without_participants: Nobody of them is on either side.

    Raises:
        FsamtError: There is no such protocol, or no take of it to train on.
    """
    chosen = protocol(name)
    sides: dict[str, list[str]] = {TRAIN: [], TEST: []}
    people: dict[str, set[str]] = {TRAIN: set(), TEST: set()}
    rows = library.rows(
        "SELECT id, source_key, participant FROM takes WHERE source = ? ORDER BY id",
        [chosen.source],
    )
    for take_id, source_key, participant in rows:
        side = chosen.side_of(source_key, participant)
        if side is not None and participant not in without_participants:
            sides[side].append(take_id)
            people[side].add(participant)
    if not sides[TRAIN]:
        raise FsamtError(
            f"This library has no take to train on by {name}.",
            f"Import {chosen.source} first: `fsamt import {chosen.source} FOLDER --library …`.",
        )
    words = [chosen.words, f"Here: {_counted(sides[TRAIN], people[TRAIN])} to train"]
    words[-1] += f", {_counted(sides[TEST], people[TEST])} to test." if sides[TEST] else "."
    if chosen.shares_people:
        words.append(SHARED)
    if without_participants:
        words.append(f"Without {', '.join(sorted(without_participants))}.")
    return Split(
        name,
        tuple(sides[TRAIN]),
        tuple(sides[TEST]),
        _actions(library, chosen, {*sides[TRAIN], *sides[TEST]}),
        chosen.shares_people,
        " ".join(words),
    )


SHARED = "People of the test also train, so this does not tell how well strangers are recognised."
"""What is to be said of a protocol that shares people."""


def people_tested_by(library: Library, name: str) -> tuple[str, ...]:
    """The participants of the library whom a protocol tests, as far as it does not share people.

    Whoever takes part in making a model must not be among them, in whichever data set, even of
    other actions. People of one data set have the same names in all of its parts.

    Raises:
        FsamtError: There is no such protocol, or it tests people that it also trains on.
    """
    chosen = protocol(name)
    if chosen.shares_people:
        raise FsamtError(
            f"{name} tests people that it also trains on.", "Choose a protocol between people."
        )
    rows = library.rows(
        "SELECT source_key, participant FROM takes WHERE source = ?", [chosen.source]
    )
    return tuple(sorted({who for key, who in rows if _is_tested(chosen, key, who)}))


def _is_tested(chosen: Protocol, source_key: str, participant: str) -> bool:
    """Whether this person is one of a protocol's test, be it in a take that it leaves out."""
    match = _NTU.fullmatch(source_key.partition("/")[2])
    if match and chosen.name.endswith("cross-subject"):
        trained = _NTU60_PEOPLE if chosen.name.startswith("ntu60") else _NTU120_PEOPLE
        highest = 40 if chosen.name.startswith("ntu60") else 106
        return int(match[3]) <= highest and int(match[3]) not in trained
    return chosen.side_of(source_key, participant) == TEST


def _actions(library: Library, chosen: Protocol, take_ids: set[str]) -> tuple[str, ...]:
    rows = library.rows(
        "SELECT DISTINCT actions.name, segments.take_id FROM segments"
        " JOIN actions ON actions.id = action_id JOIN takes ON takes.id = segments.take_id"
        " WHERE takes.source = ?",
        [chosen.source],
    )
    here = {action for action, take_id in rows if take_id in take_ids}
    official = [action for action in chosen.actions if action in here]
    return (*official, *sorted(here - set(official)))


def _counted(takes: list[str], people: set[str]) -> str:
    people_words = "1 participant" if len(people) == 1 else f"{len(people):,} participants"
    return f"{'1 take' if len(takes) == 1 else f'{len(takes):,} takes'} of {people_words}"


def _ntu(decide: Callable[[int, int, int, int], bool | None]) -> Side:
    """From whether setup, camera, person and action train; None leaves the take out."""

    def side(key: str, participant: str) -> str | None:
        match = _NTU.fullmatch(key)
        trains = None if match is None else decide(*map(int, match.groups()))
        return None if trains is None else TRAIN if trains else TEST

    return side


def _is_60(setup: int, action: int) -> bool:
    return setup <= _NTU60_SETUPS and action <= _NTU60_ACTIONS


def _utd_side(key: str, participant: str) -> str | None:
    match = _UTD.fullmatch(key)
    return None if match is None else TRAIN if int(match[2]) % 2 else TEST


def _kinetics_side(key: str, participant: str) -> str | None:
    return {"Kinetics train": TRAIN, "Kinetics val": TEST}.get(participant)


_NTU60_NAMES = NTU_ACTIONS[:_NTU60_ACTIONS]
_ALL = (
    Protocol(
        "ntu60-cross-subject",
        "ntu",
        "NTU RGB+D 60, cross-subject: 20 people train, 20 others are tested.",
        _NTU60_NAMES,
        _ntu(lambda s, c, p, a: p in _NTU60_PEOPLE if _is_60(s, a) else None),
    ),
    Protocol(
        "ntu60-cross-view",
        "ntu",
        "NTU RGB+D 60, cross-view: cameras 2 and 3 train, camera 1 is tested.",
        _NTU60_NAMES,
        _ntu(lambda s, c, p, a: c in (2, 3) if _is_60(s, a) else None),
        shares_people=True,
    ),
    Protocol(
        "ntu120-cross-subject",
        "ntu",
        "NTU RGB+D 120, cross-subject: 53 people train, 53 others are tested.",
        NTU_ACTIONS,
        _ntu(lambda s, c, p, a: p in _NTU120_PEOPLE),
    ),
    Protocol(
        "ntu120-cross-setup",
        "ntu",
        "NTU RGB+D 120, cross-setup: even setups train, odd ones are tested.",
        NTU_ACTIONS,
        _ntu(lambda s, c, p, a: s % 2 == 0),
        shares_people=True,
    ),
    Protocol(
        "ntu120-minus-60",
        "ntu",
        "NTU RGB+D 120 without what NTU RGB+D 60 has: a source set for teachers, 60 other actions.",
        NTU_ACTIONS[_NTU60_ACTIONS:],
        _ntu(lambda s, c, p, a: True if a > _NTU60_ACTIONS else None),
        target="ntu60-cross-subject",
    ),
    Protocol(
        "pku-mmd-cross-subject",
        "pku-mmd",
        "PKU-MMD, cross-subject: 57 people train, 9 others are tested.",
        pku_mmd.ACTIONS,
        lambda key, who: TEST if int(key[:4]) in pku_mmd.TEST_RECORDINGS else TRAIN,
    ),
    Protocol(
        "pku-mmd-cross-view",
        "pku-mmd",
        "PKU-MMD, cross-view: the middle and right cameras train, the left one is tested.",
        pku_mmd.ACTIONS,
        lambda key, who: TEST if key.endswith("-L") else TRAIN,
        shares_people=True,
    ),
    Protocol(
        "kinetics400",
        "kinetics",
        "Kinetics: the training videos train, the validation videos are tested.",
        (),
        _kinetics_side,
    ),
    Protocol(
        "utd-mhad-odd-even",
        "utd-mhad",
        "UTD-MHAD: odd participants train, even ones are tested.",
        utd_mhad.ACTIONS,
        _utd_side,
    ),
    Protocol(
        "nw-ucla-cross-view",
        "nw-ucla",
        "NW-UCLA, cross-view: cameras 1 and 2 train, camera 3 is tested.",
        tuple(nw_ucla.ACTIONS.values()),
        lambda key, who: TEST if key.startswith("v3_") else TRAIN,
        shares_people=True,
    ),
)
PROTOCOLS: Mapping[str, Protocol] = {one.name: one for one in _ALL}
"""Every protocol by its name."""
