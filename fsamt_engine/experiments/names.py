"""Actions and participants as people write them: by name, or as their data set numbers them."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions as library_actions
from fsamt_engine.library.takes import participants as library_participants

_ACTION_NUMBER = re.compile(r"\b[aA]0*(\d+)\b")
"""In a description: "UTD-MHAD a1", "NTU RGB+D A043"."""
_PARTICIPANT_NUMBER = re.compile(r"[^\d]*0*(\d+)")
"""A code with one number in it: "s1", "P008"."""
_N_LISTED = 40


def resolve_actions(library: Library, wanted: Sequence[str]) -> tuple[str, ...]:
    """Names of actions that have segments.

    Args:
        wanted: Names, or numbers as the data set numbers its actions (an import keeps the number in
            the action's description).

    Raises:
        FsamtError: One is not there, means several actions, or is named twice.
    """
    known = [action for action in library_actions(library) if action.n_segments]
    numbers: dict[str, list[str]] = {}
    for action in known:
        if found := _ACTION_NUMBER.search(action.description):
            numbers.setdefault(found[1], []).append(action.name)
    return _resolved(
        wanted, [action.name for action in known], lambda n: numbers.get(n, []), "action"
    )


def resolve_participants(library: Library, wanted: Sequence[str]) -> tuple[str, ...]:
    """Codes of participants that have takes.

    Args:
        wanted: Codes, or the number in them where that is unambiguous ("1" for "s1").

    Raises:
        FsamtError: One is not there, means several participants, or is named twice.
    """
    known = library_participants(library)
    numbers: dict[str, list[str]] = {}
    for code in known:
        if found := _PARTICIPANT_NUMBER.fullmatch(code):
            numbers.setdefault(found[1], []).append(code)
    return _resolved(wanted, known, lambda n: numbers.get(n, []), "participant")


def _resolved(
    wanted: Sequence[str],
    known: Sequence[str],
    of_number: Callable[[str], Sequence[str]],
    what: str,
) -> tuple[str, ...]:
    names: list[str] = []
    for one in wanted:
        name = _resolve(one, known, of_number, what)
        if name in names:
            raise FsamtError(f'The {what} "{name}" is named twice.', f"Name every {what} once.")
        names.append(name)
    return tuple(names)


def _resolve(
    one: str, known: Sequence[str], of_number: Callable[[str], Sequence[str]], what: str
) -> str:
    if one in known:
        return one
    found = [name for name in known if name.casefold() == one.casefold()]
    if not found and one.isdecimal():
        found = list(of_number(str(int(one))))
    if len(found) == 1:
        return found[0]
    if found:
        raise FsamtError(
            f'"{one}" means more than one {what}: {", ".join(found)}.', "Give the name in full."
        )
    raise FsamtError(f'There is no {what} "{one}" in this library.', _near(one, known))


def _near(one: str, known: Sequence[str]) -> str:
    if not known:
        return "The library is empty: import takes, or simulate some."
    folded = {name.casefold(): name for name in known}
    close = [folded[name] for name in get_close_matches(one.casefold(), list(folded), 4, 0.6)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = f", and {len(known) - _N_LISTED} more" if len(known) > _N_LISTED else ""
    return f"There are: {', '.join(known[:_N_LISTED])}{more}."
