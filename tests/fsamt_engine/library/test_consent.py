from collections.abc import Callable
from datetime import date

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take, takes
from fsamt_engine.library.consent import Consent, consent, note_consent

MakeTake = Callable[..., Take]


@pytest.mark.parametrize(
    "noted", [Consent(True, date(2030, 12, 31)), Consent(True), Consent(False), Consent(None)]
)
def test_consent_is_read_as_it_was_noted(library: Library, noted: Consent) -> None:
    note_consent(library, "monday", "P1", noted)
    assert consent(library, "monday", "P1") == noted
    assert consent(library, "monday", "P2") == consent(library, "tuesday", "P1") == Consent()


def test_consent_before_the_first_take_lists_nobody_and_hinders_nothing(
    library: Library, make_take: MakeTake
) -> None:
    note_consent(library, "monday", "P1", Consent(True))
    assert takes.sessions(library) == takes.participants(library) == []
    make_take(session="monday", participant="P1")
    assert takes.sessions(library) == ["monday"]
    assert consent(library, "monday", "P1") == Consent(True)


def test_consent_can_be_changed(library: Library) -> None:
    note_consent(library, "monday", "P1", Consent(True, date(2030, 1, 1)))
    note_consent(library, "monday", "P1", Consent(False))
    assert consent(library, "monday", "P1") == Consent(False)


@pytest.mark.parametrize(("session", "participant"), [("", "P1"), ("monday", "a\nb")])
def test_consent_needs_names(library: Library, session: str, participant: str) -> None:
    with pytest.raises(FsamtError, match="printable"):
        note_consent(library, session, participant, Consent(True))
