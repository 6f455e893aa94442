"""Names as people write them: in full, in any case, or as a data set numbers what they name."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from fsamt_engine.errors import FsamtError

_ACTION_NUMBER = re.compile(r"\b[aA]0*(\d+)\b")
"""In a description: "UTD-MHAD a1", "NTU RGB+D A043"."""
_PARTICIPANT_NUMBER = re.compile(r"[^\d]*0*(\d+)")
"""A code with one number in it: "s1", "P008"."""
_N_LISTED = 40


def wanted_actions(
    wanted: Sequence[str], descriptions: Mapping[str, str], where: str, if_none: str
) -> tuple[str, ...]:
    """Names of the actions that somebody asked for.

    Args:
        wanted: Names, or numbers as the data set numbers its actions.
        descriptions: Of the actions that there are, by name; they hold the number.
        where: In which there are these ("library").
        if_none: What to do where there are none at all.

    Raises:
        FsamtError: One is not there, means several actions, or is named twice.
    """
    numbers: dict[str, list[str]] = {}
    for name, description in descriptions.items():
        if found := _ACTION_NUMBER.search(description):
            numbers.setdefault(found[1], []).append(name)
    return _resolved(wanted, list(descriptions), numbers, "action", _refusal(where, if_none))


def wanted_participants(
    wanted: Sequence[str], known: Sequence[str], where: str, if_none: str
) -> tuple[str, ...]:
    """Codes of the participants that somebody asked for.

    Args:
        wanted: Codes, or the number in them where that is unambiguous ("1" for "s1").
        known: The codes that there are.
        where: In which there are these ("library").
        if_none: What to do where there are none at all.

    Raises:
        FsamtError: One is not there, means several participants, or is named twice.
    """
    numbers: dict[str, list[str]] = {}
    for code in known:
        if found := _PARTICIPANT_NUMBER.fullmatch(code):
            numbers.setdefault(found[1], []).append(code)
    return _resolved(wanted, known, numbers, "participant", _refusal(where, if_none))


_Refusal = Callable[[str, str, Sequence[str]], FsamtError]
"""From what was written, what it should name, and the names that there are."""


def _resolved(
    wanted: Sequence[str],
    known: Sequence[str],
    numbers: Mapping[str, Sequence[str]],
    what: str,
    refusal: _Refusal,
) -> tuple[str, ...]:
    names: list[str] = []
    for one in wanted:
        name = _resolve(one, known, numbers, what, refusal)
        if name in names:
            raise FsamtError(f'The {what} "{name}" is named twice.', f"Name every {what} once.")
        names.append(name)
    return tuple(names)


def _resolve(
    one: str,
    known: Sequence[str],
    numbers: Mapping[str, Sequence[str]],
    what: str,
    refusal: _Refusal,
) -> str:
    if one in known:
        return one
    found: Sequence[str] = [name for name in known if name.casefold() == one.casefold()]
    if not found and one.isdecimal():
        found = numbers.get(str(int(one)), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise FsamtError(
            f'"{one}" means more than one {what}: {", ".join(found)}.', "Give the name in full."
        )
    raise refusal(one, what, known)


def _refusal(where: str, if_none: str) -> _Refusal:
    def refused(one: str, what: str, known: Sequence[str]) -> FsamtError:
        hint = _near(one, known) if known else if_none
        return FsamtError(f'There is no {what} "{one}" in this {where}.', hint)

    return refused


def _near(one: str, known: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in known}
    close = [folded[name] for name in get_close_matches(one.casefold(), list(folded), 4, 0.6)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = f", and {len(known) - _N_LISTED} more" if len(known) > _N_LISTED else ""
    return f"There are: {', '.join(known[:_N_LISTED])}{more}."
