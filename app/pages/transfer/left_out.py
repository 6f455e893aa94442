"""What a transfer leaves out, reason by reason."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app import words
from app.theme import SPACING
from app.widgets.buttons import label

if TYPE_CHECKING:
    from fsamt_engine.learning.pair_choice import LeftOut


class LeftOutList(QScrollArea):
    """Each reason with how many takes it concerns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: tuple[LeftOut, ...] = ()
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Takes that are left out, and why"))

    def show_reasons(self, reasons: Sequence["LeftOut"]) -> None:
        """Show why which takes are left out, the reason with the most takes first."""
        self._reasons = tuple(sorted(reasons, key=lambda one: -len(one.take_ids)))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        for reason in self._reasons:
            row = QVBoxLayout()
            row.setSpacing(0)
            row.addWidget(label(words.takes(len(reason.take_ids))))
            row.addWidget(label(reason.words, quiet=True, small=True, wrap=True))
            column.addLayout(row)
        if not self._reasons:
            column.addWidget(
                label(self.tr("Nothing: all takes have pairs."), quiet=True, wrap=True)
            )
        column.addStretch(1)
        self.setWidget(content)

    def has(self, reason: str) -> bool:
        """Whether takes are left out for this reason."""
        return any(one.reason == reason for one in self._reasons)

    @property
    def n_takes(self) -> int:
        """How many takes are left out in all."""
        return len({take_id for one in self._reasons for take_id in one.take_ids})

    @property
    def text(self) -> str:
        """All reasons, as they are read aloud."""
        return "; ".join(f"{words.takes(len(one.take_ids))}: {one.words}" for one in self._reasons)
