from collections.abc import Callable

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, TakeFilter, takes
from fsamt_engine.library.bin import bin_take, list_bin, restore_take
from fsamt_engine.library.consent import Consent, consent, note_consent
from fsamt_engine.library.history import redo, undo
from fsamt_engine.library.organising import (
    assign_takes,
    known_as,
    rename_participant,
    rename_session,
    set_region,
    set_tags,
    set_title,
    tags,
)

MakeTake = Callable[..., Take]


def found(library: Library, **filter: object) -> list[str]:
    return [row.id for row in takes.list_takes(library, TakeFilter(**filter))]


def test_tags_are_added_removed_and_counted(library: Library, make_take: MakeTake) -> None:
    one, two = make_take("1").id, make_take("2").id
    set_tags(library, [one, two], add=["occluded", "Büro"])
    set_tags(library, [one], add=["look again"], remove=["occluded", "never there"])
    assert takes.take(library, one).tags == ("Büro", "look again")
    assert [row.tags for row in takes.list_takes(library)][1] == ("Büro", "occluded")
    assert tags(library) == {"Büro": 2, "look again": 1, "occluded": 1}
    assert found(library, tags=("occluded", "look again")) == [one, two]
    set_tags(library, [one], remove=["look again"])
    assert tags(library) == {"Büro": 2, "occluded": 1}


def test_title_is_found_and_can_be_taken_away(library: Library, make_take: MakeTake) -> None:
    one, _ = make_take("1").id, make_take("2").id
    set_title(library, one, " The Clumsy one ")
    assert takes.take(library, one).title == "The Clumsy one"
    assert takes.list_takes(library)[0].title == "The Clumsy one"
    assert found(library, text="clumsy") == [one]
    assert found(library, text="test/1") == [one]
    set_title(library, one, "")
    assert found(library, text="clumsy") == []
    assert found(library, text="test/1") == [one]


def test_region_is_kept_in_shares_of_the_picture(library: Library, make_take: MakeTake) -> None:
    one, two = make_take("1").id, make_take("2").id
    set_region(library, [one, two], (0.25, 0, 0.75, 1))
    assert takes.take(library, two).region == (0.25, 0, 0.75, 1)
    set_region(library, [two], None)
    assert takes.take(library, two).region is None
    for region in ((0.5, 0, 0.4, 1), (0.5, 0, 1.1, 1), (0, 0, 0.001, 1), (-0.1, 0, 1, 1)):
        with pytest.raises(FsamtError, match="too small, or not within"):
            set_region(library, [one], region)


def test_what_cannot_be_read_is_refused(library: Library, make_take: MakeTake) -> None:
    one = make_take("1").id
    for refused in (
        lambda: set_tags(library, [one], add=["a\nb"]),
        lambda: set_title(library, one, "a\nb"),
        lambda: assign_takes(library, [one], ""),
        lambda: rename_session(library, "first visit", "\ud800"),
    ):
        with pytest.raises(FsamtError, match="printable"):
            refused()
    with pytest.raises(FsamtError, match="no take xyz"):
        set_tags(library, [one, "xyz"], add=["tag"])
    assert tags(library) == {}


def test_thrown_away_take_comes_back_with_all_that_was_said_of_it(
    library: Library, make_take: MakeTake
) -> None:
    one = make_take("1").id
    set_tags(library, [one], add=["occluded"])
    set_title(library, one, "clumsy")
    set_region(library, [one], (0, 0, 0.5, 1))
    before = takes.take(library, one)
    bin_take(library, one)
    assert tags(library) == {}
    restore_take(library, one)
    assert takes.take(library, one) == before
    assert before.tags == ("occluded",)


def test_renamed_session_reaches_takes_bin_and_consent(
    library: Library, make_take: MakeTake
) -> None:
    one, two = make_take("1").id, make_take("2").id
    note_consent(library, "first visit", "P1", Consent(False))
    bin_take(library, two)
    rename_session(library, "first visit", "pilot")
    assert takes.take(library, one).session == "pilot"
    assert [take.session for take in list_bin(library)] == ["pilot"]
    assert consent(library, "pilot", "P1") == Consent(False)
    restore_take(library, two)
    assert takes.sessions(library) == ["pilot"]


def test_existing_names_are_not_taken_over(library: Library, make_take: MakeTake) -> None:
    make_take("1", participant="P1", session="a")
    make_take("2", participant="P2", session="b")
    with pytest.raises(FsamtError, match="a participant P2 already"):
        rename_participant(library, "P1", "P2")
    with pytest.raises(FsamtError, match="a session b already"):
        rename_session(library, "a", "b")
    with pytest.raises(FsamtError, match="no participant P3"):
        rename_participant(library, "P3", "P4")


def test_participant_is_known_under_every_name_that_it_had(
    library: Library, make_take: MakeTake
) -> None:
    make_take("1", participant="P1")
    make_take("2", participant="P2")
    rename_participant(library, "P1", "Anna")
    rename_participant(library, "Anna", "A.")
    assert known_as(library, "A.") == {"P1", "Anna", "A."}
    assert known_as(library, "P1") == {"P1", "Anna", "A."}
    assert known_as(library, "P2") == {"P2"}
    with pytest.raises(FsamtError, match=r"A\. was called Anna before"):
        rename_participant(library, "P2", "Anna")
    with pytest.raises(FsamtError, match=r"A\. was called P1 before"):
        assign_takes(library, [takes.list_takes(library)[0].id], "P1")
    rename_participant(library, "A.", "P1")
    assert known_as(library, "P1") == {"P1", "Anna", "A."}


def test_undone_renaming_is_remembered(library: Library, make_take: MakeTake) -> None:
    make_take("1", participant="P1")
    rename_participant(library, "P1", "Anna")
    undo(library)
    assert takes.participants(library) == ["P1"]
    # A model may have been trained while the name was Anna.
    assert known_as(library, "P1") == {"P1", "Anna"}
    redo(library)
    assert takes.participants(library) == ["Anna"]


def test_takes_are_assigned_to_somebody_else(library: Library, make_take: MakeTake) -> None:
    one, two = make_take("1").id, make_take("2").id
    assign_takes(library, [one], "P7")
    assert takes.participant_counts(library) == {"P1": 1, "P7": 1}
    assert takes.take(library, one).participant == "P7"
    undo(library)
    assert takes.participant_counts(library) == {"P1": 2}
    rename_participant(library, "P1", "P7")
    assert takes.take(library, two).participant == "P7"
