"""Cards and tables of facts, as every step of an export shows them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout

from app.theme import SPACING
from app.widgets.buttons import label


def card(title: str) -> tuple[QFrame, QVBoxLayout]:
    """A card with a heading, and the column into which its content goes."""
    made = QFrame()
    made.setObjectName("card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
    inside.setSpacing(SPACING)
    inside.addWidget(label(title, name="heading"))
    return made, inside


def facts_grid() -> QGridLayout:
    """A place for `show_facts`."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * SPACING)
    grid.setVerticalSpacing(SPACING)
    grid.setColumnStretch(1, 1)
    return grid


def show_facts(grid: QGridLayout, rows: Sequence[tuple[str, str]]) -> None:
    """Names on the left, values on the right, in place of those before."""
    while (item := grid.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
    for number, (name, value) in enumerate(rows):
        grid.addWidget(label(name, quiet=True), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(value, wrap=True), number, 1)
