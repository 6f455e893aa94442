"""What participants allowed, visit by visit."""

from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.names import is_name


@dataclass(frozen=True)
class Consent:
    """What a participant allowed for the takes of a session.

    Attributes:
        colour_may_be_kept: None where nobody asked.
        until: The last day on which colour may be kept; None for no end.
    """

    colour_may_be_kept: bool | None = None
    until: date | None = None

    @property
    def allows_colour(self) -> bool:
        """Whether colour may be recorded today: it was not refused, and no last day is past."""
        is_over = self.until is not None and self.until < date.today()
        return self.colour_may_be_kept is not False and not is_over

    def and_also(self, other: "Consent") -> "Consent":
        """What this one and another one allow together: the stricter of both in everything."""
        asked = {self.colour_may_be_kept, other.colour_may_be_kept} - {None}
        days = [one.until for one in (self, other) if one.until is not None]
        return Consent(all(asked) if asked else None, min(days, default=None))


def note_consent(library: Library, session: str, participant: str, consent: Consent) -> None:
    """Notes what a participant allowed, over what was noted before. There need be no take yet.

    Raises:
        FsamtError: A name is empty or holds control characters, or the library cannot be written.
    """
    if not (is_name(session) and is_name(participant)):
        raise FsamtError(
            "Consent is noted for a session and a participant, each with a name of printable"
            " characters.",
            "Fill in both names first.",
        )
    may = consent.colour_may_be_kept
    until = consent.until

    def change(db: Database) -> None:
        execute = db.conn.execute
        execute("INSERT OR IGNORE INTO participants VALUES (?)", [participant])
        execute("INSERT OR IGNORE INTO sessions VALUES (?)", [session])
        execute("INSERT OR IGNORE INTO session_participants VALUES (?, ?)", [session, participant])
        execute(
            "INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?)",
            [
                session,
                participant,
                None if may is None else int(may),
                None if until is None else until.isoformat(),
            ],
        )

    library.write(change)


def consent(library: Library, session: str, participant: str) -> Consent:
    """What a participant allowed for the takes of a session, as far as it was noted."""
    found = library.rows(
        "SELECT colour_may_be_kept, until FROM consents WHERE session = ? AND participant = ?",
        [session, participant],
    )
    if not found:
        return Consent()
    may, until = found[0]
    return Consent(
        None if may is None else bool(may), None if until is None else date.fromisoformat(until)
    )
