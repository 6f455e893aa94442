"""Actions and participants by name and by number."""

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.names import resolve_actions, resolve_participants
from fsamt_engine.library import Library
from fsamt_engine.library.labels import add_action


@pytest.fixture
def numbered_library(square_library: Library) -> Library:
    add_action(square_library, "across", "UTD-MHAD a1")
    add_action(square_library, "down", "UTD-MHAD a12")
    add_action(square_library, "never performed", "UTD-MHAD a2")
    return square_library


def test_actions_are_found_by_name_and_by_number(numbered_library: Library) -> None:
    assert resolve_actions(numbered_library, ["12", "Still", "1"]) == ("down", "still", "across")


def test_participants_are_found_by_code_and_by_number(numbered_library: Library) -> None:
    assert resolve_participants(numbered_library, ["P3", "1", "p2"]) == ("P3", "P1", "P2")


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        (["stil"], 'There is no action "stil"', "Did you mean still?"),
        (["2"], 'There is no action "2"', "There are: across, diagonal, down, still."),
        (["still", "Still"], 'The action "still" is named twice', "once"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    numbered_library: Library, wanted: list[str], message: str, hint: str
) -> None:
    with pytest.raises(FsamtError) as refused:
        resolve_actions(numbered_library, wanted)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_number_of_two_actions_has_to_be_given_in_full(numbered_library: Library) -> None:
    add_action(numbered_library, "diagonal", "NTU A001")
    with pytest.raises(FsamtError, match="more than one action: across, diagonal"):
        resolve_actions(numbered_library, ["1"])


def test_empty_library_says_so(numbered_library: Library) -> None:
    for table in ("segments", "takes"):
        numbered_library.write(lambda db, table=table: db.execute(f"DELETE FROM {table}"))
    with pytest.raises(FsamtError, match="no takes in this library"):
        resolve_participants(numbered_library, ["1"])
