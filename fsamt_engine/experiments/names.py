"""Actions and participants of a library as people write them: by name, or by number."""

from collections.abc import Sequence

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions as library_actions
from fsamt_engine.library.takes import participants as library_participants
from fsamt_engine.library.wanted import wanted_actions, wanted_participants

_IF_EMPTY = "Import a data set, simulate takes, or record and label your own, then start again."


def resolve_actions(library: Library, wanted: Sequence[str]) -> tuple[str, ...]:
    """Names of actions that have segments.

    Args:
        wanted: Names, or numbers as the data set numbers its actions (an import keeps the number in
            the action's description).

    Raises:
        FsamtError: One is not there, means several actions, or is named twice; no take is labelled.
    """
    known = {one.name: one.description for one in library_actions(library) if one.n_segments}
    if wanted and not known:
        raise FsamtError("There are no labelled takes in this library yet.", _IF_EMPTY)
    return wanted_actions(wanted, known, "library", _IF_EMPTY)


def resolve_participants(library: Library, wanted: Sequence[str]) -> tuple[str, ...]:
    """Codes of participants that have takes.

    Args:
        wanted: Codes, or the number in them where that is unambiguous ("1" for "s1").

    Raises:
        FsamtError: One is not there, means several participants, or is named twice; none is there.
    """
    known = library_participants(library)
    if wanted and not known:
        raise FsamtError("There are no takes in this library yet.", _IF_EMPTY)
    return wanted_participants(wanted, known, "library", _IF_EMPTY)
