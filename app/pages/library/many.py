"""What is known of several takes together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app import words
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library import QualityLevel, TakeRow
from fsamt_engine.units import format_duration

_NAMED = 8


@dataclass(frozen=True)
class Summary:
    """Several takes in numbers; counts by name are the most frequent first.

    Attributes:
        n_unlabelled: Takes without any label.
        first_at_us: When the first was recorded, 0 where no take tells.
    """

    n_takes: int
    duration_us: int
    n_pairs: int
    n_depth_only: int
    n_unlabelled: int
    first_at_us: int
    last_at_us: int
    participants: dict[str, int]
    sessions: dict[str, int]
    actions: dict[str, int]
    levels: dict[QualityLevel, int]
    tags: dict[str, int]


def summary(rows: Sequence[TakeRow]) -> Summary:
    """What several takes have together."""
    dates = [row.started_at_us for row in rows if row.started_at_us > 0]
    return Summary(
        len(rows),
        sum(row.duration_us for row in rows),
        sum(row.n_pairs for row in rows),
        sum(not row.has_colour for row in rows),
        sum(not row.actions for row in rows),
        min(dates, default=0),
        max(dates, default=0),
        _counts(row.participant for row in rows),
        _counts(row.session for row in rows),
        _counts(action for row in rows for action in row.actions),
        {level: n for level in QualityLevel if (n := sum(row.level == level for row in rows))},
        _counts(tag for row in rows for tag in row.tags),
    )


class ManyFacts(QWidget):
    """How many, how long, who, and how they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self._content = QWidget()
        self._grid = QGridLayout(self._content)
        self._place.addWidget(self._content)
        self._place.addStretch(1)
        self._facts: list[tuple[str, str]] = []

    def show_counting(self) -> None:
        """Say that the takes are being counted."""
        self._clear()
        self._grid.addWidget(label(self.tr("Counting…"), small=True, quiet=True), 0, 0)

    def show_summary(self, takes: Summary) -> None:
        """Show the numbers of several takes."""
        self._clear()
        self._fact(self.tr("Length"), format_duration(takes.duration_us / 1e6))
        self._fact(self.tr("Pairs"), f"{takes.n_pairs:,}")
        if takes.n_depth_only:
            self._fact(self.tr("Without colour"), words.takes(takes.n_depth_only))
        if takes.n_unlabelled:
            self._fact(self.tr("No label"), words.takes(takes.n_unlabelled))
        if takes.first_at_us:
            first, last = _day(takes.first_at_us), _day(takes.last_at_us)
            days = first if first == last else self.tr("{a}\nto {b}").format(a=first, b=last)
            self._fact(self.tr("Recorded"), days)
        for heading, counts in (
            (self.tr("Verdict"), {words.level(level): n for level, n in takes.levels.items()}),
            (self.tr("Participants"), takes.participants),
            (self.tr("Sessions"), takes.sessions),
            (self.tr("Actions"), takes.actions),
        ):
            self._counts(heading, counts)

    def texts(self) -> str:
        """Everything that is shown, a fact a line."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts)

    def _counts(self, heading: str, counts: dict[str, int]) -> None:
        if not counts:
            return
        title = label(heading, name="heading")
        title.setContentsMargins(0, SPACING, 0, 0)
        self._grid.addWidget(title, self._grid.rowCount(), 0, 1, 2)
        for name, n in list(counts.items())[:_NAMED]:
            self._fact(name, f"{n:,}")
        if len(counts) > _NAMED:
            more = self.tr("and {n} more").format(n=f"{len(counts) - _NAMED:,}")
            row = self._grid.rowCount()
            self._grid.addWidget(label(more, small=True, quiet=True), row, 0, 1, 2)

    def _clear(self) -> None:
        self._facts.clear()
        self._content.hide()
        self._content.deleteLater()
        self._content = QWidget()
        self._grid = QGridLayout(self._content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._place.insertWidget(0, self._content)

    def _fact(self, name: str, value: str) -> None:
        self._facts.append((name, value))
        row = self._grid.rowCount()
        what = label(name, small=True, quiet=True, wrap=True)
        self._grid.addWidget(what, row, 0, Qt.AlignmentFlag.AlignTop)
        number = label(value, small=True)
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top_right = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(number, row, 1, top_right)


def _counts(names: Iterable[str]) -> dict[str, int]:
    """How often each occurs, the most frequent first, then by name."""
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _day(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d}"
